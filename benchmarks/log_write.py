"""What a row costs before a command leaves: a user event's, and a `dial`'s, which waits for the disk.

Target: the row of a `dial` takes under 5 ms in the median.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from swnb.exchange import Exchange, now
from swnb.log import Log

ROWS = 300


def rows(log: Log, command: str) -> list[float]:
    """Return the milliseconds that each row takes."""
    taken = []
    for _ in range(ROWS):
        exchange = Exchange(command, "live", now(), request={"command": command, "params": {}})
        started = time.perf_counter()
        log.start(exchange)
        taken.append((time.perf_counter() - started) * 1e3)
    return taken


def main() -> None:
    """Print medians and the slowest of a hundred."""
    with tempfile.TemporaryDirectory(dir=".") as folder, Log(Path(folder) / "log.sqlite") as log:
        for command in ("calling.user_event", "dial"):
            taken = sorted(rows(log, command))
            slow = taken[-ROWS // 100]
            print(
                f"{command:20} median {statistics.median(taken):.3f} ms, slowest 1 % {slow:.3f} ms"
            )
    print("target: dial under 5 ms in the median")


if __name__ == "__main__":
    main()
