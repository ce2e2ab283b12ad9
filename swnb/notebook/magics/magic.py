"""`%sw` and `%%sw`: a command in one line, its structure as JSON in the cell below.

The line is split into words (`variables`), read by the parameters of its command (`arguments`) and
put together with the body (`bodies`); the client validates, logs and sends as for any other caller,
and the reply shows as its card. A `Call` sends by its own client; for an id it is the client that
`%sw use` named, else the only one that the notebook's variables hold.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from IPython.core.magic import needs_local_scope, no_var_expand

from swnb.commands import COMMANDS, Command, find
from swnb.errors import ConfigurationError, Problem, SwnbError, UnknownCommand
from swnb.hidden import HiddenDict, sealed
from swnb.notebook.magics import guide
from swnb.notebook.magics.arguments import mistake, parse, takes_call
from swnb.notebook.magics.bodies import merged, read_body
from swnb.notebook.magics.completion import Completer
from swnb.notebook.magics.variables import Namespace, Word, split
from swnb.session.call import Call, CallReply
from swnb.session.calls import call_for, call_from_reply
from swnb.session.credentials import call_id_of
from swnb.session.session import Face, session_of

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

NAME = "sw"
_WORDS = ("help", "use")


class SwMagic:
    """The magic of one shell: which client it was told to use, and what its lines do."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.chosen: str | None = None

    @no_var_expand
    @needs_local_scope
    def sw(
        self, line: str, cell: str | None = None, local_ns: Mapping[str, Any] | None = None
    ) -> Any:
        """Send a Calling API command: `%sw COMMAND CALL --param value … [-o NAME]`.

        CALL is `{call}`, `$call` or an id; `dial` has none and gives the new call. With `%%sw` the
        parameters that have structure stand below as JSON. `%sw` alone shows the client and its
        last exchanges, `%sw help` the commands, `%sw help COMMAND` one of them, and `%sw use NAME`
        chooses the client. The reply is returned, and stored under the name behind `-o`.

        Raises `InvalidCommand` before anything is sent, and the errors of the command after.
        """
        namespace: Namespace = ChainMap(dict(local_ns or {}), self.shell.user_ns)
        words = split(line)
        if not words or words[0].head in _WORDS:
            if cell is not None:
                raise SwnbError("%%sw: a body needs a command: %%sw COMMAND CALL")
            return self._about(words, namespace)
        model = command_named(words[0].text(namespace))
        found = parse(model, words[1:], namespace)
        with sealed():
            params = HiddenDict(
                merged(model, found.params, read_body(model, cell or "", namespace))
            )
            reply = self._send(model, found.call, params, namespace)
        if found.output:
            self.shell.user_ns[found.output] = reply
        return reply

    def _about(self, words: list[Word], namespace: Namespace) -> Any:
        """Do what `%sw`, `%sw help` and `%sw use` do."""
        if not words:
            return guide.status(session_of(self._client(namespace)))
        about, *names = (word.text(namespace) for word in words)
        if len(names) > 1:
            raise SwnbError(f"%sw {about}: takes one name")
        if about == "use":
            return self._use("".join(names), namespace)
        return guide.help_on(command_named(names[0])) if names else guide.overview()

    def _use(self, name: str, namespace: Namespace) -> Face:
        client = namespace.get(name)
        if not isinstance(client, Face):
            known = list(clients(namespace))
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else _known(known)
            raise ConfigurationError(f"%sw use: no client is called that; {hint}")
        self.chosen = name
        return client

    def _client(self, namespace: Namespace) -> Face:
        """Give the client that was chosen, else the only one there is."""
        if self.chosen is not None:
            return self._use(self.chosen, namespace)
        known = clients(namespace)
        if len(set(map(id, known.values()))) == 1:
            return next(iter(known.values()))
        if known:
            raise ConfigurationError(
                f"%sw: there are several clients ({', '.join(known)}); choose one: %sw use NAME"
            )
        raise ConfigurationError(f"%sw: there is no client; {_known([])}")

    def _send(
        self, model: type[Command], call: Any, params: dict[str, Any], namespace: Namespace
    ) -> Any:
        if not takes_call(model):
            session = session_of(self._client(namespace))
            return call_from_reply(session, session.command(model, params))
        if not model.on_call:  # `update` names its call among its parameters
            if call is not None and "id" in params:
                raise mistake(model, "id", "is given twice: it is the CALL")
            call = params.pop("id", None) if call is None else call
        held = self._call(model, call, namespace)
        return held.command(model, params if model.on_call else {"id": held.id, **params})

    def _call(self, model: type[Command], given: Any, namespace: Namespace) -> Call:
        """Take the call in hand that a line names; whether its id is one, the client says."""
        if given is None:
            raise mistake(model, "", f"needs a CALL: %sw {model.method()} {guide.CALL} …, or an id")
        if isinstance(given, CallReply):
            return given.call
        if isinstance(given, Call):
            return given
        if isinstance(given, str) and isinstance(namespace.get(given), Call):
            raise mistake(model, "", f"a variable is written in braces: {{{given}}}")
        call_id = call_id_of(given)
        if not isinstance(call_id, str):
            raise mistake(model, "", "CALL must be a Call, a reply or an id")
        return call_for(session_of(self._client(namespace)), call_id)


def clients(namespace: Namespace) -> dict[str, Face]:
    """Give the clients that a notebook's variables hold; `_` and its like are IPython's own."""
    return {
        name: value
        for name, value in namespace.items()
        if isinstance(value, Face) and not name.startswith("_")
    }


def command_named(name: str) -> type[Command]:
    """Find a command by its method or wire name, with hyphens or underscores.

    Raises `UnknownCommand` with the closest of all that may stand there.
    """
    name = name.replace("-", "_")
    if name not in COMMANDS:
        close = get_close_matches(name, [*COMMANDS, *Command.catalogue, *_WORDS], n=1)
        if not close:
            message = "there is no such command; %sw help lists them"
            raise UnknownCommand("command", [Problem("", message)])
        if close[0] in _WORDS:
            message = f"there is no such command; did you mean {close[0]!r}?"
            raise UnknownCommand("command", [Problem("", message)])
    return find(name)


def _known(names: list[str]) -> str:
    if names:
        return f"there are {', '.join(names)}"
    return "make one: sw = swnb.simulate(), or sw = swnb.Client()"


def load(shell: InteractiveShell) -> None:
    """Give a shell the magic and its completion."""
    magic = SwMagic(shell)
    shell.register_magic_function(magic.sw, "line_cell", NAME)  # type: ignore[arg-type] # IPython's own annotation takes no function
    if shell.Completer is not None:
        shell.Completer.custom_matchers.append(Completer(shell).matcher())


def unload(shell: InteractiveShell) -> None:
    """Take the magic and its completion from a shell again."""
    for kind in ("line", "cell"):
        shell.magics_manager.magics[kind].pop(NAME, None)
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [
            matcher
            for matcher in shell.Completer.custom_matchers
            if getattr(matcher, "matcher_identifier", None) != Completer.identifier
        ]
