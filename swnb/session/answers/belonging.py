"""Whether an answer belongs to its request.

HTTP pairs answers with requests only by their order on a connection. A proxy or a server that
answers twice, or late, shifts all later answers by one, and a `dial` would return another call.
So what an answer says about itself is compared with its request.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

from swnb.errors import OutcomeUnknown, SwnbWarning
from swnb.exchange import DIALS, UUID
from swnb.redact import redact_text
from swnb.session.answers.outcome import reply_from_response
from swnb.session.answers.replies import entries_in, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.errors import SendError
    from swnb.exchange import Exchange, Request, Transport
    from swnb.session.answers.replies import Reply

_LISTED = ("voice_logs", "voice_log_events")
NO_ENTRIES = "the page has no list of entries in `data`"
_SHOWN = 64  # characters of an id that is not the request's
_SCHEME = re.compile(r"(sips?|tel|verto|client):")
_NUMBER = re.compile(r"\+?[\d\s().-]+")
_ENOUGH = 7  # digits that two spellings of a number share, less country and trunk prefix


class Belonging:
    """Compares each answer with its request, and remembers the calls that this client dialed."""

    def __init__(self) -> None:
        self._dialed: dict[str, object] = {}

    def answer(
        self, transport: Transport, exchange: Exchange, request: Request, secrets: Sequence[str]
    ) -> Reply | SendError:
        """Send a request, and return the reply or the error from its answer."""

        def doubt(body: Any) -> str | None:
            return self._doubt(request, body, secrets)

        response = transport.send(request)
        if transport.space == "replayed":  # it was compared when it was recorded
            return reply_from_response(exchange, response, secrets)
        reply = reply_from_response(exchange, response, secrets, doubt)
        if isinstance(reply, OutcomeUnknown):
            transport.renew()
        return reply

    def _doubt(self, request: Request, body: Any, secrets: Sequence[str]) -> str | None:
        """Return why the content of an answer is not the one to the request, None if it may be."""
        answered = text_of(body, "id") if isinstance(body, dict) else None
        if request.command in DIALS:
            return self._doubt_dialed(answered)
        if request.command == "voice_log" and not answered:
            return "the answer is not a voice log"
        if request.command in _LISTED:
            return NO_ENTRIES if entries_in(body) is None else None
        sent = str(request.call_id or request.params.get("id"))
        # An id that was sent unchecked may be another name for the call.
        if answered is None or not UUID.fullmatch(sent) or answered.lower() == sent.lower():
            return None
        shown = redact_text(answered[:_SHOWN], secrets)
        return (
            f"the answer is about another call ({shown!r}), so it does not belong to this request"
        )

    def _doubt_dialed(self, call_id: str | None) -> str | None:
        if not call_id:
            return "the reply names no call, though one may have been started"
        marker = object()
        if (
            self._dialed.setdefault(call_id.lower(), marker) is marker
        ):  # in one step: threads may dial too
            return None
        return (
            "the answer names the call of an earlier dial, so it does not belong to this request; "
            "another call may have been started"
        )


def warn_of_other_numbers(exchange: Exchange) -> None:
    """Warn if a `dial` was answered with other numbers than it was sent with.

    Another spelling of the same number is normal.
    """
    if exchange.command not in DIALS or not isinstance(exchange.response, dict):
        return
    sent = exchange.request["params"]
    pairs = [(key, text_of(sent, key), text_of(exchange.response, key)) for key in ("to", "from")]
    odd = [
        f"{key}= was sent as {number!r} and answered as {answered!r}"
        for key, number, answered in pairs
        if number and answered and not _is_same(number, answered)
    ]
    if odd:
        message = f"dial: {'; '.join(odd)} (call {exchange.call_id}). The log keeps both."
        warnings.warn(SwnbWarning(message), stacklevel=2)


def _is_same(sent: str, answered: str) -> bool:
    sent, answered = _plain(sent), _plain(answered)
    short, long = sorted((_digits(sent), _digits(answered)), key=len)
    if len(short) >= _ENOUGH:
        return long.endswith(short)
    # An address and a number, or a name for one, cannot be compared; two numbers or addresses can.
    alike = bool(short) == bool(long) and ("@" in sent) == ("@" in answered)
    return sent == answered or not alike


def _plain(address: str) -> str:
    """Return an address without its scheme and parameters."""
    bare = _SCHEME.sub("", address.strip().lower(), count=1)
    return re.split(r"[;?,]", bare, maxsplit=1)[0]


def _digits(address: str) -> str:
    """Return the digits of a number, or of an address whose user is one; else an empty string."""
    user = address.partition("@")[0]
    return re.sub(r"\D", "", user).lstrip("0") if _NUMBER.fullmatch(user) else ""
