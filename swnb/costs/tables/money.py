"""Amounts of money on their way into the analysis: whatever a frame holds, as whole nano-dollars.

A fraction (float, Decimal, Arrow decimal) is an amount of US dollars, read by its shortest text. An
integer may be dollars or nano-dollars, and guessing is wrong by nine digits: it is taken only where
the frame is one of our own tables, or where the unit was named. What is finer than a nano-dollar is
rounded to one, halves away from zero, by every engine alike. What is missing stays missing.

This file is for frames in memory; `opening` does the same on DuckDB and Spark.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from swnb.exchange import NANO

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST = 2**63 - 1  # nano-dollars
MARK = "swnb.unit"  # in the attrs of our own pandas frames
# US dollars below which a double times a billion is nearer to its nano-dollar than to any other.
PLAIN = 2**20
_DIGITS = 9  # decimals of a US dollar that a nano-dollar has
_WIDEST = 38  # digits of a decimal in 128 bits

Unit = Literal["usd", "nano"]
# What integers are taken for: "ours" says nano-dollars too, but leaves fractions to be dollars.
Kind = Literal["usd", "nano", "ours"]


def checked(unit: Any) -> Unit | None:
    """Return a unit that was given; raises `ValueError` for one that is none."""
    if unit is not None and unit not in get_args(Unit):
        raise ValueError('unit must be "usd" (US dollars) or "nano" (nano-dollars)')
    found: Unit | None = unit
    return found


def kind_of(
    frame: Any, names: Iterable[str], ours: Iterable[str], unit: Unit | None
) -> Kind | None:
    """Return what a frame's integers are: the unit named, else nano-dollars if it is our own table.

    It is ours if it carries our mark, or has every column of the table.
    """
    if unit is None and (marked(frame) or set(ours) <= set(names)):
        return "ours"
    return unit


def mark(frame: pd.DataFrame) -> pd.DataFrame:
    """Mark a frame as one whose integers are nano-dollars, and return it."""
    frame.attrs[MARK] = "nano"
    return frame


def marked(frame: Any) -> bool:
    """Return whether a frame carries the mark of our own tables."""
    return isinstance(frame, pd.DataFrame) and frame.attrs.get(MARK) == "nano"


def in_nano(values: pd.Series[Any], where: str, unit: Kind | None) -> pd.Series[Any]:
    """Return amounts as whole nano-dollars: `int64`, or `Int64` if some are missing.

    `where` names the column (`calls.charge`), `unit` is that of integers. Raises `ValueError`, one
    line that names the column and the remedy, for what is no number, integers of no unit, fractions
    of nano-dollars, and amounts past what 64 bits hold.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.ArrowDtype):
        found = arrow_in_nano(values.array.__arrow_array__(), where, unit)
        nano, missing = _filled(found)
    elif pd.api.types.is_bool_dtype(dtype):
        raise not_numbers(where)
    elif pd.api.types.is_integer_dtype(dtype):
        missing = values.isna().to_numpy()
        nano = whole(values[~missing].to_numpy(), where, unit)
        nano = _spread(nano, missing)
    elif pd.api.types.is_float_dtype(dtype):
        nano, missing = fractions(values.to_numpy(na_value=np.nan), where, unit)
    elif pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype):
        nano, missing = _objects(values.astype(object), where, unit)
    else:
        raise not_numbers(where)
    found = pd.arrays.IntegerArray(nano, missing) if missing.any() else nano
    return pd.Series(found, values.index, name=values.name)


def whole(values: npt.NDArray[Any], where: str, unit: Kind | None) -> npt.NDArray[np.int64]:
    """Return integers as nano-dollars."""
    check_unit(where, unit)
    factor = NANO if unit == "usd" else 1
    if len(values) and max(int(values.max()), -int(values.min())) > MOST // factor:
        raise too_large(where)
    return values.astype(np.int64) * factor


def fractions(
    values: npt.NDArray[Any], where: str, unit: Kind | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return floats as nano-dollars, and which are missing."""
    if unit == "nano":
        raise no_fractions(where)
    missing = np.isnan(values)
    amounts = np.where(missing, 0, values)
    if not (np.abs(amounts) < MOST // NANO).all():
        raise too_large(where)
    if values.dtype.itemsize < np.dtype("float64").itemsize:
        # The shortest text of a short float has fewer digits than that of the double it becomes.
        kinds, places = np.unique(amounts.astype(values.dtype), return_inverse=True)
        return np.array([_rounded(Decimal(str(each))) for each in kinds], np.int64)[places], missing
    nano = (np.copysign(np.floor(np.abs(amounts) * NANO + 0.5), amounts)).astype(np.int64)
    for place in np.flatnonzero(np.abs(amounts) >= PLAIN):
        nano[place] = _rounded(Decimal(repr(float(amounts[place]))))
    return nano, missing


def _objects(
    values: pd.Series[Any], where: str, unit: Kind | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return Python's own numbers as nano-dollars: dollars as soon as one of them is a fraction."""
    missing = values.isna().to_numpy()
    given = [each.item() if isinstance(each, np.generic) else each for each in values[~missing]]
    kinds = set(map(type, given))
    if not kinds <= {int, float, Decimal}:
        raise not_numbers(where)
    if kinds == {int}:
        check_unit(where, unit)
    elif kinds and unit == "nano":
        raise no_fractions(where)
    factor = 1 if kinds == {int} and unit != "usd" else NANO
    nano = [_nano(each, factor, where) for each in given]
    return _spread(np.array(nano, np.int64), missing), missing


def _nano(value: float | Decimal, factor: int, where: str) -> int:
    try:
        nano = value * factor if type(value) is int else _rounded(Decimal(str(value)))
    except (ArithmeticError, ValueError):  # infinity
        raise too_large(where) from None
    if abs(nano) > MOST:
        raise too_large(where)
    return nano


def _rounded(amount: Decimal) -> int:
    return int((amount * NANO).to_integral_value(ROUND_HALF_UP))


def arrow_in_nano(values: Any, where: str, unit: Kind | None) -> Any:
    """Return an Arrow column of amounts as one array of nano-dollars (int64)."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra

    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    kind = values.type
    if pa.types.is_null(kind):
        return values.cast(pa.int64())
    if pa.types.is_floating(kind):
        given = values.to_numpy(zero_copy_only=False)  # a null becomes NaN
        nano, missing = fractions(given, where, unit)
        return pa.array(nano, mask=missing)
    if pa.types.is_integer(kind):
        missing = values.is_null().to_numpy(zero_copy_only=False)
        given = values.drop_null().to_numpy(zero_copy_only=False)
        return pa.array(_spread(whole(given, where, unit), missing), mask=missing)
    if not pa.types.is_decimal(kind):
        raise not_numbers(where)
    if kind.scale <= 0:  # a sum of integers, as some engines give it
        check_unit(where, unit)
    elif unit == "nano":
        raise no_fractions(where)
    digits = 0 if kind.scale <= 0 and unit != "usd" else _DIGITS
    try:
        rounded = (
            pc.round(values, digits, "half_towards_infinity") if kind.scale > digits else values
        )
        units = rounded.cast(pa.decimal128(_WIDEST, digits))
    except pa.ArrowInvalid:
        raise too_large(where) from None
    return _low_halves(units, where)


def _low_halves(units: Any, where: str) -> Any:
    """Return the integers of 128-bit decimals, which must fit 64 bits."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    missing = units.is_null().to_numpy(zero_copy_only=False)
    if not len(units):
        return pa.array([], pa.int64())
    pairs = np.frombuffer(units.buffers()[1], np.int64).reshape(-1, 2)
    pairs = pairs[units.offset : units.offset + len(units)]
    low, high = np.where(missing, 0, pairs[:, 0]), np.where(missing, 0, pairs[:, 1])
    if (high != low >> 63).any():
        raise too_large(where)
    return pa.array(low, mask=missing)


def _filled(found: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    missing = found.is_null().to_numpy(zero_copy_only=False)
    return found.fill_null(0).to_numpy(zero_copy_only=False).copy(), missing


def _spread(
    present: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Put values in the places that are not missing."""
    if not missing.any():
        return present
    spread = np.zeros(len(missing), np.int64)
    spread[~missing] = present
    return spread


def check_unit(where: str, unit: Kind | None) -> None:
    """Raise `ValueError` if integers have no unit."""
    if unit is None:
        raise ValueError(
            f"{where} holds integers, which may be US dollars or nano-dollars; name them: "
            'unit="usd" or unit="nano" in costs.Tables, costs.flatten, costs.write or frame.sw(…)'
        )


def not_numbers(where: str) -> ValueError:
    """Make the refusal of what is no number."""
    return ValueError(
        f"{where} must be numbers; pd.to_numeric(…), or a cast to DECIMAL(18, 9), makes them of text"
    )


def no_fractions(where: str) -> ValueError:
    """Make the refusal of fractions where nano-dollars were named."""
    return ValueError(
        f'{where} holds fractions, and unit="nano" means whole nano-dollars; make them integers '
        '(.astype("Int64")), or name unit="usd"'
    )


def too_large(where: str) -> ValueError:
    """Make the refusal of amounts past what can be added up exactly."""
    return ValueError(
        f"{where} holds an amount past 9,223,372,036 US dollars, or infinity; take those rows out"
    )
