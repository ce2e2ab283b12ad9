"""The core of a client: it validates, logs, sends, and returns what the platform said.

Each exchange goes the same way: the command is validated (or refused, and the refusal logged), a
row says what is about to leave, the transport carries it, a second row says how it ended, and the
reply is returned or the error raised.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeVar

from swnb.errors import BudgetExceeded, InvalidCommand, NotCopied, SwnbError
from swnb.exchange import DIALS, Exchange, Request
from swnb.hidden import HiddenDict, Secrets, sealed
from swnb.recordings.source import DECLARED
from swnb.redact import declared_secret
from swnb.session import interrupts
from swnb.session.answers.replies import Reply, with_resend
from swnb.session.budget import Budget
from swnb.session.credentials import call_id_problems, hidden_id, revealed_id
from swnb.session.operations import OperationsByCall
from swnb.session.provenance import gather
from swnb.session.sending import exchanges
from swnb.session.sending.routing import OpenRun, Routing
from swnb.session.sending.sender import Sender
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Transport
    from swnb.log import Log

_NONE = Secrets()
_ANY_COMMAND = partial(
    interrupts.telling,
    "a command was interrupted",
    "A call may be up. Check whether the request left, and for which call: sw.log.df.tail(1)",
    'End it: sw.call("<its id>").end()',
    if_new=True,
)


class Embedded(Protocol):
    """A simulated space in this process, whose clock a wait moves instead of sleeping."""

    @property
    def now(self) -> datetime:
        """The time on its clock, in UTC."""

    @property
    def relay_url(self) -> str:
        """Where it is reached on RELAY."""

    def skip(self, until: datetime) -> datetime | None:
        """Move its clock to the next thing due; None if nothing is."""

    def settle(self, timeout: float = 5.0) -> bool:
        """Wait until all that it sent has arrived."""


class Webhooks(Protocol):
    """What gives commands the URL that their status callbacks are posted to."""

    def fill(self, command: Command) -> Command:
        """Return a command with a status URL, if it takes one and says nothing of it."""

    def shown(self, value: Any) -> Any:
        """Return a JSON value without such URLs."""


class Companion(Protocol):
    """What belongs to one session and is closed with it."""

    def close(self) -> None:
        """End it."""


K = TypeVar("K", bound=Companion)


class Session:
    """One space, one log, and how commands go from one to the other.

    `call_class` makes the calls, and `reply_class` the replies to their commands, so that functions
    of this room can return the `Call` that people see. `secrets` are strings to redact if the platform echoes them.
    """

    def __init__(
        self,
        transport: Transport,
        log: Log,
        *,
        call_class: Callable[..., object],
        reply_class: Callable[..., Any],
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
        self.reply_class = reply_class
        self.dialed: list[Any] = []  # the calls, of `call_class`
        self.secrets = secrets
        self.routing = Routing(transport, log)
        self.open_runs: list[OpenRun] = []
        self.operations = OperationsByCall(log, self.routing)
        self.sender = Sender(log, self.routing, lambda: self.facts)
        self.embedded: Embedded | None = None
        self.webhooks: Webhooks | None = None
        self.login = HiddenDict()  # project and token, for those who speak more than REST
        self._companions: dict[tuple[int, type[Companion]], Companion] = {}
        self._closed = False
        log.begin(log.run, **self.facts, **(gather() if log.named_run else {}))

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise NotCopied(
            "a client, which holds a token and connections,",
            "make one in each process with swnb.Client(), with the credentials in the environment",
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
        """How, where and as whom it sends, as the log keeps for a run."""
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
        over: Transport | None = None,
    ) -> Reply:
        """Validate a command, log it, send it and return the reply.

        `call_id` may be an id, a `Call` or a reply; `values` are parameters given by position; `over`
        is as for `send`.
        Raises `InvalidCommand` with every problem before anything is sent, and a `SendError` after.
        """
        self.check_open(model.method())
        call_id, params = hidden_id(call_id), HiddenDict(params)
        with _ANY_COMMAND(), sealed():
            return self._command(model, params, call_id, values, over)

    def _command(
        self,
        model: type[Command],
        params: Mapping[str, Any],
        call_id: Any,
        values: tuple[Any, ...],
        over: Transport | None,
    ) -> Reply:
        unchecked = params.get("unchecked") is True
        call_id = revealed_id(call_id) if unchecked else call_id
        problems = call_id_problems(call_id, unchecked=unchecked) if model.on_call else []
        params, misplaced = model.by_name(values, HiddenDict(params))
        problems += misplaced
        try:
            command = model(**params)
            if not problems:
                return with_resend(
                    self.send(command, call_id, over),
                    lambda more: self.command(model, {**params, **more}, call_id, over=over),
                )
        except BudgetExceeded:
            raise  # it is in the log already
        except InvalidCommand as error:
            problems += error.problems
        refusal = InvalidCommand(model.method(), problems)
        self.refuse(model.wire, params, call_id, refusal)
        raise refusal

    def send(
        self, command: Command, call_id: str | None = None, over: Transport | None = None
    ) -> Reply:
        """Send a valid command, as the forms and magics do, and return the reply.

        `over` is what carries it instead of the session's own transport: a RELAY connection.
        """
        self.check_open(command.method())
        with sealed():
            command = self.webhooks.fill(command) if self.webhooks else command
            if self.budget and command.wire in DIALS:
                with self.budget.lock:  # until its row is in the log, another could count on it
                    return self._send(self.budget.priced(command), call_id, over, self.budget)
            return self._send(command, call_id, over)

    def _send(
        self,
        command: Command,
        call_id: str | None,
        over: Transport | None,
        budget: Budget | None = None,
    ) -> Reply:
        shown = self.webhooks.shown if self.webhooks else None
        exchange, request, secrets = exchanges.of_command(
            command, call_id, self.transport.space, self.secrets, shown
        )
        if budget and not self.routing.repeats(request):
            self._check(command, budget)
        return self._carry(exchange, request, secrets, over)

    def _check(self, command: Command, budget: Budget) -> None:
        """Raise `BudgetExceeded` if a `dial` could cost too much, and log that it was not sent."""
        try:
            budget.check(command, self.routing.spending())
        except BudgetExceeded as error:
            self.refuse(command.wire, command.params, None, error)
            raise

    def read(self, request: Request) -> Reply:
        """Carry a reading and return the reply."""
        self.check_open(request.command)
        exchange = exchanges.of_reading(request, self.transport.space, self.secrets)
        with sealed():
            return self._carry(exchange, request, self.secrets)

    def _carry(
        self,
        exchange: Exchange,
        request: Request,
        secrets: Secrets,
        over: Transport | None = None,
    ) -> Reply:
        if self.dry_run:
            return self.sender.rehearse(exchange)
        return self.sender.send(exchange, request, secrets, over)

    def refuse(
        self, command: str, params: Mapping[str, Any], call_id: Any, error: InvalidCommand
    ) -> None:
        """Log that a command or a reading was refused before it was sent."""
        exchange = exchanges.of_refusal(
            error, command, params, call_id, space=self.transport.space, secrets=self.secrets
        )
        self.sender.record(exchange)
        self.sender.last_error = error

    def check_open(self, command: str) -> None:
        """Raise `SwnbError` if the client is closed: nothing is sent, and nothing logged."""
        if self._closed:
            raise SwnbError(
                f"{command}: this client is closed, and nothing was sent",
                advice="Make another with swnb.Client(…). Read the log with swnb.Log(…).",
            )

    def companion(self, kind: type[K], make: Callable[[], K]) -> K:
        """Return the one companion of a kind, made when it is first asked for in this process."""
        self.check_open(kind.__name__.lower())
        key = (os.getpid(), kind)  # the threads and sockets of a parent are not a child's
        if key not in self._companions:
            self._companions[key] = make()
        companion = self._companions[key]
        if not isinstance(companion, kind):
            raise TypeError("a companion is kept under its own class")
        return companion

    def close(self) -> None:
        """Close the connections and the log; sending after that is an error."""
        self._closed = True
        for (process, _), companion in reversed(self._companions.items()):
            if process == os.getpid():
                companion.close()
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


class Face:
    """The base of `Client`, by which the rooms below it know a client."""

    _session: Session


def session_of(face: Face) -> Session:
    """Return the session behind a client."""
    return face._session  # noqa: SLF001 - the class is defined here
