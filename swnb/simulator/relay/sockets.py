"""The WebSockets of a space: texts in and out, and who is at the other end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import Application
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from swnb.simulator.relay import frames
from swnb.simulator.relay.member import Line, Member
from swnb.simulator.space import Space


class Sockets:
    """Hands the WebSocket requests of a server to a space."""

    def __init__(self, space: Space) -> None:
        open_ones: set[_Socket] = set()
        self._open = open_ones
        self._application = Application(
            [("/.*", _Socket, {"space": space, "open_ones": open_ones})],
            websocket_max_message_size=frames.MOST_BYTES,
            log_function=lambda _handler: None,
        )

    def take(self, request: HTTPServerRequest) -> bool:
        """Take a request that asks for a WebSocket; return whether it does."""
        if request.headers.get("Upgrade", "").lower() != "websocket":
            return False
        self._application(request)
        return True

    async def close(self) -> None:
        """Close all of them at once, without a farewell."""
        for socket in list(self._open):
            socket.abort()
        for _ in range(100):
            if not self._open:
                return
            await asyncio.sleep(0.01)


class _Socket(WebSocketHandler):
    """One connection to a space."""

    def initialize(self, space: Space, open_ones: set[_Socket]) -> None:
        self._space = space
        self._open_ones = open_ones
        self._member: Member | None = None
        self._line: Line | None = None

    def check_origin(self, origin: str) -> bool:  # noqa: ARG002 - a page has nothing to ask here
        return False

    def open(self, *_: str, **__: str) -> None:
        self._open_ones.add(self)
        loop = asyncio.get_running_loop()
        self._line = Line(
            lambda text: _post(loop, self._write, text),
            lambda: _post(loop, self.abort),
            lambda: _post(loop, self.close),
        )

    def on_message(self, message: str | bytes) -> None:
        if self._line is None:
            return
        frame = frames.read(message)
        if frame is None:
            self._write(frames.failure(None, frames.PARSE_ERROR, "not a JSON object"))
        elif self._member is None:
            self._member = self._space.relay_connect(frame, self._line)
        else:
            self._space.relay_receive(self._member, frame)

    def on_close(self) -> None:
        self._open_ones.discard(self)
        member, self._member = self._member, None
        if member and self._line:
            self._space.relay_lost(member, self._line)

    def abort(self) -> None:
        """Close the connection at once."""
        if self.ws_connection:
            self.ws_connection._abort()  # noqa: SLF001 - tornado has no other way without a farewell

    def _write(self, text: str) -> None:
        try:
            written = self.write_message(text)
        except WebSocketClosedError:
            return  # `on_close` has been called, or will be
        written.add_done_callback(lambda done: done.exception())  # the same, noticed later


def _post(loop: asyncio.AbstractEventLoop, act: Callable[..., Any], *args: Any) -> None:
    try:
        loop.call_soon_threadsafe(act, *args)
    except RuntimeError:  # the server has been closed
        return
