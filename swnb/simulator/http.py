"""A simulated space on loopback: real HTTP, in a daemon thread with an event loop of its own.

Requests go from tornado's HTTP server straight to `Space.handle`, without its web framework, which
costs several times what a command does. Faults at the level of the socket happen here: a reset
closes with an RST, a truncated answer announces more bytes than it sends.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from http import HTTPStatus
from types import TracebackType
from typing import Self

from tornado.http1connection import HTTP1Connection
from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.iostream import StreamClosedError

from swnb.forks import in_children
from swnb.simulator.answers import Answer
from swnb.simulator.relay.certificates import Authority
from swnb.simulator.relay.side import Doors
from swnb.simulator.relay.sockets import Sockets
from swnb.simulator.space import Space

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_LOOPBACK = "127.0.0.1"


class Server:
    """A space being served; close it, or use it as a context manager.

    `host` is `127.0.0.1:PORT`, as a client's host, and `url` the same with its scheme.
    """

    def __init__(self, space: Space, listening: socket.socket) -> None:
        self.space = space
        name, port = listening.getsockname()
        self.host = f"{name}:{port}"
        self.url = f"http://{self.host}"
        self._sockets = Sockets(space)
        self._secured: tuple[str, Authority, HTTPServer] | None = None
        self._loop = asyncio.new_event_loop()
        self._closing = asyncio.Event()
        self._closed = threading.Event()
        started = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listening, started), name=f"swnb {self.host}", daemon=True
        )
        self._thread.start()
        started.wait()
        space.serve_at(Doors(f"ws://{self.host}", self._secure))

    def __repr__(self) -> str:
        return f"Server({self.url}, simulated)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and close every connection; closing twice is harmless."""
        self.space.serve_at(None)
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            self._loop.call_soon_threadsafe(self._closing.set)
        self._thread.join()

    def wait(self) -> None:
        """Wait until the server is closed; an interrupt gets through on every system."""
        while not self._closed.wait(1.0):
            pass

    def _run(self, listening: socket.socket, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._serve(listening, started))
        finally:
            self._loop.close()
            self._closed.set()

    async def _serve(self, listening: socket.socket, started: threading.Event) -> None:
        server = HTTPServer(self._receive)
        server.add_socket(listening)
        started.set()
        await self._closing.wait()
        await self._sockets.close()
        server.stop()
        await server.close_all_connections()
        if self._secured:
            _, authority, secure = self._secured
            secure.stop()
            await secure.close_all_connections()
            authority.close()

    def _secure(self) -> tuple[str, str]:
        """Serve wss too, from when it is first asked for; return its host and the file to trust."""
        if self._secured is None:
            authority = Authority()
            listening = socket.create_server((_LOOPBACK, 0))
            listening.setblocking(False)
            in_children(listening, socket.socket.close)
            host = f"localhost:{listening.getsockname()[1]}"
            server = HTTPServer(self._receive, ssl_options=authority.context)
            self._secured = (host, authority, server)
            serving = threading.Event()

            def begin() -> None:
                server.add_socket(listening)
                serving.set()

            self._loop.call_soon_threadsafe(begin)
            serving.wait()
        return self._secured[0], self._secured[1].ca_file

    def _receive(self, request: HTTPServerRequest) -> None:
        if self._sockets.take(request):
            return
        headers = {name.lower(): value for name, value in request.headers.get_all()}
        answer = self.space.handle(request.method or "", request.uri or "/", headers, request.body)
        if answer.delay:
            self._loop.call_later(answer.delay, _send, request, answer)
        else:
            _send(request, answer)


def _send(request: HTTPServerRequest, answer: Answer) -> None:
    connection = request.connection
    if not isinstance(connection, HTTP1Connection):  # tornado speaks nothing else
        raise TypeError(type(connection))
    reason = HTTPStatus(answer.status).phrase
    head = HTTPHeaders(dict(answer.headers))
    if answer.status != HTTPStatus.NO_CONTENT:  # it has no body to announce
        head["Content-Length"] = str(len(answer.body))
    if answer.cut:
        _cut(connection, answer, head, reason)
        return
    with contextlib.suppress(StreamClosedError):  # the client has gone
        connection.write_headers(
            ResponseStartLine("HTTP/1.1", answer.status, reason), head, answer.body
        )
        connection.finish()


def _cut(connection: HTTP1Connection, answer: Answer, head: HTTPHeaders, reason: str) -> None:
    stream = connection.detach()
    if answer.cut == "truncated":
        lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{k}: {v}" for k, v in head.get_all())]
        torn = answer.body[: len(answer.body) // 2]
        stream.write("\r\n".join([*lines, "", ""]).encode() + torn)
    else:
        stream.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    stream.close()


def serve(space: Space, port: int = 0, host: str = _LOOPBACK) -> Server:
    """Serve a space on loopback; port 0 takes a free one. Raises OSError if it is taken."""
    listening = socket.create_server((host, port), backlog=128)
    listening.setblocking(False)
    in_children(listening, socket.socket.close)
    return Server(space, listening)


def run_forever(
    space: Space,
    port: int,
    host: str = _LOOPBACK,
    *,
    ready: Callable[[Server], None] | None = None,
) -> None:
    """Serve a space until Ctrl-C; `ready` is called with the server once it listens."""
    with contextlib.suppress(KeyboardInterrupt), serve(space, port, host) as server:
        if ready:
            ready(server)
        server.wait()
