"""Calls whose charge is far from what is normal for their type and destination.

The median and the median absolute deviation (MAD) say what is normal: unlike mean and standard
deviation they are not moved by what they are to find. Not every engine has a grouped median, and
none agrees with the others on its last digit. So the engine counts calls by steps of a charge, the
median and the MAD are read off that small frame exactly, and the engine then only filters.
"""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw
import numpy as np
import pandas as pd

from swnb.costs.tables.frames import calls_by, collected, grouped, in_utc, labels
from swnb.costs.tables.tables import Tables
from swnb.exchange import dollars as usd

STEP = 100_000  # nano-dollars: 0.0001 USD, the finest difference in price that counts
_NORMAL = 1.4826  # MADs in a standard deviation, were the charges normally distributed
_SPREAD = 0.1  # of the median: charges of whole minutes have a MAD of 0


def unusual(
    tables: Tables, *keys: str, far: float = 6.0, at_least: int = 20, limit: int = 100
) -> pd.DataFrame:
    """Return the calls whose charge is far from normal for their group.

    Normal is the group's median `m`; a call is unusual if its charge is more than `far` spreads away from
    it, a spread being the largest of 1.4826 MAD, a tenth of `m`, and 0.0001 US dollars. Charges are compared
    in steps of 0.0001 US dollars, rounded down. Calls without a charge are left out.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "type", "country"
        Names among `KEYS` that calls have; they make the groups.
    far : float, default 6.0
        How many spreads away is unusual.
    at_least : int, default 20
        Groups of this many calls or fewer are left out.
    limit : int, default 100
        How many rows to return at most.

    Returns
    -------
    pandas.DataFrame
        The farthest first: `id` (str); `created_at` (datetime64[us, UTC]); the keys; `calls` (int64, of the
        group); `charge` and `normal` (float64, US dollars); `spreads` (float64, how many away; below 0 is too
        cheap).

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
    >>> costs.unusual(tables, "type", far=10)

    """
    keys = keys or ("type", "country")
    lazy = calls_by("unusual", tables, keys, "id", "created_at", "charge")
    lazy = lazy.filter(nw.col("charge") > 0)
    lazy = lazy.with_columns((nw.col("charge") // STEP).cast(nw.Int64).alias("step"))
    cells = _scored(grouped(lazy, (*keys, "step"), {}), keys, at_least)
    cells = cells[cells["spreads"].abs() > far]
    cells = cells.iloc[(-cells["spreads"].abs()).argsort(kind="stable")]
    needed = cells["cell_calls"].cumsum().shift(fill_value=0) < limit
    cells = cells[needed]
    calls = _calls_in(lazy, cells, keys)
    calls["distance"] = -calls["spreads"].abs()
    calls = calls.sort_values(["distance", "charge", "id"], ascending=[True, False, True])
    calls = calls.head(limit).reset_index(drop=True)
    columns = ["id", "created_at", *keys, "calls", "charge", "normal", "spreads"]
    return calls.assign(charge=usd(calls["charge"]), normal=usd(calls["normal"]))[columns]


def _scored(counts: pd.DataFrame, keys: tuple[str, ...], at_least: int) -> pd.DataFrame:
    """Return the steps of each group with how many spreads each is from the group's median."""
    counts = counts.rename(columns={"calls": "cell_calls"}).sort_values([*keys, "step"])
    parts = []
    for _, group in counts.groupby(list(keys), dropna=False, sort=False):
        steps, weights = group["step"].to_numpy(), group["cell_calls"].to_numpy()
        if weights.sum() <= at_least:
            continue
        median = _median(steps, weights)
        spread = max(_NORMAL * _median(np.abs(steps - median), weights), _SPREAD * median, 1.0)
        parts.append(
            group.assign(
                calls=weights.sum(),
                normal=round(median * STEP),
                spreads=(steps - median) / spread,
            )
        )
    empty = counts.iloc[:0].assign(calls=0, normal=0, spreads=0.0)
    return pd.concat(parts) if parts else empty


def _median(values: Any, weights: Any) -> float:
    """Return the median of values that occur as often as their weights say."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(weights[order])
    whole = int(ends[-1])
    lower, upper = np.searchsorted(ends, [(whole - 1) // 2, whole // 2], side="right")
    return float(values[order[lower]] + values[order[upper]]) / 2


def _calls_in(lazy: nw.LazyFrame[Any], cells: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Return the calls of some cells, with the columns of their cells."""
    names = [*keys, "step"]
    groups = [
        _is_group(dict(zip(keys, values, strict=True)), sorted(cell["step"]))
        for values, cell in cells.groupby(list(keys), dropna=False, sort=False)
    ]
    no_call = nw.col("charge") < 0
    calls = collected(lazy.filter(reduce(operator.or_, groups, no_call)))
    for key in keys:
        calls[key] = labels(calls[key])
    calls = calls.assign(id=labels(calls["id"]), created_at=in_utc(calls["created_at"]))
    return calls.merge(cells[[*names, "calls", "normal", "spreads"]], on=names)


def _is_group(values: dict[str, Any], steps: list[int]) -> nw.Expr:
    tests = [
        nw.col(key).is_null() if label is None or pd.isna(label) else nw.col(key) == label
        for key, label in values.items()
    ]
    return reduce(operator.and_, tests, nw.col("step").is_in(steps))
