"""Carrying one request, and recording what came of it: a row before it leaves, and one after.

The log is never the reason that a reply is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb.errors import NoRecording, SendError, SwnbError
from swnb.exchange import TransportFailure
from swnb.progress import Line, working
from swnb.session import interrupts
from swnb.session.answers.belonging import Belonging, warn_of_other_numbers
from swnb.session.answers.outcome import error_from_failure
from swnb.session.answers.replies import DryRun, Reply

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from swnb.exchange import Exchange, Request, Transport
    from swnb.hidden import Secrets
    from swnb.log import Log
    from swnb.session.sending.routing import Routing


# How the line that stays says how an exchange ended.
_OUTCOMES = {"unknown": "outcome unknown", "failed": "not sent, it failed"}


class Sender:
    """Sends requests over a routing, and writes each exchange into the log and a recording.

    `facts` returns how, where and as whom the client sends, which a recording keeps.
    """

    def __init__(self, log: Log, routing: Routing, facts: Callable[[], dict[str, Any]]) -> None:
        self._log = log
        self._routing = routing
        self._facts = facts
        self._belonging = Belonging()
        self.last: Reply | None = None
        self.last_error: SwnbError | None = None
        self.after_each: list[Callable[[], object]] = []  # called when an exchange has ended

    def send(
        self,
        exchange: Exchange,
        request: Request,
        secrets: Secrets,
        over: Transport | None = None,
    ) -> Reply:
        """Send a request and return the reply. Raises a `SendError`, or `NoRecording`."""
        try:
            with self._shown(exchange, over) as line:
                try:
                    self.last = self._send(exchange, request, secrets, over)
                finally:
                    line.outcome = _OUTCOMES.get(exchange.outcome, exchange.outcome)
        except SwnbError as error:
            self.last_error = error
            raise
        finally:
            for act in self.after_each:
                act()
        return self.last

    def _shown(self, exchange: Exchange, over: Transport | None) -> AbstractContextManager[Line]:
        """Show for how long an answer is waited for, and how long it can still take."""
        deadline = getattr(over or self._routing.transport, "deadline", None)

        def left(elapsed: float) -> str:
            return "" if deadline is None else f", at most {max(0, int(deadline - elapsed))} s left"

        return working(exchange.command, "waiting for its answer", left)

    def _send(
        self,
        exchange: Exchange,
        request: Request,
        secrets: Secrets,
        over: Transport | None,
    ) -> Reply:
        transport = self._routing.carrier(request, over)
        exchange.space = transport.space
        if transport.space != "replayed":  # else nothing leaves, and one row at the end will do
            self._log.start(exchange)
        exchange.outcome = "unknown"  # what an interruption leaves behind
        try:
            answer = self._belonging.answer(transport, exchange, request, secrets)
        except TransportFailure as failure:
            answer = error_from_failure(exchange, failure)
        except NoRecording as missing:
            exchange.outcome, exchange.error_message = "failed", missing.message
            raise
        except BaseException as interruption:
            exchange.error_message = f"interrupted by {type(interruption).__name__}"
            if isinstance(interruption, KeyboardInterrupt):
                interrupts.tell_of(interruption, exchange)
            raise
        finally:
            self.log_result(exchange)
        if isinstance(answer, SendError):
            raise answer
        if transport.space != "replayed":
            warn_of_other_numbers(exchange)
        return answer

    def rehearse(self, exchange: Exchange) -> DryRun:
        """Record what would be sent, and return it."""
        exchange.outcome = "dry_run"
        self.record(exchange)
        return DryRun(exchange.request, exchange)

    def record(self, exchange: Exchange) -> None:
        """Record an exchange that does not leave."""
        self._log.record(exchange)
        self._routing.append(exchange, self._facts())

    def log_result(self, exchange: Exchange) -> None:
        """Record how an exchange ended that was about to leave."""
        if exchange.id is None:
            self._log.record(exchange)
        else:
            self._log.finish(exchange)
        self._routing.note(exchange)
        self._routing.append(exchange, self._facts())
