"""Charges and statuses, from one run to a whole account.

`tables` has the two flat tables and their columns, `frames` the seam to the engines, `analysis` the
list of the questions (answered in `charging`, `statuses`, `outlook`, `outliers` and `sent`),
`parquet` and `engines` the tables on disk and on pandas, DuckDB, Polars, Dask or Spark, `country`
the destination of a number, `charts` the pictures, and `accessor` the same as `df.sw`.

    from swnb import costs

    tables = costs.read("account", engine="duckdb")
    costs.by(tables, "month", "description")

Importing this package registers the pandas accessor `df.sw`.
"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from swnb.costs import accessor as _accessor  # noqa: F401 - registers df.sw
from swnb.costs.analysis import (
    KEYS,
    MissingColumn,
    UnknownKey,
    answer_rate,
    by,
    forecast,
    growth,
    latency,
    per_command,
    per_minute,
    per_run,
    rounding,
    status_counts,
    top,
    unusual,
)
from swnb.costs.questions.explained import failures, refusals
from swnb.costs.tables.country import countries, country
from swnb.costs.tables.engines import read
from swnb.costs.tables.filters import filtered
from swnb.costs.tables.parquet import write
from swnb.costs.tables.tables import CALLS, CHARGES, Tables, flatten

if _TYPE_CHECKING:
    from swnb.costs import charts as charts

__all__ = [
    "CALLS",
    "CHARGES",
    "KEYS",
    "MissingColumn",
    "Tables",
    "UnknownKey",
    "answer_rate",
    "by",
    "countries",
    "country",
    "failures",
    "filtered",
    "flatten",
    "forecast",
    "growth",
    "latency",
    "per_command",
    "per_minute",
    "per_run",
    "read",
    "refusals",
    "rounding",
    "status_counts",
    "top",
    "unusual",
    "write",
]


def __getattr__(name: str) -> _Any:
    if name == "charts":  # matplotlib takes longer to load than most questions to answer
        return _import_module("swnb.costs.charts")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "charts"])
