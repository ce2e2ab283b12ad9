"""One WebSocket to the platform, on the background loop: TLS always, except to loopback."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from contextlib import suppress
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.iostream import StreamClosedError
from tornado.simple_httpclient import HTTPTimeoutError
from tornado.websocket import (
    WebSocketClientConnection,
    WebSocketClosedError,
    WebSocketError,
    websocket_connect,
)

from swnb.errors import ConfigurationError
from swnb.forks import in_children
from swnb.session.session import Session
from swnb.transports.live import base_url, is_loopback

CA_FILE = "SIGNALWIRE_RELAY_CA_FILE"
_CONNECT = 10.0  # seconds
_MOST_BYTES = 10 * 2**20  # of a frame, as in the official client
# What a connection that cannot be opened, or breaks, raises.
BROKEN = (
    OSError,
    HTTPClientError,
    HTTPTimeoutError,
    StreamClosedError,
    WebSocketClosedError,
    WebSocketError,
    asyncio.TimeoutError,
)


class NotSent(OSError):
    """A request that certainly did not leave: no byte of it was written."""


def address_of(host: str) -> str:
    """Return where a host is reached. Raises `ConfigurationError` if it is not a bare host name."""
    if host.startswith("ws://") and is_loopback(host.removeprefix("ws://")):
        return host
    base_url(host)  # the rules of a REST host
    return f"wss://{host}"


def address_of_relay(session: Session, host: str | None) -> str:
    """Return where the space of a session is reached, or where `host` names."""
    if session.embedded is not None:
        return session.embedded.relay_url
    host = host or session.host
    return address_of(f"ws://{host}" if is_loopback(host) else host)


def tls() -> ssl.SSLContext:
    """Return what a host's certificate is checked with. Raises `ConfigurationError`."""
    context = ssl.create_default_context()
    file = os.environ.get(CA_FILE)
    if file:
        try:
            context.load_verify_locations(file)
        except (OSError, ssl.SSLError):
            raise ConfigurationError(
                f"{CA_FILE}: cannot be read as a CA bundle", advice="Correct the path, or unset it."
            ) from None
    return context


class Wire:
    """An open connection."""

    def __init__(self, socket: WebSocketClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, address: str, context: ssl.SSLContext) -> Wire:
        """Connect, or raise one of `BROKEN`."""
        request = HTTPRequest(
            address,
            connect_timeout=_CONNECT,
            request_timeout=_CONNECT,
            ssl_options=context if address.startswith("wss") else None,
        )
        connecting = asyncio.ensure_future(websocket_connect(request, max_message_size=_MOST_BYTES))
        try:
            connected = await asyncio.shield(connecting)
        except asyncio.CancelledError:
            connecting.add_done_callback(_drop)
            raise
        protocol: Any = connected.protocol
        if protocol is not None:
            in_children(protocol.stream.socket, socket.socket.close)
        return cls(connected)

    async def read(self, seconds: float) -> Any:
        """Return the next text, None at the end; raise TimeoutError if none comes in time."""
        # Not `wait_for`: before Python 3.12 it hides that it was canceled while an answer came.
        async with asyncio.timeout(seconds):
            return await self._socket.read_message()

    def write(self, text: str) -> None:
        """Send a text; one that cannot be sent any more is noticed by `read`."""
        with suppress(WebSocketClosedError, StreamClosedError):
            self._socket.write_message(text).add_done_callback(lambda done: done.exception())

    def ask(self, text: str) -> None:
        """Send a text that must not be lost in silence. Raises `NotSent` if no byte of it leaves."""
        try:
            written = self._socket.write_message(text)
        except (WebSocketClosedError, StreamClosedError):
            raise NotSent("the connection is broken") from None
        written.add_done_callback(lambda done: done.exception())

    def abort(self) -> None:
        """Break the connection at once, without a farewell."""
        protocol: Any = self._socket.protocol
        if protocol is not None:
            protocol.stream.close()

    def close(self) -> None:
        """Close the connection at once, after a farewell that nobody waits for."""
        protocol: Any = self._socket.protocol
        self._socket.close()
        if protocol is not None:
            protocol.stream.close()


def _drop(done: asyncio.Future[WebSocketClientConnection]) -> None:
    """Close a connection that came too late."""
    if not done.cancelled() and done.exception() is None:
        Wire(done.result()).close()
