"""Replaying and comparing long runs, and the memory that a large recording takes.

Targets: 5,000 replayed exchanges a second, in a run of 10,000; comparing two such runs in under 2 s;
opening a recording of 100 MB in under 300 MB of memory (of the process, Python included). A recording
is replayed into a log in memory unless one is named; with one, as a run is that is replayed by its
name, each exchange is a commit on disk.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import swnb
from swnb.exchange import Exchange, now
from swnb.recordings import RecordingFile, write_recording

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNT = 10_000
LARGE = 100_000_000  # bytes
CALL_ID = "0e9c80d7-a149-4917-892d-420043709f45"
SPEED, SECONDS, MEGABYTES = 5_000, 2.0, 300


def event(number: int) -> dict[str, object]:
    """Return the event that the `number`-th exchange sends."""
    return {"action": "order.confirmed", "order_id": f"ORD-{number}", "amount": number / 100}


def exchanges(count: int, *, extra: float = 0.0) -> Iterator[Exchange]:
    """Yield a run of user events, each different and each answered with a call leg."""
    started = now()
    leg = {
        "id": CALL_ID,
        "from": "+15550100",
        "to": "+15550101",
        "direction": "outbound-api",
        "status": "answered",
        "type": "relay_pstn_call",
        "duration_ms": 5250,
        "charge": 0.0131 + extra,
        "charge_details": [{"description": "Outbound minutes", "charge": 0.0131 + extra}],
        "url": "https://example.com/swml",
        "created_at": "2026-01-05T09:00:01Z",
    }
    for number in range(count):
        params = {"event": event(number)}
        yield Exchange(
            "calling.user_event",
            "simulated",
            started + number,
            CALL_ID,
            request={"command": "calling.user_event", "id": CALL_ID, "params": params},
            outcome="accepted",
            http_status=200,
            attempts=1,
            elapsed_us=1_000,
            response=leg,
        )


def replaying(run: Path | str, log: Path | None = None) -> float:
    """Return how many exchanges a second are replayed, each validated and logged."""
    with swnb.replay(run, log=log) as sw:
        started = time.perf_counter()
        for number in range(COUNT):
            sw.calling.user_event(CALL_ID, event=event(number))
        took = time.perf_counter() - started
        assert not sw.unused()
    return COUNT / took


def comparing(path: Path, other: Path | str, log: Path, differences: int = 0) -> float:
    """Return the seconds that comparing a recording with another run takes."""
    with swnb.Log(log) as opened:
        started = time.perf_counter()
        comparison = swnb.compare(path, other, log=opened)
        took = time.perf_counter() - started
    assert len(comparison) == differences
    return took


def opening(path: str) -> None:
    """Open a recording, and print the megabytes that this process took at most."""
    recording = RecordingFile(path)
    swnb.replay(path).close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1_000_000 if sys.platform == "darwin" else 1_000  # bytes there, kilobytes elsewhere
    print(len(recording), peak // unit)


def main() -> None:
    """Print the figures; the exit status says whether the targets are met."""
    with tempfile.TemporaryDirectory() as folder:
        path, log = Path(folder) / "run.jsonl", Path(folder) / "log.sqlite"
        write_recording(path, exchanges(COUNT), {"name": "run"})
        speed = replaying(path)
        print(f"replayed  {speed:10,.0f} exchanges/s   (target {SPEED:,})")
        print(
            f"  on disk {replaying(path, log):10,.0f} exchanges/s   (durably logged, each by itself)"
        )
        with swnb.Log(log) as held:
            run = held.run_names()[0]
        print(f"  by name {replaying(run, log):10,.0f} exchanges/s   (from that log, and into it)")
        seconds = comparing(path, run, log)
        print(f"compared  {seconds:10.2f} s             (target {SECONDS})")
        costlier = write_recording(
            Path(folder) / "costlier.jsonl", exchanges(COUNT, extra=0.01), {}
        )
        worst = comparing(path, costlier, log, differences=2 * COUNT)
        print(f"  differing {worst:8.2f} s             (in each exchange)")
        large = Path(folder) / "large.jsonl"
        write_recording(large, exchanges(COUNT * LARGE // path.stat().st_size), {"name": "large"})
        opener = [sys.executable, __file__, str(large)]
        done = subprocess.run(opener, capture_output=True, text=True, check=True)
        lines, megabytes = map(int, done.stdout.split())
        print(f"opened    {megabytes:10,} MB            (target {MEGABYTES}; {lines:,} exchanges)")
    sys.exit(speed < SPEED or seconds > SECONDS or megabytes > MEGABYTES)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        opening(sys.argv[1])
    else:
        main()
