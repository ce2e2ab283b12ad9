"""`swnb.compare`: the differences between two runs, as a frame, a card and a test's failure."""

from __future__ import annotations

import math
from contextlib import ExitStack
from itertools import takewhile
from typing import TYPE_CHECKING, Any, NamedTuple

from swnb import html
from swnb.errors import ConfigurationError, RunsDiffer
from swnb.exchange import DEFAULT_LOG
from swnb.recordings.matching import MISSING, display_text, is_number
from swnb.runs.diff import Differ, Numbered, Pair, Rules, numbered, pairs
from swnb.runs.sources import patterns_of, source_of
from swnb.visible import repaired, visible
from swnb.words import counted

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
        was, now = _sides(self, _WIDTH)
        name = f"{self.command} #{self.a or self.b}"
        if self.change == "changed":  # JSON is never an empty string
            return f"{name}: {self.path} was {was or 'not there'}, is {now or 'not there'}"
        return f"{name}: {self.change}, {was or now}"


class Comparison:
    """The differences between two runs; false, and of length 0, if there are none.

    Attributes
    ----------
    names : (str, str)
        The names of the two runs.
    changes : list of Change
        The differences.
    exchanges : int
        How many exchanges were compared.

    """

    def __init__(self, names: tuple[str, str], changes: Sequence[Change], exchanges: int) -> None:
        self.names = names
        self.changes = list(changes)
        self.exchanges = exchanges

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def df(self) -> DataFrame:
        """The differences as a frame, a row for each.

        Columns: change (`added`, `missing` or `changed`), command, a and b (Int64, the exchange's
        number in each run, from 1), path, before and after; null and a missing value are both None.
        """
        import pandas as pd  # noqa: PLC0415 - most comparisons of tests find nothing to show

        rows = [
            [None if value is MISSING else repaired(value) for value in change]
            for change in self.changes
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
        rows = [(*_sides(change, _CARD_WIDTH), _label(change)) for change in self.changes[:_LINES]]
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
    log: PathOrLog = DEFAULT_LOG,
    ignore: str | Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> Comparison:
    """Return the differences between two runs: added, missing and changed exchanges.

    Compared are outcome, HTTP status, the call's status, error, charge, and every path of the
    request and the reply. Ids count as the same if both runs use them in the same places; times,
    request ids and durations of requests are not compared.

    Parameters
    ----------
    a, b : str, path, Run, Log or Client
        A recording's path, the name of a run in `log`, a `Run`, or a `Log` or a client for its
        present run.
    log : str, path or Log, default "swnb-log.sqlite"
        Where names of runs are looked up.
    ignore : str or sequence of str, optional
        Paths that are not compared, with ``*`` for any part (``"response.*_ms"``), or last parts of
        paths (``"charge"``).
    tolerances : mapping of str to float, optional
        By path, the absolute difference that numbers there may have.

    Returns
    -------
    Comparison

    Raises
    ------
    RecordingError, LogError
        If a run cannot be read.
    ConfigurationError
        If a run, a path or a tolerance is malformed.

    Examples
    --------
    >>> swnb.compare("recordings/checkout.jsonl", sw, tolerances={"charge": 0.001})

    """
    ignored, allowed = patterns_of(ignore), _tolerances(tolerances or {})
    with ExitStack() as stack:
        first, second = (source_of(run, log, stack) for run in (a, b))
        rules = Rules(ignored, allowed, first.masked or second.masked)
        left, right = numbered(first), numbered(second)
    differ = Differ(rules)
    changes = [change for pair in pairs(left, right, rules) for change in _changes(pair, differ)]
    return Comparison((first.name, second.name), changes, max(len(left), len(right)))


def assert_same(
    a: Comparable,
    b: Comparable,
    *,
    log: PathOrLog = DEFAULT_LOG,
    ignore: str | Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> None:
    """Raise `RunsDiffer`, an `AssertionError` that says what differs, unless two runs are the same.

    Parameters
    ----------
    a, b, log, ignore, tolerances
        As for `compare`.

    Raises
    ------
    RunsDiffer
        If the runs differ.

    Examples
    --------
    >>> swnb.assert_same("recordings/checkout.jsonl", sw)

    """
    __tracebackhide__ = True  # pytest then shows the caller's line
    comparison = compare(a, b, log=log, ignore=ignore, tolerances=tolerances)
    if comparison:
        raise RunsDiffer(str(comparison))


def _tolerances(given: Mapping[str, float]) -> dict[str, float]:
    for tolerance in given.values():
        if not is_number(tolerance) or not 0 <= tolerance < math.inf:
            raise ConfigurationError("tolerances: must be finite numbers of at least 0, by path")
    return dict(given)


def _changes(pair: Pair, differ: Differ) -> list[Change]:
    left, right = pair
    if left and right:
        return [
            Change("changed", left.exchange.command, left.number, right.number, path, here, there)
            for path, here, there in differ.differences(left.exchange, right.exchange)
        ]
    if left:
        gone = _request(left)
        return [Change("missing", left.exchange.command, left.number, None, "", gone, MISSING)]
    assert right is not None  # noqa: S101 - a pair has at least one side
    new = _request(right)
    return [Change("added", right.exchange.command, None, right.number, "", MISSING, new)]


def _request(numbered_exchange: Numbered) -> Any:
    request = numbered_exchange.exchange.request
    return request.get("params", request) if isinstance(request, dict) else request


def _count(comparison: Comparison) -> str:
    return counted(len(comparison), "difference") if comparison else "no differences"


def _label(change: Change) -> html.Markup:
    return html.Markup(
        f"{html.badge(change.change, _TONES[change.change])} "
        f"{html.mono(f'{change.command} #{change.a or change.b} {change.path}')}"
    )


def _sides(change: Change, width: int) -> tuple[str, str]:
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
