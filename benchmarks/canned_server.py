"""A loopback server that answers every request with the same call leg, as fast as Python can.

It prints its address and serves until it is killed. It is not a benchmark itself; other servers use
`serve` too.
"""

from __future__ import annotations

import json
import re
import socket
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Answering = Callable[[bytes], bytes]

LEG: dict[str, object] = {
    "id": "0e9c80d7-a149-4917-892d-420043709f45",
    "from": "+15550100",
    "to": "+15550101",
    "direction": "outbound-api",
    "source": "realtime_api",
    "url": None,
    "charge": 0,
    "created_at": "2026-01-01T00:00:00Z",
    "charge_details": [],
    "status": "answered",
    "duration": None,
    "duration_ms": None,
    "billing_ms": None,
    "type": "relay_pstn_call",
    "parent_id": None,
}
BODY = json.dumps(LEG).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
REQUEST_ID = b"X-Request-Id: 5f0c1d9e-5a42-4c39-9f3a-0d6a3f5d7c11\r\n"
ANSWER = HEAD % len(BODY) + REQUEST_ID + b"\r\n" + BODY
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def listening() -> tuple[socket.socket, str]:
    """Listen on a free port; return the socket and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    return listener, f"127.0.0.1:{listener.getsockname()[1]}"


def serve(listener: socket.socket, answer: Answering) -> None:
    """Answer the heads of all requests, each connection in a thread of its own."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_converse, args=(connection, answer), daemon=True).start()


def _converse(connection: socket.socket, answer: Answering) -> None:
    """Answer the requests of one connection, one after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    buffered = b""
    while True:
        while b"\r\n\r\n" not in buffered:
            received = connection.recv(65536)
            if not received:
                return
            buffered += received
        head, _, buffered = buffered.partition(b"\r\n\r\n")
        match = LENGTH.search(head)
        length = int(match[1]) if match else 0
        while len(buffered) < length:
            buffered += connection.recv(65536)
        buffered = buffered[length:]
        connection.sendall(answer(head))


def main() -> None:
    """Serve on a free port."""
    listener, host = listening()
    print(host, flush=True)
    serve(listener, lambda _: ANSWER)


if __name__ == "__main__":
    main()
