"""A loopback server of voice logs, with every page made in advance.

`python voice_log_server.py COUNT` makes the history of a simulated space, prints its address, and
serves pages of a thousand until it is killed. It is not a benchmark itself.
"""

from __future__ import annotations

import base64
import json
import re
import sys

from canned_server import HEAD, listening, serve

from swnb.exchange import VOICE_LOGS_PATH
from swnb.simulator import Space

PAGE = re.compile(rb"page_number=(\d+)")


def pages(count: int, host: str) -> list[bytes]:
    """Return the answers to all pages of a space's history."""
    space = Space(7, history=count, days=90)
    pair = base64.b64encode(f"{space.project}:{space.token}".encode()).decode()
    headers = {"host": host, "authorization": f"Basic {pair}"}
    path: str | None = f"{VOICE_LOGS_PATH}?include_deleted=true&page_size=1000"
    answers = []
    while path:
        body = space.handle("GET", path, headers, b"").body
        answers.append(HEAD % len(body) + b"\r\n" + body)
        path = json.loads(body)["links"].get("next", "").removeprefix(f"http://{host}")
    return answers


def main() -> None:
    """Serve on a free port."""
    listener, host = listening()
    answers = pages(int(sys.argv[1]), host)

    def answer(head: bytes) -> bytes:
        number = PAGE.search(head)
        return answers[int(number[1]) if number else 0]

    print(host, flush=True)
    serve(listener, answer)


if __name__ == "__main__":
    main()
