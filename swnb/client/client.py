"""The client of one space: it validates, logs, sends, and gives back what the platform said.

Each exchange goes the same way: the command is validated (or refused, and the refusal logged), a
row is written that says what is about to leave, the transport carries it, a second row says how it
ended, and the reply is returned or the error raised. The log is never the reason that a reply is
lost.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from os import PathLike
from typing import TYPE_CHECKING, Any, Self

from swnb import commands as c
from swnb.client.call import Call
from swnb.client.calling import Calling, dialling
from swnb.client.credentials import call_id_of, check_call_id, credentials
from swnb.client.operations import Operations
from swnb.client.outcome import fail, settle
from swnb.client.replies import DryRun, Reply
from swnb.client.voice_logs import VoiceLogs, query_of, reading
from swnb.errors import InvalidCommand, OutcomeUnknown, SendError
from swnb.exchange import (
    CALLS_PATH,
    VOICE_LOGS_PATH,
    Exchange,
    Request,
    Transport,
    TransportFailure,
    now,
)
from swnb.log import Log
from swnb.redact import is_clean, redact
from swnb.transports.live import CONNECT_TIMEOUT, READ_TIMEOUT, RETRIES, Live

if TYPE_CHECKING:
    from datetime import date

    from swnb.commands.base import Command

DEFAULT_LOG = "swnb-log.sqlite"
NO_CALL = "00000000-0000-0000-0000-000000000000"


class Client:
    """A client of one SignalWire space, with its log.

    Credentials come from `project`, `token` and `host`, or from SIGNALWIRE_PROJECT_ID,
    SIGNALWIRE_API_TOKEN and SIGNALWIRE_SPACE. `log` is a path, a `Log`, or ":memory:"; `timeout` is
    in seconds (one number, or a pair for connecting and reading); `retries` is how often a request
    may be repeated where that is safe; `run` names this client's run in the log. With
    `dry_run=True` everything is validated, logged and shown, and nothing is sent.

    Raises `ConfigurationError` where a credential is missing or the host is malformed, and
    `LogError` where the log file is damaged.
    """

    dial = dialling(c.Dial)

    def __init__(
        self,
        project: str | None = None,
        token: str | None = None,
        host: str | None = None,
        *,
        log: str | PathLike[str] | Log = DEFAULT_LOG,
        timeout: float | tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        retries: int = RETRIES,
        run: str | None = None,
        dry_run: bool = False,
    ) -> None:
        project, token, host = credentials(project, token, host)
        transport: Transport = Live(project, token, host, timeout=timeout, retries=retries)
        self._transport = transport
        self.project = project
        # Redaction goes by the names of fields; the token itself may also turn up in an echo.
        self._secrets = (token,)
        self._operations: dict[str, Operations] = {}
        self.dry_run = dry_run
        self.log = log if isinstance(log, Log) else Log(log, run=run)
        self.calling = Calling(self)

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
        if not unchecked:
            check_call_id("call", call_id)
        return Call(self, call_id, unchecked=unchecked)

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
        self._operations.setdefault(call_id, Operations())
        call = Call(self, call_id)
        call.last = reply
        return call

    def voice_logs(
        self,
        *,
        created_after: str | date | None = None,
        created_before: str | date | None = None,
        created_on: str | date | None = None,
        include_deleted: bool | None = None,
        page_size: int | None = None,
    ) -> VoiceLogs:
        """Give the voice logs that match, newest first; pages are fetched as one iterates."""
        return VoiceLogs(
            self,
            query_of(
                created_after=created_after,
                created_before=created_before,
                created_on=created_on,
                include_deleted=include_deleted,
                page_size=page_size,
            ),
        )

    def voice_log(self, call_id: str) -> Reply:
        """Read one call's entry in the voice logs: status, durations and charge lines."""
        call_id = call_id_of(call_id)
        check_call_id("voice_log", call_id)
        return self.read(reading("voice_log", f"{VOICE_LOGS_PATH}/{call_id}", call_id))

    def voice_log_events(self, call_id: str) -> list[dict[str, Any]]:
        """Read the events of one call's voice log, as the platform orders them."""
        call_id = call_id_of(call_id)
        check_call_id("voice_log_events", call_id)
        page = self.read(
            reading("voice_log_events", f"{VOICE_LOGS_PATH}/{call_id}/events", call_id)
        )
        return list(page.get("data", []))

    def command(
        self, model: type[Command], params: Mapping[str, Any], call_id: Any = None
    ) -> Reply:
        """Validate a command, log it, send it and give the reply.

        `call_id` may be an id, a `Call` or a reply. Raises `InvalidCommand` before anything is
        sent, and a `SendError` after.
        """
        call_id = call_id_of(call_id)
        try:
            made = model(**params)
            if not made.unchecked:
                if model.on_call:
                    check_call_id(model.method(), call_id)
                elif "id" in made.params:
                    check_call_id(model.method(), made.params["id"])
        except InvalidCommand as error:
            self.refuse(model, params, call_id, error)
            raise
        return self.send(made, call_id)

    def send(self, command: Command, call_id: str | None = None) -> Reply:
        """Send a valid command, as the forms and magics do, and give the reply."""
        params, envelope, body = command.params, command.envelope(call_id), command.body(call_id)
        exchange = Exchange(
            command.wire,
            self._transport.space,
            now(),
            call_id or params.get("id"),
            params.get("control_id"),
            params.get("from"),
            params.get("to"),
            envelope if is_clean(body, self._secrets) else redact(envelope, self._secrets),
        )
        return self._carry(
            exchange,
            Request(
                command.wire,
                "POST",
                CALLS_PATH,
                command.repeatable,
                call_id,
                params,
                body,
            ),
        )

    def read(self, request: Request) -> Reply:
        """Carry a reading and give the reply."""
        exchange = Exchange(
            request.command,
            self._transport.space,
            now(),
            request.call_id,
            request={"method": request.method, "path": request.path},
        )
        return self._carry(exchange, request)

    def refuse(
        self, model: type[Command], params: Mapping[str, Any], call_id: Any, error: InvalidCommand
    ) -> None:
        """Log that a command was refused before it was sent."""
        given = {c.wire_name(key): item for key, item in params.items()}
        exchange = Exchange(
            model.wire, self._transport.space, now(), call_id if isinstance(call_id, str) else None
        )
        exchange.request = redact(
            {"command": model.wire, "params": c.printable(given)}, self._secrets
        )
        exchange.outcome = "refused"
        exchange.error_message = error.message
        self.log.record(exchange)

    def operations(self, call_id: str) -> Operations:
        """Give the control ids of a call: those made here, and those that the log knows."""
        if call_id not in self._operations:
            self._operations[call_id] = Operations(self.log.control_ids(call_id))
        return self._operations[call_id]

    def pause(self, seconds: float) -> float:
        """Let the space's time pass and give how much: a simulated one moves with requests."""
        if self.space != "live":
            return 1.0
        time.sleep(seconds)
        return seconds

    def close(self) -> None:
        """Close the connections and the log."""
        self._transport.close()
        self.log.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        mode = " · dry run" if self.dry_run else ""
        return f"<swnb.Client {self.host} · {self.space}{mode} · run {self.log.run} · log {self.log.path}>"

    def _repr_html_(self) -> str:
        from swnb.cards import client_card  # noqa: PLC0415 - cards are made only where they show

        project = f"{self.project[:8]}…"
        facts = {"project": project, "run": self.log.run, "log": self.log.path}
        return client_card(self.host, self.space, facts, dry_run=self.dry_run)

    def _carry(self, exchange: Exchange, request: Request) -> Reply:
        """Carry a request, with a row in the log before it leaves and one when it has ended."""
        if self.dry_run:
            exchange.outcome = "dry_run"
            self.log.record(exchange)
            return DryRun(exchange.request, exchange)
        self.log.start(exchange)
        exchange.outcome = "unknown"  # what an interruption leaves behind
        try:
            ended = settle(exchange, self._transport.send(request), self._secrets)
        except TransportFailure as failure:
            ended = fail(exchange, failure)
        finally:
            self.log.finish(exchange)
        if isinstance(ended, SendError):
            raise ended
        return ended
