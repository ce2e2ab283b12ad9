"""Time of one validated, durably logged user event, beside the official SDK's bare one.

Both talk to the same simulated space in a process of its own, in turns, over kept connections. The
SDK validates and logs nothing. The target is a ratio of at most 0.8; 0.6 is aimed for.
"""

from __future__ import annotations

import gc
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import swnb

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 40
EACH = 50
EVENT = {"action": "order.confirmed", "order_id": "ORD-12345", "amount": 49.99}
SERVER = (
    "import sys; from swnb.simulator import Space, serve; space = Space(1); server = serve(space);"
    "print(server.host, space.project, space.token, flush=True); sys.stdin.read()"
)


def timed(send: Callable[[], Any]) -> float:
    """Give the seconds that one call takes, over a burst of them."""
    started = time.perf_counter()
    for _ in range(EACH):
        send()
    return (time.perf_counter() - started) / EACH


def compare(project: str, token: str, host: str, folder: str) -> tuple[float, float, float]:
    """Give the median microseconds of swnb, of the SDK, and of a bare Session.post."""
    import requests  # noqa: PLC0415 - loaded with the SDK
    from signalwire.rest import RestClient  # noqa: PLC0415 - its loading warns

    sw = swnb.Client(project, token, host, log=Path(folder) / "log.sqlite")
    call_id = sw.calling.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")["id"]
    sdk = RestClient(project=project, token=token, host=host)
    session = requests.Session()
    session.auth = (project, token)
    url = f"http://{host}/api/calling/calls"
    body = {"command": "calling.user_event", "id": call_id, "params": {"event": EVENT}}
    senders: list[Callable[[], Any]] = [
        lambda: sw.calling.user_event(call_id, event=EVENT),
        lambda: sdk.calling.user_event(call_id, event=EVENT),
        lambda: session.post(url, json=body, timeout=30).json(),
    ]
    for send in senders:
        timed(send)
    gc.disable()
    rounds = [[timed(send) for send in senders] for _ in range(ROUNDS)]
    gc.enable()
    sw.close()
    ours, theirs, bare = (statistics.median(column) * 1e6 for column in zip(*rounds, strict=True))
    return ours, theirs, bare


def main() -> None:
    """Print the three times and the ratios."""
    warnings.simplefilter("ignore")
    with (
        subprocess.Popen([sys.executable, "-c", SERVER], stdin=subprocess.PIPE,
                         stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None  # it was asked for
        project, host, token = (lambda parts: (parts[1], parts[0], parts[2]))(
            server.stdout.readline().split()
        )
        ours, theirs, bare = compare(project, token, host, folder)
        server.kill()
    print(f"swnb user_event, validated and logged   {ours:7.0f} µs")
    print(f"official SDK user_event                 {theirs:7.0f} µs")
    print(f"bare requests.Session.post              {bare:7.0f} µs")
    print(f"swnb / SDK  {ours / theirs:.2f}   (target at most 0.80, aim 0.60)")
    print(f"swnb / bare {ours / bare:.2f}")


if __name__ == "__main__":
    main()
