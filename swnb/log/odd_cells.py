"""Cells that are not what the log writes: edited by hand, or by another tool.

SQLite keeps any value in any column. Whoever reads rows looks them through here, so that one odd cell
is missing in what is shown and named in a warning, and costs nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from swnb.visible import repaired

_TIMES = frozenset({"sent_at", "started_at", "seen_at"})
BEFORE = ("sent_before", "ended_before")
WHOLE = _TIMES | {
    *("id", "exchange", "ended", *BEFORE),
    *("http_status", "charge_nano", "duration_ms", "attempts", "elapsed_us"),
}
# Microseconds since 1970: the years 1 to 9999, as Python and pandas can both show them.
FIRST, LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
_MOST_ROWS = 10**12
_NAMED = 5


class Odd(NamedTuple):
    """One odd cell: the table and row that it is in, its column, and what is wrong."""

    table: str
    row: int
    column: str
    problem: str


# Takes what was found odd; it warns of each cell once.
Tell = Callable[[Sequence[Odd]], None]


class Mended(str):  # noqa: SLOT000 - a few, for as long as a row is looked through
    """Text that was no UTF-8, with U+FFFD in the place of what was not."""


def decoded(text: bytes) -> str:
    """Read text from the file, whatever it holds (a `text_factory`)."""
    try:
        return text.decode()
    except UnicodeDecodeError:
        return Mended(text.decode("utf-8", "replace"))


def problem_of(column: str, value: Any) -> str | None:
    """Say what is wrong with a cell, None if nothing is."""
    if value is None:
        return None
    if column in WHOLE:
        if type(value) is not int:
            return "is no whole number"
        if column in BEFORE:
            return None if 0 <= value <= _MOST_ROWS else "is no id"
        return None if column not in _TIMES or FIRST <= value <= LAST else "is no time"
    if type(value) is Mended:
        return "is not UTF-8"
    return None if type(value) is str else "is no text"


def mended(
    table: str, row: int, columns: Sequence[str], values: Sequence[Any], found: list[Odd]
) -> tuple[Any, ...]:
    """Return a row with its odd cells missing, text as far as it is legible; add them to `found`."""
    sound = list(values)
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        problem = problem_of(column, value)
        if problem:
            found.append(Odd(table, row, column, problem))
            legible = type(value) is Mended and column not in WHOLE
            sound[place] = str(value) if legible else None
    return tuple(sound)


def read_json(table: str, row: int, column: str, text: Any, found: list[Odd]) -> Any:
    """Read a cell that holds JSON, or nothing; one that holds something else is as nothing."""
    if type(text) is Mended:
        found.append(Odd(table, row, column, "is not UTF-8"))
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError, RecursionError):
        found.append(Odd(table, row, column, "is no JSON"))
        return None


def shown_json(table: str, row: int, column: str, text: Any, found: list[Odd]) -> Any:
    """Read a cell as `read_json` does, for a frame: half of a surrogate pair could not be shown."""
    value = read_json(table, row, column, text, found)
    return repaired(value) if isinstance(text, str) and "\\u" in text else value


def told(found: Sequence[Odd]) -> str:
    """Name odd cells by table and row."""
    named = [
        f"table {each.table}, row {each.row}: {each.column} {each.problem}"
        for each in found[:_NAMED]
    ]
    more = [f"and {len(found) - _NAMED} more"] if len(found) > _NAMED else []
    return "; ".join([*named, *more])
