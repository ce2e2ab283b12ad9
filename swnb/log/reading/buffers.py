"""Columns that grow: preallocated arrays under pandas Series, so that a new row copies nothing.

A Series over the whole buffer is kept as long as the buffer, and frames get slices of it. Under pandas'
copy-on-write such a slice shares its data until it is changed, so a user's change copies first and never
reaches the buffer, and rows written after the end of a slice do not show in it. A row that a slice
already shows is only changed after `detach`, in a copy.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from copy import copy
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from typing_extensions import override

from swnb.exchange import NANO
from swnb.log.columns import Column
from swnb.log.odd_cells import FIRST, LAST

_EXACT = 2**53  # below this, a double holds every integer
Array = npt.NDArray[Any]
Rows = slice | npt.NDArray[np.int64]
# One column of rows that were read.
Values = Sequence[Any]
NO_TIME = int(np.iinfo(np.int64).min)


class Buffer(ABC):
    """A growing column. `arrays` have the same length, the capacity; the table counts the rows."""

    arrays: list[Array]
    missing: tuple[Any, ...]

    def __init__(self) -> None:
        self._whole: pd.Series[Any] | None = None

    @abstractmethod
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        """Write one value per row; with `keep`, a missing value leaves the earlier one."""

    @abstractmethod
    def wrap(self) -> pd.Series[Any]:
        """Return a Series over the whole buffer, without copying it."""

    def grow(self, capacity: int) -> None:
        """Move to larger arrays."""
        for place, (old, missing) in enumerate(zip(self.arrays, self.missing, strict=True)):
            new = np.full(capacity, missing, old.dtype)
            new[: len(old)] = old
            self.arrays[place] = new
        self._whole = None

    def detach(self) -> None:
        """Continue with copies of the arrays; the frames that show them keep the old ones."""
        self.arrays = [array.copy() for array in self.arrays]
        self._whole = None

    def clone(self) -> Self:
        """Return an independent copy."""
        twin = copy(self)
        twin.detach()
        return twin

    def series(self, count: int) -> pd.Series[Any]:
        """Return the first `count` rows, sharing the buffer."""
        if self._whole is None:
            self._whole = self.wrap()
        return self._whole.iloc[:count]


class Plain(Buffer):
    """Numbers, times and strings in one array; missing floats are NaN, missing strings None."""

    def __init__(self, dtype: str, missing: Any, divisor: int = 1) -> None:
        super().__init__()
        self.arrays = [np.empty(0, dtype)]
        self.missing = (missing,)
        self.divisor = divisor

    @override
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        array = self.arrays[0]
        new = np.empty(len(values), array.dtype)
        new[:] = values
        if self.divisor != 1:
            new /= self.divisor
        if keep:
            new = np.where(pd.isna(new), array[rows], new)
        array[rows] = new

    @override
    def wrap(self) -> pd.Series[Any]:
        # With the dtype, because pandas 3 would convert strings into a copy of its own dtype.
        return pd.Series(self.arrays[0], dtype=self.arrays[0].dtype, copy=False)


class Times(Plain):
    """Microseconds since 1970 in UTC, shown as times; `NO_TIME` is missing."""

    @override
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        del keep  # no column of this kind is fed by both tables
        new = np.asarray(values, np.int64)
        present = new[new != NO_TIME]
        if len(present) and not (present.min() >= FIRST and present.max() <= LAST):
            raise ValueError("not a time")
        self.arrays[0][rows] = new

    @override
    def wrap(self) -> pd.Series[Any]:
        times = pd.array(self.arrays[0], dtype=pd.DatetimeTZDtype("us", "UTC"), copy=False)
        return pd.Series(times, copy=False)


class Whole(Buffer):
    """Integers that may be missing: values and a mask."""

    def __init__(self) -> None:
        super().__init__()
        self.arrays = [np.empty(0, np.int64), np.empty(0, np.bool_)]
        self.missing = (0, True)

    @override
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        del keep  # no column of this kind is fed by both tables
        new = np.asarray(values, np.float64)  # None becomes NaN; this is fast for any number
        mask = np.isnan(new)
        whole = np.where(mask, 0, new)
        if (np.abs(whole) >= _EXACT).any():
            whole = np.array([value or 0 for value in values], np.int64)
        self.arrays[0][rows] = whole
        self.arrays[1][rows] = mask

    @override
    def wrap(self) -> pd.Series[Any]:
        return pd.Series(pd.arrays.IntegerArray(self.arrays[0], self.arrays[1]), copy=False)


class Money(Whole):
    """Whole nano-dollars, shown as US dollars (float64), which are divided when a row is written."""

    def __init__(self) -> None:
        super().__init__()
        self.arrays.append(np.empty(0, np.float64))
        self.missing = (*self.missing, np.nan)

    @override
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        super().put(rows, values, keep=keep)
        nano = self.arrays[0][rows]
        amounts = np.where(self.arrays[1][rows], np.nan, nano / NANO)
        for place in np.flatnonzero(np.abs(nano) >= _EXACT):  # Python rounds the quotient only once
            amounts[place] = int(nano[place]) / NANO
        self.arrays[2][rows] = amounts

    @override
    def wrap(self) -> pd.Series[Any]:
        return pd.Series(self.arrays[2], copy=False)

    def nano(self, count: int) -> pd.Series[Any]:
        """Return a copy of the first `count` rows in whole nano-dollars (`Int64`)."""
        values, missing = self.arrays[0][:count].copy(), self.arrays[1][:count].copy()
        return pd.Series(pd.arrays.IntegerArray(values, missing))


class Codes(dict[str | None, int]):
    """Numbers labels in the order in which they are first looked up."""

    def __missing__(self, label: str | None) -> int:
        code = self[label] = len(self) - 1
        return code


class Labels(Buffer):
    """Repeated strings as small integers; -1 is missing."""

    def __init__(self) -> None:
        super().__init__()
        self.arrays = [np.empty(0, np.int8)]
        self.missing = (-1,)
        self.codes = Codes({None: -1})

    @override
    def put(self, rows: Rows, values: Values, *, keep: bool = False) -> None:
        before = len(self.codes)
        new = np.fromiter(map(self.codes.__getitem__, values), np.int32, len(values))
        if len(self.codes) > before:
            # The categories of a Series, and the width of their codes, are fixed when it is made.
            self.arrays = [self.arrays[0].astype(_width(len(self.codes) - 1))]
            self._whole = None
        array = self.arrays[0]
        array[rows] = np.where(new < 0, array[rows], new) if keep else new

    @override
    def wrap(self) -> pd.Series[Any]:
        dtype = pd.CategoricalDtype(pd.Index(list(self.codes)[1:], dtype=str))
        codes = pd.Categorical.from_codes(self.arrays[0], dtype=dtype, validate=False)
        return pd.Series(codes, copy=False)

    @override
    def clone(self) -> Self:
        twin = super().clone()
        twin.codes = Codes(self.codes)
        return twin


def _width(labels: int) -> type[np.signedinteger[Any]]:
    """Return the dtype of pandas' codes for this many categories."""
    if labels < np.iinfo(np.int8).max:
        return np.int8
    return np.int16 if labels < np.iinfo(np.int16).max else np.int32


def buffer_for(column: Column) -> Buffer:
    """Return the empty buffer of a column."""
    match column.dtype:
        case "category":
            return Labels()
        case "Int64":
            return Whole()
        case "datetime64[us, UTC]":
            return Times("int64", 0)
        case "float64":
            is_money = column.divisor == NANO
            return Money() if is_money else Plain("float64", np.nan, column.divisor)
        case "int64":
            return Plain("int64", 0)
        case _:
            return Plain("object", None)
