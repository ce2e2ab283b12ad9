"""A loopback server of voice logs, every page made before it is asked for.

`python voice_log_server.py COUNT` makes the history of a simulated space, prints its address, and
serves the pages of a thousand until it is killed. It is no benchmark by itself.
"""

from __future__ import annotations

import base64
import json
import re
import socket
import sys
import threading

from swnb.exchange import VOICE_LOGS_PATH
from swnb.simulator import Space

PAGE = re.compile(rb"page_number=(\d+)")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def pages(count: int, host: str) -> list[bytes]:
    """Give the answers to all pages of a space's history."""
    space = Space(7, history=count, days=90)
    pair = base64.b64encode(f"{space.project}:{space.token}".encode()).decode()
    headers = {"host": host, "authorization": f"Basic {pair}"}
    path: str | None = f"{VOICE_LOGS_PATH}?include_deleted=true&page_size=1000"
    found = []
    while path:
        body = space.handle("GET", path, headers, b"").body
        found.append(HEAD % len(body) + body)
        path = json.loads(body)["links"].get("next", "").removeprefix(f"http://{host}")
    return found


def serve(connection: socket.socket, answers: list[bytes]) -> None:
    """Answer the requests of one connection, one after the other."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    held = b""
    while True:
        while b"\r\n\r\n" not in held:
            received = connection.recv(65536)
            if not received:
                return
            held += received
        head, _, held = held.partition(b"\r\n\r\n")
        number = PAGE.search(head)
        connection.sendall(answers[int(number[1]) if number else 0])


def main() -> None:
    """Serve on a free port."""
    listener = socket.create_server(("127.0.0.1", 0))
    host = f"127.0.0.1:{listener.getsockname()[1]}"
    answers = pages(int(sys.argv[1]), host)
    print(host, flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=serve, args=(connection, answers), daemon=True).start()


if __name__ == "__main__":
    main()
