"""Time of one validated, durably logged user event, compared with the official SDK's bare one.

Both send in turns, over persistent connections, to one loopback server in a process of its own, which
answers every request with the same call leg and does nothing else, so that only the
clients' time counts. The SDK neither validates nor logs. The target is a ratio of at most 0.8, ideally 0.6.
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
CALL_ID = "0e9c80d7-a149-4917-892d-420043709f45"
PROJECT, TOKEN = "8f0119a4-8f2c-4a6e-9a55-6d2f3a1f3c55", "PT6f2b51c9e07d4f12a3"  # of no space


def timed(send: Callable[[], Any]) -> float:
    """Return the seconds that one call takes, over a burst of them."""
    started = time.perf_counter()
    for _ in range(EACH):
        send()
    return (time.perf_counter() - started) / EACH


def compare(host: str, folder: str) -> tuple[float, float, float]:
    """Return the median microseconds of swnb, of the SDK, and of a bare Session.post."""
    import requests  # noqa: PLC0415 - loaded with the SDK
    from signalwire.rest import RestClient  # noqa: PLC0415 - its loading warns

    sw = swnb.Client(PROJECT, TOKEN, host, log=Path(folder) / "log.sqlite")
    sdk = RestClient(project=PROJECT, token=TOKEN, host=host)
    session = requests.Session()
    session.auth = (PROJECT, TOKEN)
    url = f"http://{host}/api/calling/calls"
    body = {"command": "calling.user_event", "id": CALL_ID, "params": {"event": EVENT}}
    senders: list[Callable[[], Any]] = [
        lambda: sw.calling.user_event(CALL_ID, event=EVENT),
        lambda: sdk.calling.user_event(CALL_ID, event=EVENT),
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
    server = Path(__file__).with_name("canned_server.py")
    with (
        subprocess.Popen([sys.executable, server], stdout=subprocess.PIPE, text=True) as running,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert running.stdout is not None  # it was asked for
        ours, theirs, bare = compare(running.stdout.readline().strip(), folder)
        running.kill()
    print(f"swnb user_event, validated and logged   {ours:7.0f} µs")
    print(f"official SDK user_event                 {theirs:7.0f} µs")
    print(f"bare requests.Session.post              {bare:7.0f} µs")
    print(f"swnb / SDK  {ours / theirs:.2f}   (target at most 0.80, aim 0.60)")
    print(f"swnb / bare {ours / bare:.2f}")


if __name__ == "__main__":
    main()
