"""Time and memory of a durable sync of voice logs, compared with the official SDK's bare paging.

Both read the same pages in turns from one loopback server in a process of its own, each in a fresh
process so that its memory is its own. The SDK's `paginate()` stores nothing. The targets are a ratio
of at most 1 and 500 MB.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

COUNT = 100_000
ROUNDS = 5
PROJECT, TOKEN = "8f0119a4-8f2c-4a6e-9a55-6d2f3a1f3c55", "PT6f2b51c9e07d4f12a3"  # of no space
HERE = Path(__file__)


def swnb_sync(host: str) -> tuple[int, float]:
    """Sync into a new log on disk; return the calls and the seconds."""
    import swnb  # noqa: PLC0415 - only this process measures it

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.sqlite"
        with swnb.Client(PROJECT, TOKEN, host, log=path) as sw:
            started = time.perf_counter()
            report = sw.sync()
            taken = time.perf_counter() - started
        with swnb.Log(path) as log:  # as another process finds it
            assert len(log.voice_logs.logs()) == report.new == report.calls
    return report.calls, taken


def sdk_paginate(host: str) -> tuple[int, float]:
    """Page with the SDK; return the calls and the seconds."""
    from signalwire.rest import RestClient  # noqa: PLC0415 - only this process measures it

    client = RestClient(project=PROJECT, token=TOKEN, host=host)
    started = time.perf_counter()
    pages = client.logs.voice.paginate(page_size=1000, include_deleted="true")
    count = sum(1 for _ in pages)
    return count, time.perf_counter() - started


READERS = {"swnb": swnb_sync, "sdk": sdk_paginate}


def measured(name: str, host: str) -> tuple[float, float]:
    """Return the seconds and the megabytes of one reading, in a process of its own."""
    command = [sys.executable, str(HERE), name, host]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    count, taken, memory = json.loads(done.stdout)
    assert count == COUNT
    return taken, memory


def main() -> None:
    """Print both times and memories, and the ratio."""
    if len(sys.argv) > 1:
        warnings.simplefilter("ignore")
        count, taken = READERS[sys.argv[1]](sys.argv[2])
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps([count, taken, peak]))
        return
    server = HERE.with_name("voice_log_server.py")
    command = [sys.executable, str(server), str(COUNT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None  # it was asked for
        host = running.stdout.readline().strip()
        rounds = [[measured(name, host) for name in READERS] for _ in range(ROUNDS)]
        running.kill()
    (ours, our_memory), (theirs, their_memory) = (
        [statistics.median(values) for values in zip(*column, strict=True)]
        for column in zip(*rounds, strict=True)
    )
    print(f"swnb sync, durably stored      {ours:6.2f} s   {our_memory:4.0f} MB")
    print(f"official SDK paginate() alone  {theirs:6.2f} s   {their_memory:4.0f} MB")
    print(f"swnb / SDK  {ours / theirs:.2f}   (target at most 1.00, and 500 MB)")


if __name__ == "__main__":
    main()
