"""The questions about charges and statuses, over calls and charge lines of any engine.

Each function takes a `Tables` pair and gives a small pandas frame: the keys, `calls`, `charge` in
US dollars and what else it is about. Sums are made on integers (nano-dollars, milliseconds,
counts), so that every engine gives the same to the last digit. The rules are in docs/costs.md.

Nothing here imports another room of swnb: any frame with the columns of `swnb.costs.tables.tables` will
do. This file is the list of the questions; each is answered in the file that it comes from.
"""

from __future__ import annotations

from swnb.costs.questions.charging import by, per_minute, rounding, top
from swnb.costs.questions.forecast import forecast, growth
from swnb.costs.questions.outliers import unusual
from swnb.costs.questions.sent import latency, per_command, per_run, refusals
from swnb.costs.questions.statuses import answer_rate, failures, status_counts
from swnb.costs.tables.frames import KEYS, MissingColumn, UnknownKey
from swnb.costs.tables.tables import Tables

__all__ = [
    "KEYS",
    "MissingColumn",
    "Tables",
    "UnknownKey",
    "answer_rate",
    "by",
    "failures",
    "forecast",
    "growth",
    "latency",
    "per_command",
    "per_minute",
    "per_run",
    "refusals",
    "rounding",
    "status_counts",
    "top",
    "unusual",
]
