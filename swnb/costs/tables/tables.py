"""The two flat tables that every analysis reads, and the columns they have.

`CALLS` and `CHARGES` are the one description of both: the Arrow schema, the checks of the Parquet
writer, the page docs/costs.md and the advice of error messages derive from them. A charge line
repeats what is asked of its call (time, direction, type, country …), so that no analysis joins.
`flatten` makes that repetition once, from a frame of calls and a frame of bare charge lines.

"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from swnb.costs.tables.country import countries
from swnb.costs.tables.money import Unit, checked, in_nano, kind_of, mark
from swnb.exchange import NANO as NANO  # noqa: PLC0414 - people take it from here

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = pd.Series([""]).dtype  # `str` in pandas 3, `object` in pandas 2

Dtype = Literal["str", "category", "int64", "Int64", "bool", "datetime64[us, UTC]"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its dtype in pandas, its unit, and whether it may be missing."""

    name: str
    dtype: Dtype
    about: str
    unit: str | None = None
    nullable: bool = False


CALLS = (
    Column("id", "str", "the call, which is also the id of its voice log"),
    Column("parent_id", "str", "the call that this one is a leg of", nullable=True),
    Column("run", "category", "the run that dialled it or first touched it", nullable=True),
    Column("command", "category", "the command that dialled it or first touched it", nullable=True),
    Column("created_at", "datetime64[us, UTC]", "when it was created", "UTC"),
    Column("type", "category", "the kind of voice log", nullable=True),
    Column("direction", "category", "inbound or outbound, as the platform names it", nullable=True),
    Column("status", "category", "its latest known status", nullable=True),
    Column("source", "category", "what made the call", nullable=True),
    Column("from", "str", "the calling number or address", nullable=True),
    Column("to", "str", "the called number or address", nullable=True),
    Column("country", "category", "the country of `to`, ISO 3166 alpha-2", nullable=True),
    Column("charge", "Int64", "the call's whole charge; missing until it has one", "nano-dollars", nullable=True),
    Column("duration_ms", "Int64", "how long it lasted", "ms", nullable=True),
    Column("billing_ms", "Int64", "how long it is billed for", "ms", nullable=True),
    Column("error_code", "category", "the last error code about it", nullable=True),
)  # fmt: skip

# What a charge line repeats of its call.
REPEATED = ("created_at", "type", "direction", "status", "country", "run", "command")

CHARGES = (
    Column("call_id", "str", "the call"),
    Column("line", "int64", "the line's place among the call's charge lines, from 0"),
    Column("description", "category", "what the line charges for"),
    Column("charge", "Int64", "the line's amount", "nano-dollars", nullable=True),
    Column("first", "bool", "whether no earlier line of the call has this description: these lines count calls"),
    *(column for column in CALLS if column.name in REPEATED),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tables:
    """The pair that the analysis reads: frames of any engine that narwhals takes.

    `calls` has the columns `CALLS` and `charges` the columns `CHARGES`; an analysis asks only for
    those that it uses. One of the two may be None if it is not needed.

    A `charge` with fractions (float, Decimal) is in US dollars. Integers are nano-dollars in our own
    tables; for any others `unit` says what they are, `"usd"` or `"nano"`, and without it a question
    about money raises `ValueError`.
    """

    calls: Any = None
    charges: Any = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        checked(self.unit)


def flatten(calls: pd.DataFrame, charges: pd.DataFrame, unit: Unit | None = None) -> Tables:
    """Make the flat tables of pandas frames, in the dtypes of `CALLS` and `CHARGES`.

    `calls` has at least `id`, `created_at` and `charge`; where `country` is missing it is read from
    `to`. `charges` has `call_id`, `description` and `charge`, each call's lines in their order.
    Columns that are missing and may be null become null; others raise `ValueError`. Lines of a
    call that is not among `calls` raise it too, and so do amounts that are no numbers, or integers
    whose `unit` (`"usd"` or `"nano"`) is not named and that are not of our own tables.
    """
    checked(unit)
    calls = calls.reset_index(drop=True)
    if "country" not in calls and "to" in calls:
        calls = calls.assign(country=countries(calls["to"]))
    calls = typed(calls, CALLS, "calls", unit)
    given = charges.reset_index(drop=True)
    places = pd.Index(calls["id"]).get_indexer(pd.Index(given["call_id"]))
    if (places < 0).any():
        raise ValueError(
            "charges: a line belongs to none of the calls; give the calls of all lines"
        )
    by_call = given.groupby("call_id", sort=False)
    lines = given.assign(
        line=by_call.cumcount() if "line" not in given else given["line"],
        first=~given.duplicated(["call_id", "description"]),
        **{name: calls[name].take(places).reset_index(drop=True) for name in REPEATED},
    )
    if "charge" in given:
        # Before the columns of a call were added, which make any frame look like ours.
        kind = kind_of(given, given.columns, (column.name for column in CHARGES), unit)
        lines["charge"] = in_nano(given["charge"], "charges.charge", kind)
    return Tables(calls, typed(lines, CHARGES, "charges", "nano"), "nano")


def typed(
    frame: pd.DataFrame, columns: tuple[Column, ...], table: str, unit: Unit | None = None
) -> pd.DataFrame:
    """Return a frame of exactly these columns, in these dtypes and this order, marked as ours.

    Raises `ValueError` if a column that may not be null is missing or has gaps, and as `in_nano`.
    """
    made = {}
    kind = kind_of(frame, frame.columns, (column.name for column in columns), unit)
    for column in columns:
        if column.name in frame:
            values = frame[column.name]
        else:
            values = pd.Series([None] * len(frame), index=frame.index, dtype=object)
        money = column.unit == "nano-dollars"
        if (money and column.name not in frame) or (
            not column.nullable and bool(values.isna().any() or column.name not in frame)
        ):
            raise ValueError(f"{table}.{column.name}: must be there in every row ({column.about})")
        if money:
            values = in_nano(values, f"{table}.{column.name}", kind)
        made[column.name] = _cast(values, column)
    return mark(pd.DataFrame(made, index=frame.index))


def _cast(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    if column.dtype == "datetime64[us, UTC]":
        # Fractional seconds that come and go defeat the format that pandas guesses from one row.
        fmt = None if pd.api.types.is_datetime64_any_dtype(values.dtype) else "ISO8601"
        times = pd.to_datetime(values, utc=True, format=fmt)
        return times.dt.as_unit("us")
    if column.dtype == "str":
        return values.astype(object).where(values.notna(), None).astype(_TEXT)
    return values.astype(column.dtype)


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Give the Arrow schema of a table's columns."""
    import pyarrow as pa  # noqa: PLC0415 - an extra; most who analyse frames do not need it

    kinds = {
        "str": pa.string(),
        "category": pa.dictionary(pa.int32(), pa.string()),
        "int64": pa.int64(),
        "Int64": pa.int64(),
        "bool": pa.bool_(),
        "datetime64[us, UTC]": pa.timestamp("us", "UTC"),
    }
    return pa.schema(
        [pa.field(column.name, kinds[column.dtype], nullable=column.nullable) for column in columns]
    )
