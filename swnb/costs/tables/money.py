"""Amounts of money in any frame as whole nano-dollars.

A fraction (float, Decimal, Arrow decimal) is an amount of US dollars, read by its shortest text. An
integer may be dollars or nano-dollars, and guessing is wrong by nine digits: it is accepted only if
the frame is one of our own tables or the unit is named. An amount finer than a nano-dollar is rounded to
one, halves away from zero, on every engine alike. Missing values stay missing.

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
# US dollars. Below this, a double times a billion is nearest to its own nano-dollar.
PLAIN = 2**20
_DIGITS = 9  # decimals of a US dollar that a nano-dollar has
_WIDEST = 38  # digits of a decimal in 128 bits

Unit = Literal["usd", "nano"]
# How integers are read: "ours" means nano-dollars too, but leaves fractions as dollars.
Kind = Literal["usd", "nano", "ours"]


def checked(unit: Any) -> Unit | None:
    """Return the unit; raises `ValueError` if it is neither `"usd"`, `"nano"` nor None."""
    if unit is not None and unit not in get_args(Unit):
        raise ValueError('unit must be "usd" (US dollars) or "nano" (nano-dollars)')
    valid: Unit | None = unit
    return valid


def kind_of(
    frame: Any, names: Iterable[str], own_columns: Iterable[str], unit: Unit | None
) -> Kind | None:
    """Return the unit of a frame's integers: `unit`, or nano-dollars if the frame is our own table.

    It is our own if it carries our mark or has every column of the table.
    """
    if unit is None and (marked(frame) or set(own_columns) <= set(names)):
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

    `where` names the column (`calls.charge`), `unit` is that of integers. Raises `ValueError`, with the
    column and the remedy, for values that are not numbers, integers without a unit, fractions of
    nano-dollars, and amounts that 64 bits cannot hold.
    """
    dtype = values.dtype
    if isinstance(dtype, pd.ArrowDtype):
        nano, missing = _filled(arrow_in_nano(values.array.__arrow_array__(), where, unit))
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
    amounts = pd.arrays.IntegerArray(nano, missing) if missing.any() else nano
    return pd.Series(amounts, values.index, name=values.name)


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
        # The shortest text of a float32 has fewer digits than that of the double it becomes.
        distinct, places = np.unique(amounts.astype(values.dtype), return_inverse=True)
        return np.array([_rounded(Decimal(str(amount))) for amount in distinct], np.int64)[
            places
        ], missing
    nano = (np.copysign(np.floor(np.abs(amounts) * NANO + 0.5), amounts)).astype(np.int64)
    for place in np.flatnonzero(np.abs(amounts) >= PLAIN):
        nano[place] = _rounded(Decimal(repr(float(amounts[place]))))
    return nano, missing


def _objects(
    values: pd.Series[Any], where: str, unit: Kind | None
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return Python numbers as nano-dollars; all are dollars if any of them is a fraction."""
    missing = values.isna().to_numpy()
    numbers = [
        number.item() if isinstance(number, np.generic) else number for number in values[~missing]
    ]
    kinds = set(map(type, numbers))
    if not kinds <= {int, float, Decimal}:
        raise not_numbers(where)
    if kinds == {int}:
        check_unit(where, unit)
    elif kinds and unit == "nano":
        raise no_fractions(where)
    factor = 1 if kinds == {int} and unit != "usd" else NANO
    nano = [_nano(number, factor, where) for number in numbers]
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
        numbers = values.to_numpy(zero_copy_only=False)  # a null becomes NaN
        nano, missing = fractions(numbers, where, unit)
        return pa.array(nano, mask=missing)
    if pa.types.is_integer(kind):
        missing = values.is_null().to_numpy(zero_copy_only=False)
        numbers = values.drop_null().to_numpy(zero_copy_only=False)
        return pa.array(_spread(whole(numbers, where, unit), missing), mask=missing)
    if not pa.types.is_decimal(kind):
        raise not_numbers(where)
    if kind.scale <= 0:  # a sum of integers, as some engines return it
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
    """Return the integers of 128-bit decimals, which must fit in 64 bits."""
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


def _filled(nano: Any) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    missing = nano.is_null().to_numpy(zero_copy_only=False)
    return nano.fill_null(0).to_numpy(zero_copy_only=False).copy(), missing


def _spread(
    present: npt.NDArray[np.int64], missing: npt.NDArray[np.bool_]
) -> npt.NDArray[np.int64]:
    """Return the values at the places that are not missing, 0 elsewhere."""
    if not missing.any():
        return present
    spread = np.zeros(len(missing), np.int64)
    spread[~missing] = present
    return spread


def check_unit(where: str, unit: Kind | None) -> None:
    """Raise `ValueError` if the integers have no unit."""
    if unit is None:
        raise ValueError(
            f"{where} holds integers, which may be US dollars or nano-dollars; name the unit: "
            'unit="usd" or unit="nano" in costs.Tables, costs.flatten, costs.write or frame.sw(…)'
        )


def not_numbers(where: str) -> ValueError:
    """Return the error for values that are not numbers."""
    return ValueError(
        f"{where} must be numbers; convert strings with pd.to_numeric(…) or a cast to DECIMAL(18, 9)"
    )


def no_fractions(where: str) -> ValueError:
    """Return the error for fractions in a column of nano-dollars."""
    return ValueError(
        f'{where} holds fractions, but unit="nano" means whole nano-dollars; convert them to integers '
        '(.astype("Int64")), or set unit="usd"'
    )


def too_large(where: str) -> ValueError:
    """Return the error for amounts that cannot be added up exactly."""
    return ValueError(
        f"{where} holds an amount above 9,223,372,036 US dollars, or infinity; remove those rows"
    )
