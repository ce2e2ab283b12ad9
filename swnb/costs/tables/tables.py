"""The two flat tables that every question reads, and their columns.

`CALLS` and `CHARGES` are the one description of both: the Arrow schema, the checks of the Parquet
writer and the page docs/costs.md derive from them. A charge line repeats what questions need of its
call (time, direction, type, country …), so that no question joins. `flatten` repeats it once, from a
frame of calls and a frame of bare charge lines.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from swnb.costs.tables.country import countries
from swnb.costs.tables.money import Unit, checked, in_nano, kind_of, mark
from swnb.exchange import NANO as NANO  # noqa: PLC0414 - imported from here

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
    Column("run", "category", "the run that dialed it or first touched it", nullable=True),
    Column("command", "category", "the command that dialed it or first touched it", nullable=True),
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

# The columns of its call that a charge line repeats.
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
    """The pair of tables that questions read: frames of any engine that narwhals supports.

    A `charge` with fractions (float, Decimal) is in US dollars. Integers are nano-dollars in our own tables;
    for other tables `unit` names their unit, and without it a question about money raises `ValueError`.

    Parameters
    ----------
    calls : DataFrame, optional
        Calls with the columns `CALLS`; a question needs only those that it uses.
    charges : DataFrame, optional
        Charge lines with the columns `CHARGES`, likewise.
    unit : {"usd", "nano"}, optional
        The unit of integer charges.

    Raises
    ------
    ValueError
        If `unit` is neither `"usd"` nor `"nano"`.

    Examples
    --------
    >>> costs.by(costs.Tables(calls, unit="usd"), "day")

    """

    calls: Any = None
    charges: Any = None
    unit: Unit | None = None

    def __post_init__(self) -> None:
        checked(self.unit)


def flatten(calls: pd.DataFrame, charges: pd.DataFrame, unit: Unit | None = None) -> Tables:
    """Return the flat tables of pandas frames, in the dtypes of `CALLS` and `CHARGES`.

    Parameters
    ----------
    calls : pandas.DataFrame
        At least `id`, `created_at` and `charge`. If `country` is missing it is read from `to`; other columns
        that are missing and may be null become null.
    charges : pandas.DataFrame
        `call_id`, `description` and `charge`, the lines of each call in their order.
    unit : {"usd", "nano"}, optional
        The unit of integer charges in frames that are not our own. Charges with fractions are US dollars.

    Returns
    -------
    Tables
        Two pandas frames, `charge` in nano-dollars (Int64).

    Raises
    ------
    ValueError
        If a required column is missing, a line belongs to none of the calls, or a charge is not an amount of
        money or has no unit.

    Examples
    --------
    >>> tables = costs.flatten(calls, charges, unit="usd")

    """
    checked(unit)
    calls = calls.reset_index(drop=True)
    if "country" not in calls and "to" in calls:
        calls = calls.assign(country=countries(calls["to"]))
    calls = typed(calls, CALLS, "calls", unit)
    bare_lines = charges.reset_index(drop=True)
    places = pd.Index(calls["id"]).get_indexer(pd.Index(bare_lines["call_id"]))
    if (places < 0).any():
        raise ValueError(
            "charges: a line belongs to none of the calls; include the calls of all lines"
        )
    by_call = bare_lines.groupby("call_id", sort=False)
    lines = bare_lines.assign(
        line=by_call.cumcount() if "line" not in bare_lines else bare_lines["line"],
        first=~bare_lines.duplicated(["call_id", "description"]),
        **{name: calls[name].take(places).reset_index(drop=True) for name in REPEATED},
    )
    if "charge" in bare_lines:
        # Decided before the columns of calls are added, which make any frame look like our own.
        kind = kind_of(bare_lines, bare_lines.columns, (column.name for column in CHARGES), unit)
        lines["charge"] = in_nano(bare_lines["charge"], "charges.charge", kind)
    return Tables(calls, typed(lines, CHARGES, "charges", "nano"), "nano")


def typed(
    frame: pd.DataFrame, columns: tuple[Column, ...], table: str, unit: Unit | None = None
) -> pd.DataFrame:
    """Return a frame of exactly these columns, in these dtypes and this order, marked as our own.

    Raises `ValueError` if a column that may not be null is missing or has gaps, and as `in_nano` does.
    """
    columns_by_name = {}
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
            raise ValueError(
                f"{table}.{column.name}: must have a value in every row ({column.about})"
            )
        if money:
            values = in_nano(values, f"{table}.{column.name}", kind)
        columns_by_name[column.name] = _cast(values, column)
    return mark(pd.DataFrame(columns_by_name, index=frame.index))


def _cast(values: pd.Series[Any], column: Column) -> pd.Series[Any]:
    if column.dtype == "datetime64[us, UTC]":
        # pandas guesses the format from one row, which fails if only some times have fractions.
        fmt = None if pd.api.types.is_datetime64_any_dtype(values.dtype) else "ISO8601"
        times = pd.to_datetime(values, utc=True, format=fmt)
        return times.dt.as_unit("us")
    if column.dtype == "str":
        return values.astype(object).where(values.notna(), None).astype(_TEXT)
    return values.astype(column.dtype)


def schema(columns: tuple[Column, ...]) -> pa.Schema:
    """Return the Arrow schema of a table's columns."""
    import pyarrow as pa  # noqa: PLC0415 - an extra; questions about pandas frames do not need it

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
