"""What is being done, what is done, what is left: a line for whatever takes longer than a second.

It is written over itself in a terminal or a notebook, and its last state stays: a line of text, which
is as true in a notebook that was saved. Elsewhere, such as in a script's log or in tests, there is
none. One line at a time: what is done as a part of something larger, such as the readings of a wait,
shows nothing of its own.

Things that are counted are a bar of tqdm. What only takes time is a `Line`: a loop that looks around
shows it (`Line.show`), and beside what blocks, a thread does, which ends with it (`working`).
"""

from __future__ import annotations

import functools
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, Self, TypeVar

from swnb.visible import visible
from swnb.words import cut

T = TypeVar("T")
P = ParamSpec("P")
_AFTER = 1.0  # seconds; what is done sooner shows nothing
_OFTEN = 1.0  # seconds between two states of a line
_PRECISE = 10  # seconds, below which a tenth matters


class _Shown(threading.local):
    """Whether something is shown in this thread."""

    something = False


_SHOWN = _Shown()


@contextmanager
def progress(
    items: Iterable[T], what: str, unit: str, *, total: int | None = None
) -> Iterator[Iterable[T]]:
    """Give the items, counted while they are worked on.

    A `with` block, because an interrupt keeps a mere generator open.
    """
    with _bar(items, what, unit, total) as bar:
        yield bar


@contextmanager
def counter(what: str, unit: str) -> Iterator[Any]:
    """Give a count of what comes until nothing more does: `update(number)` adds to it."""
    with _bar(None, what, unit, None) as bar:
        yield bar


@contextmanager
def _bar(items: Iterable[Any] | None, what: str, unit: str, total: int | None) -> Iterator[Any]:
    watched = _is_watched()
    if not watched:
        yield _Uncounted(items)
        return
    from tqdm.std import tqdm  # noqa: PLC0415 - little takes that long

    class Bar(tqdm):  # type: ignore[type-arg]
        monitor_interval = 0  # else a thread is left behind

    _SHOWN.something = True
    try:
        # Not `tqdm.auto`: its widget is saved as it was at the beginning.
        with Bar(items, desc=what, unit=f" {unit}", total=total, delay=_AFTER) as bar:
            yield bar
    finally:
        _SHOWN.something = False


class _Uncounted:
    """What stands for a bar where nobody watches."""

    def __init__(self, items: Iterable[Any] | None) -> None:
        self._items = items or ()

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def update(self, number: int) -> None:
        """Count nothing."""


class Line:
    """A line on standard error that says how long something has taken, and at the end how it ended.

    Parameters
    ----------
    what : str
        What it is about, which begins the line.
    doing : str
        What is done for so many seconds.

    """

    def __init__(self, what: str, doing: str = "waiting") -> None:
        self.outcome = "done"  # how it ended, for the line that stays
        self._what, self._doing = what, doing
        self._began = time.monotonic()
        self._written = ""
        self._columns = 0
        self._watched = False
        self._lock = threading.Lock()

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    @property
    def watched(self) -> bool:
        """Whether it shows at all."""
        return self._watched

    def show(self, state: str = "") -> None:
        """Show for how long it has been waited for, and what else is known."""
        if self._watched and self.elapsed >= _AFTER:
            self._write(f"{self._what}: {self._doing} for {int(self.elapsed)} s{state}")

    def __enter__(self) -> Self:
        self._watched = _is_watched()
        if self._watched:
            _SHOWN.something = True
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Replace the line by how it ended, once."""
        if not self._watched:
            return
        _SHOWN.something = False
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self.outcome = "interrupted"
        took = self.elapsed
        if took >= _AFTER:
            seconds = f"{took:.1f}" if took < _PRECISE else f"{took:.0f}"
            self._write(f"{self._what}: {self.outcome} after {seconds} s", "\n")
        self._watched = False

    def _write(self, line: str, end: str = "") -> None:
        line = _fitting(visible(line).replace("\n", " "))
        with self._lock:
            if line == self._written and not end:
                return
            self._written = line
            sys.stderr.write(f"\r{line.ljust(self._columns)}{end}")
            sys.stderr.flush()
            self._columns = max(self._columns, len(line))


@contextmanager
def working(
    what: str, doing: str = "working", state: Callable[[float], str] = lambda _: ""
) -> Iterator[Line]:
    """Show that something blocks, and for how long; `state` says more for so many seconds."""
    with Line(what, doing) as line:
        if not line.watched:
            yield line
            return
        done = threading.Event()

        def tick() -> None:
            while not done.wait(_OFTEN):
                line.show(state(line.elapsed))

        thread = threading.Thread(target=tick, name="swnb-progress", daemon=True)
        thread.start()
        try:
            yield line
        finally:
            done.set()
            thread.join()


def shown_as(what: str, outcome: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Make a function show that it works, and how that ended, if it takes long."""

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **options: P.kwargs) -> T:
            with working(what) as line:
                line.outcome = "failed"
                result = function(*args, **options)
                line.outcome = outcome
                return result

        return wrapper

    return decorate


def _fitting(line: str) -> str:
    """Return a line that a terminal does not wrap: what is wrapped cannot be written over."""
    if not sys.stderr.isatty():
        return line
    width = max(20, shutil.get_terminal_size().columns - 1)
    return cut(line, width)


def _is_watched() -> bool:
    """Return whether somebody watches standard error, and nothing else is shown there now."""
    stream = sys.stderr
    if _SHOWN.something or threading.current_thread() is not threading.main_thread():
        return False
    return type(stream).__module__.startswith("ipykernel") or bool(stream and stream.isatty())
