"""How soon what is sent is heard, how far hearing falls behind beside a busy cell, and its memory.

The space runs in a process of its own. The targets: sent → `wait_for` returned takes a median of at
most 1.5 times the REST call alone; beside a cell in a pure-Python loop, listening at 1,000 events a
second is less than a second behind; memory is flat over 100,000 events.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import swnb

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
POSTS = HERE.parent / "tests" / "support" / "many_posts.py"
TRIPS, ROUNDS = 40, 5


class Source:
    """The process with the space."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "event_source.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.host, self.relay, self.project, self.token, self.call_id = json.loads(self._line())

    def _line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()

    def send(self, count: int, rate: float) -> float:
        """Let it send, and return the seconds that it took."""
        assert self._process.stdin
        self._process.stdin.write(f"{count} {rate}\n")
        self._process.stdin.flush()
        return float(self._line().split()[1])

    def close(self) -> None:
        """End it."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait()


@contextmanager
def client(source: Source) -> Iterator[Any]:
    """Yield a client of the space, with a log of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        swnb.Client(
            source.project, source.token, source.host, log=Path(folder) / "log.sqlite"
        ) as sw,
    ):
        yield sw


def trips(source: Source) -> tuple[float, float]:
    """Return the medians of a REST call alone, and of sent → `wait_for` returned, in ms."""
    alone, both = [], []
    with client(source) as sw, sw.listen(host=source.relay) as inbox:
        for number in range(ROUNDS * TRIPS):
            started = time.perf_counter()
            sw.calling.user_event(source.call_id, event={"number": number})
            alone.append(time.perf_counter() - started)
            inbox.wait_for("user_event", where={"number": number}, timeout=10)
            started = time.perf_counter()
            sw.calling.user_event(source.call_id, event={"trip": number})
            inbox.wait_for("user_event", where={"trip": number}, timeout=10)
            both.append(time.perf_counter() - started)
    return statistics.median(alone) * 1000, statistics.median(both) * 1000


def behind(source: Source, count: int, rate: float, *, busy: bool) -> tuple[int, float, float]:
    """Return how many were heard, and by how many seconds they were late: the median and the most."""
    with client(source) as sw, sw.listen(host=source.relay) as inbox:
        sending = threading.Thread(target=source.send, args=(count, rate))
        sending.start()
        spin(sending, busy=busy)
        until = time.monotonic() + 60
        while inbox.counts.get("heard", 0) < count and time.monotonic() < until:
            spin_once() if busy else time.sleep(0.01)
        events = [event for event in sw.log.heard_after(0, most=count + 100) if event.payload]
    late = [event.seen_at / 1e6 - event.payload["due"] for event in events]
    return len({event.payload["number"] for event in events}), statistics.median(late), max(late)


def spin(thread: threading.Thread, *, busy: bool) -> None:
    """Compute in pure Python, or sleep, while a thread runs."""
    while thread.is_alive():
        spin_once() if busy else time.sleep(0.01)


def spin_once() -> int:
    """Be a busy cell for some milliseconds."""
    return sum(number * number % 7 for number in range(100_000))


def callbacks(count: int, rate: float, *, busy: bool) -> tuple[int, float]:
    """Return how many callbacks were taken, and the seconds by which the last was late."""
    with tempfile.TemporaryDirectory() as folder, swnb.simulate(log=Path(folder) / "log") as sw:
        url = sw.callbacks().url("status")
        command = [sys.executable, str(POSTS), url, str(count), str(rate)]
        poster = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        while poster.poll() is None:
            spin_once() if busy else time.sleep(0.01)
        assert poster.stdout
        accepted, seconds = poster.stdout.read().split()
    return int(accepted), float(seconds) - count / rate


def memory(source: Source, count: int) -> tuple[float, float]:
    """Return the megabytes of this process after a tenth of the events and after all."""
    parts = (count // 10, count - count // 10)
    sizes: list[float] = []
    with client(source) as sw, sw.listen(host=source.relay) as inbox:
        for place, part in enumerate(parts):
            source.send(part, 5_000)
            while inbox.counts.get("heard", 0) < sum(parts[: place + 1]):
                time.sleep(0.05)
            sizes.append(resident())
    return sizes[0], sizes[1]


def resident() -> float:
    """Return the memory of this process in MB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # elsewhere, the most it ever was
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Print the figures."""
    source = Source()
    say = sys.stdout.write
    alone, both = trips(source)
    say(f"REST user_event {alone:.1f} ms, sent → wait_for returned {both:.1f} ms: ")
    say(f"{both / alone:.2f} times (at most 1.5)\n")
    for busy in (False, True):
        cell = "a busy cell" if busy else "an idle kernel"
        heard, median, most = behind(source, 5_000, 1_000, busy=busy)
        say(f"listening at 1,000/s beside {cell}: {heard:,} of 5,000, ")
        say(f"behind by {median * 1000:.0f} ms (median), {most * 1000:.0f} ms (most)\n")
        accepted, late = callbacks(1_500, 500, busy=busy)
        say(f"callbacks at 500/s beside {cell}: {accepted:,} of 1,500, ")
        say(f"the last {late * 1000:.0f} ms late\n")
    before, after = memory(source, 100_000)
    say(f"memory after 10,000 events {before:.0f} MB, after 100,000 {after:.0f} MB\n")
    source.close()


if __name__ == "__main__":
    main()
