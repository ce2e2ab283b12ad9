"""The errors of requests that were sent, or that could not be sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from swnb import html
from swnb.errors.base import SwnbError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.exchange import Exchange


class SendError(SwnbError):
    """Sending a request failed, or the platform rejected it; `exchange` is its redacted record.

    Its subclasses say whether the command may have been carried out.

    Parameters
    ----------
    message : str
        What happened.
    exchange : Exchange
        The redacted record of the request and its outcome.
    advice : str, optional
        What to do about it.

    """

    title = "failed"

    def __init__(self, message: str, *, exchange: Exchange, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.exchange = exchange

    @property
    def status(self) -> int | None:
        """The HTTP status, or None if no answer came."""
        return self.exchange.http_status

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request, to quote to its support; None if there is none."""
        return self.exchange.request_id

    def lines(self) -> list[str]:
        """Return the lines to print: the message, the request's id if there is one, the advice."""
        lines = super().lines()
        if self.request_id:
            lines.insert(1, f"request id {self.request_id}")
        return lines

    def _html_parts(self) -> list[html.Markup]:
        pairs = [
            ("command", html.mono(self.exchange.command)),
            ("HTTP", self.status),
            ("attempts", self.exchange.attempts),
        ]
        return [html.facts(pairs), *super()._html_parts()]


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """One entry of the platform's `errors` array, with swnb's explanation of its code."""

    code: str
    message: str
    attribute: str | None = None
    type: str | None = None
    explanation: str | None = None

    def __str__(self) -> str:
        where = f"{self.attribute}: " if self.attribute else ""
        why = f" ({self.explanation})" if self.explanation else ""
        return f"{where}{self.message} [{self.code}]{why}"


class ApiError(SendError):
    """The platform rejected the request (HTTP 400 to 422); the command was not carried out.

    Parameters
    ----------
    message : str
        What happened.
    exchange : Exchange
        The redacted record of the request and its outcome.
    errors : sequence of ApiProblem
        Every reason that the platform gave.
    advice : str, optional
        What to do about it.

    """

    title = "rejected"

    def __init__(
        self,
        message: str,
        *,
        exchange: Exchange,
        errors: Sequence[ApiProblem] = (),
        advice: str | None = None,
    ) -> None:
        self.errors = list(errors)
        super().__init__(message, exchange=exchange, advice=advice)

    def lines(self) -> list[str]:
        """Return the lines to print: the message, every reason, the request's id, the advice."""
        first, *rest = super().lines()
        return [first, *map(str, self.errors), *rest]


class RateLimited(SendError):
    """You sent too many requests (HTTP 429); the command was not carried out: send it later."""

    title = "rate limited"


class Unavailable(SendError):
    """The platform was unavailable (HTTP 503); the command was not carried out: send it later."""

    title = "unavailable"


class Redirected(SendError):
    """The host answered with a redirect, which swnb never follows: check the host name."""

    title = "redirected"


class ConnectionFailed(SendError):
    """No connection could be established: nothing was sent, and it is safe to send it again."""

    title = "no connection"


class OutcomeUnknown(SendError):
    """The request left and no answer came back: the platform may have carried it out, so check."""

    title = "outcome unknown"


class UnreadableReply(OutcomeUnknown):
    """The answer is not the platform's JSON, so the outcome is unknown; the message quotes it."""

    title = "unreadable reply"
