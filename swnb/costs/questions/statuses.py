"""What became of calls: whether they were answered, how they ended, and why they failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.costs.questions.charging import by
from swnb.costs.tables.frames import calls_by, finished, grouped, priced
from swnb.costs.tables.tables import Tables
from swnb.exchange import dollars as usd

# What a status says of the answer. Those in neither set are of calls that are still being set up.
ANSWERED = ("answered", "in-progress", "joined", "ending", "ended", "completed")
UNANSWERED = ("busy", "failed", "no-answer", "canceled")
# These two also close calls that nobody took; the duration tells.
_OVER = ("ending", "ended")

Explain = Callable[[str], str | None] | Mapping[str, str]


def answer_rate(tables: Tables, *keys: str) -> pd.DataFrame:
    """Say how many calls were answered, by day unless keys are given.

    Answered: `answered`, `in-progress`, `joined`, `completed`, and `ending` or `ended` with a
    duration above 0. Not answered: `busy`, `failed`, `no-answer`, `canceled`, and `ending` or
    `ended` without a duration. Calls with another status, or none, are `open` and not in the rate.
    Columns: the keys, `calls`, `charge` (USD), `unpriced` (calls without a charge yet), `answered`,
    `unanswered`, `open` and `rate` (answered of those that were or were not; NaN where all are open).
    """
    keys = keys or ("day",)
    lazy = calls_by("answer_rate", tables, keys, "status", "duration_ms", "charge")
    status = nw.col("status")
    empty = status.is_in(_OVER) & (nw.col("duration_ms").fill_null(0) <= 0)
    answered = status.is_in(ANSWERED) & ~empty
    sums = {
        **priced(),
        "answered": answered.cast(nw.Int64),
        "unanswered": (status.is_in(UNANSWERED) | empty).cast(nw.Int64),
    }
    found = finished(grouped(lazy, keys, sums), keys, ["calls", *sums])
    told = found["answered"] + found["unanswered"]
    return found.assign(
        charge=usd(found["charge"]),
        open=found["calls"] - told,
        rate=found["answered"] / told.where(told > 0),
    )


def status_counts(tables: Tables, *keys: str) -> pd.DataFrame:
    """Count the calls of each status, by day unless keys are given.

    Columns: the keys, `status`, `calls`, `charge` (USD), `unpriced` (calls without a charge yet) and
    `share` (of the calls with these keys).
    """
    keys = (*(key for key in keys or ("day",) if key != "status"), "status")
    found = by(tables, *keys)
    others = [key for key in keys if key != "status"]
    whole = (
        found.groupby(others, dropna=False)["calls"].transform("sum")
        if others
        else found["calls"].sum()
    )
    return found.assign(share=found["calls"] / whole)


def failures(tables: Tables, *keys: str, explain: Explain | None = None) -> pd.DataFrame:
    """Count the calls that failed by their error code, with what the code means.

    A call failed when it has an error code or its status is `failed`. `explain` gives the meaning
    of a code: a function or a mapping. Columns: `error_code` (None where the platform gave none),
    the keys, `calls`, `charge` (USD), `unpriced` (calls without a charge yet), `share` (of the failed
    calls) and `meaning`.
    """
    keys = ("error_code", *(key for key in keys if key != "error_code"))
    lazy = calls_by("failures", tables, keys, "status", "charge")
    failed = ~nw.col("error_code").is_null() | (nw.col("status") == "failed")
    found = grouped(lazy.filter(failed), keys, priced())
    found["share"] = found["calls"] / found["calls"].sum()
    found = finished(found, keys, ["calls", "charge", "unpriced", "share"])
    ordered = found.sort_values("calls", ascending=False, kind="stable", ignore_index=True)
    return ordered.assign(
        charge=usd(ordered["charge"]), meaning=meanings(ordered["error_code"], explain)
    )


def meanings(codes: pd.Series[Any], explain: Explain | None) -> pd.Series[Any]:
    """Give what each code means, None where nothing says."""
    say = explain.get if isinstance(explain, Mapping) else explain
    texts = [say(code) if say and code is not None else None for code in codes]
    return pd.Series(texts, codes.index, dtype=object)
