"""What became of calls: whether they were answered, how they ended, and why they failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.commands.codes import explain as explain_code
from swnb.costs.questions.charging import by
from swnb.costs.tables.frames import calls_by, finished, grouped, priced
from swnb.costs.tables.tables import Tables
from swnb.exchange import dollars as usd

# What a status says about the answer. Calls with any other status are still being set up.
ANSWERED = ("answered", "in-progress", "joined", "ending", "ended", "completed")
UNANSWERED = ("busy", "failed", "no-answer", "canceled")
# Calls that nobody answered end with these two as well; their duration tells.
_ENDED = ("ending", "ended")

Explain = Callable[[str], str | None] | Mapping[str, str]


def answer_rate(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return how many calls were answered.

    Answered: `answered`, `in-progress`, `joined`, `completed`, and `ending` or `ended` with a duration
    above 0. Not answered: `busy`, `failed`, `no-answer`, `canceled`, and `ending` or `ended` without a
    duration. Calls with another status, or none, are `open` and not part of the rate.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "day"
        Names among `KEYS` that calls have.

    Returns
    -------
    pandas.DataFrame
        The keys; `calls` (int64); `charge` (float64, US dollars); `unpriced` (int64, calls without a charge
        yet); `answered`, `unanswered` and `open` (int64); `rate` (float64, answered calls as a fraction of
        those that were answered or not; NaN if all are open).

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
    >>> costs.answer_rate(tables, "direction")

    """
    keys = keys or ("day",)
    lazy = calls_by("answer_rate", tables, keys, "status", "duration_ms", "charge")
    status = nw.col("status")
    empty = status.is_in(_ENDED) & (nw.col("duration_ms").fill_null(0) <= 0)
    answered = status.is_in(ANSWERED) & ~empty
    sums = {
        **priced(),
        "answered": answered.cast(nw.Int64),
        "unanswered": (status.is_in(UNANSWERED) | empty).cast(nw.Int64),
    }
    totals = finished(grouped(lazy, keys, sums), keys, ["calls", *sums])
    settled = totals["answered"] + totals["unanswered"]
    return totals.assign(
        charge=usd(totals["charge"]),
        open=totals["calls"] - settled,
        rate=totals["answered"] / settled.where(settled > 0),
    )


def status_counts(tables: Tables, *keys: str) -> pd.DataFrame:
    """Return how many calls have each status.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str, default "day"
        Names among `KEYS` that calls have.

    Returns
    -------
    pandas.DataFrame
        The keys; `status` (str or None); `calls` (int64); `charge` (float64, US dollars); `unpriced` (int64,
        calls without a charge yet); `share` (float64, of the calls with these keys).

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
    >>> costs.status_counts(tables, "country")

    """
    keys = (*(key for key in keys or ("day",) if key != "status"), "status")
    counts = by(tables, *keys)
    others = [key for key in keys if key != "status"]
    total = (
        counts.groupby(others, dropna=False)["calls"].transform("sum")
        if others
        else counts["calls"].sum()
    )
    return counts.assign(share=counts["calls"] / total)


def failures(tables: Tables, *keys: str, explain: Explain | None = explain_code) -> pd.DataFrame:
    """Return how many calls failed with each error code, and what the code means.

    A call failed if it has an error code or its status is `failed`.

    Parameters
    ----------
    tables : Tables
        The calls.
    *keys : str
        Names among `KEYS` that calls have, in addition to `error_code`.
    explain : callable, mapping or None, optional
        What returns the meaning of an error code; the project's own explanations by default. None
        explains nothing.

    Returns
    -------
    pandas.DataFrame
        `error_code` (str; None if the platform sent none); the keys; `calls` (int64); `charge` (float64, US
        dollars); `unpriced` (int64, calls without a charge yet); `share` (float64, of the failed calls);
        `meaning` (str or None). The most frequent first.

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
    >>> costs.failures(tables, "country")

    """
    keys = ("error_code", *(key for key in keys if key != "error_code"))
    lazy = calls_by("failures", tables, keys, "status", "charge")
    failed = ~nw.col("error_code").is_null() | (nw.col("status") == "failed")
    counts = grouped(lazy.filter(failed), keys, priced())
    counts["share"] = counts["calls"] / counts["calls"].sum()
    counts = finished(counts, keys, ["calls", "charge", "unpriced", "share"])
    by_frequency = counts.sort_values("calls", ascending=False, kind="stable", ignore_index=True)
    return by_frequency.assign(
        charge=usd(by_frequency["charge"]), meaning=meanings(by_frequency["error_code"], explain)
    )


def meanings(codes: pd.Series[Any], explain: Explain | None) -> pd.Series[Any]:
    """Return what each code means, None if that is not known."""
    meaning = explain.get if isinstance(explain, Mapping) else explain
    texts = [meaning(code) if meaning and code is not None else None for code in codes]
    return pd.Series(texts, codes.index, dtype=object)
