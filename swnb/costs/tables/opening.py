"""Frames of any engine, opened lazily, their amounts as whole nano-dollars by the rules of `money`."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.costs.tables.money import (
    MOST,
    PLAIN,
    Kind,
    arrow_in_nano,
    check_unit,
    in_nano,
    no_fractions,
    not_numbers,
    too_large,
)
from swnb.exchange import NANO

_LIMIT = MOST // NANO  # US dollars


def lazily(frame: Any) -> nw.LazyFrame[Any]:
    """Return a frame of any engine as a lazy frame; raises `TypeError` if it is not a frame."""
    with warnings.catch_warnings():
        # narwhals announces a separate package for Dask, about which the caller can do nothing.
        # docs/scale.md says what to install once it exists.
        warnings.filterwarnings("ignore", "Dask support is moving", FutureWarning)
        opened_frame: nw.LazyFrame[Any] = nw.from_native(frame).lazy()
    return opened_frame


def with_nano(lazy: nw.LazyFrame[Any], where: str, unit: Kind | None) -> nw.LazyFrame[Any]:
    """Return a frame whose column `charge` is whole nano-dollars. Raises `ValueError` as `in_nano`."""
    kind = lazy.implementation
    frame = lazy.to_native()
    whole = lazy.collect_schema()["charge"] == nw.Int64 and unit in ("nano", "ours")
    if whole and not kind.is_pyarrow():
        return lazy
    if kind.is_pandas():
        changed = frame.assign(charge=in_nano(frame["charge"], where, unit))
    elif kind.is_pyarrow():
        place = frame.column_names.index("charge")
        nano = arrow_in_nano(frame["charge"], where, unit)
        # Arrow refuses to convert a large integer to a double, which questions need.
        changed = to_pandas(frame.set_column(place, "charge", nano))
    elif kind.is_polars():
        changed = _on_polars(lazy, frame, where, unit)
    elif kind.is_dask():
        in_nano(frame["charge"]._meta, where, unit)  # noqa: SLF001 - refuses by the type, before any work
        nano = frame["charge"].map_partitions(
            _part, where, unit, meta=pd.Series([], dtype="Int64", name="charge")
        )
        changed = frame.assign(charge=nano)
    else:
        return _by_sql(lazy, where, unit)
    return lazily(changed)


def to_pandas(table: Any) -> Any:
    """Return an Arrow table as a pandas frame, integers as integers even if some are missing."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    return table.to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)


def _part(values: pd.Series[Any], where: str, unit: Kind | None) -> pd.Series[Any]:
    return in_nano(values, where, unit).astype("Int64")


def _on_polars(lazy: nw.LazyFrame[Any], frame: Any, where: str, unit: Kind | None) -> Any:
    import polars as pl  # noqa: PLC0415 - an extra

    kind = lazy.collect_schema()["charge"]
    column = pl.col("charge")
    if not kind.is_numeric() and kind != nw.Unknown:
        raise not_numbers(where)
    empty = pl.Series([], dtype=frame.collect_schema()["charge"])
    _batch(empty, where=where, unit=unit)  # raises for a wrong type before any work
    batch = partial(_batch, where=where, unit=unit)
    return frame.with_columns(column.map_batches(batch, return_dtype=pl.Int64, is_elementwise=True))


def _batch(values: Any, *, where: str, unit: Kind | None) -> Any:
    import polars as pl  # noqa: PLC0415 - an extra

    if values.dtype in (pl.Int128, getattr(pl, "UInt128", pl.Int128)):
        check_unit(where, unit)
        values = values.cast(pl.Decimal(38, 0))
    return pl.Series(values.name, arrow_in_nano(values.to_arrow(), where, unit), dtype=pl.Int64)


def _by_sql(lazy: nw.LazyFrame[Any], where: str, unit: Kind | None) -> nw.LazyFrame[Any]:
    """Return the frame converted in the engine's own SQL, or by narwhals on any other engine."""
    kind = lazy.collect_schema()["charge"]
    scale = getattr(kind, "scale", 0)
    if not kind.is_numeric():
        raise not_numbers(where)
    fraction = kind.is_float() or (kind.is_decimal() and scale > 0)
    if not fraction:
        check_unit(where, unit)
    elif unit == "nano":
        raise no_fractions(where)
    frame = lazy.to_native()
    if lazy.implementation.is_duckdb():
        sql = _sql(kind, where, unit, text="VARCHAR", fail="error")
        changed = frame.project(f'* REPLACE ({sql} AS "charge")')
    elif lazy.implementation.is_spark_like():
        sql = _sql(kind, where, unit, text="STRING", fail="raise_error")
        changed = frame.selectExpr(
            *(f"`{name}`" for name in frame.columns if name != "charge"), f"{sql} AS charge"
        )
    elif kind.is_decimal():
        raise ValueError(
            f"{where} is decimal, which this engine does not convert exactly; cast it to float64"
        )
    else:
        factor = 1 if not fraction and unit != "usd" else NANO
        nano = (nw.col("charge") * factor).round() if fraction else nw.col("charge") * factor
        return lazy.with_columns(nano.cast(nw.Int64).alias("charge"))
    return lazily(changed)


def _sql(kind: Any, where: str, unit: Kind | None, *, text: str, fail: str) -> str:
    """Return the expression for a numeric column `charge` in nano-dollars (BIGINT)."""
    message = str(too_large(where)).replace("'", "''")
    fraction = kind.is_float() or getattr(kind, "scale", 0) > 0
    whole = not fraction and unit != "usd"
    limit = MOST if whole else _LIMIT
    # 19 digits of nano-dollars times ten digits stay within 38.
    exact = "CAST(CAST({} AS DECIMAL(19, 9)) * CAST(1000000000 AS DECIMAL(10, 0)) AS BIGINT)"
    if whole:
        nano = "CAST(charge AS BIGINT)"
    elif kind.is_float():
        # From the shortest text, which for small amounts is the nearest nano-dollar too.
        nano = exact.format(f"CAST(charge AS {text})")
        if kind == nw.Float64:
            plain = f"CAST(sign(charge) * floor(abs(charge) * {NANO} + 0.5) AS BIGINT)"
            nano = f"CASE WHEN abs(charge) < {PLAIN} THEN {plain} ELSE {nano} END"
    else:
        nano = exact.format("charge")
    missing = "charge IS NULL OR isnan(charge)" if kind.is_float() else "charge IS NULL"
    return (
        f"CASE WHEN {missing} THEN NULL "
        f"WHEN charge BETWEEN -{limit} AND {limit} THEN {nano} "
        f"ELSE CAST({fail}('{message}') AS BIGINT) END"
    )
