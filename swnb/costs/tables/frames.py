"""The seam between the questions and the engines: one grouped sum over any frame, in UTC.

Every question reduces its table on the engine to sums of integers by a few keys, and does the rest in
pandas on that small frame. The differences between engines are handled here:

- DuckDB and Spark truncate times in the time zone of their session, and Dask cannot truncate to
  months at all. So times become whole seconds since 1970, which no session shifts, the engine groups by
  whole days, and months are sums of days.
- DuckDB returns sums as HUGEINT, which reach pandas as floats; they are cast back on the engine.
- Counting distinct calls among charge lines takes gigabytes; the column `first` makes it a sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.costs.tables.money import MOST, Unit, kind_of
from swnb.costs.tables.opening import lazily, to_pandas, with_nano
from swnb.costs.tables.tables import CALLS, CHARGES, Tables

TIMES = ("month", "day", "hour")
_DAY = 86_400
_HOUR = 3_600
_SECONDS = "_seconds"
_ABOUT = "about"  # the same sum in doubles, to detect one that 64 bits cannot hold
_LABELS = {
    table: tuple(c.name for c in columns if c.dtype == "category" or c.name in {"from", "to"})
    for table, columns in (("calls", CALLS), ("charges", CHARGES))
}
KEYS = (*TIMES, *dict.fromkeys((*_LABELS["calls"], *_LABELS["charges"])))


class UnknownKey(ValueError):
    """No table can be grouped by a key; the message names the closest one."""


class MissingColumn(ValueError):
    """A frame lacks a column that a question needs; the message says how to get it."""


def check_keys(question: str, of: str, keys: Sequence[str], allowed: Sequence[str]) -> None:
    """Raise `UnknownKey` if a key is not among those allowed for a table."""
    for key in keys:
        if key not in allowed:
            close = get_close_matches(str(key), allowed, 1, 0.4)
            hint = f"; did you mean {close[0]!r}?" if close else "."
            raise UnknownKey(
                f"{question}: {of} cannot be grouped by {key!r}{hint} "
                f"The keys are {', '.join(allowed)}."
            )


def table_of(question: str, tables: Tables, keys: Sequence[str]) -> tuple[str, Any]:
    """Return the name and frame of the table that has all keys: calls, unless a key is of charge lines.

    Raises `UnknownKey` if no single table has all of them.
    """
    check_keys(question, "calls and charges", keys, KEYS)
    name = "charges" if "description" in keys else "calls"
    check_keys(question, name, keys, (*TIMES, *_LABELS[name]))
    return name, getattr(tables, name)


def calls_by(
    question: str, tables: Tables, keys: Sequence[str], *columns: str
) -> nw.LazyFrame[Any]:
    """Return the calls with some columns and those of the keys; all keys must be columns of calls."""
    check_keys(question, "calls", keys, (*TIMES, *_LABELS["calls"]))
    return opened(question, "calls", tables.calls, [*columns_of(keys), *columns], tables.unit)


def priced() -> dict[str, nw.Expr]:
    """Return the sums of charges: a missing charge adds nothing and is counted as unpriced."""
    charge = nw.col("charge")
    return {"charge": charge.fill_null(0), "unpriced": charge.is_null().cast(nw.Int64)}


def columns_of(keys: Sequence[str]) -> list[str]:
    """Return the columns that keys are made of."""
    return ["created_at" if key in TIMES else key for key in keys]


def opened(
    question: str, name: str, frame: Any, needed: Iterable[str], unit: Unit | None = None
) -> nw.LazyFrame[Any]:
    """Return a frame of any engine lazily, with the needed columns, money in nano-dollars.

    A charge becomes whole nano-dollars by the rules of `swnb.costs.tables.money`; `unit` is that of
    integers. Raises `MissingColumn` if the frame or a column is missing, `TypeError` if it is not a
    frame, `ValueError` if times are strings or charges are not amounts of money.
    """
    if frame is None:
        raise MissingColumn(f"{question}: needs the table {name}; {_how(name, ())}")
    lazy = lazily(frame)
    columns = list(dict.fromkeys(needed))
    schema = lazy.collect_schema()
    missing = [column for column in columns if column not in schema]
    if missing:
        raise MissingColumn(
            f"{question}: {name} has no column {', '.join(missing)}; {_how(name, missing)}"
        )
    if "created_at" in columns and not isinstance(schema["created_at"], nw.Datetime | nw.Unknown):
        raise ValueError(
            f"{question}: {name}.created_at must be times; "
            'convert them with pd.to_datetime(…, utc=True, format="ISO8601")'
        )
    lazy = lazy.select(columns)
    if "created_at" in columns and schema["created_at"] == nw.Unknown:
        # narwhals does not recognize a zone with an underscore in its name (America/New_York).
        lazy = lazy.with_columns(nw.col("created_at").cast(nw.Datetime("us", "UTC")))
    if "charge" in columns:
        own_columns = (column.name for column in (CHARGES if name == "charges" else CALLS))
        lazy = with_nano(lazy, f"{name}.charge", kind_of(frame, schema, own_columns, unit))
    return lazy


def _how(name: str, missing: Iterable[str]) -> str:
    if name == "exchanges":
        return "use sw.log.exchanges()"
    if "country" in missing:
        return 'add it with swnb.costs.countries(frame["to"]), or use the flat tables of costs.read'
    return f"use the {name} of sw.log.tables(), costs.read(folder) or costs.flatten"


def _with_seconds(lazy: nw.LazyFrame[Any]) -> nw.LazyFrame[Any]:
    """Add `created_at` as whole seconds since 1970; a time without a zone is in UTC."""
    if lazy.implementation.is_duckdb():
        # DuckDB's own function: the difference of two times loses an hour if the session's zone
        # changes its clocks between them.
        counted = lazy.to_native().project(f"*, epoch_us(created_at) // 1000000 AS {_SECONDS}")
        relation: nw.LazyFrame[Any] = nw.from_native(counted).lazy()
        return relation
    times = nw.col("created_at")
    if lazy.implementation.is_spark_like():
        return lazy.with_columns(times.cast(nw.Int64).alias(_SECONDS))
    return lazy.with_columns((times.dt.timestamp("ms") // 1000).alias(_SECONDS))


def grouped(
    lazy: nw.LazyFrame[Any],
    keys: Sequence[str],
    sums: Mapping[str, nw.Expr],
    *,
    count: str = "calls",
) -> pd.DataFrame:
    """Return counts of rows and sums of integer expressions by some keys, computed on the engine.

    The result is a pandas frame with the keys, `count` and the sums, all int64. `month` and `day` are
    midnights in UTC, `hour` is the hour of the day; a missing label is None.
    """
    on_engine = list(dict.fromkeys("day" if key == "month" else key for key in keys))
    if set(TIMES) & set(keys):
        lazy = _with_seconds(lazy)
    times = {"day": nw.col(_SECONDS) // _DAY, "hour": nw.col(_SECONDS) // _HOUR % 24}
    approximate = {_ABOUT: sums["charge"].cast(nw.Float64)} if _may_wrap(lazy, sums) else {}
    # Selected first, so that the engine groups plain columns: pandas is slow on expressions.
    plain = lazy.select(
        *(times.get(key, nw.col(key)).alias(key) for key in on_engine),
        *(expression.alias(f"_{name}") for name, expression in {**sums, **approximate}.items()),
    )
    aggregates = [
        nw.len().alias(count),
        *(nw.col(f"_{name}").sum().alias(name) for name in {**sums, **approximate}),
    ]
    small = plain.group_by(*on_engine).agg(*aggregates) if on_engine else plain.select(*aggregates)
    totals = collected(small.with_columns(nw.col(count, *sums).cast(nw.Int64)))
    totals = totals.astype(dict.fromkeys((count, *sums), "int64"))
    if "charge" in sums:
        charges = totals.pop(_ABOUT) if approximate else totals["charge"].astype("float64")
        if charges.abs().sum() > MOST:
            raise ValueError(
                "charge adds up to more than 9,223,372,036 US dollars; select fewer rows"
            )
    return _in_months(_readable(totals), keys)


def _may_wrap(lazy: nw.LazyFrame[Any], sums: Mapping[str, nw.Expr]) -> bool:
    """Return whether the engine would silently return a wrong sum if charges exceed 64 bits."""
    if "charge" not in sums or lazy.implementation.is_duckdb():
        return False  # DuckDB raises an error, and so does Spark
    if lazy.implementation.is_pandas():
        charges = lazy.to_native()["charge"].dropna()
        return len(charges) > 0 and len(charges) * float(charges.abs().max()) > MOST
    return not lazy.implementation.is_spark_like()


def collected(lazy: nw.LazyFrame[Any]) -> pd.DataFrame:
    """Return a small frame in pandas, integers as integers."""
    # Through Arrow on engines with a session: their own conversion to pandas moves times into the
    # session's zone, and Spark's drops the zone.
    by_arrow = not lazy.implementation.is_pandas_like() and not lazy.implementation.is_dask()
    if not by_arrow:
        frame: pd.DataFrame = lazy.collect("pandas").to_pandas()
        return frame.reset_index(drop=True)
    collected_frame: pd.DataFrame = to_pandas(lazy.collect("pyarrow").to_native())
    return collected_frame


def _readable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return day numbers as times and labels as strings or None, on every engine alike."""
    for name in frame:
        values = frame[name]
        if name == "day":
            numbers = pd.to_numeric(values).astype("Int64") * _DAY
            frame[name] = pd.to_datetime(numbers, unit="s", utc=True).dt.as_unit("us")
        elif name == "hour":
            frame[name] = pd.to_numeric(values).astype("Int64")
        elif not pd.api.types.is_integer_dtype(values.dtype):
            frame[name] = labels(values)
    return frame


def labels(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return labels as strings or None, whatever type an engine returned."""
    return values.astype(object).where(values.notna(), None)


def month_of(days: pd.Series[Any]) -> pd.Series[Any]:
    """Return the first midnight of each day's month, in UTC."""
    months: pd.Series[Any] = days.dt.normalize() - pd.to_timedelta(days.dt.day - 1, unit="D")
    unit: pd.Series[Any] = months.dt.as_unit("us")
    return unit


def _in_months(frame: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    if "month" in keys:
        frame["month"] = month_of(frame["day"])
        if "day" not in keys:
            sums = [name for name in frame if name not in {*keys, "day"}]
            groups = frame.groupby(list(keys), dropna=False, sort=False)
            frame = groups[sums].sum().reset_index()
    return frame


def finished(frame: pd.DataFrame, keys: Sequence[str], facts: Sequence[str]) -> pd.DataFrame:
    """Return the rows in order (by time, then the most expensive first, then by key), and the columns."""
    times = [key for key in TIMES if key in keys]
    names = [key for key in keys if key not in TIMES]
    by = [*times, "charge", *names]
    ordered = frame.sort_values(by, ascending=[name != "charge" for name in by], ignore_index=True)
    return ordered.assign(**{name: labels(ordered[name]) for name in names})[[*keys, *facts]]


def in_utc(times: pd.Series[Any]) -> pd.Series[Any]:
    """Return times in UTC; those without a zone are in UTC already."""
    return pd.to_datetime(times, utc=True).dt.as_unit("us")
