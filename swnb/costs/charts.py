"""Charts of charges and calls, one call each: `charts.charges(tables)`.

Each asks one question of `swnb.costs.analysis` and draws its answer. A chart shows itself in a
notebook, its alt text says the same in numbers, and `figure` is there to be changed.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from swnb.costs import analysis
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
    tones,
    usd,
)
from swnb.costs.tables.frames import collected, labels, opened
from swnb.costs.tables.tables import Tables

_OTHERS = "others"
_NONE = "(none)"


def charges(tables: Tables, *, n: int = 7) -> Chart:
    """Draw the charges by description: the `n` dearest, the others as one bar."""
    found = analysis.by(tables, "description").set_index("description")["charge"]
    if len(found) > n:
        found = pd.concat([found[:n], pd.Series({_OTHERS: found[n:].sum()})])
    names, whole = [str(name) for name in found.index], found.sum()
    made = bars(len(found), "Charges by description")
    made.barh(names, found, color=tones(names, _OTHERS))
    told = [f"{usd(each)} ({each / whole if whole else 0:.0%})" for each in found]
    label(made, found, told)
    made.set_xlabel("USD", color=INK)
    return chart(made, f"Charges by description, {usd(whole)} in all", _said(names, told))


def by_day(tables: Tables, key: str = "description", *, n: int = 6) -> Chart:
    """Draw each day's charge, stacked by a key: the `n` dearest labels, the others as one."""
    found = analysis.by(tables, "day", key)
    found[key] = found[key].where(found[key].notna(), _NONE)
    order = found.groupby(key)["charge"].sum().sort_values(ascending=False).index
    names = [*order[:n], *([_OTHERS] if len(order) > n else [])]
    found[key] = found[key].where(found[key].isin(names), _OTHERS)
    wide = found.pivot_table(index="day", columns=key, values="charge", aggfunc="sum", fill_value=0)
    made = axes(f"Charges by day and {key}", height=3.2)
    below = pd.Series(0.0, index=wide.index)
    for name, tone in zip(names, tones(names, _OTHERS), strict=True):
        made.bar(wide.index, wide[name], bottom=below, width=0.9, color=tone, label=name)
        below += wide[name]
    made.set_ylabel("USD", color=INK)
    made.tick_params(axis="x", rotation=30)
    legend(made)
    told = [usd(float(wide[name].sum())) for name in names]
    days = [f"{day:%Y-%m-%d}" for day in wide.index]
    span = f", {days[0]} to {days[-1]}" if days else ""
    return chart(made, f"Charges by day and {key}{span}", _said(names, told))


def answer_funnel(tables: Tables) -> Chart:
    """Draw how many calls there were, how many of them are settled, and how many were answered."""
    found = analysis.answer_rate(tables, "month")
    answered = found["answered"].sum()
    steps = {
        "calls": found["calls"].sum(),
        "settled": answered + found["unanswered"].sum(),
        "answered": answered,
    }
    made = bars(len(steps), "From call to answer")
    made.barh(list(steps), list(steps.values()), color=[REST, TONES[0], GOOD])
    whole = steps["calls"]
    told = [f"{each:,} ({each / whole if whole else 0:.0%})" for each in steps.values()]
    label(made, steps.values(), told)
    return chart(made, "From call to answer", _said(list(steps), told))


def rounding(tables: Tables, *keys: str) -> Chart:
    """Draw the billed minutes that were used and those that were not, by type and direction unless said."""
    keys = keys or ("type", "direction")
    found = analysis.rounding(tables, *keys)
    rows = found[list(keys)].astype(object).itertuples(index=False)
    names = [" ".join(_NONE if label is None else str(label) for label in row) for row in rows]
    made = bars(len(found), "Billed minutes, used and not")
    made.barh(names, found["minutes"], color=TONES[0], label="used")
    ends = found["minutes"] + found["unused_minutes"]
    made.barh(
        names, found["unused_minutes"], left=found["minutes"], color=TONES[1], label="not used"
    )
    told = [f"{usd(cost)} not used" for cost in found["rounding"]]
    label(made, ends, told)
    made.set_xlabel("minutes", color=INK)
    legend(made)
    whole = usd(found["rounding"].sum())
    return chart(made, f"Billing in whole increments cost {whole}", _said(names, told))


def timeline(exchanges: Any, call_id: str) -> Chart:
    """Draw what was sent to a call, by the seconds since the first command.

    `exchanges` is the frame of a log. Commands that were accepted are green; the others are red and say what
    became of them.
    """
    lazy = opened("timeline", "exchanges", exchanges, ["call_id", "command", "sent_at", "outcome"])
    frame = collected(lazy)
    frame = frame[frame["call_id"] == call_id].sort_values("sent_at", ignore_index=True)
    since = (frame["sent_at"] - frame["sent_at"].min()).dt.total_seconds()
    commands, outcomes = list(labels(frame["command"])), list(labels(frame["outcome"]))
    made = bars(len(frame), "What was sent to the call")
    colours = [GOOD if outcome == "accepted" else BAD for outcome in outcomes]
    made.scatter(since, range(len(frame)), c=colours, s=40, zorder=2)
    made.set_yticks(range(len(frame)), commands)
    made.set_ylim(max(len(frame), 1) - 0.5, -0.5)
    happened = ["" if outcome == "accepted" else f", {outcome}" for outcome in outcomes]
    label(made, since, [f"{at:g} s{how}" for at, how in zip(since, happened, strict=True)])
    made.set_xlabel("seconds", color=INK)
    told = [f"at {at:g} s ({outcome})" for at, outcome in zip(since, outcomes, strict=True)]
    return chart(made, "What was sent to the call", _said(commands, told))


def _said(names: list[str], texts: list[str]) -> list[str]:
    return [f"{name} {text}" for name, text in zip(names, texts, strict=True)]
