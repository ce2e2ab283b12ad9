"""The client of one space: it validates, logs, sends, and gives back what the platform said.

Each exchange goes the same way: the command is validated (or refused, and the refusal logged), a
row is written that says what is about to leave, the transport carries it, a second row says how it
ended, and the reply is returned or the error raised. The log is never the reason that a reply is
lost.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, NoReturn, Self

from swnb import commands as c
from swnb.client.doors import ClientDoors
from swnb.errors import (
    BudgetExceeded,
    InvalidCommand,
    NoRecording,
    NotCopied,
    OutcomeUnknown,
    SendError,
    SwnbError,
)
from swnb.exchange import (
    CALLS_PATH,
    Exchange,
    Request,
    Transport,
    TransportFailure,
    now,
)
from swnb.hidden import REDACTED, HiddenDict, Secrets, sealed
from swnb.log import Log
from swnb.redact import declare_secret, is_clean, redact, redact_text, secrets_in
from swnb.session import environment, interrupts
from swnb.session.answers.belonging import Belonging, warn_of_other_numbers
from swnb.session.answers.outcome import fail, shown_text
from swnb.session.answers.replies import DryRun, Reply, text_of
from swnb.session.budget import Budget, budget_of, check
from swnb.session.call import Call
from swnb.session.calling import Calling, dialling
from swnb.session.credentials import (
    call_id_problems,
    credentials,
    hidden_id,
    revealed_id,
    secret_names,
)
from swnb.session.operations import Operations
from swnb.session.routing import Running
from swnb.session.voice_logs.readings import Readings
from swnb.session.voice_logs.sync import Syncing
from swnb.transports.live import CONNECT_TIMEOUT, DEADLINE, READ_TIMEOUT, RETRIES, Live, basic
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.commands.base import Command

DEFAULT_LOG = "swnb-log.sqlite"
NO_CALL = "00000000-0000-0000-0000-000000000000"


class Client(Running, Readings, Syncing, ClientDoors):
    """A client of one SignalWire space, with its log.

    Credentials come from `project`, `token` and `host`, or from SIGNALWIRE_PROJECT_ID,
    SIGNALWIRE_API_TOKEN and SIGNALWIRE_SPACE. `log` is a path, a `Log`, or ":memory:"; `timeout` is
    in seconds (one number, or a pair for connecting and reading) for each step, and `deadline` for a
    whole exchange, its repetitions and waits included; `retries` is how often a request may be
    repeated where that is safe; `run` names this client's run in the log. With
    `dry_run=True` everything is validated, logged and shown, and nothing is sent. `budget` is what
    the run may cost in US dollars, or a `Budget`: a `dial` that could pass it is refused.
    `secret_fields` names further fields of JSON and texts whose values are never kept or shown, in
    this process and by those who replay what it recorded; docs/security.md says which are known.

    Raises `ConfigurationError` where a credential is missing or the host, an option, or a proxy or
    CA bundle of the environment is malformed, and `LogError` where the log file is damaged.
    """

    dial = dialling(c.Dial)
    project = ""
    budget: Budget | None = None
    _closed = False
    _secrets = Secrets()

    def __init__(
        self,
        project: str | None = None,
        token: str | None = None,
        host: str | None = None,
        *,
        log: str | PathLike[str] | Log = DEFAULT_LOG,
        timeout: float | tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        deadline: float = DEADLINE,
        retries: int = RETRIES,
        run: str | None = None,
        dry_run: bool = False,
        budget: float | Budget | None = None,
        secret_fields: Iterable[str] = (),
    ) -> None:
        given = HiddenDict(project=project, token=token, host=host)
        project = token = host = REDACTED  # a traceback shows the arguments of a frame
        with sealed():
            declare_secret(secret_names(secret_fields))
            self.budget = budget_of(budget)
            transport: Transport | None = environment.replay()
            if transport is None:
                given = HiddenDict(zip(given, credentials(**given), strict=True))
                environment.check_host(given["host"])
                transport = Live(**given, timeout=timeout, deadline=deadline, retries=retries)
                # Redaction goes by the names of fields; these may also turn up in an echo.
                self._secrets = Secrets([given["token"], basic(given["project"], given["token"])])
            self.project = given["project"] or ""
            log = log if isinstance(log, Log) else Log(log, run=run)
            self._set_up(transport, log, dry_run=dry_run)

    @classmethod
    def over(cls, transport: Transport, log: Log, *, dry_run: bool = False) -> Self:
        """Make a client over a transport that needs no credentials, such as a recording."""
        client = cls.__new__(cls)
        client._set_up(transport, log, dry_run=dry_run)  # noqa: SLF001 - it is a constructor
        return client

    def _set_up(self, transport: Transport, log: Log, *, dry_run: bool) -> None:
        self._transport = transport
        self._operations: dict[str, Operations] = {}
        self._belonging = Belonging()
        self.dry_run = dry_run
        self.log = log
        self.calling = Calling(self)
        self._begin()

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise NotCopied(
            "a client, which holds a token and connections,",
            "make one in each process: swnb.Client(), with the credentials in the environment",
        )

    @property
    def host(self) -> str:
        """The space's host."""
        return self._transport.host

    @property
    def space(self) -> str:
        """What kind of space it is: live, simulated or replayed."""
        return self._transport.space

    def call(self, call_id: str, *, unchecked: bool = False) -> Call:
        """Take a call in hand by its id; nothing is sent."""
        call_id = hidden_id(call_id)
        problems = call_id_problems(call_id, unchecked=unchecked)
        if problems:
            raise InvalidCommand("call", problems)
        return Call(self, revealed_id(call_id), unchecked=unchecked)

    def taken(self, reply: Reply) -> Call:
        """Take the call in hand that a `dial` has started.

        In a dry run there is none, and its id is the nil UUID, so that what follows can be
        rehearsed too. Raises `OutcomeUnknown` where the reply names no call.
        """
        call_id = NO_CALL if isinstance(reply, DryRun) else reply.get("id")
        if not isinstance(call_id, str):
            raise OutcomeUnknown(
                "dial: the reply names no call, though one may have been started",
                exchange=reply.exchange,
                advice="Look for it with sw.voice_logs(); the reply is in the log.",
            )
        self._operations[call_id] = Operations()  # anew: a replay gives a call that it gave before
        call = Call(self, call_id)
        call.last = reply
        return call

    @interrupts.telling(
        "a command was interrupted",
        "A call may be up. Look whether the request left, and for which call: sw.log.df.tail(1)",
        'End it: sw.call("<its id>").end()',
        if_new=True,
    )
    def command(
        self, model: type[Command], params: Mapping[str, Any], call_id: Any = None
    ) -> Reply:
        """Validate a command, log it, send it and give the reply.

        `call_id` may be an id, a `Call` or a reply. Raises `InvalidCommand` with every problem
        before anything is sent, and a `SendError` after.
        """
        self.check_open(model.method())
        call_id, params = hidden_id(call_id), HiddenDict(params)
        with sealed():
            return self._command(model, params, call_id)

    def _command(self, model: type[Command], params: Mapping[str, Any], call_id: Any) -> Reply:
        unchecked = params.get("unchecked") is True
        call_id = revealed_id(call_id) if unchecked else call_id
        problems = call_id_problems(call_id, unchecked=unchecked) if model.on_call else []
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

    def send(self, command: Command, call_id: str | None = None) -> Reply:
        """Send a valid command, as the forms and magics do, and give the reply."""
        self.check_open(command.method())
        with sealed():
            if self.budget and isinstance(command, c.Dial):
                with self.budget.lock:  # until its row is in the log, another could count on it
                    return self._send(self.budget.priced(command), call_id, self.budget)
            return self._send(command, call_id)

    def _send(self, command: Command, call_id: str | None, budget: Budget | None = None) -> Reply:
        envelope, body, secrets = command.envelope(call_id), command.body(call_id), self._secrets
        if not is_clean(body, secrets):
            # The platform may echo them.
            secrets = Secrets([*secrets, *secrets_in(command.params)])
            # Each by itself: a password may be the word "params".
            envelope = {name: redact(item, secrets) for name, item in envelope.items()}
        params = envelope["params"]
        exchange = Exchange(
            command.wire,
            self._transport.space,
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
        if budget and not self.repeats(request):
            check(self, command, budget)
        return self._carry(exchange, request, secrets)

    def read(self, request: Request) -> Reply:
        """Carry a reading and give the reply."""
        self.check_open(request.command)
        exchange = Exchange(
            request.command,
            self._transport.space,
            now(),
            request.call_id and shown_text(request.call_id, self._secrets),
            request={
                "method": request.method,
                "path": redact_text(request.path, self._secrets),
            },
        )
        with sealed():
            return self._carry(exchange, request, self._secrets)

    def refuse(
        self, command: str, params: Mapping[str, Any], call_id: Any, error: InvalidCommand
    ) -> None:
        """Log that a command or a reading was refused before it was sent."""
        given = {c.wire_name(key): item for key, item in params.items()}
        if given.get("unchecked") is not True:
            call_id = hidden_id(call_id)
            given |= {"id": str(hidden_id(given["id"]))} if isinstance(given.get("id"), str) else {}
        exchange = Exchange(command, self._transport.space, now())
        if isinstance(call_id, str):
            exchange.call_id = shown_text(str(call_id), self._secrets)
        exchange.request = redact({"command": command, "params": c.printable(given)}, self._secrets)
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
        """Give the operations of a call: those begun here, and those that the log knows."""
        if call_id not in self._operations:
            # The cells of a run that is repeated are about to use its ids again.
            repeated = self.log.run if self.again else self.recorded_run
            found = Operations.known(self.log.uses(call_id, but=repeated))
            if self.log.named_run:
                found.begin(self.log.named_run)
            self._operations[call_id] = found
        return self._operations[call_id]

    def pause(self, seconds: float, *, replayed: bool = False) -> float:
        """Let the space's time pass and give how much: a simulated one moves with requests.

        Between answers that are replayed as much of it passes as did then, in no time.
        """
        if self.origin != "live":
            return 1.0
        if not replayed:
            time.sleep(seconds)
        return seconds

    def close(self) -> None:
        """Close the connections and the log; whatever would be sent after that is an error."""
        self._closed = True
        self._transport.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        if "log" not in vars(self):  # it comes last
            return f"<swnb.{type(self).__name__}, not made to the end>"
        mode = " · dry run" if self.dry_run else ""
        name = self.recording or self.host
        return visible(
            f"<swnb.Client {name} · {self.space}{mode} · run {self.log.run} · log {self.log.path}>"
        )

    def _repr_html_(self) -> str:
        from swnb.cards import client_card  # noqa: PLC0415 - cards are made only where they show

        if "log" not in vars(self):
            return client_card(repr(self), "unusable", {}, dry_run=False)
        facts = {"project": self.facts["project"], "run": self.log.run, "log": self.log.path}
        if self.recording:
            facts["recorded on"] = self.host
        return client_card(self.recording or self.host, self.space, facts, dry_run=self.dry_run)

    def _carry(self, exchange: Exchange, request: Request, secrets: Sequence[str]) -> Reply:
        """Carry a request, with a row in the log before it leaves and one when it has ended."""
        if self.dry_run:
            exchange.outcome = "dry_run"
            self._record(exchange)
            return DryRun(exchange.request, exchange)
        transport = self.route(request)
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
            self.noted(exchange)
        if isinstance(ended, SendError):
            raise ended
        if transport.space != "replayed":
            warn_of_other_numbers(exchange)
        return ended
