"""The way to a recording: answers what was answered before, and never opens a socket.

A request is matched on its command, its call and its parameters, as `recordings.matching` compares
them, and equal requests are answered in the order in which they were recorded. Both sides are
compared redacted, so that a secret matches what a recording may hold of it. What had no answer is
replayed as the same `TransportFailure`.

Headers are not recorded. The two that an error quotes are taken from its recorded message.
"""

from __future__ import annotations

import json
import re
import threading
from http import HTTPStatus
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.errors import InvalidCommand
from swnb.exchange import NEVER_SENT, REQUEST_ID_HEADERS, Response, TransportFailure, loads
from swnb.hidden import Secrets
from swnb.recordings.matching import digest, normalized
from swnb.redact import is_clean, redact, secrets_in
from swnb.transports.no_recording import miss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from swnb.exchange import Exchange, Request, Space
    from swnb.recordings.source import Source

_STILL_OPEN = "it was sent when this was recorded, and how it ended is not known"
_QUOTED = {
    "retry-after": re.compile(r"it asks to wait for (.+)"),
    "content-type": re.compile(r"HTTP \d+ with \d+ bytes of (\S+) instead of JSON"),
}
_UNREAD = re.compile(r"HTTP \d+ with .+ instead of JSON")


class Replay:
    """Answers from one recorded run; each object has a position of its own.

    `source` is the run; `ignore` are patterns of request paths that need not match; `only` says of
    an exchange whether it may be replayed. Raises `NoRecording` for what was not recorded, or is
    used up.
    """

    space: Space = "replayed"

    def __init__(
        self,
        source: Source,
        *,
        ignore: Sequence[str] = (),
        only: Callable[[Exchange], bool] = lambda exchange: exchange.outcome not in NEVER_SENT,
    ) -> None:
        self.source = source
        self.host = str(source.facts.get("host") or "a recording")
        self._ignore = tuple(ignore)
        self._only = only
        self._lock = threading.Lock()
        self._places: dict[bytes, list[int]] = {}
        self._next: dict[bytes, int] = {}
        self._latest = -1
        for place, exchange in source.places():
            if only(exchange):
                asked = self._normalized(exchange.request)
                self._places.setdefault(digest(exchange.command, asked), []).append(place)

    def __repr__(self) -> str:
        return f"Replay({self.source.name!r})"

    def send(self, request: Request) -> Response:
        """Give the recorded answer. Raises `TransportFailure` as recorded, and `NoRecording`."""
        asked = redacted(request)
        found = self.take(request.command, asked)
        if found is None:
            used = self._places.get(self._key(request.command, asked), ())
            raise miss(
                self.source, request.command, self._normalized(asked), used, self._normalized
            )
        return answer(found, max(1, found.attempts))

    def take(self, command: str, asked: Any) -> Exchange | None:
        """Use up the next recording of a redacted request; None where none is left."""
        key = self._key(command, asked)
        with self._lock:
            places, used = self._places.get(key, ()), self._next.get(key, 0)
            if used == len(places):
                return None
            self._next[key] = used + 1
            self._latest = places[used]
        return self.source.get(places[used])

    def holds(self, request: Request) -> bool:
        """Say whether there is an answer left for a request."""
        key = self._key(request.command, redacted(request))
        return self._next.get(key, 0) < len(self._places.get(key, ()))

    def following(self, command: str) -> list[str]:
        """Give the calls that a command, a reading, was sent to right after what was replayed last."""
        places = self.source.places()
        later = (exchange for place, exchange in places if place > self._latest)
        found = takewhile(lambda exchange: exchange.command == command, later)
        return [exchange.call_id for exchange in found if exchange.call_id is not None]

    def unused(self) -> list[Exchange]:
        """Give the recorded exchanges that were never asked for, in their order."""
        left = sorted(
            place
            for key, places in self._places.items()
            for place in places[self._next.get(key, 0) :]
        )
        return [self.source.get(place) for place in left]

    def invalid(self) -> Iterator[tuple[str, InvalidCommand]]:
        """Give the place of each recorded request that is no longer valid, and what is wrong."""
        for place, exchange in self.source.places():
            model = c.Command.catalogue.get(exchange.command)
            if model is None or not self._only(exchange) or not isinstance(exchange.request, dict):
                continue
            params = dict(exchange.request.get("params") or {})
            names = self.source.extras_of(place, exchange)
            extras = {name: params.pop(name) for name in names if name in params}
            try:
                # It was sent as it is; and what was masked or redacted looks like no address.
                model(**params, extras=extras or None, unchecked=True)
            except InvalidCommand as error:
                yield self.source.where(place), error

    def renew(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Let go of the recording."""
        self.source.close()

    def _normalized(self, request: Any) -> Any:
        return normalized(request, mask=self.source.masked, ignore=self._ignore)

    def _key(self, command: str, asked: Any) -> bytes:
        return digest(command, self._normalized(asked))


class Recalled:
    """The way to one answer that a run was given before, and is given again.

    Nothing is sent, and so it comes after no attempt, which tells it from the first.
    """

    space: Space = "replayed"

    def __init__(self, found: Exchange, host: str) -> None:
        self.host = host
        self._found = found

    def send(self, _request: Request) -> Response:
        """Give the answer. Raises `TransportFailure` as it was."""
        return answer(self._found, 0)

    def renew(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Do nothing: the log is not this object's."""


def redacted(request: Request) -> Any:
    """Give a request as its exchange holds it."""
    if request.body is None:
        return {"method": request.method, "path": request.path}
    envelope = loads(request.body)
    if is_clean(request.body):
        return envelope
    secrets = Secrets(secrets_in(request.params))
    return {name: redact(item, secrets) for name, item in envelope.items()}


def answer(exchange: Exchange, attempts: int) -> Response:
    """Give a recorded answer again, after so many attempts, or raise its `TransportFailure`."""
    elapsed = (exchange.elapsed_us or 0) / 1e6
    if exchange.http_status is None:
        raise TransportFailure(
            exchange.error_message or _STILL_OPEN,
            arrived=exchange.outcome != "failed",
            attempts=attempts,
            elapsed=elapsed,
        )
    headers = {"content-type": "application/json"} | _quoted(exchange)
    if exchange.request_id:
        headers[REQUEST_ID_HEADERS[0]] = exchange.request_id
    return Response(
        exchange.http_status, headers, _body(exchange), attempts, elapsed, _doubt(exchange)
    )


def _quoted(exchange: Exchange) -> dict[str, str]:
    found = {name: quote.search(exchange.error_message or "") for name, quote in _QUOTED.items()}
    headers = {name: match[1] for name, match in found.items() if match}
    if exchange.http_status == HTTPStatus.SERVICE_UNAVAILABLE and exchange.outcome == "rejected":
        headers.setdefault("retry-after", "")  # else it would be unknown whether it was carried out
    return headers


def _doubt(exchange: Exchange) -> str | None:
    """Return why an answer that could be read was not taken for the request's."""
    read = exchange.outcome == "unknown" and not _UNREAD.search(exchange.error_message or "")
    success = (exchange.http_status or 0) < HTTPStatus.MULTIPLE_CHOICES
    return exchange.error_message if read and success else None


def _body(exchange: Exchange) -> bytes:
    body = exchange.response
    if exchange.outcome != "accepted":
        if body is None:
            return b""
        if isinstance(body, str):
            return body.encode("utf-8", "replace")
    return json.dumps(body).encode()
