"""The virtual clock of one space: a heap of what is due, worked off in order of time.

Two things due at the same time happen in the order in which they were set. Nothing here reads or
touches the clock of the process.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime, timedelta

from swnb.commands.moments import instant


class Due:
    """One thing that will happen; `cancel` keeps it from happening."""

    __slots__ = ("_act", "_number", "at")

    def __init__(self, at: datetime, number: int, act: Callable[[], None]) -> None:
        self.at = at
        self._number = number
        self._act: Callable[[], None] | None = act

    def __lt__(self, other: Due) -> bool:
        return (self.at, self._number) < (other.at, other._number)

    @property
    def waits(self) -> bool:
        """Whether it has neither happened nor been canceled."""
        return self._act is not None

    def cancel(self) -> None:
        """Keep it from happening; after it has happened this does nothing."""
        self._act = None

    def happen(self) -> None:
        """Let it happen, once."""
        act, self._act = self._act, None
        if act:
            act()


class Clock:
    """The time in a space, and what is due later."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self._heap: list[Due] = []
        self._count = 0

    def after(self, seconds: float, act: Callable[[], None]) -> Due:
        """Let something happen so many seconds from now; 0 is as soon as the clock runs."""
        due = Due(self.now + timedelta(seconds=seconds), self._count, act)
        self._count += 1
        heapq.heappush(self._heap, due)
        return due

    def next(self) -> datetime | None:
        """Return when the next thing is due, or None if nothing is."""
        while self._heap and not self._heap[0].waits:
            heapq.heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def run(self, until: datetime) -> None:
        """Move on to a time, and let everything happen that is due by then.

        What becomes due while something happens, and lies in the same span, happens too.
        """
        while (at := self.next()) is not None and at <= until:
            self.now = max(self.now, at)
            heapq.heappop(self._heap).happen()
        self.now = max(self.now, until)


def later(now: datetime, seconds: float, to: datetime | None) -> datetime:
    """Return the time that is so many seconds after now, or the later time `to`."""
    if to is not None:
        until = instant(to)
        if until < now or seconds:
            raise ValueError("to: must be a later time, without seconds beside it")
        return until
    if not seconds >= 0:
        raise ValueError("seconds: must be at least 0; time does not run backwards")
    try:
        return now + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("seconds: must lead to a time before the year 10000") from None
