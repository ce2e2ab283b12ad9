"""Whether an answer belongs to its request.

HTTP tells only by the order on a connection which answer is to which request. A proxy or a server
that answers twice, or late, moves all that follow by one; and a `dial` that is given another's call
would be believed. So what an answer says of itself is compared with what was asked.
"""

from __future__ import annotations

import re
import warnings
from typing import TYPE_CHECKING, Any

from swnb.errors import OutcomeUnknown, SwnbWarning
from swnb.exchange import UUID
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
    """Knows the calls that one client was given."""

    def __init__(self) -> None:
        self._dialled: dict[str, object] = {}

    def answer(
        self, transport: Transport, exchange: Exchange, request: Request, secrets: Sequence[str]
    ) -> Reply | SendError:
        """Send a request, and return the reply or the error that its answer amounts to."""

        def doubt(body: Any) -> str | None:
            return self._doubt(request, body, secrets)

        response = transport.send(request)
        if transport.space == "replayed":  # then it was held against its request before
            return reply_from_response(exchange, response, secrets)
        ended = reply_from_response(exchange, response, secrets, doubt)
        if isinstance(ended, OutcomeUnknown):
            transport.renew()
        return ended

    def _doubt(self, request: Request, body: Any, secrets: Sequence[str]) -> str | None:
        """Return why the content of an answer is not taken for the request's, or None."""
        named = text_of(body, "id") if isinstance(body, dict) else None
        if request.command == "dial":
            return self._doubt_dialled(named)
        if request.command == "voice_log" and not named:
            return "the answer is no voice log"
        if request.command in _LISTED:
            return NO_ENTRIES if entries_in(body) is None else None
        asked = str(request.call_id or request.params.get("id"))
        # An id that was sent unchecked may be another name for the call.
        if named is None or not UUID.fullmatch(asked) or named.lower() == asked.lower():
            return None
        shown = redact_text(named[:_SHOWN], secrets)
        return f"the answer is about another call ({shown!r}), so it is not the one to this request"

    def _doubt_dialled(self, named: str | None) -> str | None:
        if not named:
            return "the reply names no call, though one may have been started"
        mine = object()
        if self._dialled.setdefault(named.lower(), mine) is mine:  # in one step: threads dial, too
            return None
        return (
            "the answer names the call of an earlier dial, so it is not the one to this request; "
            "another call may have been started"
        )


def warn_of_other_numbers(exchange: Exchange) -> None:
    """Warn of a `dial` that was answered with other numbers than it was sent with.

    Another spelling of the same number is normal.
    """
    if exchange.command != "dial" or not isinstance(exchange.response, dict):
        return
    sent = exchange.request["params"]
    pairs = [(key, text_of(sent, key), text_of(exchange.response, key)) for key in ("to", "from")]
    odd = [
        f"{key}= was sent as {mine!r} and answered as {theirs!r}"
        for key, mine, theirs in pairs
        if mine and theirs and not _is_same(mine, theirs)
    ]
    if odd:
        message = f"dial: {'; '.join(odd)} (call {exchange.call_id}). The log keeps both."
        warnings.warn(SwnbWarning(message), stacklevel=2)


def _is_same(one: str, other: str) -> bool:
    one, other = _plain(one), _plain(other)
    short, long = sorted((_digits(one), _digits(other)), key=len)
    if len(short) >= _ENOUGH:
        return long.endswith(short)
    # An address and a number, or a name for one, cannot be compared; two numbers or addresses can.
    alike = bool(short) == bool(long) and ("@" in one) == ("@" in other)
    return one == other or not alike


def _plain(address: str) -> str:
    """Return an address without its scheme, and what may follow it."""
    bare = _SCHEME.sub("", address.strip().lower(), count=1)
    return re.split(r"[;?,]", bare, maxsplit=1)[0]


def _digits(address: str) -> str:
    """Return the digits of a number, or of an address whose user is one; else nothing."""
    user = address.partition("@")[0]
    return re.sub(r"\D", "", user).lstrip("0") if _NUMBER.fullmatch(user) else ""
