"""`swnb.compare`: the differences between two runs, as a frame, a card and a test's failure."""

from __future__ import annotations

import math
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import ConfigurationError, RunsDiffer
from swnb.exchange import DEFAULT_LOG
from swnb.progress import progress
from swnb.recordings.matching import MISSING, is_number
from swnb.runs.change import Change, sides
from swnb.runs.diff import Differ, Numbered, Pair, Rules, numbered, pairs
from swnb.runs.folding import Ignored, without_polls
from swnb.runs.heard import changes_of, heard_in
from swnb.runs.sources import patterns_of, source_of
from swnb.visible import repaired, visible
from swnb.words import counted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pandas import DataFrame

    from swnb.runs.sources import Comparable, PathOrLog

_LINES = 20  # differences that a card and a text show
_IN_FAILURE = 10  # and a failure, among all else that a test report says
_CARD_WIDTH = 160  # characters of a value in a card, where it wraps
_TONES: dict[str, html.Tone] = {"added": "good", "missing": "bad", "changed": "wait"}


class Comparison:
    """The differences between two runs; false, and of length 0, if there are none.

    Attributes
    ----------
    names : (str, str)
        The names of the two runs.
    changes : list of Change
        The differences.
    exchanges, events : int
        How many exchanges, and events and waits, were compared.

    """

    def __init__(
        self, names: tuple[str, str], changes: Sequence[Change], exchanges: int, events: int = 0
    ) -> None:
        self.names = names
        self.changes = list(changes)
        self.exchanges = exchanges
        self.events = events

    def __len__(self) -> int:
        return len(self.changes)

    @property
    def df(self) -> DataFrame:
        """The differences as a frame, a row for each.

        Columns: change (`added`, `missing` or `changed`), command (or `heard play`, `wait for state`,
        `gap`), a and b (Int64, the number of the exchange or the event in each run, from 1), path, before and after; null and a missing value are both None.
        """
        import pandas as pd  # noqa: PLC0415 - most comparisons of tests find nothing to show

        rows = [
            [None if value is MISSING else repaired(value) for value in change]
            for change in self.changes
        ]
        frame = pd.DataFrame(rows, columns=list(Change._fields), dtype=object)
        return frame.astype({"a": "Int64", "b": "Int64"})

    def __str__(self) -> str:
        return self._text(_LINES)

    __repr__ = __str__

    def _text(self, most: int) -> str:
        title = f"{self.names[0]} and {self.names[1]}"
        if not self.changes:
            return visible(f"{title}: no difference in {self._compared}")
        lines = [f"  {change}" for change in self.changes[:most]]
        return visible("\n".join([f"{title}: {_count(self)}", *lines, *self._rest(most)]))

    def _repr_html_(self) -> str:
        mark = html.badge(_count(self), "bad" if self.changes else "good")
        rows = [(*sides(change, _CARD_WIDTH), _label(change)) for change in self.changes[:_LINES]]
        same = f"{' and '.join(self.names)}: {self._compared}, the same in both"
        parts = [html.sides(self.names, rows) if rows else html.line(same)]
        return html.card("Comparison", mark, [*parts, *map(html.line, self._rest(_LINES))])

    @property
    def _compared(self) -> str:
        events = f" and {counted(self.events, 'event')}" if self.events else ""
        return f"{self.exchanges} exchanges{events}"

    def _rest(self, most: int) -> list[str]:
        more = len(self.changes) - most
        return [f"… and {more} more, in .df"] if more > 0 else []


def compare(
    a: Comparable,
    b: Comparable,
    *,
    log: PathOrLog = DEFAULT_LOG,
    ignore: str | Sequence[str] = (),
    tolerances: Mapping[str, float] | None = None,
) -> Comparison:
    """Return the differences between two runs: added, missing and changed exchanges and events.

    Compared are outcome, HTTP status, the call's status, error, charge, and every path of the
    request and the reply; of events their state and what they say, of gaps whether they were restored,
    of waits how they ended. Events are paired by kind, call, operation and order. Ids count as the same
    if both runs use them in the same places; times, request ids and durations of requests are not compared.
    Of readings of a call that follow each other only the last is compared, because a run looks as often as
    it has to; a charge or a duration of a call that differs is told once, where that began.

    Parameters
    ----------
    a, b : str, path, Run, Log or Client
        A recording's path, the name of a run in `log`, a `Run`, or a `Log` or a client for its
        present run.
    log : str, path or Log, default "swnb-log.sqlite"
        Where names of runs are looked up.
    ignore : str or sequence of str, optional
        Paths that are not compared, with ``*`` for any part (``"response.*_ms"``), or last parts of
        paths (``"charge"``); a command or a reading (``"voice_log"``, ``"calling.play"``); or an exchange by
        its number in `a`, or in `b` if only `b` has it (``"#3"``).
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
        heard = (heard_in(first), heard_in(second)) if first.hears and second.hears else ([], [])
    differ = Differ(rules)
    ignored_ones = Ignored(ignored)
    folded = (without_polls(left), without_polls(right))
    paired = [pair for pair in pairs(*folded, rules) if not ignored_ones.covers(pair)]
    with progress(paired, "compare", "exchanges", total=len(paired)) as counting:
        changes = [change for pair in counting for change in _changes(pair, differ)]
    changes += changes_of(*heard, differ, masked=rules.masked)
    names, most = (first.name, second.name), max(map(len, heard))
    return Comparison(names, changes, max(len(left), len(right)), most)


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
        raise RunsDiffer(comparison._text(_IN_FAILURE))  # noqa: SLF001 - a str() that is shorter


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
