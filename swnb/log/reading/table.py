"""The typed cache of exchanges: it takes new rows of both tables and hands out frames.

Rows of `sent` are appended; rows of `ended` find theirs by id. Frames that were handed out never
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

from swnb.log.columns import COLUMNS, Column
from swnb.log.reading.buffers import Buffer, Plain, Values, buffer_for

_SENT = [column for column in COLUMNS if column.sent]
# Not shown: charges in nano-dollars, which sums are made of.
_NANO = Column(
    "charge_nano", "Int64", "the call's charge so far", "nano-dollars", ended="charge_nano"
)
_ENDED = [*(column for column in COLUMNS if column.ended), _NANO]
# What is read of each table, in this order; `exchange` says which row an end belongs to.
SENT_FIELDS = tuple(str(column.sent) for column in _SENT)
ENDED_FIELDS = ("id", "exchange", *(str(column.ended) for column in _ENDED))
_OPEN = "sent"
# Not shown: the id in `ended`, because replies may overtake one another. 0 is open.
_ORDER = "order of ending"
# The pandas from which on copy-on-write is not opt-in.
_ALWAYS_COPIES = 3


class Table:
    """All exchanges, or those of one run, oldest first."""

    def __init__(self) -> None:
        self.count = 0
        # Rows below these are in frames that were handed out, and have an outcome.
        self._shown = 0
        self._named = 0
        self._any_open = False
        self._capacity = 0
        self.buffers: dict[str, Buffer] = {
            column.name: buffer_for(column) for column in (*COLUMNS, _NANO)
        }
        self.buffers[_ORDER] = Plain("int64", 0)

    def add_sent(self, fields: Sequence[Values]) -> None:
        """Append rows of `sent`, given as the columns `SENT_FIELDS`, ids ascending."""
        rows = slice(self.count, self.count + len(fields[0]))
        self._reserve(rows.stop)
        for column, values in zip(_SENT, fields, strict=True):
            self.buffers[column.name].put(rows, values)
        self.count = rows.stop

    def add_ended(self, fields: Sequence[Values]) -> None:
        """Complete rows with rows of `ended`, given as `ENDED_FIELDS`; those of others are left."""
        exchanges = np.asarray(fields[1], np.int64)
        ids = self.ids()
        rows = np.searchsorted(ids, exchanges)
        ours = rows < self.count
        ours[ours] = ids[rows[ours]] == exchanges[ours]
        if not ours.all():
            fields = [list(compress(values, ours)) for values in fields]
            rows = rows[ours]
        if len(rows):
            self._complete(rows, fields)

    def ids(self) -> npt.NDArray[np.int64]:
        """Give the ids, ascending."""
        return self.buffers["id"].arrays[0][: self.count]

    def frame(self) -> pd.DataFrame:
        """Give all rows as a frame that is the caller's to change, and cheap to make."""
        self._name_open()
        columns = {each.name: self.buffers[each.name].series(self.count) for each in COLUMNS}
        if self._any_open and self.order().all():
            # They have ended since: counts should not show a label that no row has.
            columns["outcome"] = columns["outcome"].cat.remove_categories([_OPEN])
        frame = pd.DataFrame(columns, copy=False)
        return frame if _copies_on_write() else frame.copy()

    def order(self) -> npt.NDArray[np.int64]:
        """Give for each row the place of its end among all ends, 0 where it is open."""
        return self.buffers[_ORDER].arrays[0][: self.count]

    def nano(self) -> pd.Series[Any]:
        """Return the charge of each row in whole nano-dollars (`Int64`)."""
        return self.buffers[_NANO.name].series(self.count).copy()

    def clone(self) -> Table:
        """Give an independent copy."""
        twin = copy(self)
        twin.buffers = {name: buffer.clone() for name, buffer in self.buffers.items()}
        return twin

    def _name_open(self) -> None:
        """Give the new rows that have no end their outcome; most have one when they are read."""
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
    """Say whether pandas copies what is shared before it changes it; before 3, that is opt-in."""
    return int(pd.__version__.split(".")[0]) >= _ALWAYS_COPIES or bool(
        pd.options.mode.copy_on_write
    )
