"""What calls and their charge lines cost: by key, per minute, by rounding, and the most expensive."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.costs.tables.frames import (
    UnknownKey,
    calls_by,
    collected,
    columns_of,
    finished,
    grouped,
    in_utc,
    labels,
    opened,
    priced,
    table_of,
)
from swnb.costs.tables.opening import lazily
from swnb.costs.tables.tables import CALLS, Tables
from swnb.exchange import dollars as usd

_MS_PER_MINUTE = 60_000
_MEASURES = ("charge", "duration_ms", "billing_ms")


def by(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return what calls cost by some of `KEYS`, or in total without a key.

    With the key `description`, `charge` and `unpriced` are those of the charge lines, and a call counts
    once under each description that it has.

    Parameters
    ----------
    tables : Tables
        The calls, and the charge lines if `description` is a key.
    *keys : str
        Names among `KEYS`.

    Returns
    -------
    pandas.DataFrame
        The keys; `calls` (int64); `charge` (float64, US dollars); `unpriced` (int64, how many have no
        charge yet); `share` (float64, of the total charge). With `description` also `lines` (int64).

    Raises
    ------
    UnknownKey
        If no table can be grouped by a key, or no single table by all of them.
    MissingColumn
        If a frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.by(tables, "day", "direction")

    """
    name, frame = table_of("by", tables, keys)
    lines = name == "charges"
    needed = [*columns_of(keys), "charge", *(["first"] if lines else [])]
    lazy = opened("by", name, frame, needed, tables.unit)
    sums = priced()
    if lines:
        sums["calls"] = nw.col("first").cast(nw.Int64)
    totals = grouped(lazy, keys, sums, count="lines" if lines else "calls")
    totals["share"] = totals["charge"] / totals["charge"].sum()
    counts = [*(["lines"] if lines else []), "calls"]
    totals = finished(totals, keys, [*counts, "charge", "unpriced", "share"])
    return totals.assign(charge=usd(totals["charge"]))


def per_minute(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return what a minute costs.

    Only calls whose charge, `duration_ms` and `billing_ms` are known count.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "type", "direction"
        Names among `KEYS` that calls have.

    Returns
    -------
    pandas.DataFrame
        The keys; `calls` (int64); `charge` (float64, US dollars); `minutes` (float64, used) and
        `billed_minutes` (float64); `per_minute` and `per_billed_minute` (float64, US dollars of the
        calls' total charge; NaN if there are no minutes).

    Raises
    ------
    UnknownKey
        If calls cannot be grouped by a key.
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.per_minute(tables, "country")

    """
    keys = keys or ("type", "direction")
    sums = {name: nw.col(name) for name in _MEASURES}
    totals = grouped(_metered("per_minute", tables, keys), keys, sums)
    totals = finished(totals, keys, ["calls", *_MEASURES])
    charge = usd(totals["charge"])
    minutes = totals["duration_ms"] / _MS_PER_MINUTE
    billed = totals["billing_ms"] / _MS_PER_MINUTE
    facts = {
        "charge": charge,
        "minutes": minutes,
        "billed_minutes": billed,
        "per_minute": charge / minutes.where(minutes > 0),
        "per_billed_minute": charge / billed.where(billed > 0),
    }
    return totals[[*keys, "calls"]].assign(**facts)


def rounding(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return what billing in whole increments cost beyond the time used.

    A call's rounding is its charge times the part of its billed time that was not used:
    `charge x (billing_ms - duration_ms) / billing_ms`, in whole nano-dollars rounded down, and 0 if more
    was used than billed. It is an upper bound for calls with charges that are not by time. Beyond
    9e15 nano-dollars times milliseconds (150 US dollars with one unused minute) the last nano-dollar
    of a call is not certain.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "type", "direction"
        Names among `KEYS` that calls have.

    Returns
    -------
    pandas.DataFrame
        The keys; `calls` (int64); `charge` (float64, US dollars); `minutes` (used), `billed_minutes` and
        `unused_minutes` (float64); `rounding` (float64, US dollars); `share` (float64, of the charge).

    Raises
    ------
    UnknownKey
        If calls cannot be grouped by a key.
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.rounding(tables, "country")

    """
    keys = keys or ("type", "direction")
    lazy = _metered("rounding", tables, keys)
    billed, unused = nw.col("billing_ms"), nw.col("billing_ms") - nw.col("duration_ms")
    lazy = lazy.with_columns(
        nw.when(unused > 0).then(unused).otherwise(0).alias("unused"),
        nw.when(billed > 0).then(billed).otherwise(1).alias("billed"),
    )
    # In doubles: charge x unused passes 64 bits for a long, expensive call, and engines divide integers
    # differently. Double arithmetic is the same everywhere, and exact up to 2**53.
    unused, exact = nw.col("unused"), nw.col("charge").cast(nw.Float64)
    lost = (exact * unused.cast(nw.Float64) / nw.col("billed").cast(nw.Float64)).floor()
    sums = {
        **{name: nw.col(name) for name in _MEASURES},
        "unused": unused,
        "rounding": lost.cast(nw.Int64),
    }
    totals = grouped(lazy, keys, sums)
    totals = finished(totals, keys, ["calls", *sums])
    facts = {
        "charge": usd(totals["charge"]),
        "minutes": totals["duration_ms"] / _MS_PER_MINUTE,
        "billed_minutes": totals["billing_ms"] / _MS_PER_MINUTE,
        "unused_minutes": totals["unused"] / _MS_PER_MINUTE,
        "rounding": usd(totals["rounding"]),
        "share": totals["rounding"] / totals["charge"].where(totals["charge"] > 0),
    }
    return totals[[*keys, "calls"]].assign(**facts)


def _metered(question: str, tables: Tables, keys: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Return the calls whose charge, time used and time billed are all known."""
    lazy = calls_by(question, tables, keys, *_MEASURES)
    return lazy.filter(*(~nw.col(name).is_null() for name in _MEASURES))


def top(tables: Tables, *keys: str, n: int = 10, measure: str = "charge") -> pd.DataFrame:
    """Return the most expensive or longest calls, or the most expensive groups of calls.

    Parameters
    ----------
    tables : Tables
        The calls, and the charge lines if `description` is a key.
    *keys : str
        Names among `KEYS`; with keys, the groups of `by` with the highest charge are returned.
    n : int, default 10
        How many rows to return at most; at least 1.
    measure : {"charge", "duration_ms", "billing_ms"}, default "charge"
        What calls are ordered by, without keys.

    Returns
    -------
    pandas.DataFrame
        Highest first. With keys, the columns of `by`. Without, one row per call: the columns of `CALLS`
        that the frame has, `calls` (int64, always 1) and `charge` (float64, US dollars). Calls with
        equal measures are in the order of their ids.

    Raises
    ------
    UnknownKey
        If a key, or the measure, does not exist.
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If `n` is below 1, or a charge is not an amount of money.

    Examples
    --------
    >>> costs.top(tables, n=5)

    """
    if n < 1:
        raise ValueError("top: n must be at least 1")
    if keys:
        return by(tables, *keys).nlargest(n, "charge", keep="first").reset_index(drop=True)
    if measure not in _MEASURES:
        raise UnknownKey(f"top: measure must be one of {', '.join(_MEASURES)}")
    opened("top", "calls", tables.calls, ["id", "charge", measure], tables.unit)
    has = lazily(tables.calls).collect_schema().names()
    lazy = opened(
        "top", "calls", tables.calls, [c.name for c in CALLS if c.name in has], tables.unit
    )
    lazy = lazy.filter(~nw.col(measure).is_null())
    # The n-th highest value bounds the rows before whole rows are touched: sorting ten million
    # rows in pandas takes 24 s, this 0.6.
    highest = collected(_highest(lazy.select(measure), n, measure))[measure]
    if highest.empty:
        return _readable_calls(collected(lazy))
    bound = int(highest.min())
    above = collected(lazy.filter(nw.col(measure) > bound))
    equal = lazy.filter(nw.col(measure) == bound)
    ids = collected(_highest(equal.select("id"), n - len(above), "id", reverse=True))["id"]
    ties = collected(equal.filter(nw.col("id").is_in(ids.astype(object).tolist())))
    calls = pd.concat([above, ties]) if len(above) else ties
    calls = calls.sort_values([measure, "id"], ascending=[False, True], ignore_index=True)
    return _readable_calls(calls)


def _highest(
    lazy: nw.LazyFrame[Any], n: int, column: str, *, reverse: bool = False
) -> nw.LazyFrame[Any]:
    if lazy.implementation.is_duckdb():  # whose top_k only finds frames of the default connection
        return lazy.sort(column, descending=not reverse).head(n)
    return lazy.top_k(n, by=column, reverse=reverse)


def _readable_calls(calls: pd.DataFrame) -> pd.DataFrame:
    """Return whole calls as the same frame from every engine."""
    facts: dict[str, Any] = {}
    for column in CALLS:
        if column.name in calls and column.name != "charge":
            values = calls[column.name]
            if column.dtype == "datetime64[us, UTC]":
                facts[column.name] = in_utc(values)
            elif column.dtype == "Int64":
                facts[column.name] = values.astype("Int64")
            else:
                facts[column.name] = labels(values)
    return pd.DataFrame({**facts, "calls": 1, "charge": usd(calls["charge"])}, index=calls.index)
