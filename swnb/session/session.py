"""The core of a client: it validates, logs, sends, and returns what the platform said.

Each exchange goes the same way: the command is validated (or refused, and the refusal logged), a
row is written that says what is about to leave, the transport carries it, a second row says how it
ended, and the reply is returned or the error raised. The log is never the reason that a reply is
lost.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from swnb import commands as c
from swnb.errors import (
    BudgetExceeded,
    InvalidCommand,
    NoRecording,
    NotCopied,
    Problem,
    SendError,
    SwnbError,
)
from swnb.exchange import CALLS_PATH, Exchange, Request, TransportFailure, now
from swnb.hidden import HiddenDict, Secrets, sealed
from swnb.recordings.source import DECLARED
from swnb.redact import declared_secret, is_clean, redact, redact_text, secrets_in
from swnb.session import interrupts
from swnb.session.answers.belonging import Belonging, warn_of_other_numbers
from swnb.session.answers.outcome import fail, shown_text
from swnb.session.answers.replies import DryRun, Reply, text_of
from swnb.session.budget import Budget
from swnb.session.credentials import call_id_problems, hidden_id, revealed_id
from swnb.session.operations import Operations
from swnb.session.provenance import gather
from swnb.session.routing import OpenRun, Routing
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Transport
    from swnb.log import Log

_NONE = Secrets()
_ANY_COMMAND = partial(
    interrupts.telling,
    "a command was interrupted",
    "A call may be up. Look whether the request left, and for which call: sw.log.df.tail(1)",
    'End it: sw.call("<its id>").end()',
    if_new=True,
)


class Session:
    """One space, one log, and how commands go from one to the other.

    `call_class` is what a call is made of (`swnb.session.call.call_by_id` asks for it), so that
    what is built below can return the `Call` that people see. `secrets` are strings to be taken out
    wherever the platform echoes them.
    """

    def __init__(
        self,
        transport: Transport,
        log: Log,
        *,
        call_class: Callable[..., object],
        project: str = "",
        secrets: Secrets = _NONE,
        dry_run: bool = False,
        budget: Budget | None = None,
    ) -> None:
        self.log = log
        self.project = project
        self.dry_run = dry_run
        self.budget = budget
        self.call_class = call_class
        self.secrets = secrets
        self.routing = Routing(transport, log)
        self.open_runs: list[OpenRun] = []
        self._operations: dict[str, Operations] = {}
        self._belonging = Belonging()
        self._closed = False
        log.begin(log.run, **self.facts, **(gather() if log.named_run else {}))

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise NotCopied(
            "a client, which holds a token and connections,",
            "make one in each process: swnb.Client(), with the credentials in the environment",
        )

    @property
    def transport(self) -> Transport:
        """What carries requests to the space."""
        return self.routing.transport

    @property
    def host(self) -> str:
        """The space's host."""
        return self.transport.host

    @property
    def space(self) -> str:
        """What kind of space it is: live, simulated or replayed."""
        return self.transport.space

    @property
    def facts(self) -> dict[str, Any]:
        """How, where and as whom it sends, as the log keeps it of a run."""
        project = f"{self.project[:8]}…" if self.project else None
        mode = "dry" if self.dry_run else self.space
        facts: dict[str, Any] = {"mode": mode, "host": self.host, "project": project}
        declared = sorted(declared_secret())  # a replay has to take out what was taken out here
        return facts | ({DECLARED: declared} if declared else {})

    def command(
        self,
        model: type[Command],
        params: Mapping[str, Any],
        call_id: Any = None,
        values: tuple[Any, ...] = (),
    ) -> Reply:
        """Validate a command, log it, send it and return the reply.

        `call_id` may be an id, a `Call` or a reply; `values` are parameters given by position.
        Raises `InvalidCommand` with every problem before anything is sent, and a `SendError` after.
        """
        self.check_open(model.method())
        call_id, params = hidden_id(call_id), HiddenDict(params)
        with _ANY_COMMAND(), sealed():
            return self._command(model, params, call_id, values)

    def _command(
        self,
        model: type[Command],
        params: Mapping[str, Any],
        call_id: Any,
        values: tuple[Any, ...],
    ) -> Reply:
        unchecked = params.get("unchecked") is True
        call_id = revealed_id(call_id) if unchecked else call_id
        problems = call_id_problems(call_id, unchecked=unchecked) if model.on_call else []
        params, misplaced = model.by_name(values, HiddenDict(params))
        problems += misplaced
        try:
            made = model(**params)
            if not problems:
                return self.send(made, call_id)
        except BudgetExceeded:
            raise  # it is in the log
        except InvalidCommand as error:
            problems += error.problems
        refusal = InvalidCommand(model.method(), problems)
        self.refuse(model.wire, params, call_id, refusal)
        raise refusal

    def command_of_body(self, body: Any) -> Reply:
        """Send a request body as the platform's pages show it, checked as any command is."""
        if not isinstance(body, Mapping) or not isinstance(body.get("command"), str):
            raise InvalidCommand(
                "send", [Problem("", 'must be a body: {"command": …, "id": …, "params": …}')]
            )
        model = c.find(body["command"])
        params = body.get("params", {})
        problems = [
            Problem(str(name), "is not part of a body; known are command, id, params")
            for name in body
            if name not in ("command", "id", "params")
        ]
        if not isinstance(params, Mapping):
            problems.append(Problem("params", "must be an object (a dict)"))
        if problems:
            raise InvalidCommand("send", problems)
        return self.command(model, params, body.get("id"))

    def send(self, command: Command, call_id: str | None = None) -> Reply:
        """Send a valid command, as the forms and magics do, and give the reply."""
        self.check_open(command.method())
        with sealed():
            if self.budget and isinstance(command, c.Dial):
                with self.budget.lock:  # until its row is in the log, another could count on it
                    return self._send(self.budget.priced(command), call_id, self.budget)
            return self._send(command, call_id)

    def _send(self, command: Command, call_id: str | None, budget: Budget | None = None) -> Reply:
        envelope, body, secrets = command.envelope(call_id), command.body(call_id), self.secrets
        if not is_clean(body, secrets):
            # The platform may echo them.
            secrets = Secrets([*secrets, *secrets_in(command.params)])
            # Each by itself: a password may be the word "params".
            envelope = {name: redact(item, secrets) for name, item in envelope.items()}
        params = envelope["params"]
        exchange = Exchange(
            command.wire,
            self.transport.space,
            now(),
            text_of(envelope, "id") or text_of(params, "id"),
            text_of(params, "control_id"),
            text_of(params, "from"),
            text_of(params, "to"),
            envelope,
        )
        request = Request(
            command.wire, "POST", CALLS_PATH, command.repeatable, call_id, command.params, body
        )
        if budget and not self.routing.repeats(request):
            self._check(command, budget)
        return self._carry(exchange, request, secrets)

    def read(self, request: Request) -> Reply:
        """Carry a reading and give the reply."""
        self.check_open(request.command)
        exchange = Exchange(
            request.command,
            self.transport.space,
            now(),
            request.call_id and shown_text(request.call_id, self.secrets),
            request={
                "method": request.method,
                "path": redact_text(request.path, self.secrets),
            },
        )
        with sealed():
            return self._carry(exchange, request, self.secrets)

    def refuse(
        self, command: str, params: Mapping[str, Any], call_id: Any, error: InvalidCommand
    ) -> None:
        """Log that a command or a reading was refused before it was sent."""
        given = {c.wire_name(key): item for key, item in params.items()}
        if given.get("unchecked") is not True:
            call_id = hidden_id(call_id)
            given |= {"id": str(hidden_id(given["id"]))} if isinstance(given.get("id"), str) else {}
        exchange = Exchange(command, self.transport.space, now())
        if isinstance(call_id, str):
            exchange.call_id = shown_text(str(call_id), self.secrets)
        exchange.request = redact({"command": command, "params": c.printable(given)}, self.secrets)
        exchange.outcome = "refused"
        exchange.error_message = error.message
        self._record(exchange)

    def check_open(self, command: str) -> None:
        """Raise `SwnbError` if the client is closed: nothing is sent, and nothing logged."""
        if self._closed:
            raise SwnbError(
                f"{command}: this client is closed, and nothing was sent",
                advice="Make another with swnb.Client(…). The log can be read with swnb.Log(…).",
            )

    def operations(self, call_id: str) -> Operations:
        """Return the operations of a call: those begun here, and those that the log knows."""
        if call_id not in self._operations:
            routing = self.routing
            # The cells of a run that is repeated are about to use its ids again.
            repeated = self.log.run if routing.run_replayed else routing.recorded_run
            operations = Operations.known(self.log.control_ids_sent(call_id, but=repeated))
            if self.log.named_run:
                operations.begin(self.log.named_run)
            self._operations[call_id] = operations
        return self._operations[call_id]

    def forget_operations(self, call_id: str) -> None:
        """Begin with no operations on a call: a replay returns one that it returned before."""
        self._operations[call_id] = Operations()

    def restart_control_ids(self, run: str) -> None:
        """Count control ids from the start again in a run that begins, as the same cells did before.

        If the run replays itself, what it left open is about to be opened again as well.
        """
        if self.routing.run_replayed is not None:
            self._operations.clear()
        for operations in self._operations.values():
            operations.begin(run)

    def pause(self, seconds: float, *, replayed: bool = False) -> float:
        """Let the space's time pass and return how much: a simulated one moves with requests.

        Between answers that are replayed as much of it passes as did then, in no time.
        """
        if self.routing.origin != "live":
            return 1.0
        if not replayed:
            time.sleep(seconds)
        return seconds

    def log_result(self, exchange: Exchange) -> None:
        """Write how an exchange ended, into the log and a recording."""
        if exchange.id is None:
            self.log.record(exchange)
        else:
            self.log.finish(exchange)
        self.routing.note(exchange)
        self.routing.append(exchange, self.facts)

    def close(self) -> None:
        """Close the connections and the log; whatever would be sent after that is an error."""
        self._closed = True
        self.transport.close()
        self.log.close()

    def __repr__(self) -> str:
        mode = " · dry run" if self.dry_run else ""
        where = self.routing.recording or self.host
        return visible(
            f"<swnb.Client {where} · {self.space}{mode} · run {self.log.run} · log {self.log.path}>"
        )

    def _repr_html_(self) -> str:
        from swnb.cards import client_card  # noqa: PLC0415 - cards are made only where they show

        recording = self.routing.recording
        shown = {"project": self.facts["project"], "run": self.log.run, "log": self.log.path}
        if recording:
            shown["recorded on"] = self.host
        return client_card(recording or self.host, self.space, shown, dry_run=self.dry_run)

    def _record(self, exchange: Exchange) -> None:
        """Log an exchange that does not leave."""
        self.log.record(exchange)
        self.routing.append(exchange, self.facts)

    def _check(self, command: Command, budget: Budget) -> None:
        """Raise `BudgetExceeded` if a `dial` could cost too much, and log that it was not sent."""
        try:
            budget.check(command, self.routing.spending())
        except BudgetExceeded as error:
            self.refuse(command.wire, command.params, None, error)
            raise

    def _carry(self, exchange: Exchange, request: Request, secrets: Sequence[str]) -> Reply:
        """Carry a request, with a row in the log before it leaves and one when it has ended."""
        if self.dry_run:
            exchange.outcome = "dry_run"
            self._record(exchange)
            return DryRun(exchange.request, exchange)
        transport = self.routing.carrier(request)
        exchange.space = transport.space
        if transport.space != "replayed":  # else nothing leaves, and one row at the end will do
            self.log.start(exchange)
        exchange.outcome = "unknown"  # what an interruption leaves behind
        try:
            ended = self._belonging.settled(transport, exchange, request, secrets)
        except TransportFailure as failure:
            ended = fail(exchange, failure)
        except NoRecording as nothing:
            exchange.outcome, exchange.error_message = "failed", nothing.message
            raise
        except BaseException as interruption:
            exchange.error_message = f"interrupted by {type(interruption).__name__}"
            if isinstance(interruption, KeyboardInterrupt):
                interrupts.tell_of(interruption, exchange)
            raise
        finally:
            self.log_result(exchange)
        if isinstance(ended, SendError):
            raise ended
        if transport.space != "replayed":
            warn_of_other_numbers(exchange)
        return ended


class Face:
    """What people hold of a session: the `Client` above is one, and is known by this below."""

    _session: Session


def session_of(face: Face) -> Session:
    """Return the session behind a client."""
    return face._session  # noqa: SLF001 - the class is defined here
