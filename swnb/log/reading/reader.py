"""Keeps a `Table` up with the log: reads what was added since the last time, and no more.

Ids only grow and rows never change, so what is new in a table is what lies between the last id
read and the last id there is. SQLite hands over each column of a page as one JSON array, which
costs a third of fetching rows.

ADBC was tried and left out. It brings a second SQLite library, and two of them must never have one
file open in one process, because POSIX drops a process's locks on a file when it closes any
descriptor of it (sqlite.org/howtocorrupt.html, 2.2.1): closing it deleted the `-wal` file that
this log was writing to. In a process of its own it took longer than this does.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from swnb.errors import LogError
from swnb.log.odd_cells import BEFORE, WHOLE, Odd, mended
from swnb.log.reading.buffers import NO_TIME
from swnb.log.reading.table import ENDED_FIELDS, SENT_FIELDS, Table
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import ENDED, SENT, Ended, Half, Sent, names

# Rows of one page: they stay in the processor's cache, and commands can be sent between pages.
_PAGE = 5_000


def _select(table: str, fields: Sequence[str]) -> str:
    columns = ", ".join(f'json_group_array("{field}")' for field in fields)
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
        self._begin()

    def _begin(self) -> None:
        self._table = Table()
        self._generation = self._journal.generation
        self._after: dict[str, int] | None = None if self._run else {"sent": 0, "ended": 0}

    def refresh(self) -> tuple[Table, list[int]]:
        """Give all rows as of now, and the ids of those at the end that are not written yet."""
        sent, ended, kept = self._journal.snapshot()
        if self._generation != self._journal.generation:
            self._begin()
        tops = {"sent": sent, "ended": ended}
        try:
            self._add(tops)
        except BaseException:
            self._begin()  # half a refresh, or an interrupted one, is not to be built upon
            raise
        return _with_kept(self._table, kept, tops) if kept else (self._table, [])

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
                    add(self._mended(table, page))
        self._after = tops

    def _before_run(self) -> dict[str, int] | None:
        """Give the ids before which there is nothing of the run; None before its first row."""
        rows = self._journal.read(_BEFORE_RUN, (self._run,))
        if not rows:
            return None
        found: list[Odd] = []
        sent, ended = mended("runs", rows[0][0], BEFORE, rows[0][1:], found)
        self._journal.tell(found)
        return {"sent": sent or 0, "ended": ended or 0}

    def _new(self, table: str, page: tuple[int, int]) -> list[list[Any]]:
        """Return the rows after one id up to another, as columns.

        An odd cell raises ValueError, here or where the column is put, or `LogError`.
        """
        row = self._read(_SELECT[table], table, page)[0]
        for name, column in zip(_FIELDS[table], row, strict=True):
            if type(column) is not str or (name in WHOLE and ("." in column or "e" in column)):
                raise ValueError  # what is put as it is would be cut to a whole number
        return in_order([json.loads(column) for column in row])

    def _mended(self, table: str, page: tuple[int, int]) -> list[list[Any]]:
        """Return the same cell by cell: three times as slow, and odd ones are missing."""
        fields, found = _FIELDS[table], list[Odd]()
        read = self._read(_ROWS[table], table, page, " ORDER BY id")
        rows = [mended(table, row[0], fields, row, found) for row in read]
        self._journal.tell(found)
        if table == "ended":  # which exchange it ended cannot be told
            rows = [row for row in rows if row[fields.index("exchange")] is not None]
        columns = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in fields]
        if table == "sent":
            at = fields.index("sent_at")
            columns[at] = [NO_TIME if value is None else value for value in columns[at]]
        return columns

    def _read(
        self, sql: str, table: str, page: tuple[int, int], order: str = ""
    ) -> list[tuple[Any, ...]]:
        ours = [self._run] if self._run and table == "sent" else []
        return self._journal.read(sql + " AND run = ?" * len(ours) + order, (*page, *ours))


def in_order(fields: list[list[Any]]) -> list[list[Any]]:
    """Sort columns by their first, the ids: SQL promises no order within an aggregate."""
    ids = fields[0]
    if ids == sorted(ids):
        return fields
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return [[column[place] for place in order] for column in fields]


def _with_kept(table: Table, kept: Sequence[Half], tops: dict[str, int]) -> tuple[Table, list[int]]:
    """Lay rows that are not written yet over a copy, under the ids that they would get."""
    table = table.clone()
    starts = [half for half in kept if isinstance(half, Sent)]
    ids = {half.id: tops["sent"] + place for place, half in enumerate(starts, 1)}
    if starts:
        rows = [{**dict(zip(SENT, half.row, strict=True)), "id": ids[half.id]} for half in starts]
        table.add_sent([[row[name] for row in rows] for name in SENT_FIELDS])
    ends = [
        {
            **dict(zip(ENDED, half.row, strict=True)),
            "id": tops["ended"] + place,
            "exchange": ids.get(half.exchange, half.exchange),
        }
        for place, half in enumerate((half for half in kept if isinstance(half, Ended)), 1)
    ]
    if ends:
        table.add_ended([[row[name] for row in ends] for name in ENDED_FIELDS])
    return table, list(ids)
