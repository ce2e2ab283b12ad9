"""A simulated space in a process of its own that sends user events to its listeners.

Prints its address, credentials and a call's id, then reads lines of COUNT RATE and sends as many user
events, numbered and with the time when they were due; says `done` after each.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from base64 import b64encode
from pathlib import Path

import swnb
from swnb.exchange import CALLS_PATH
from swnb.simulator import Space, serve

COMMAND = "calling.user_event"


def main() -> None:
    """Serve until the input ends."""
    space = Space(seed=1)
    with serve(space) as server, tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.sqlite"
        with swnb.Client(space.project, space.token, server.host, log=log) as sw:
            call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
            space.advance(10)
            login = b64encode(f"{space.project}:{space.token}".encode()).decode()
            headers = {"authorization": f"Basic {login}", "content-type": "application/json"}
            relay = space.relay_url.removeprefix("ws://")
            facts = [server.host, relay, space.project, space.token, call.id]
            sys.stdout.write(json.dumps(facts) + "\n")
            sys.stdout.flush()
            for line in sys.stdin:
                count, rate = map(float, line.split())
                began = time.time()
                for number in range(int(count)):
                    due = began + number / rate
                    time.sleep(max(0.0, due - time.time()))
                    event = {"number": number, "due": due}
                    body = {"command": COMMAND, "id": call.id, "params": {"event": event}}
                    space.handle("POST", CALLS_PATH, headers, json.dumps(body).encode())
                sys.stdout.write(f"done {time.time() - began:.2f}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
