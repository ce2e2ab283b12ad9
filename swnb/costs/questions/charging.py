"""What calls and their charge lines cost: by key, by the minute, by rounding, and the dearest."""

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
    """Say what calls cost by some of `KEYS`; without a key, in all.

    Columns: the keys, `calls`, `charge` (USD), `unpriced` (how many have no charge yet; they count
    as none) and `share` (of the whole charge). With the key `description` charge and `unpriced` are
    of the charge lines, `lines` counts them, and a call counts once under each description that it
    has. Raises `UnknownKey`, `MissingColumn`, and `ValueError` for a charge that is no amount.

        by(tables, "day", "direction")
    """
    name, frame = table_of("by", tables, keys)
    lines = name == "charges"
    needed = [*columns_of(keys), "charge", *(["first"] if lines else [])]
    lazy = opened("by", name, frame, needed, tables.unit)
    sums = priced()
    if lines:
        sums["calls"] = nw.col("first").cast(nw.Int64)
    found = grouped(lazy, keys, sums, count="lines" if lines else "calls")
    found["share"] = found["charge"] / found["charge"].sum()
    counts = [*(["lines"] if lines else []), "calls"]
    found = finished(found, keys, [*counts, "charge", "unpriced", "share"])
    return found.assign(charge=usd(found["charge"]))


def per_minute(tables: Tables, *keys: str) -> pd.DataFrame:
    """Say what a minute costs, by `type` and `direction` unless keys are given.

    Only calls whose charge, `duration_ms` and `billing_ms` are known count. Columns: the keys, `calls`,
    `charge` (USD), `minutes` (used), `billed_minutes`, `per_minute` and `per_billed_minute` (USD of
    the calls' whole charge for each; NaN where there are no minutes).
    """
    keys = keys or ("type", "direction")
    sums = {name: nw.col(name) for name in _MEASURES}
    found = grouped(_metered("per_minute", tables, keys), keys, sums)
    found = finished(found, keys, ["calls", *_MEASURES])
    charge = usd(found["charge"])
    minutes = found["duration_ms"] / _MS_PER_MINUTE
    billed = found["billing_ms"] / _MS_PER_MINUTE
    facts = {
        "charge": charge,
        "minutes": minutes,
        "billed_minutes": billed,
        "per_minute": charge / minutes.where(minutes > 0),
        "per_billed_minute": charge / billed.where(billed > 0),
    }
    return found[[*keys, "calls"]].assign(**facts)


def rounding(tables: Tables, *keys: str) -> pd.DataFrame:
    """Say what billing in whole increments cost beyond the time used, by type and direction unless said.

    A call's rounding is its charge times the part of its billed time that was not used:
    `charge x (billing_ms - duration_ms) / billing_ms`, in whole nano-dollars rounded down, and
    nothing where more was used than billed. It is an upper bound where a call has charges that are
    not by time. Beyond 9e15 nano-dollars times milliseconds (150 USD of which a minute was not
    used) the last nano-dollar of a call is not certain. Columns: the keys, `calls`, `charge` (USD), `minutes` used, `billed_minutes`,
    `unused_minutes`, `rounding` (USD) and `share` (of the charge).
    """
    keys = keys or ("type", "direction")
    lazy = _metered("rounding", tables, keys)
    billed, unused = nw.col("billing_ms"), nw.col("billing_ms") - nw.col("duration_ms")
    lazy = lazy.with_columns(
        nw.when(unused > 0).then(unused).otherwise(0).alias("unused"),
        nw.when(billed > 0).then(billed).otherwise(1).alias("billed"),
    )
    # In doubles: charge x unused passes 64 bits for a long, dear call, and engines divide integers
    # each in its own way. Double arithmetic is the same everywhere, and exact up to 2**53.
    unused, exact = nw.col("unused"), nw.col("charge").cast(nw.Float64)
    lost = (exact * unused.cast(nw.Float64) / nw.col("billed").cast(nw.Float64)).floor()
    sums = {
        **{name: nw.col(name) for name in _MEASURES},
        "unused": unused,
        "rounding": lost.cast(nw.Int64),
    }
    found = grouped(lazy, keys, sums)
    found = finished(found, keys, ["calls", *sums])
    facts = {
        "charge": usd(found["charge"]),
        "minutes": found["duration_ms"] / _MS_PER_MINUTE,
        "billed_minutes": found["billing_ms"] / _MS_PER_MINUTE,
        "unused_minutes": found["unused"] / _MS_PER_MINUTE,
        "rounding": usd(found["rounding"]),
        "share": found["rounding"] / found["charge"].where(found["charge"] > 0),
    }
    return found[[*keys, "calls"]].assign(**facts)


def _metered(question: str, tables: Tables, keys: tuple[str, ...]) -> nw.LazyFrame[Any]:
    """Open the calls whose charge, time used and time billed are all known."""
    lazy = calls_by(question, tables, keys, *_MEASURES)
    return lazy.filter(*(~nw.col(name).is_null() for name in _MEASURES))


def top(tables: Tables, *keys: str, n: int = 10, measure: str = "charge") -> pd.DataFrame:
    """Give the `n` calls with the most `charge`, `duration_ms` or `billing_ms`, the most first.

    With keys, the `n` groups of `by` with the highest charge instead. Calls that are equal come in
    the order of their ids. Columns: those of `by`; for calls, the columns of the table that it has,
    `calls` (1) and `charge` (USD).
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
    found = pd.concat([above, ties]) if len(above) else ties
    found = found.sort_values([measure, "id"], ascending=[False, True], ignore_index=True)
    return _readable_calls(found)


def _highest(
    lazy: nw.LazyFrame[Any], n: int, column: str, *, reverse: bool = False
) -> nw.LazyFrame[Any]:
    if lazy.implementation.is_duckdb():  # whose top_k only finds frames of the default connection
        return lazy.sort(column, descending=not reverse).head(n)
    return lazy.top_k(n, by=column, reverse=reverse)


def _readable_calls(found: pd.DataFrame) -> pd.DataFrame:
    """Give whole calls as the same frame from every engine."""
    facts: dict[str, Any] = {}
    for column in CALLS:
        if column.name in found and column.name != "charge":
            values = found[column.name]
            if column.dtype == "datetime64[us, UTC]":
                facts[column.name] = in_utc(values)
            elif column.dtype == "Int64":
                facts[column.name] = values.astype("Int64")
            else:
                facts[column.name] = labels(values)
    return pd.DataFrame({**facts, "calls": 1, "charge": usd(found["charge"])}, index=found.index)
