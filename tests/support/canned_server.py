"""A server on loopback that answers what a test tells it to, byte by byte."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Self

Act = bytes | Callable[[socket.socket], None]

CALL_ID = "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21"
TOKEN = "PTcanary0123456789abcdef"
LEG = {
    "id": CALL_ID,
    "from": "+15550100",
    "to": "+15550101",
    "direction": "outbound-api",
    "status": "answered",
    "type": "relay_pstn_call",
    "duration": 5,
    "duration_ms": 5250,
    "charge": 0.0131,
    "charge_details": [{"description": "Outbound minutes", "charge": 0.0131}],
}


def answer(status: int, body: bytes, **headers: str) -> bytes:
    """Make an HTTP answer; an underscore in a header's name stands for a hyphen."""
    head = {"Content-Length": str(len(body))}
    head |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in head.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def said(value: Any, status: int = 200, **headers: str) -> bytes:
    """Make an HTTP answer of JSON."""
    return answer(status, json.dumps(value).encode(), Content_Type="application/json", **headers)


def page(text: str, status: int = 200) -> bytes:
    """Make an HTTP answer of HTML."""
    return answer(status, text.encode(), Content_Type="text/html; charset=utf-8")


def reset(connection: socket.socket) -> None:
    """Break the connection with an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def hang_up(connection: socket.socket) -> None:
    """Close the connection without an answer."""
    connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@dataclass(frozen=True)
class Arrived:
    """One request as it came."""

    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)


class Answering:
    """Gives each request the next of its answers, and the last one to all that follow."""

    def __init__(self, *acts: Act) -> None:
        self.acts = list(acts)
        self.requests: list[Arrived] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop answering and close every connection."""
        # A thread that waits in accept is not woken by a close alone.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._open:
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                self._open.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while arrived := read_request(connection):
                with self._lock:
                    act = self.acts[min(len(self.requests), len(self.acts) - 1)]
                    self.requests.append(arrived)
                if isinstance(act, bytes):
                    connection.sendall(act)
                else:
                    act(connection)


def read_request(connection: socket.socket) -> Arrived | None:
    """Read one request, or give None where the other side has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    line, *lines = head.decode("latin-1").split("\r\n")
    headers = {
        name.lower(): value
        for name, value in (re.split(r":\s*", each, maxsplit=1) for each in lines)
    }
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65536)
    return Arrived(line, headers, body)
