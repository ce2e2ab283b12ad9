"""The time of a probe: real, or that of a simulated space, in which a pause moves the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

_SLICE = 0.05
_SHORT = 0.3  # real seconds in which what a simulated space has sent must have arrived


class Steered(Protocol):
    """A simulated space of this process."""

    @property
    def now(self) -> datetime:
        """The time on its clock, in UTC."""

    def advance(self, seconds: float = 0.0) -> datetime:
        """Move its clock."""

    def inbound(self, *, context: str | None = None, after: float = 0.0) -> str:
        """Let a call come."""


class Pace(Protocol):
    """How time passes."""

    def now(self) -> float:
        """Return the time as the platform tells it, in Unix seconds."""

    def pause(self, seconds: float) -> None:
        """Let time pass."""

    def until(self, true: Callable[[], object], seconds: float) -> bool:
        """Wait until something is true, at most so long; return whether it is."""

    def offer(self, context: str) -> None:
        """Let a call be offered in a context, where no number of the account leads to it."""


class RealPace:
    """Real time, at a live space; `say` is called while a long pause lasts."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def now(self) -> float:
        """Return the time, in Unix seconds."""
        return time.time()

    def pause(self, seconds: float) -> None:
        """Sleep, and say every half minute how long it still takes."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(30.0, left))
            if left > 30.0:  # noqa: PLR2004 - as above
                self._say(f"{left - 30:.0f} s left")

    def until(self, true: Callable[[], object], seconds: float) -> bool:
        """Look again and again."""
        until = time.monotonic() + seconds
        while not true() and time.monotonic() < until:
            time.sleep(_SLICE)
        return bool(true())

    def offer(self, context: str) -> None:
        """Do nothing: the second call arrives there by itself."""


class SimulatedPace:
    """The time of a simulated space of this process."""

    def __init__(self, space: Steered) -> None:
        self._space = space

    def now(self) -> float:
        """Return the time on its clock, in Unix seconds."""
        return self._space.now.timestamp()

    def pause(self, seconds: float) -> None:
        """Move its clock."""
        self._space.advance(seconds)

    def until(self, true: Callable[[], object], seconds: float) -> bool:  # noqa: ARG002 - it is there, or it never comes
        """Wait until what it has sent has arrived."""
        until = time.monotonic() + _SHORT
        while not true() and time.monotonic() < until:
            time.sleep(_SLICE / 5)
        return bool(true())

    def offer(self, context: str) -> None:
        """Let a call come in two virtual seconds."""
        self._space.inbound(context=context, after=2)
