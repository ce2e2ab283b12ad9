"""How charges change: growth from month to month, and what this month will have cost at its end.

Both add up whole days on the engine; the rest is done on that small frame.
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
_FEWEST = 14  # with fewer days, a mean per weekday would be chance
_SUMS = ("calls", "charge", "unpriced")
_HELD_OUT = 7  # days: one of each weekday
_WEEKDAY_MEAN = "mean of the same weekday in the last 28 days"
_PLAIN_MEAN = "mean of the days known (fewer than 14)"


def growth(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return each month's charge next to that of the month before.

    A month without calls counts as one with no charge.

    Parameters
    ----------
    tables : Tables
        The calls, and the charge lines if `description` is a key.
    *keys : str
        Names among `KEYS` except `day`; without a key, the months are totals.

    Returns
    -------
    pandas.DataFrame
        `month` (datetime64[us, UTC]); the keys; `calls` (int64); `charge` (float64, US dollars); `unpriced`
        (int64, calls or lines without a charge yet); `before` (float64, US dollars; NaN in the first month);
        `change` (float64, US dollars); `growth` (float64, a fraction of `before`; NaN if that is 0); `whole`
        (bool, whether the data reach from the month's first day to its last).

    Raises
    ------
    UnknownKey
        If no table can be grouped by a key.
    MissingColumn
        If a frame lacks a column that is needed.
    ValueError
        If `day` is a key, or a charge is not an amount of money.

    Examples
    --------
    >>> costs.growth(tables, "country")

    """
    keys = tuple(key for key in keys if key != "month")
    if "day" in keys:
        raise ValueError("growth: compares months; remove the key day, or use by")
    daily = _daily("growth", tables, keys)
    days = daily["day"]
    daily["month"] = month_of(days)
    names = ["month", *keys]
    monthly = daily.groupby(names, dropna=False, sort=False)[[*_SUMS]].sum()
    filled = _every_month(monthly.reset_index(), keys)
    months = filled.astype({"charge": "Int64"})  # a gap would make it a float
    groups = months.groupby(list(keys), dropna=False, sort=False) if keys else months
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
    """Return sums by day and keys; a call counts once under each description that it has."""
    name, frame = table_of(question, tables, keys)
    lines = name == "charges"
    lazy = opened(
        question, name, frame,
        ["created_at", *columns_of(keys), "charge", *(["first"] if lines else [])], tables.unit,
    )  # fmt: skip
    sums = priced()
    if lines:
        sums["calls"] = nw.col("first").cast(nw.Int64)
    daily = grouped(lazy, ("day", *keys), sums, count="lines" if lines else "calls")
    return daily.dropna(subset="day")


def _every_month(monthly: pd.DataFrame, keys: tuple[str, ...]) -> pd.DataFrame:
    """Add the months without calls to each group, from the first month of all to the last."""
    if monthly.empty:
        return monthly
    months = pd.date_range(monthly["month"].min(), monthly["month"].max(), freq="MS", unit="us")
    grid = pd.DataFrame({"month": months})
    if keys:
        grid = monthly[list(keys)].drop_duplicates().merge(grid, how="cross")
    filled = grid.merge(monthly, how="left", on=["month", *keys])
    return filled.fillna(dict.fromkeys(_SUMS, 0)).astype(dict.fromkeys(_SUMS, "int64"))


def forecast(tables: Tables, *, until: str | date | None = None) -> pd.DataFrame:
    """Return what the month of the latest call will have cost at its end, and how wrong that may be.

    A day still to come is expected to cost the mean of the same weekday in the 28 days up to `until`; with
    fewer than 14 days, the mean of all of them. The current day counts as the larger of its cost so far and
    what is expected. The same method on the days before the last 7 (or before the last third if there are
    fewer than 21) measures the error.

    Parameters
    ----------
    tables : Tables
        The calls.
    until : str or date, optional
        The last day whose calls are complete, in UTC; the day before the latest call's by default.

    Returns
    -------
    pandas.DataFrame
        One outlook: `month` (datetime64[us, UTC]); `calls` (int64), `charge` (float64, US dollars) and `unpriced`
        (int64, calls without a charge yet) so far; `expected` (float64, US dollars, from the days to come);
        `forecast` (float64, US dollars, at the end of the month); `days_left` (int64); `method` (str);
        `held_out_days` (int64); `error` (float64, the sum of the held-out days' misses as a fraction of
        their cost; NaN if there are none).

    Raises
    ------
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If there are no calls or no whole day, or a charge is not an amount of money.

    Examples
    --------
    >>> costs.forecast(tables, until="2026-08-20")

    """
    daily = _daily("forecast", tables, ())
    if daily.empty:
        raise ValueError("forecast: there are no calls")
    series = daily.set_index("day")[[*_SUMS]].sort_index()
    last = series.index[-1]
    end = last - pd.Timedelta(days=1) if until is None else _midnight(until)
    days = pd.date_range(series.index[0], max(last, end), freq="D", unit="us")
    series = series.reindex(days, fill_value=0)
    daily_charges = series.loc[:end, "charge"]
    if daily_charges.empty:
        raise ValueError("forecast: no whole day of calls yet; try again tomorrow, or set until=")
    month = month_of(pd.Series([last]))[0]
    month_end = month + pd.offsets.MonthEnd(1)
    so_far = series.loc[month:month_end]
    left = pd.date_range(max(end + pd.Timedelta(days=1), month), month_end, freq="D", unit="us")
    under_way = series["charge"].reindex(left, fill_value=0)
    expected = (_expect(daily_charges, left).clip(lower=under_way) - under_way).sum()
    held_out = min(_HELD_OUT, len(daily_charges) // 3)
    charge = int(so_far["charge"].sum()) / NANO
    outlook = {
        "month": month,
        "calls": so_far["calls"].sum(),
        "charge": charge,
        "unpriced": so_far["unpriced"].sum(),
        "expected": expected / NANO,
        "forecast": charge + expected / NANO,
        "days_left": len(left),
        "method": _WEEKDAY_MEAN if len(daily_charges) >= _FEWEST else _PLAIN_MEAN,
        "held_out_days": held_out,
        "error": _error(daily_charges, held_out),
    }
    return pd.DataFrame([outlook])


def _midnight(day: str | date) -> pd.Timestamp:
    return pd.Timestamp(instant(day)).normalize().as_unit("us")


def _expect(daily_charges: pd.Series[Any], days: pd.DatetimeIndex) -> pd.Series[Any]:
    """Return the expected charge of each day, its weekday's recent mean, in nano-dollars."""
    recent = daily_charges.iloc[-_WEEKDAYS_FROM:]
    if len(recent) < _FEWEST:
        return pd.Series(recent.mean(), index=days, dtype="float64")
    by_weekday = recent.groupby(pd.DatetimeIndex(recent.index).day_of_week).mean()
    return pd.Series(by_weekday.reindex(days.day_of_week).to_numpy(), index=days, dtype="float64")


def _error(daily_charges: pd.Series[Any], held_out: int) -> float:
    """Return the error of the method on the last days, which it does not see."""
    if not held_out:
        return float("nan")
    shown, hidden = daily_charges.iloc[:-held_out], daily_charges.iloc[-held_out:]
    misses = (_expect(shown, pd.DatetimeIndex(hidden.index)) - hidden).abs().sum()
    return float(misses / hidden.sum()) if hidden.sum() else float("nan")
