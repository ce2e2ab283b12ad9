"""Charges and statuses, from one run to a whole account.

`questions` answers what was charged and how calls went, `tables` has the two flat tables on disk and on
pandas, DuckDB, Polars, Dask or Spark, `charts` draws, and `accessor` offers the same as `df.sw`.

    from swnb import costs

    tables = costs.read("account", engine="duckdb")
    costs.by(tables, "month", "description")

Importing this package registers the pandas accessor `df.sw`.
"""

from importlib import import_module as _import_module
from types import ModuleType as _ModuleType
from typing import TYPE_CHECKING as _TYPE_CHECKING, Any as _Any

from swnb.costs import accessor as _accessor  # noqa: F401 - registers df.sw
from swnb.costs.questions.charging import (
    by as by,
    per_minute as per_minute,
    rounding as rounding,
    top as top,
)
from swnb.costs.questions.forecast import forecast as forecast, growth as growth
from swnb.costs.questions.outliers import unusual as unusual
from swnb.costs.questions.sent import (
    latency as latency,
    per_command as per_command,
    per_run as per_run,
    refusals as refusals,
)
from swnb.costs.questions.statuses import (
    answer_rate as answer_rate,
    failures as failures,
    status_counts as status_counts,
)
from swnb.costs.tables.country import countries as countries, country as country
from swnb.costs.tables.engines import read as read
from swnb.costs.tables.filters import filtered as filtered
from swnb.costs.tables.frames import (
    KEYS as KEYS,
    MissingColumn as MissingColumn,
    UnknownKey as UnknownKey,
)
from swnb.costs.tables.parquet import write as write
from swnb.costs.tables.tables import (
    CALLS as CALLS,
    CHARGES as CHARGES,
    Tables as Tables,
    flatten as flatten,
)

if _TYPE_CHECKING:
    from swnb.costs import charts as charts


def __getattr__(name: str) -> _Any:
    if name == "charts":  # matplotlib takes longer to load than most questions to answer
        return _import_module("swnb.costs.charts")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    public = {
        name
        for name, value in globals().items()
        if not name.startswith("_") and not isinstance(value, _ModuleType)
    }
    return sorted(public | {"charts"})
