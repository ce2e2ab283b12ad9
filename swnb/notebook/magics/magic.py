"""`%sw` and `%%sw`: a command on one line, its objects and lists as JSON in the cell below.

The line is split into words (`variables`), read with the parameters of its command (`arguments`) and
merged with the body (`bodies`); the client validates, logs and sends as for any other caller, and
the reply is shown as its card. A `Call` sends with its own client; an id is sent with the client
that `%sw use` named, else with the only client among the notebook's variables.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from IPython.core.magic import needs_local_scope, no_var_expand

from swnb.commands import COMMANDS, Command, find
from swnb.errors import ConfigurationError, InvalidCommand, Problem, SwnbError, UnknownCommand
from swnb.hidden import HiddenDict, sealed
from swnb.notebook.magics import guide, strings
from swnb.notebook.magics.arguments import Arguments, line_error, parse, takes_call
from swnb.notebook.magics.bodies import merged, read_body
from swnb.notebook.magics.completion import SUBCOMMANDS, Completer
from swnb.notebook.magics.mistakes import log_mistake, log_unknown
from swnb.notebook.magics.variables import Namespace, Word, split
from swnb.session.call import Call, CallReply, session_of_call
from swnb.session.calls import call_for, call_from_reply
from swnb.session.credentials import call_id_of
from swnb.session.session import Face, Session, session_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NAME = "sw"


class SwMagic:
    """The magic of one shell: the client that it uses, and what its lines do."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.client_name: str | None = None

    @no_var_expand
    @needs_local_scope
    def sw(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a Calling API command: `%sw COMMAND CALL --param value … [-o NAME]`.

        CALL is `{call}`, `$call` or an id; `dial` has none and returns the new call. With `%%sw`,
        parameters that are objects or lists go below as JSON. `%sw` alone shows the client and its
        last exchanges, `%sw help` the commands, `%sw help COMMAND` one of them, and `%sw use NAME`
        chooses the client. The reply is returned, and stored under the name after `-o`.

        Raises `InvalidCommand` before anything is sent, and the command's own errors after that.
        """
        namespace: Namespace = ChainMap(dict(local_ns or {}), self.shell.user_ns)
        words = split(line)
        if not words or words[0].head in SUBCOMMANDS:
            if cell is not None:
                raise SwnbError("%%sw: a body needs a command: %%sw COMMAND CALL")
            return self._subcommand(words, namespace)
        name = words[0].text(namespace)
        try:
            model = command_named(name)
        except UnknownCommand as error:
            self._log_unknown(name, words[1:], namespace, error)
            raise
        with sealed():
            arguments = parse(model, words[1:], namespace)
            try:
                target, params = self._prepared(model, arguments, cell or "", namespace)
            except InvalidCommand as error:
                self._log(model, arguments, cell or "", namespace, error)
                raise
            reply = _sent(target, model, params)
        if arguments.output:
            self.shell.user_ns[arguments.output] = reply
        return reply

    def _prepared(
        self, model: type[Command], arguments: Arguments, cell: str, namespace: Namespace
    ) -> tuple[Call | Session, HiddenDict]:
        """Return what sends, and the parameters. Raises the first mistake on the line or below."""
        if arguments.error:
            raise arguments.error
        body = read_body(model, cell, namespace)
        params = HiddenDict(merged(model, arguments.params, body))
        if not takes_call(model):
            return session_of(self._client(namespace)), params
        call = arguments.call
        if not model.on_call:  # `update` names its call among its parameters
            if call is not None and "id" in params:
                raise line_error(model, "id", "is set twice: the CALL is the id")
            call = params.pop("id", None) if call is None else call
        arguments.was_read = True
        target = self._call(model, call, namespace)
        return target, params if model.on_call else HiddenDict({"id": target.id, **params})

    def _log(
        self,
        model: type[Command],
        arguments: Arguments,
        cell: str,
        namespace: Namespace,
        error: InvalidCommand,
    ) -> None:
        """Log a mistake as the same mistake from Python is, if there is a client."""
        session = self._session(arguments.call, namespace)
        if session is None:
            return
        params = HiddenDict(arguments.params)
        with suppress(SwnbError):
            params = HiddenDict(merged(model, params, read_body(model, cell, namespace)))
        log_mistake(session, model, arguments, params, error)

    def _log_unknown(
        self, name: str, words: list[Word], namespace: Namespace, error: UnknownCommand
    ) -> None:
        value = None
        with suppress(SwnbError):
            reference = words[0].reference if words else None
            value = reference.resolve(namespace) if reference else words and words[0].head
        session = self._session(value, namespace)
        if session is not None:
            log_unknown(session, name, value or None, error)

    def _session(self, call: Any, namespace: Namespace) -> Session | None:
        """Return the session of a call, else of the client, None if there is none to choose."""
        call = call.call if isinstance(call, CallReply) else call
        if isinstance(call, Call):
            return session_of_call(call)
        with suppress(ConfigurationError):
            return session_of(self._client(namespace))
        return None

    def _subcommand(self, words: list[Word], namespace: Namespace) -> Any:
        """Do what `%sw`, `%sw help` and `%sw use` do."""
        if not words:
            return guide.status(session_of(self._client(namespace)))
        subcommand, *names = (word.text(namespace) for word in words)
        if len(names) > 1:
            raise SwnbError(f"%sw {subcommand}: takes one name")
        if subcommand == "use":
            return self._use("".join(names), namespace)
        return guide.help_on(command_named(names[0])) if names else guide.overview()

    def _use(self, name: str, namespace: Namespace) -> Face:
        client = namespace.get(name)
        if not isinstance(client, Face):
            names = list(clients(namespace))
            close = get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]!r}?" if close else _client_hint(names)
            raise ConfigurationError(f"%sw use: there is no client with that name; {hint}")
        self.client_name = name
        return client

    def _client(self, namespace: Namespace) -> Face:
        """Return the client that `%sw use` named, else the only client."""
        if self.client_name is not None:
            return self._use(self.client_name, namespace)
        by_name = clients(namespace)
        if len(set(map(id, by_name.values()))) == 1:
            return next(iter(by_name.values()))
        if by_name:
            raise ConfigurationError(
                f"%sw: there are several clients ({', '.join(by_name)}); choose one: %sw use NAME"
            )
        raise ConfigurationError(f"%sw: there is no client; {_client_hint([])}")

    def _call(self, model: type[Command], value: Any, namespace: Namespace) -> Call:
        """Return the call that a line names; the client checks whether its id is valid."""
        if value is None:
            raise line_error(
                model, "", f"needs a CALL: %sw {model.method()} {guide.CALL} …, or an id"
            )
        if isinstance(value, CallReply):
            return value.call
        if isinstance(value, Call):
            return value
        if isinstance(value, str) and isinstance(namespace.get(value), Call):
            raise line_error(model, "", f"put braces around a variable: {{{value}}}")
        call_id = call_id_of(value)
        if not isinstance(call_id, str):
            raise line_error(model, "", "CALL must be a Call, a reply or an id")
        return call_for(session_of(self._client(namespace)), call_id)


def _sent(target: Call | Session, model: type[Command], params: HiddenDict) -> Any:
    if isinstance(target, Call):
        return target.command(model, params)
    return call_from_reply(target, target.command(model, params))


def clients(namespace: Namespace) -> dict[str, Face]:
    """Return the clients among a notebook's variables; names with `_` are IPython's own."""
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, Face) and not name.startswith("_")
    }


def command_named(name: str) -> type[Command]:
    """Return a command by its method or wire name, with hyphens or underscores.

    Raises `UnknownCommand` with the closest command or subcommand.
    """
    name = name.replace("-", "_")
    if name not in COMMANDS:
        close = get_close_matches(name, [*COMMANDS, *Command.catalogue, *SUBCOMMANDS], n=1)
        if not close:
            message = "there is no such command; %sw help lists them"
            raise UnknownCommand("command", [Problem("", message)])
        if close[0] in SUBCOMMANDS:
            message = f"there is no such command; did you mean {close[0]!r}?"
            raise UnknownCommand("command", [Problem("", message)])
    return find(name)


def _client_hint(names: list[str]) -> str:
    if names:
        return f"the clients are {', '.join(names)}"
    return "make one: sw = swnb.simulate(), or sw = swnb.Client()"


def load(shell: InteractiveShell) -> None:
    """Add the magic and its completion to a shell."""
    magic = SwMagic(shell)
    shell.register_magic_function(magic.sw, "line_cell", NAME)  # type: ignore[arg-type] # IPython's annotation does not allow functions
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(Completer(shell).matcher())
    strings.load(shell)


def unload(shell: InteractiveShell) -> None:
    """Remove the magic and its completion from a shell."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(NAME, None)
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [
            matcher
            for matcher in shell.Completer.custom_matchers
            if getattr(matcher, "matcher_identifier", None) != Completer.identifier
        ]
    strings.unload(shell)
