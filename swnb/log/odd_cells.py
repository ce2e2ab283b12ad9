"""Cells that are not what the log writes: edited by hand, or by another tool.

SQLite stores any value in any column. Rows that are read are checked here, so that an odd cell is missing
in what is shown and named in a warning, and nothing else is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from swnb.visible import repaired

_TIMES = frozenset({"sent_at", "started_at", "seen_at", "at"})
BEFORE = ("sent_before", "ended_before")
WHOLE = _TIMES | {
    *("id", "exchange", "ended", "event", "signed", *BEFORE),
    *("http_status", "charge_nano", "duration_ms", "attempts", "elapsed_us"),
}
# Microseconds since 1970: the years 1 to 9999, which both Python and pandas can show.
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
_MOST_ROWS = 10**12
_NAMED = 5


class Odd(NamedTuple):
    """One odd cell: its table, row and column, and what is wrong."""

    table: str
    row: int
    column: str
    problem: str


# Warns about odd cells, about each once.
WarnOf = Callable[[Sequence[Odd]], None]


class RepairedText(str):  # noqa: SLOT000 - a few, for as long as a row is looked through
    """A string that was not UTF-8, with U+FFFD in place of what was not."""


def decoded(text: bytes) -> str:
    """Return any text in the file as a string (a `text_factory`)."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return RepairedText(text.decode("utf-8", "replace"))


def problem_of(column: str, value: Any) -> str | None:
    """Return what is wrong with a cell, or None."""
    if value is None:
        return None
    if column in WHOLE:
        if type(value) is not int:
            return "is not an integer"
        if column in BEFORE:
            return None if 0 <= value <= _MOST_ROWS else "is not an id"
        return None if column not in _TIMES or FIRST <= value <= LAST else "is not a time"
    if type(value) is RepairedText:
        return "is not UTF-8"
    return None if type(value) is str else "is not text"


def readable_row(
    table: str, row: int, columns: Sequence[str], values: Sequence[Any], odd: list[Odd]
) -> tuple[Any, ...]:
    """Return a row with its odd cells missing, or repaired if they are text; add them to `odd`."""
    values_shown = list(values)
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        problem = problem_of(column, value)
        if problem:
            odd.append(Odd(table, row, column, problem))
            is_text = type(value) is RepairedText and column not in WHOLE
            values_shown[place] = str(value) if is_text else None
    return tuple(values_shown)


def read_json(table: str, row: int, column: str, text: Any, odd: list[Odd]) -> Any:
    """Return the JSON in a cell, or None if the cell is empty or not JSON."""
    if type(text) is RepairedText:
        odd.append(Odd(table, row, column, "is not UTF-8"))
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError, RecursionError):
        odd.append(Odd(table, row, column, "is not JSON"))
        return None


def shown_json(table: str, row: int, column: str, text: Any, odd: list[Odd]) -> Any:
    """Return the JSON in a cell for a frame, which cannot show half of a surrogate pair."""
    value = read_json(table, row, column, text, odd)
    return repaired(value) if isinstance(text, str) and "\\u" in text else value


def described(odd: Sequence[Odd]) -> str:
    """Return odd cells in words, by table and row."""
    cells = [
        f"table {cell.table}, row {cell.row}: {cell.column} {cell.problem}" for cell in odd[:_NAMED]
    ]
    more = [f"and {len(odd) - _NAMED} more"] if len(odd) > _NAMED else []
    return "; ".join([*cells, *more])
