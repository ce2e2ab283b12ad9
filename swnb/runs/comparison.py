"""`swnb.compare`: what is different between two runs, as a frame, a card and a test's failure."""

from __future__ import annotations

import math
from contextlib import ExitStack
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from swnb import html
from swnb.errors import ConfigurationError, RunsDiffer
from swnb.log.store import DEFAULT
from swnb.recordings.matching import MISSING, is_number, told
from swnb.runs.diff import Differ, One, Pair, Rules, numbered, pairs
from swnb.runs.sources import patterns_of, source_of
from swnb.visible import repaired, visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from swnb.runs.sources import Comparable, PathOrLog

_LINES = 20  # differences that a card and a failure show
_WIDTH = 60  # characters of a value in a line
_CARD_WIDTH = 160  # and in a card, where it wraps
_LEAD = 20  # of them before the first that differs
_TONES: dict[str, html.Tone] = {"added": "good", "missing": "bad", "changed": "wait"}


class Change(NamedTuple):
    """One difference: `a` and `b` are the exchanges' numbers in their runs, from 1.

    `before` and `after` are JSON values, or `MISSING` where there is none: null is a value.
    """

    change: str
    command: str
    a: int | None
    b: int | None
    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        was, now = _sides(self, _WIDTH)
        name = f"{self.command} #{self.a or self.b}"
        if self.change == "changed":  # JSON is never an empty text
            return f"{name}: {self.path} was {was or 'not there'}, is {now or 'not there'}"
        return f"{name}: {self.change}, {was or now}"


class Comparison:
    """The differences between two runs; it is false, and empty, where there are none.

    `df` has a row per difference: change (`added`, `missing`, `changed`), command, a and b (the
    exchange's number in each run), path, before, after; null and what is not there are both None.
    """

    def __init__(self, names: tuple[str, str], changes: Sequence[Change], exchanges: int) -> None:
        self.names = names
        self.changes = list(changes)
        self.exchanges = exchanges

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def df(self) -> DataFrame:
        """The differences as a frame."""
        import pandas as pd  # noqa: PLC0415 - most comparisons of tests find nothing to show

        rows = [
            [None if value is MISSING else repaired(value) for value in one] for one in self.changes
        ]
        frame = pd.DataFrame(rows, columns=list(Change._fields), dtype=object)
        return frame.astype({"a": "Int64", "b": "Int64"})

    def __str__(self) -> str:
        title = f"{self.names[0]} and {self.names[1]}"
        if not self.changes:
            return visible(f"{title}: no difference in {self.exchanges} exchanges")
        lines = [f"  {change}" for change in self.changes[:_LINES]]
        return visible("\n".join([f"{title}: {_count(self)}", *lines, *self._rest()]))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        mark = html.badge(_count(self), "bad" if self.changes else "good")
        rows = [(*_sides(one, _CARD_WIDTH), _label(one)) for one in self.changes[:_LINES]]
        same = f"{' and '.join(self.names)}: {self.exchanges} exchanges, the same in both"
        parts = [html.sides(self.names, rows) if rows else html.line(same)]
        return html.card("Comparison", mark, [*parts, *map(html.line, self._rest())])

    def _rest(self) -> list[str]:
        more = len(self.changes) - _LINES
        return [f"… and {more} more, in .df"] if more > 0 else []


def compare(
    a: Comparable,
    b: Comparable,
    *,
    log: PathOrLog = DEFAULT,
    ignore: str | Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> Comparison:
    """Give the differences between two runs: added, missing and changed exchanges.

    `a` and `b` are recordings (paths), names of runs in `log`, a `Run`, or a `Log` or a client for
    its present run. Compared are outcome, HTTP status, the call's status, error, charge, and every
    path of the request and the reply; ids are the same where they are used alike, and times,
    request ids and durations of requests do not count. `ignore` names paths, with `*` for any part
    (`response.*_ms`), or last parts of paths (`charge`); `tolerances` gives the numbers there the
    absolute difference that they may have.

    Raises `RecordingError` and `LogError` for what cannot be read, and `ConfigurationError` for a
    run, a path or a tolerance that is none.
    """
    ignored, allowed = patterns_of(ignore), _tolerances(tolerances or {})
    with ExitStack() as stack:
        one, other = (source_of(each, log, stack) for each in (a, b))
        rules = Rules(ignored, allowed, one.masked or other.masked)
        left, right = numbered(one), numbered(other)
    differ = Differ(rules)
    found = [change for pair in pairs(left, right, rules) for change in _changes(pair, differ)]
    return Comparison((one.name, other.name), found, max(len(left), len(right)))


def assert_same(
    a: Comparable,
    b: Comparable,
    *,
    log: PathOrLog = DEFAULT,
    ignore: str | Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> None:
    """Raise `RunsDiffer`, an `AssertionError` that says what differs, unless two runs are the same.

    Takes what `compare` takes.
    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    found = compare(a, b, log=log, ignore=ignore, tolerances=tolerances)
    if found:
        raise RunsDiffer(str(found))


def _tolerances(given: Mapping[str, float]) -> dict[str, float]:
    for most in given.values():
        if not is_number(most) or not 0 <= most < math.inf:
            raise ConfigurationError("tolerances: must be numbers from 0 on, by path")
    return dict(given)


def _changes(pair: Pair, differ: Differ) -> list[Change]:
    one, other = pair
    if one and other:
        return [
            Change("changed", one.exchange.command, one.number, other.number, path, here, there)
            for path, here, there in differ.differences(one.exchange, other.exchange)
        ]
    if one:
        return [Change("missing", one.exchange.command, one.number, None, "", _asked(one), MISSING)]
    assert other is not None  # noqa: S101 - a pair has at least one side
    return [Change("added", other.exchange.command, None, other.number, "", MISSING, _asked(other))]


def _asked(one: One) -> Any:
    request = one.exchange.request
    return request.get("params", request) if isinstance(request, dict) else request


def _count(comparison: Comparison) -> str:
    number = len(comparison)
    return f"{number or 'no'} difference{'' if number == 1 else 's'}"


def _label(change: Change) -> html.Markup:
    return html.Markup(
        f"{html.badge(change.change, _TONES[change.change])} "
        f"{html.mono(f'{change.command} #{change.a or change.b} {change.path}')}"
    )


def _sides(change: Change, width: int) -> tuple[str, str]:
    """Write both values as JSON, long ones from shortly before where they differ."""
    values = (change.before, change.after)
    one, other = ("" if value is MISSING else told(value) for value in values)
    if max(len(one), len(other)) <= width:
        return one, other
    alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    start = max(0, sum(1 for _ in alike) - _LEAD)
    return _cut(one, start, width), _cut(other, start, width)


def _cut(text: str, start: int, width: int) -> str:
    before, after = "…" * (start > 0), "…" * (len(text) > start + width)
    return f"{before}{text[start : start + width]}{after}"
