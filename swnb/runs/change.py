"""One difference between two runs, and how its two sides are shown."""

from __future__ import annotations

from itertools import takewhile
from typing import Any, NamedTuple

from swnb.recordings.matching import MISSING, display_text

_WIDTH = 60  # characters of a value in a line
_LEAD = 20  # of them before the first that differs


class Change(NamedTuple):
    """One difference: `a` and `b` are the numbers of the exchanges, or of the events, from 1.

    `before` and `after` are JSON values, or `MISSING` if there is none: null is a value.
    """

    change: str
    command: str
    a: int | None
    b: int | None
    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        was, now = sides(self, _WIDTH)
        name = f"{self.command} #{self.a or self.b}"
        if self.change == "changed":  # JSON is never an empty string
            return f"{name}: {self.path} was {was or 'not there'}, is {now or 'not there'}"
        return f"{name}: {self.change}, {was or now}"


def sides(change: Change, width: int) -> tuple[str, str]:
    """Return both values as JSON, long ones cut to start just before they differ."""
    values = (change.before, change.after)
    before, after = ("" if value is MISSING else display_text(value) for value in values)
    if max(len(before), len(after)) <= width:
        return before, after
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(before, after, strict=False))
    start = max(0, sum(1 for _ in alike) - _LEAD)
    return _cut(before, start, width), _cut(after, start, width)


def _cut(text: str, start: int, width: int) -> str:
    before, after = "…" * (start > 0), "…" * (len(text) > start + width)
    return f"{before}{text[start : start + width]}{after}"
