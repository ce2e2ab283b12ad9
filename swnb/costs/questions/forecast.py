"""How charges change: growth from month to month, and what this month will have cost at its end.

Both start from whole days, added up on the engine; the rest is done on that small frame.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.commands.moments import instant
from swnb.costs.tables.frames import (
    columns_of,
    finished,
    grouped,
    month_of,
    opened,
    priced,
    table_of,
)
from swnb.costs.tables.tables import Tables
from swnb.exchange import NANO, dollars as usd

if TYPE_CHECKING:
    from datetime import date

_WEEKDAYS_FROM = 28  # days: four of each weekday
_FEWEST = 14  # days below which a weekday is not told from chance
_SUMS = ("calls", "charge", "unpriced")
_HELD_OUT = 7  # days: one of each weekday
_WEEKDAY_MEAN = "mean of the same weekday in the last 28 days"
_PLAIN_MEAN = "mean of the days known (fewer than 14)"


def growth(tables: Tables, *keys: str) -> pd.DataFrame:
    """Compare each month's charge with that of the month before, in all or by some keys.

    A month without calls counts as one of no charge. Columns: `month`, the keys, `calls`, `charge`,
    `unpriced` (calls, or lines, without a charge yet), `before` (USD; NaN in the first month), `change` (USD), `growth` (a fraction of `before`;
    NaN where that is 0) and `whole`: whether the data reach from the month's first day to its last.
    """
    keys = tuple(key for key in keys if key != "month")
    if "day" in keys:
        raise ValueError("growth: compares months; leave the key day out, or use by")
    daily = _daily("growth", tables, keys)
    days = daily["day"]
    daily["month"] = month_of(days)
    names = ["month", *keys]
    monthly = daily.groupby(names, dropna=False, sort=False)[[*_SUMS]].sum()
    filled = _every_month(monthly.reset_index(), keys)
    whole = filled.astype({"charge": "Int64"})  # a gap would make it a float
    groups = whole.groupby(list(keys), dropna=False, sort=False) if keys else whole
    before = groups["charge"].shift()
    nano = finished(filled.assign(before=before), names, [*_SUMS, "before"])
    ends = nano["month"] + pd.offsets.MonthEnd(1)
    change = nano["charge"] - nano["before"]
    return nano.assign(
        charge=usd(nano["charge"]),
        before=usd(nano["before"]),
        change=usd(change),
        growth=(change / nano["before"].where(nano["before"] != 0)).astype("float64"),
        whole=(nano["month"] >= days.min()) & (ends <= days.max()),
    )


def _daily(question: str, tables: Tables, keys: tuple[str, ...]) -> pd.DataFrame:
    """Sum by day and keys; a call counts once under each description that it has."""
    name, frame = table_of(question, tables, keys)
    lines = name == "charges"
    lazy = opened(
        question, name, frame,
        ["created_at", *columns_of(keys), "charge", *(["first"] if lines else [])], tables.unit,
    )  # fmt: skip
    sums = priced()
    if lines:
        sums["calls"] = nw.col("first").cast(nw.Int64)
    found = grouped(lazy, ("day", *keys), sums, count="lines" if lines else "calls")
    return found.dropna(subset="day")


def _every_month(monthly: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Add the months without calls, of each group from the first month of all to the last."""
    if monthly.empty:
        return monthly
    months = pd.date_range(monthly["month"].min(), monthly["month"].max(), freq="MS", unit="us")
    grid = pd.DataFrame({"month": months})
    if keys:
        grid = monthly[list(keys)].drop_duplicates().merge(grid, how="cross")
    filled = grid.merge(monthly, how="left", on=["month", *keys])
    return filled.fillna(dict.fromkeys(_SUMS, 0)).astype(dict.fromkeys(_SUMS, "int64"))


def forecast(tables: Tables, *, until: str | date | None = None) -> pd.DataFrame:
    """Say what the month of the latest call will have cost at its end, and how far off that may be.

    A day still to come is expected to cost the mean of the same weekday in the 28 days up to
    `until`, the last day whose calls are all in (the day before the latest call's unless given);
    with fewer than 14 days, the mean of them all. The day that is under way counts as the larger of
    what it has cost and what is expected. The same method on the days before the last 7 (or before
    the last third, where there are fewer than 21) gives the error.

    One row: `month`, `calls`, `charge` (USD) and `unpriced` (calls without a charge yet) so far, `expected` (USD, from the days to come),
    `forecast` (USD, at the end of the month), `days_left`, `method`, `held_out_days` and `error`
    (the sum of the held-out days' misses as a fraction of what they cost; NaN where there are none).
    Raises `ValueError` where there is no whole day.
    """
    daily = _daily("forecast", tables, ())
    if daily.empty:
        raise ValueError("forecast: there are no calls")
    series = daily.set_index("day")[[*_SUMS]].sort_index()
    last = series.index[-1]
    end = last - pd.Timedelta(days=1) if until is None else _midnight(until)
    days = pd.date_range(series.index[0], max(last, end), freq="D", unit="us")
    series = series.reindex(days, fill_value=0)
    known = series.loc[:end, "charge"]
    if known.empty:
        raise ValueError("forecast: no day is whole yet; give until= once one is")
    month = month_of(pd.Series([last]))[0]
    month_end = month + pd.offsets.MonthEnd(1)
    so_far = series.loc[month:month_end]
    left = pd.date_range(max(end + pd.Timedelta(days=1), month), month_end, freq="D", unit="us")
    under_way = series["charge"].reindex(left, fill_value=0)
    expected = (_expect(known, left).clip(lower=under_way) - under_way).sum()
    held_out = min(_HELD_OUT, len(known) // 3)
    charge = int(so_far["charge"].sum()) / NANO
    row = {
        "month": month,
        "calls": so_far["calls"].sum(),
        "charge": charge,
        "unpriced": so_far["unpriced"].sum(),
        "expected": expected / NANO,
        "forecast": charge + expected / NANO,
        "days_left": len(left),
        "method": _WEEKDAY_MEAN if len(known) >= _FEWEST else _PLAIN_MEAN,
        "held_out_days": held_out,
        "error": _error(known, held_out),
    }
    return pd.DataFrame([row])


def _midnight(day: str | date) -> pd.Timestamp:
    return pd.Timestamp(instant(day)).normalize().as_unit("us")


def _expect(known: pd.Series[Any], days: pd.DatetimeIndex) -> pd.Series[Any]:
    """Expect of each day the mean of its weekday in the known days, in nano-dollars."""
    recent = known.iloc[-_WEEKDAYS_FROM:]
    if len(recent) < _FEWEST:
        return pd.Series(recent.mean(), index=days, dtype="float64")
    by_weekday = recent.groupby(pd.DatetimeIndex(recent.index).day_of_week).mean()
    return pd.Series(by_weekday.reindex(days.day_of_week).to_numpy(), index=days, dtype="float64")


def _error(known: pd.Series[Any], held_out: int) -> float:
    """Give how far the method is off on the last days, which it is not shown."""
    if not held_out:
        return float("nan")
    shown, hidden = known.iloc[:-held_out], known.iloc[-held_out:]
    missed = (_expect(shown, pd.DatetimeIndex(hidden.index)) - hidden).abs().sum()
    return float(missed / hidden.sum()) if hidden.sum() else float("nan")
