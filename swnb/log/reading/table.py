"""The typed cache of exchanges: new rows of both tables are added to it, frames are made of it.

Rows of `sent` are appended; rows of `ended` complete theirs by id. Frames that were returned never
change: see `buffers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import compress
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from swnb.log.columns import COLUMNS
from swnb.log.reading.buffers import Buffer, Money, Plain, Values, buffer_for

# The ids come first: rows are found by them.
_SENT = sorted(
    (column for column in COLUMNS if column.sent), key=lambda column: column.name != "id"
)
_ENDED = [column for column in COLUMNS if column.ended]
# The columns that are read of each table, in this order; `exchange` says which row an end completes.
SENT_FIELDS = tuple(str(column.sent) for column in _SENT)
ENDED_FIELDS = ("id", "exchange", *(str(column.ended) for column in _ENDED))
_OPEN = "sent"
# Not shown: the id in `ended`, because replies may overtake one another. 0 means open.
_ORDER = "order of ending"
# Since this version of pandas, copy-on-write is always on.
_ALWAYS_COPIES = 3


class Table:
    """All exchanges, or those of one run, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        self.version = 0  # grows with every change
        # The rows before these are in frames that were returned, and have an outcome, respectively.
        self._shown = 0
        self._named = 0
        self._any_open = False
        self._capacity = 0
        self.buffers: dict[str, Buffer] = {column.name: buffer_for(column) for column in COLUMNS}
        self.buffers[_ORDER] = Plain("int64", 0)

    def add_sent(self, fields: Sequence[Values]) -> None:
        """Append rows of `sent`: the columns `SENT_FIELDS`, ids ascending."""
        rows = slice(self.count, self.count + len(fields[0]))
        self._reserve(rows.stop)
        for column, values in zip(_SENT, fields, strict=True):
            self.buffers[column.name].put(rows, values)
        self.version += rows.stop > self.count
        self.count = rows.stop

    def add_ended(self, fields: Sequence[Values]) -> None:
        """Complete rows with rows of `ended`: the columns `ENDED_FIELDS`; other rows are ignored."""
        exchanges = np.asarray(fields[1], np.int64)
        ids = self.ids()
        rows = np.searchsorted(ids, exchanges)
        is_here = rows < self.count
        is_here[is_here] = ids[rows[is_here]] == exchanges[is_here]
        if not is_here.all():
            fields = [list(compress(values, is_here)) for values in fields]
            rows = rows[is_here]
        if len(rows):
            self._complete(rows, fields)

    def ids(self) -> npt.NDArray[np.int64]:
        """Return the ids, ascending."""
        return self.buffers["id"].arrays[0][: self.count]

    def frame(self) -> pd.DataFrame:
        """Return all rows as a frame that the caller may change, and that is cheap to make."""
        self._name_open()
        columns = {column.name: self.buffers[column.name].series(self.count) for column in COLUMNS}
        if self._any_open and self.order().all():
            # They have ended since: counts should not show a label without rows.
            columns["outcome"] = columns["outcome"].cat.remove_categories([_OPEN])
        frame = pd.DataFrame(columns, copy=False)
        return frame if _copies_on_write() else frame.copy()

    def order(self) -> npt.NDArray[np.int64]:
        """Return for each row the id of its end, 0 if it is open."""
        return self.buffers[_ORDER].arrays[0][: self.count]

    def nano(self) -> pd.Series[Any]:
        """Return the charge of each row in whole nano-dollars (`Int64`)."""
        charges = self.buffers["charge"]
        assert isinstance(charges, Money)  # noqa: S101 - made by `buffer_for`
        return charges.nano(self.count)

    def clone(self) -> Table:
        """Return an independent copy."""
        twin = copy(self)
        twin.buffers = {name: buffer.clone() for name, buffer in self.buffers.items()}
        return twin

    def _name_open(self) -> None:
        """Set the outcome of new rows without an end; most rows have one when they are read."""
        rows = self._named + np.flatnonzero(self.order()[self._named :] == 0)
        if len(rows):
            self.buffers["outcome"].put(rows, [_OPEN] * len(rows))
            self._any_open = True
        self._named = self._shown = self.count

    def _complete(self, rows: npt.NDArray[np.int64], fields: Sequence[Values]) -> None:
        changed = [self.buffers[column.name] for column in _ENDED]
        if rows.min() < self._shown:
            for buffer in changed:
                buffer.detach()
            self._shown = 0
        self.version += 1
        self.buffers[_ORDER].put(rows, fields[0])
        for column, buffer, values in zip(_ENDED, changed, fields[2:], strict=True):
            buffer.put(rows, values, keep=column.sent is not None)

    def _reserve(self, count: int) -> None:
        if count <= self._capacity:
            return
        self._capacity = count + count // 4 + 1024
        for buffer in self.buffers.values():
            buffer.grow(self._capacity)


def _copies_on_write() -> bool:
    """Return whether pandas copies shared data before it changes it; before 3, that is opt-in."""
    return int(pd.__version__.split(".")[0]) >= _ALWAYS_COPIES or bool(
        pd.options.mode.copy_on_write
    )
