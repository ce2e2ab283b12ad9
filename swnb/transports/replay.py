"""The transport to a recording: it returns recorded answers and never opens a socket.

A request is matched by its command, its call and its parameters, as `recordings.matching` compares
them, and equal requests are answered in the order in which they were recorded. Both sides are
compared redacted, so that a secret matches its redacted form. A request that had no answer is
replayed as the same `TransportFailure`.

Headers are not recorded. The two that an error quotes are read from its recorded message.
"""

from __future__ import annotations

import json
import re
import threading
from bisect import bisect_right
from collections.abc import Sized
from http import HTTPStatus
from itertools import takewhile
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.errors import InvalidCommand
from swnb.exchange import NEVER_SENT, REQUEST_ID_HEADERS, Response, TransportFailure, loads
from swnb.hidden import Secrets
from swnb.progress import progress
from swnb.recordings.matching import digest, normalized
from swnb.redact import is_clean, redact, secrets_in
from swnb.transports.no_recording import miss

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from swnb.exchange import Exchange, Request, Space
    from swnb.recordings.source import Source

_STILL_OPEN = "it was recorded as sent, and its outcome is not known"
_QUOTED = {
    "retry-after": re.compile(r"it asks to wait for (.+)"),
    "content-type": re.compile(r"HTTP \d+ with \d+ bytes of (\S+) instead of JSON"),
}
_UNREAD = re.compile(r"HTTP \d+ with .+ instead of JSON")


def _counted(source: Source, doing: str) -> AbstractContextManager[Iterable[tuple[int, Exchange]]]:
    """Give a source's exchanges, counted while they are worked on."""
    total = len(source) if isinstance(source, Sized) else None
    name = PurePath(source.name).name
    return progress(source.places(), f"{doing} {name}", "exchanges", total=total)


class Replay:
    """Answers from one recorded run; each object has its own position in it.

    Parameters
    ----------
    source : Source
        The run.
    ignore : sequence of str
        Patterns of request paths that need not match.
    only : callable
        Returns whether an exchange may be replayed; by default, whether it was sent.

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
        self._order: list[int] = []
        with _counted(source, "reading") as recorded:
            for place, exchange in recorded:
                self._order.append(place)
                if only(exchange):
                    asked = self._normalized(exchange.request)
                    self._places.setdefault(digest(exchange.command, asked), []).append(place)

    def __repr__(self) -> str:
        return f"Replay({self.source.name!r})"

    def send(self, request: Request) -> Response:
        """Return the recorded answer, or raise `TransportFailure` as recorded, or `NoRecording`."""
        asked = redacted(request)
        exchange = self.take(request.command, asked)
        if exchange is None:
            used = self._places.get(self._key(request.command, asked), ())
            raise miss(
                self.source, request.command, self._normalized(asked), used, self._normalized
            )
        return answer(exchange, max(1, exchange.attempts))

    def take(self, command: str, asked: Any) -> Exchange | None:
        """Return the next recording of a redacted request and mark it used; None if none is left."""
        key = self._key(command, asked)
        with self._lock:
            places, used = self._places.get(key, ()), self._next.get(key, 0)
            if used == len(places):
                return None
            self._next[key] = used + 1
            self._latest = places[used]
        return self.source.get(places[used])

    @property
    def asked(self) -> bool:
        """Whether anything was requested that was recorded."""
        return self._latest >= 0

    def holds(self, request: Request) -> bool:
        """Return whether an answer is left for a request."""
        key = self._key(request.command, redacted(request))
        return self._next.get(key, 0) < len(self._places.get(key, ()))

    @property
    def passed(self) -> int:
        """How many of the run's exchanges had been made once the latest one replayed was."""
        return bisect_right(self._order, self._latest)

    def following(self, command: str) -> list[str]:
        """Return the calls that a reading was sent to right after the exchange replayed last."""
        places = self.source.places()
        later = (exchange for place, exchange in places if place > self._latest)
        readings = takewhile(lambda exchange: exchange.command == command, later)
        return [exchange.call_id for exchange in readings if exchange.call_id is not None]

    def unused(self) -> list[Exchange]:
        """Return the recorded exchanges that were never used, in their order."""
        left = sorted(
            place
            for key, places in self._places.items()
            for place in places[self._next.get(key, 0) :]
        )
        return [self.source.get(place) for place in left]

    def invalid(self) -> Iterator[tuple[str, InvalidCommand]]:
        """Yield the place of each recorded request that is no longer valid, and what is wrong."""
        with _counted(self.source, "checking") as recorded:
            for place, exchange in recorded:
                error = self._error_of(place, exchange)
                if error is not None:
                    yield self.source.where(place), error

    def _error_of(self, place: int, exchange: Exchange) -> InvalidCommand | None:
        """Return what is wrong with a recorded request, None if nothing is."""
        model = c.Command.of_wire(exchange.command)
        if model is None or not self._only(exchange) or not isinstance(exchange.request, dict):
            return None
        params = dict(exchange.request.get("params") or {})
        names = self.source.extras_of(place, exchange)
        extras = {name: params.pop(name) for name in names if name in params}
        try:
            # It was sent as it is; and a masked or redacted value does not look like an address.
            model(**params, extras=extras or None, unchecked=True)
        except InvalidCommand as error:
            return error
        return None

    def renew(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Close the recording."""
        self.source.close()

    def _normalized(self, request: Any) -> Any:
        return normalized(request, mask=self.source.masked, ignore=self._ignore)

    def _key(self, command: str, asked: Any) -> bytes:
        return digest(command, self._normalized(asked))


class Recalled:
    """The transport to one answer that a run already received, and receives again.

    Nothing is sent, so it has 0 attempts, which distinguishes it from the first answer.
    """

    space: Space = "replayed"

    def __init__(self, exchange: Exchange, host: str) -> None:
        self.host = host
        self._exchange = exchange

    def send(self, _request: Request) -> Response:
        """Return the answer, or raise its `TransportFailure`."""
        return answer(self._exchange, 0)

    def renew(self) -> None:
        """Do nothing: there are no connections."""

    def close(self) -> None:
        """Do nothing: the log belongs to the client."""


def redacted(request: Request) -> Any:
    """Return a request as its exchange has it, redacted."""
    if request.body is None:
        return {"method": request.method, "path": request.path}
    envelope = loads(request.body)
    if is_clean(request.body):
        return envelope
    secrets = Secrets(secrets_in(request.params))
    return {name: redact(item, secrets) for name, item in envelope.items()}


def answer(exchange: Exchange, attempts: int) -> Response:
    """Return a recorded answer, after so many attempts, or raise its `TransportFailure`."""
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
    quotes = {name: quote.search(exchange.error_message or "") for name, quote in _QUOTED.items()}
    headers = {name: match[1] for name, match in quotes.items() if match}
    if exchange.http_status == HTTPStatus.SERVICE_UNAVAILABLE and exchange.outcome == "rejected":
        headers.setdefault("retry-after", "")  # without it the outcome would be unknown
    return headers


def _doubt(exchange: Exchange) -> str | None:
    """Return why a readable answer was not accepted as the request's."""
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
