"""Receives callbacks over HTTP on the background loop: written first, answered then.

Whoever does not know the path gets a 404. What is too large, wrongly signed or no GET or POST is
refused and counted. What cannot be read is kept as an unknown event, never dropped.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import (
    HTTPConnection,
    HTTPHeaders,
    HTTPMessageDelegate,
    HTTPServerConnectionDelegate,
    RequestStartLine,
    ResponseStartLine,
)
from tornado.iostream import StreamClosedError

from swnb.errors import LogError
from swnb.event import of_callback
from swnb.event.reading import KINDS
from swnb.events.callbacks.signatures import is_right
from swnb.exchange import now

if TYPE_CHECKING:
    from swnb.events.hub import Hub
    from swnb.exchange import Space

MOST = 2**20  # bytes of a body
CHECK = "check"  # the purpose of the request by which a receiver looks for itself
_SLOW = 10.0  # seconds for a head, and for a body
Watch = Callable[[str, Mapping[str, str], bytes], int | None]


class Receiver(HTTPServerConnectionDelegate):
    """One receiver; everything but its attributes is used on the background loop.

    `secret` is the first part of the path. `url_of` returns the URL that was given away for the rest
    of a path, which is what signatures are made of. `watch` is called with the purpose, the headers and
    the body of each request as it came, and may return a status that it gets instead of being kept.
    """

    def __init__(
        self,
        hub: Hub,
        secret: str,
        *,
        url_of: Callable[[str], str],
        space: Space,
        signing_key: str | None,
        require_signature: bool,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.watch: Watch = lambda _purpose, _headers, _body: None
        self._hub = hub
        self._secret = secret.encode()
        self._url_of = url_of
        self._space = space
        self._key = signing_key
        self._require = require_signature
        self._server: HTTPServer | None = None

    async def serve(self, listening: socket.socket) -> None:
        """Begin to receive."""
        self._server = HTTPServer(self, idle_connection_timeout=_SLOW, body_timeout=_SLOW)
        self._server.add_socket(listening)

    async def stop(self) -> None:
        """End it, and every connection."""
        if self._server:
            self._server.stop()
            await self._server.close_all_connections()

    def start_request(self, server_conn: object, request_conn: HTTPConnection) -> _Message:  # noqa: ARG002
        """Return what takes one request."""
        return _Message(self, request_conn)

    async def answer(
        self, start: RequestStartLine, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Return the status and the body that a request gets."""
        path, _, query = start.path.partition("?")
        _, _, rest = path.partition("/")
        secret, _, purpose = rest.partition("/")
        refusal = self._refusal(start.method, secret)
        if refusal is not None:
            return self._refuse(refusal)
        if purpose == CHECK:
            nonce = parse_qs(query).get("nonce", [""])[0]
            return HTTPStatus.OK, nonce.encode("utf-8", "replace")
        told = self.watch(purpose, headers, body)
        if told is not None:
            return told, b""
        given_away = self._url_of(purpose) + (f"?{query}" if query else "")
        signed = is_right(self._key, given_away, body, headers)
        if signed is False or (self._require and signed is None):
            return self._refuse(HTTPStatus.FORBIDDEN)
        event = of_callback(
            body,
            headers.get("content-type", ""),
            seen_at=now(),
            query=query,
            hint=purpose if purpose in KINDS else None,
            signed=signed,
            space=self._space,
        )
        try:
            new = await self._hub.write(event)
        except LogError:
            self.counts["not written"] += 1
            return HTTPStatus.SERVICE_UNAVAILABLE, b""
        self.counts["accepted" if new else "repeated"] += 1
        self.counts["unsigned"] += signed is None
        return HTTPStatus.OK, b"{}"

    def _refusal(self, method: str, secret: str) -> HTTPStatus | None:
        """Return what a request gets that is none of ours, None for one that is."""
        if not hmac.compare_digest(secret.encode("utf-8", "replace"), self._secret):
            return HTTPStatus.NOT_FOUND
        return None if method in ("GET", "POST") else HTTPStatus.METHOD_NOT_ALLOWED

    def _refuse(self, status: HTTPStatus) -> tuple[int, bytes]:
        self.counts["refused"] += 1
        return status, b""

    def too_large(self) -> tuple[int, bytes]:
        """Count a request whose body is too large, and return what it gets."""
        return self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)


class _Message(HTTPMessageDelegate):
    """One request while it arrives."""

    def __init__(self, receiver: Receiver, connection: HTTPConnection) -> None:
        self._receiver = receiver
        self._connection = connection
        self._start: RequestStartLine | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._too_large = False
        self._answered = False

    async def headers_received(
        self, start_line: RequestStartLine | ResponseStartLine, headers: HTTPHeaders
    ) -> None:
        if isinstance(start_line, RequestStartLine):
            self._start = start_line
        self._headers = {name.lower(): value for name, value in headers.get_all()}
        announced = self._headers.get("content-length", "0")
        self._too_large = announced.isdigit() and int(announced) > MOST

    async def data_received(self, chunk: bytes) -> None:
        # The rest is read and dropped: a connection that is closed before it has all been sent loses
        # the answer too.
        self._too_large = self._too_large or len(self._body) + len(chunk) > MOST
        if self._too_large:
            self._body.clear()
        else:
            self._body += chunk

    def finish(self) -> None:
        if self._too_large:
            self._send(*self._receiver.too_large())
        elif self._start:
            self._task = asyncio.ensure_future(self._finish(self._start))

    async def _finish(self, start: RequestStartLine) -> None:
        self._send(*await self._receiver.answer(start, self._headers, bytes(self._body)))

    def on_connection_close(self) -> None:
        self._answered = True

    def _send(self, status: int, body: bytes) -> None:
        if self._answered or not isinstance(self._connection, HTTP1Connection):
            return
        self._answered = True
        head = HTTPHeaders({"Content-Type": "application/json", "Content-Length": str(len(body))})
        line = ResponseStartLine("HTTP/1.1", status, HTTPStatus(status).phrase)
        with suppress(StreamClosedError):
            self._connection.write_headers(line, head, body)
            self._connection.finish()
