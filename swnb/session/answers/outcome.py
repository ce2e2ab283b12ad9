"""How an answer ends an exchange: as a reply or as an error, and what the log says about it.

| answer                               | outcome    | raises            |
|--------------------------------------|------------|-------------------|
| 2xx with JSON or a `+OK` line        | accepted   |                   |
| 2xx that is not to this request      | unknown    | `OutcomeUnknown`  |
| 2xx with anything else, or nothing   | unknown    | `UnreadableReply` |
| 3xx                                  | rejected   | `Redirected`      |
| 400 to 499 except 429                | rejected   | `ApiError`        |
| 429                                  | rejected   | `RateLimited`     |
| 503 with `Retry-After`               | rejected   | `Unavailable`     |
| 503 without, to a reading            | rejected   | `Unavailable`     |
| other 5xx                            | unknown    | `OutcomeUnknown`  |
| no answer, the request may have left | unknown    | `OutcomeUnknown`  |
| no connection                        | failed     | `ConnectionFailed`|
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from swnb.commands import Command
from swnb.commands.codes import explain
from swnb.errors import (
    ApiError,
    ApiProblem,
    ConnectionFailed,
    OutcomeUnknown,
    RateLimited,
    Redirected,
    SendError,
    Unavailable,
    UnreadableReply,
)
from swnb.exchange import DIALS, Exchange, Response, TransportFailure, whole
from swnb.log.voice_logs.amounts import loads, nano_of
from swnb.redact import is_clean, redact, redact_text
from swnb.session.answers.replies import Reply, charge_lines, reply_of, status_line, text_of
from swnb.visible import repaired, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

SHOWN = 300  # characters of an unreadable answer that a message shows
_TOO_MANY = HTTPStatus.TOO_MANY_REQUESTS
_UNAVAILABLE = HTTPStatus.SERVICE_UNAVAILABLE

_ASK_FIRST = (
    "It may have been carried out. Before sending it again, check with call.refresh(), "
    "or sw.voice_logs(created_after=…)."
)
_ASK_AGAIN = "Nothing was changed. Try again."
_SYNC_AGAIN = "Nothing was changed. Run sync again; it continues where it stopped."
_EARLIER = (
    "It was repeated, and an earlier attempt may have been carried out: that can be why this one was "
    "rejected. Check with call.refresh()."
)
_WRONG_PLACE = (
    "Check the host (SIGNALWIRE_SPACE) and the project (SIGNALWIRE_PROJECT_ID): there is no such API "
    "on this host, or no such project in this space."
)
_ADVICE: dict[int, str] = {
    HTTPStatus.UNAUTHORIZED: "Check SIGNALWIRE_PROJECT_ID and SIGNALWIRE_API_TOKEN, that both belong to "
    "this space, and that the token has the Voice scope.",
    HTTPStatus.PAYMENT_REQUIRED: "The account cannot pay for it.",
    HTTPStatus.FORBIDDEN: "The token lacks a scope for this, or the project may not do it.",
    HTTPStatus.NOT_FOUND: "No such call in this project: it may have ended, or the id belongs to "
    "another project.",
    HTTPStatus.GONE: "The call has ended.",
    HTTPStatus.CONFLICT: "Something of the kind is already running on the call.",
}


def reply_from_response(
    exchange: Exchange,
    response: Response,
    secrets: Sequence[str],
    doubt: Callable[[Any], str | None] = lambda _: None,
) -> Reply | SendError:
    """Complete the exchange from an answer, and return the reply or the error.

    Parameters
    ----------
    exchange : Exchange
        The record that is completed.
    response : Response
        The answer.
    secrets : sequence of str
        What is redacted in the record.
    doubt : callable, optional
        Returns why the content of an answer is not the one to this request, None if it may be.

    """
    exchange.http_status = response.status
    exchange.attempts = response.attempts
    exchange.elapsed_us = round(response.elapsed * 1e6)
    exchange.request_id = response.request_id and shown_text(response.request_id, secrets)
    body, readable = _read(response)
    # A body that is called clean has no escapes, and so no half of a surrogate pair either.
    clean = is_clean(response.body, secrets)
    exchange.response = body if clean else repaired(redact(body, secrets))
    if response.status < HTTPStatus.MULTIPLE_CHOICES:
        reason = response.doubt or (doubt(body) if readable else None)
        if reason:
            return _unknown(exchange, reason)
        if readable:
            exchange.outcome = "accepted"
            describe(exchange, exchange.response)
            return reply_of(body, exchange)
        return _unreadable(exchange, response, secrets)
    error = _rejection(exchange, response, secrets)
    exchange.outcome = "unknown" if isinstance(error, OutcomeUnknown) else "rejected"
    exchange.error_message = exchange.error_message or error.message
    return error


def error_from_failure(exchange: Exchange, failure: TransportFailure) -> SendError:
    """Complete the exchange to which no answer came, and return its error."""
    exchange.attempts = failure.attempts
    exchange.elapsed_us = round(failure.elapsed * 1e6)
    exchange.outcome = "unknown" if failure.arrived else "failed"
    exchange.error_message = failure.reason
    times = f" ({failure.attempts} attempts)" if failure.attempts > 1 else ""
    if failure.arrived:
        return _unknown(exchange, failure.reason, times)
    return ConnectionFailed(
        f"{exchange.command}: {failure.reason}{times}; it did not reach the platform",
        exchange=exchange,
        advice="Check the host name (SIGNALWIRE_SPACE), the network and the proxy settings.",
    )


def look_or_ask(command: str) -> str:
    """Return what to do after a command of unknown outcome, or after a reading that failed."""
    if is_reading(command):
        return _SYNC_AGAIN if command == "sync" else _ASK_AGAIN
    return _ASK_FIRST


def is_reading(command: str) -> bool:
    """Return whether it changes nothing."""
    return Command.of_wire(command) is None


def _unknown(exchange: Exchange, reason: str, times: str = "") -> OutcomeUnknown:
    exchange.outcome, exchange.error_message = "unknown", reason
    return OutcomeUnknown(
        f"{exchange.command}: {reason}{times}",
        exchange=exchange,
        advice=look_or_ask(exchange.command),
    )


def describe(exchange: Exchange, body: Any) -> None:
    """Copy what a redacted answer says about its call into the exchange."""
    if not isinstance(body, dict):
        return
    if exchange.call_id is None or exchange.command in (*DIALS, "update"):
        exchange.call_id = text_of(body, "id") or exchange.call_id
    exchange.call_status = text_of(body, "status")
    exchange.type = text_of(body, "type")
    exchange.direction = text_of(body, "direction")
    exchange.from_ = text_of(body, "from") or exchange.from_
    exchange.to = text_of(body, "to") or exchange.to
    exchange.charge_nano = nano_of(body.get("charge"))
    exchange.duration_ms = whole(body.get("duration_ms"))
    exchange.charges = charge_lines(body)


def shown_text(text: str, secrets: Sequence[str]) -> str:
    """Return a string from outside as it is kept and shown: redacted, invisible characters visible."""
    return visible(redact_text(text, secrets))


def _read(response: Response) -> tuple[Any, bool]:
    """Return an answer's content, and whether it is JSON or a status line."""
    try:
        return loads(response.body), True
    except ValueError:
        text = response.body.decode("utf-8", "replace")
        return text or None, status_line(text) is not None


def _unreadable(exchange: Exchange, response: Response, secrets: Sequence[str]) -> UnreadableReply:
    exchange.outcome = "unknown"
    text = exchange.response if isinstance(exchange.response, str) else ""
    kind = response.headers.get("content-type", "no content type").split(";")[0]
    kind = shown_text(kind, secrets)
    shown = f", beginning {text[:SHOWN]!r}" if text else ""
    what = f"{len(response.body)} bytes of {kind}" if response.body else "nothing"
    exchange.error_message = f"HTTP {response.status} with {what} instead of JSON"
    return UnreadableReply(
        f"{exchange.command}: {exchange.error_message}{shown}",
        exchange=exchange,
        advice=look_or_ask(exchange.command),
    )


def _rejection(exchange: Exchange, response: Response, secrets: Sequence[str]) -> SendError:
    status, command = response.status, exchange.command
    if status < HTTPStatus.BAD_REQUEST:
        return Redirected(
            f"{command}: the host answered with a redirect (HTTP {status}), which is not followed",
            exchange=exchange,
            advice="Check the host name: it must be the space's own, as its dashboard shows it.",
        )
    wait = response.headers.get("retry-after")
    pause = f"; it asks to wait for {shown_text(wait, secrets)}" if wait else ""
    nothing = _not_carried_out(exchange)
    if status == _TOO_MANY:
        return RateLimited(
            f"{command}: too many requests, {response.attempts} attempts{pause}",
            exchange=exchange,
            advice=f"{nothing} Send more slowly, or raise retries=.",
        )
    if status == _UNAVAILABLE and (wait is not None or is_reading(command)):
        return Unavailable(
            f"{command}: the platform is not available (HTTP 503, {response.attempts} attempts){pause}",
            exchange=exchange,
            advice=f"{nothing} Try again later.",
        )
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unknown(exchange, f"the platform failed (HTTP {status})")
    return _api_error(exchange, status)


def _not_carried_out(exchange: Exchange) -> str:
    if is_reading(exchange.command):
        return "Nothing was changed."
    model = Command.of_wire(exchange.command)
    if exchange.attempts > 1 and model is not None and model.repeatable:
        return "The last attempt was not carried out."
    return "It was not carried out."


def _api_error(exchange: Exchange, status: int) -> ApiError:
    body = exchange.response
    entries = body.get("errors") if isinstance(body, dict) else None
    errors = (
        [_problem(entry) for entry in entries if isinstance(entry, dict)]
        if isinstance(entries, list)
        else []
    )
    message = str(body.get("error") or "") if isinstance(body, dict) else ""
    if not errors and not message:
        message = str(body or "no reason given")[:SHOWN]
    exchange.error_code = errors[0].code if errors else None
    exchange.error_message = "; ".join(error.message for error in errors) or visible(message)
    model = Command.of_wire(exchange.command)
    how = "RELAY" if model is not None and model.relay_only else "HTTP"
    reason = f", {message}" if message else ""
    headline = f"{exchange.command}: the platform rejected it ({how} {status}{reason})"
    doubtful = exchange.attempts > 1 and model is not None and model.repeatable
    # A `dial` names no call: if it is not found, the host or the project is wrong.
    wrong_place = status == HTTPStatus.NOT_FOUND and exchange.call_id is None
    advice = _EARLIER if doubtful else _WRONG_PLACE if wrong_place else _ADVICE.get(status)
    return ApiError(headline, exchange=exchange, errors=errors, advice=advice)


def _problem(entry: dict[str, Any]) -> ApiProblem:
    code = visible(str(entry.get("code", "")))
    return ApiProblem(
        code=code,
        message=visible(str(entry.get("message", ""))),
        attribute=text_of(entry, "attribute"),
        type=text_of(entry, "type"),
        explanation=explain(code),
    )
