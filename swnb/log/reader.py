"""Keeps a `Table` up with the log: reads what was added since the last time, and no more.

Ids only grow and rows never change, so what is new in a table is what lies between the last id
read and the last id there is. Many rows are read through Arrow where that is installed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from swnb.log.journal import Journal
from swnb.log.rows import ENDED, SENT, Ended, Half, Sent, names
from swnb.log.table import ENDED_FIELDS, SENT_FIELDS, Table

# Rows of one page: they stay in the processor's cache, and commands can be sent between pages.
_PAGE = 5_000


def _select(table: str, fields: Sequence[str]) -> str:
    columns = ", ".join(f'json_group_array("{field}")' for field in fields)
    page = f"SELECT {names(table, fields)} FROM {table} WHERE id > ? AND id <= ?"  # noqa: S608 - names of our own
    return f"SELECT {columns} FROM ({page}"  # noqa: S608 - the same


_SELECT = {"sent": _select("sent", SENT_FIELDS), "ended": _select("ended", ENDED_FIELDS)}


class Reader:
    """The cached exchanges of the whole log, or of one run."""

    def __init__(self, journal: Journal, run: str | None) -> None:
        self._journal = journal
        self._run = run
        self._table = Table()
        self._after: dict[str, int] | None = None if run else {"sent": 0, "ended": 0}

    def refresh(self) -> tuple[Table, list[int]]:
        """Give all rows as of now, and the ids of those at the end that are not written yet."""
        sent, ended, kept = self._journal.snapshot()
        tops = {"sent": sent, "ended": ended}
        self._after = self._after or self._beginning()
        if self._after:
            for fields in self._new("sent", self._after["sent"], sent):
                self._table.add_sent(fields)
            for fields in self._new("ended", self._after["ended"], ended):
                self._table.add_ended(fields)
            self._after = tops
        return _with_kept(self._table, kept, tops) if kept else (self._table, [])

    def _beginning(self) -> dict[str, int] | None:
        """Give the ids before which there is nothing of the run; None before its first row."""
        rows = self._journal.read(
            "SELECT sent_before, ended_before FROM runs WHERE name = ?", (self._run,)
        )
        return dict(zip(("sent", "ended"), rows[0], strict=True)) if rows else None

    def _new(self, table: str, after: int, top: int) -> Iterator[Sequence[Any]]:
        """Give the rows after one id up to another, as the columns of one page after the other."""
        starts = range(after, top, _PAGE)
        if len(starts) == 1:
            yield self._fetch(table, after, top)
        if len(starts) <= 1:
            return
        # SQLite reads the next page in a thread, without the GIL, while this one is encoded.
        with ThreadPoolExecutor(1) as pool:
            ahead = pool.submit(self._fetch, table, after, after + _PAGE)
            for start in starts[1:]:
                fields = ahead.result()
                ahead = pool.submit(self._fetch, table, start, min(start + _PAGE, top))
                yield fields
            yield ahead.result()

    def _fetch(self, table: str, after: int, top: int) -> list[list[Any]]:
        ours = [self._run] if self._run and table == "sent" else []
        sql = f"{_SELECT[table]} {'AND run = ?' if ours else ''} ORDER BY id)"
        row = self._journal.read(sql, (after, top, *ours))[0]
        return [json.loads(column) for column in row]


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
