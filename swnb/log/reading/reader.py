"""Keeps a `Table` up to date with the log: reads only what was added since the last time.

Ids only grow and rows never change, so the new rows of a table are those between the last id that was
read and the last id in the table. SQLite returns each column of a page as one JSON array, which takes a
third of the time of fetching rows.

ADBC was tried and rejected. It brings a second SQLite library, and two of them must never have the same
file open in one process, because POSIX drops a process's locks on a file when the process closes any
descriptor of it (sqlite.org/howtocorrupt.html, 2.2.1): closing it deleted the `-wal` file that this log
was writing to. In a separate process it was slower than this.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from swnb.errors import LogError
from swnb.log.odd_cells import BEFORE, WHOLE, Odd, readable_row
from swnb.log.reading.buffers import NO_TIME
from swnb.log.reading.table import ENDED_FIELDS, SENT_FIELDS, Table
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import ENDED, SENT, Ended, Half, Sent, names

# Rows of one page: they stay in the processor's cache, and commands can be sent between pages.
_PAGE = 5_000


# Most of what a command says is JSON: as JSON in JSON, it would take twice as long to read. It is one
# line, so it has no record separator; one that was edited may have: the column is then too long to be stored.
_WHAT = "what"
_SEPARATOR = "\x1e"
_TEXTS = f"group_concat(ifnull(what, ''), '{_SEPARATOR}')"


def _select(table: str, fields: Sequence[str]) -> str:
    arrays = {field: f'json_group_array("{field}")' for field in fields}
    columns = ", ".join(_TEXTS if field == _WHAT else arrays[field] for field in fields)
    return f"SELECT {columns} FROM {table} WHERE id > ? AND id <= ?"  # noqa: S608 - names of our own


_FIELDS = {"sent": SENT_FIELDS, "ended": ENDED_FIELDS}
_SELECT = {table: _select(table, fields) for table, fields in _FIELDS.items()}
_ROWS = {
    table: f"SELECT {names(table, fields)} FROM {table} WHERE id > ? AND id <= ?"  # noqa: S608 - names of our own
    for table, fields in _FIELDS.items()
}

_BEFORE_RUN = f"SELECT id, {names('runs', BEFORE)} FROM runs WHERE name = ?"  # noqa: S608 - names of our own


class Reader:
    """The cached exchanges of the whole log, or of one run."""

    def __init__(self, journal: Journal, run: str | None) -> None:
        self._journal = journal
        self._run = run
        self._reset()

    def _reset(self) -> None:
        self._table = Table()
        self._generation = self._journal.generation
        self._after: dict[str, int] | None = None if self._run else {"sent": 0, "ended": 0}

    def refresh(self) -> tuple[Table, list[int]]:
        """Return all current rows, and the ids of those at the end that are not written yet."""
        sent, ended, unwritten = self._journal.snapshot()
        if self._generation != self._journal.generation:
            self._reset()
        tops = {"sent": sent, "ended": ended}
        try:
            self._add(tops)
        except BaseException:
            self._reset()  # a refresh that failed or was interrupted cannot be continued
            raise
        return _with_unwritten(self._table, unwritten, tops) if unwritten else (self._table, [])

    def _add(self, tops: dict[str, int]) -> None:
        after = self._after or self._before_run()
        if after is None:
            return
        for table, add in (("sent", self._table.add_sent), ("ended", self._table.add_ended)):
            for start in range(after[table], tops[table], _PAGE):
                page = (start, min(start + _PAGE, tops[table]))
                try:
                    add(self._new(table, page))
                except (ValueError, TypeError, OverflowError, RecursionError, LogError):
                    add(self._cell_by_cell(table, page))
        self._after = tops

    def _before_run(self) -> dict[str, int] | None:
        """Return the ids before which the run has no rows; None before its first row."""
        rows = self._journal.read(_BEFORE_RUN, (self._run,))
        if not rows:
            return None
        odd: list[Odd] = []
        sent, ended = readable_row("runs", rows[0][0], BEFORE, rows[0][1:], odd)
        self._journal.warn_of(odd)
        return {"sent": sent or 0, "ended": ended or 0}

    def _new(self, table: str, page: tuple[int, int]) -> list[list[Any]]:
        """Return the rows after one id up to another, as columns.

        An odd cell raises `ValueError`, here or when the column is stored, or `LogError`.
        """
        row = self._read(_SELECT[table], table, page)[0]
        if row[0] == "[]":
            return [[] for _ in row]
        for name, column in zip(_FIELDS[table], row, strict=True):
            if type(column) is not str or (name in WHOLE and ("." in column or "e" in column)):
                raise ValueError  # storing it would truncate it to an integer
        columns = [
            _split(column) if name == _WHAT else json.loads(column)
            for name, column in zip(_FIELDS[table], row, strict=True)
        ]
        return in_order(columns)

    def _cell_by_cell(self, table: str, page: tuple[int, int]) -> list[list[Any]]:
        """Return the same cell by cell, odd cells missing: takes three times as long."""
        fields, odd = _FIELDS[table], list[Odd]()
        raw_rows = self._read(_ROWS[table], table, page, " ORDER BY id")
        rows = [readable_row(table, row[0], fields, row, odd) for row in raw_rows]
        self._journal.warn_of(odd)
        if table == "ended":  # otherwise nothing says which exchange it ended
            rows = [row for row in rows if row[fields.index("exchange")] is not None]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in fields]
        if table == "sent":
            at = fields.index("sent_at")
            columns[at] = [NO_TIME if value is None else value for value in columns[at]]
        return columns

    def _read(
        self, sql: str, table: str, page: tuple[int, int], order: str = ""
    ) -> list[tuple[Any, ...]]:
        run_filter = [self._run] if self._run and table == "sent" else []
        return self._journal.read(
            sql + " AND run = ?" * len(run_filter) + order, (*page, *run_filter)
        )


def _split(column: str) -> list[str | None]:
    """Return texts that were joined by the record separator; an empty one is missing."""
    return [text or None for text in column.split(_SEPARATOR)]


def in_order(fields: list[list[Any]]) -> list[list[Any]]:
    """Return columns sorted by the first, the ids: SQL promises no order within an aggregate."""
    ids = fields[0]
    if ids == sorted(ids):
        return fields
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return [[column[place] for place in order] for column in fields]


def _with_unwritten(
    table: Table, unwritten: Sequence[Half], tops: dict[str, int]
) -> tuple[Table, list[int]]:
    """Return a copy with the rows that are not written yet, under the ids that they would get."""
    table = table.clone()
    starts = [half for half in unwritten if isinstance(half, Sent)]
    ids = {half.id: tops["sent"] + place for place, half in enumerate(starts, 1)}
    if starts:
        row_dicts = [
            {**dict(zip(SENT, half.row, strict=True)), "id": ids[half.id]} for half in starts
        ]
        table.add_sent([[row[name] for row in row_dicts] for name in SENT_FIELDS])
    ends = [
        {
            **dict(zip(ENDED, half.row, strict=True)),
            "id": tops["ended"] + place,
            "exchange": ids.get(half.exchange, half.exchange),
        }
        for place, half in enumerate((half for half in unwritten if isinstance(half, Ended)), 1)
    ]
    if ends:
        table.add_ended([[row[name] for row in ends] for name in ENDED_FIELDS])
    return table, list(ids)
