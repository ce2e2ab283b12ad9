"""Charts of charges and calls, one call each: `charts.charges(tables)`.

Each asks one question of `swnb.costs` and draws the answer. A chart displays itself in a notebook, its
alt text has the same numbers, and `figure` is the matplotlib figure, to change or save.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from swnb.costs.drawing import (
    BAD,
    GOOD,
    INK,
    REST,
    TONES,
    Chart,
    axes,
    bars,
    chart,
    label,
    legend,
    shared,
    tied,
    tones,
)
from swnb.costs.questions import charging, statuses
from swnb.costs.tables.frames import collected, labels, opened
from swnb.costs.tables.tables import Tables

_NONE = "(none)"
_DAYS = 10  # at most, where each has its name on the axis


def charges(tables: Tables, *, n: int = 7) -> Chart:
    """Draw the charges by description.

    Parameters
    ----------
    tables : Tables
        The charge lines.
    n : int, default 7
        How many bars to draw; the most expensive descriptions have their own, the others share one more.

    Returns
    -------
    Chart
        The figure and its alt text, in US dollars.

    Raises
    ------
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.charts.charges(tables)

    """
    charge_by_name = charging.by(tables, "description").set_index("description")["charge"]
    rest = len(charge_by_name) - n
    others = f"others ({rest})" if rest > 0 else ""
    if others:
        charge_by_name = pd.concat(
            [charge_by_name[:n], pd.Series({others: charge_by_name[n:].sum()})]
        )
    names = [str(name) for name in charge_by_name.index]
    amounts, total = tied(charge_by_name)
    ax = bars(len(charge_by_name), f"Charges by description: {total}")
    ax.barh(names, charge_by_name, color=tones(names, others))
    shares = shared(list(charge_by_name), 100)
    descriptions = [f"{amount} ({share}%)" for amount, share in zip(amounts, shares, strict=True)]
    label(ax, charge_by_name, descriptions)
    ax.set_xlabel("USD", color=INK)
    return chart(ax, f"Charges by description, {total} in all", _described(names, descriptions))


def by_day(tables: Tables, key: str = "description", *, n: int = 6) -> Chart:
    """Draw each day's charge as a stacked bar.

    Parameters
    ----------
    tables : Tables
        The charge lines, or the calls for a key that calls have.
    key : str, default "description"
        What to stack by, a name among `KEYS`.
    n : int, default 6
        How many labels have their own color; the others share one more.

    Returns
    -------
    Chart
        The figure and its alt text, in US dollars.

    Raises
    ------
    UnknownKey
        If no table can be grouped by the key.
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.charts.by_day(tables, "country")

    """
    daily = charging.by(tables, "day", key)
    daily[key] = daily[key].where(daily[key].notna(), _NONE)
    order = daily.groupby(key)["charge"].sum().sort_values(ascending=False).index
    others = f"others ({len(order) - n})" if len(order) > n else ""
    names = [*order[:n], *([others] if others else [])]
    daily[key] = daily[key].where(daily[key].isin(names), others)
    wide = daily.pivot_table(index="day", columns=key, values="charge", aggfunc="sum", fill_value=0)
    descriptions, total = tied(wide[name].sum() for name in names)
    ax = axes(f"Charges by day and {key}: {total}", height=3.2)
    below = pd.Series(0.0, index=wide.index)
    for name, tone in zip(names, tones(names, others), strict=True):
        ax.bar(wide.index, wide[name], bottom=below, width=0.9, color=tone, label=name)
        below += wide[name]
    ax.set_ylabel("USD", color=INK)
    ax.tick_params(axis="x", rotation=30)
    legend(ax)
    days = [f"{day:%Y-%m-%d}" for day in wide.index]
    if len(days) <= _DAYS:  # else matplotlib finds steps; with few days, these would be hours
        ax.set_xticks(wide.index, days)
    span = f", {days[0]} to {days[-1]}" if days else ""
    return chart(
        ax, f"Charges by day and {key}{span}, {total} in all", _described(names, descriptions)
    )


def answer_funnel(tables: Tables) -> Chart:
    """Draw how many calls there were, how many have a result, and how many were answered.

    Parameters
    ----------
    tables : Tables
        The calls.

    Returns
    -------
    Chart
        The figure and its alt text, in numbers of calls.

    Raises
    ------
    MissingColumn
        If the frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.charts.answer_funnel(tables)

    """
    rates = statuses.answer_rate(tables, "month")
    answered = rates["answered"].sum()
    steps = {
        "calls": rates["calls"].sum(),
        "settled": answered + rates["unanswered"].sum(),
        "answered": answered,
    }
    ax = bars(len(steps), "From call to answer")
    ax.barh(list(steps), list(steps.values()), color=[REST, TONES[0], GOOD])
    total = steps["calls"]
    descriptions = [f"{count:,} ({count / total if total else 0:.0%})" for count in steps.values()]
    label(ax, steps.values(), descriptions)
    return chart(ax, "From call to answer", _described(list(steps), descriptions))


def rounding(tables: Tables, *keys: str, n: int = 10) -> Chart:
    """Draw the billed minutes that were used and those that were not.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "type", "direction"
        Names among `KEYS` that calls have.
    n : int, default 10
        How many bars to draw; the most expensive have their own, the others share one more.

    Returns
    -------
    Chart
        The figure and its alt text: minutes, and what the unused ones cost in US dollars.

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
    >>> costs.charts.rounding(tables, "country")

    """
    keys = keys or ("type", "direction")
    frame = charging.rounding(tables, *keys)
    rows = frame[list(keys)].astype(object).itertuples(index=False)
    names = [" ".join(_NONE if label is None else str(label) for label in row) for row in rows]
    minutes = frame[["minutes", "unused_minutes", "rounding"]]
    if len(names) > n:
        names = [*names[:n], f"others ({len(names) - n})"]
        minutes = pd.concat([minutes[:n], minutes[n:].sum().to_frame().T], ignore_index=True)
    ax = bars(len(minutes), "Billed minutes, used and not")
    ax.barh(names, minutes["minutes"], color=TONES[0], label="used")
    ends = minutes["minutes"] + minutes["unused_minutes"]
    ax.barh(
        names, minutes["unused_minutes"], left=minutes["minutes"], color=TONES[1], label="not used"
    )
    costs, total = tied(minutes["rounding"])
    descriptions = [f"{cost} not used" for cost in costs]
    label(ax, ends, descriptions)
    ax.set_xlabel("minutes", color=INK)
    legend(ax)
    return chart(ax, f"Billing in whole increments cost {total}", _described(names, descriptions))


def timeline(exchanges: Any, call_id: str) -> Chart:
    """Draw what was sent to a call, by the seconds since the first command.

    Accepted commands are green; the others are red and labeled with their outcome.

    Parameters
    ----------
    exchanges : DataFrame
        The exchanges of a log (`sw.log.exchanges()`), of any engine.
    call_id : str
        The call.

    Returns
    -------
    Chart
        The figure and its alt text, in seconds.

    Raises
    ------
    MissingColumn
        If the frame lacks a column that is needed.

    Examples
    --------
    >>> costs.charts.timeline(sw.log.exchanges(), call.id)

    """
    lazy = opened("timeline", "exchanges", exchanges, ["call_id", "command", "sent_at", "outcome"])
    frame = collected(lazy)
    frame = frame[frame["call_id"] == call_id].sort_values("sent_at", ignore_index=True)
    since = (frame["sent_at"] - frame["sent_at"].min()).dt.total_seconds()
    commands, outcomes = list(labels(frame["command"])), list(labels(frame["outcome"]))
    ax = bars(len(frame), "What was sent to the call")
    colors = [GOOD if outcome == "accepted" else BAD for outcome in outcomes]
    ax.scatter(since, range(len(frame)), c=colors, s=40, zorder=2)
    ax.set_yticks(range(len(frame)), commands)
    ax.set_ylim(max(len(frame), 1) - 0.5, -0.5)
    happened = ["" if outcome == "accepted" else f", {outcome}" for outcome in outcomes]
    label(ax, since, [f"{at:g} s{how}" for at, how in zip(since, happened, strict=True)])
    ax.set_xlabel("seconds", color=INK)
    descriptions = [f"at {at:g} s ({outcome})" for at, outcome in zip(since, outcomes, strict=True)]
    return chart(ax, "What was sent to the call", _described(commands, descriptions))


def _described(names: list[str], texts: list[str]) -> list[str]:
    """Return the parts of an alt text."""
    return [f"{name} {text}" for name, text in zip(names, texts, strict=True)]
