"""The pages of the voice logs as they are stored, read one after the other within one exchange.

The link to the next page is followed on the client's own host only, and never twice.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from swnb.errors import SendError, SwnbError
from swnb.exchange import Exchange, Response, Transport, TransportFailure, now
from swnb.log.voice_logs.amounts import loads
from swnb.log.voice_logs.entries import redacted
from swnb.log.voice_logs.pages import Page
from swnb.session.answers.outcome import error_from_failure, reply_from_response
from swnb.session.voice_logs.reading import Trail, data_of, next_page, reading

COMMAND = "sync"


@contextmanager
def undisturbed() -> Iterator[None]:
    """Read pages without the garbage collector, which would look through each: they have no cycles."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class Listing:
    """A listing of voice logs, whose reading as a whole is one exchange.

    `name` is what the log remembers its next page under.
    """

    def __init__(
        self,
        transport: Transport,
        exchange: Exchange,
        secrets: Sequence[str],
        name: str,
    ) -> None:
        self._transport = transport
        self._exchange = exchange
        self._secrets = secrets
        self._name = name

    def pages(self, path: str) -> Iterator[Page]:
        """Yield the pages from a path on.

        Raises a `SendError` if one cannot be read, and `SwnbError` if it is not a page, or if its
        link leads to another host, back, or on without an end; the exchange says so too.
        """
        trail = Trail(COMMAND)
        following: str | None = path
        while following:
            response = self._ask(trail.follow(following))
            document = self._document(response)
            entries = data_of(document, COMMAND)
            trail.take(entries)
            following = next_page(document, self._transport.host)
            clean = redacted(entries, response.body, self._secrets)
            as_it_came = response.body if clean is entries else None
            space = self._transport.space
            yield Page(clean, space, now(), as_it_came, self._name, following)

    def _ask(self, path: str) -> Response:
        """Request a page. Raises a `SendError` if no answer came."""
        exchange = self._exchange
        try:
            response = self._transport.send(reading(COMMAND, path))
        except TransportFailure as failure:
            raise error_from_failure(exchange, failure) from None
        exchange.http_status = response.status
        exchange.attempts += response.attempts
        exchange.elapsed_us = (exchange.elapsed_us or 0) + round(response.elapsed * 1e6)
        return response

    def _document(self, response: Response) -> Any:
        """Return the content of a page. Raises the `SendError` of its answer."""
        if response.status < HTTPStatus.MULTIPLE_CHOICES:
            try:
                return loads(response.body)
            except ValueError:
                pass  # `reply_from_response` says what came instead
        self._transport.renew()
        reply = reply_from_response(self._exchange, response, self._secrets)
        raise reply if isinstance(reply, SendError) else SwnbError("sync: the page is not JSON")
