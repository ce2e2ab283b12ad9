"""The flat tables as Parquet: `calls/month=2026-10/calls.parquet`, and `charges/` likewise.

A month is one file of each table, in UTC, zstd, ordered by time. It is written beside the old file
and renamed over it, so a reader sees the old month or the new one. Rows of a call that is there
already are replaced, its charge lines with it: writing the same calls twice changes nothing. One
process at a time may write a folder.

A file is used only when its footer can be read and its columns are those of the table. Others are
reported with their paths before anything is read.
"""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from swnb.costs.tables.money import Unit, checked
from swnb.costs.tables.tables import CALLS, CHARGES, Column, schema, typed
from swnb.drafts import private
from swnb.errors import ConfigurationError, DamagedTables

if TYPE_CHECKING:
    import pyarrow as pa

TABLES: dict[str, tuple[Column, ...]] = {"calls": CALLS, "charges": CHARGES}
_OWNER = {"calls": "id", "charges": "call_id"}
_ORDER = {"calls": ["created_at", "id"], "charges": ["created_at", "call_id", "line"]}
_ROWS_IN_GROUP = 262_144


def write(
    folder: str | os.PathLike[str],
    calls: pd.DataFrame,
    charges: pd.DataFrame,
    unit: Unit | None = None,
) -> dict[str, int]:
    """Write calls and their charge lines into a folder; return how many calls each month now has.

    `calls` and `charges` are flat tables (`flatten` makes them). Of rows with one id the last wins;
    a call's lines in the folder give way to those in `charges`, even to none. A call's month is
    that of its `created_at`, which never changes. Amounts with fractions are US dollars, and are
    written as whole nano-dollars; `unit` is that of integers in tables that are not our own.

    Raises `ConfigurationError` without pyarrow, `DamagedTables` where a month's file cannot be
    read, and `ValueError` for a table that lacks what it must have, lines without their call, and
    amounts that are no numbers or whose unit is not known.
    """
    checked(unit)
    _needs_pyarrow()
    calls = typed(calls, CALLS, "calls", unit).drop_duplicates("id", keep="last")
    charges = typed(charges, CHARGES, "charges", unit).drop_duplicates(
        ["call_id", "line"], keep="last"
    )
    if not charges["call_id"].isin(calls["id"]).all():
        raise ValueError("charges: a line belongs to none of the calls; write calls with all lines")
    frames = {"calls": calls, "charges": charges}
    months = {name: frame["created_at"].dt.strftime("%Y-%m") for name, frame in frames.items()}
    written = {}
    for month in sorted(months["calls"].unique()):
        ids = calls["id"][months["calls"] == month]
        parts = {name: frame[months[name] == month] for name, frame in frames.items()}
        written[month] = _write_month(Path(folder), month, ids, parts)
    return written


def _write_month(
    folder: Path, month: str, ids: pd.Series[Any], parts: dict[str, pd.DataFrame]
) -> int:
    """Write both tables of a month, then rename both, so that they part for a moment at most."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    targets = {name: folder / name / f"month={month}" / f"{name}.parquet" for name in TABLES}
    drafts = {name: path.with_name(f".{uuid.uuid4().hex}.tmp") for name, path in targets.items()}
    tables = {name: _merged(name, target, ids, parts[name]) for name, target in targets.items()}
    try:
        for name, draft in drafts.items():
            draft.parent.mkdir(parents=True, exist_ok=True)
            with open(draft, "xb", opener=private) as file:
                pq.write_table(
                    tables[name], file, compression="zstd", row_group_size=_ROWS_IN_GROUP
                )
            _sync(draft)
        for name, target in targets.items():
            drafts[name].replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return int(tables["calls"].num_rows)


def _merged(name: str, target: Path, ids: pd.Series[Any], part: pd.DataFrame) -> pa.Table:
    """Add a month's new rows to those of the calls in its file that are not written anew."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    wanted = arrow_schema(name)
    table = pa.Table.from_pandas(part, schema=wanted, preserve_index=False)
    if target.exists():
        if problem := problem_of(target, name):
            raise DamagedTables({target: problem})
        old = pq.read_table(target, schema=wanted, partitioning=None)
        known = pc.is_in(old[_OWNER[name]], value_set=pa.array(ids, pa.string()))
        table = pa.concat_tables([old.filter(pc.invert(known)), table]).unify_dictionaries()
    return table.sort_by([(column, "ascending") for column in _ORDER[name]])


def _sync(path: Path) -> None:
    """Bring a file to the disk before it takes another's name."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def arrow_schema(name: str) -> pa.Schema:
    """Give a table's Arrow schema, with which pandas and Dask read back the dtypes of its columns."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    columns = TABLES[name]
    empty = typed(pd.DataFrame({column.name: [] for column in columns}), columns, name)
    return schema(columns).with_metadata(pa.Schema.from_pandas(empty).metadata)


def files(folder: str | os.PathLike[str], *, skip_damaged: bool = False) -> dict[str, list[str]]:
    """Give the files of both tables in the order of their months.

    Raises `DamagedTables` with every torn or foreign file unless those are to be skipped, and
    `ConfigurationError` where there is no table at all.
    """
    _needs_pyarrow()
    found: dict[str, list[str]] = {}
    problems: dict[Path, str] = {}
    for name in TABLES:
        paths = sorted(path for path in (Path(folder) / name).rglob("*") if _is_data(path))
        broken = {path: problem for path in paths if (problem := problem_of(path, name))}
        problems |= broken
        found[name] = [str(path.resolve()) for path in paths if path not in broken]
    if problems and not skip_damaged:
        raise DamagedTables(problems)
    if not all(found.values()):
        raise ConfigurationError(
            "costs.read: the folder has no calls and charges that can be read",
            advice="write them with sw.log.to_parquet(folder) or swnb.costs.write(folder, …)",
        )
    return found


def _is_data(path: Path) -> bool:
    """Say whether a file is meant as data; names with a dot or underscore in front never are."""
    return path.is_file() and not path.name.startswith((".", "_"))


def problem_of(path: Path, name: str) -> str | None:
    """Say what is wrong with a file of a table, or None."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    if path.suffix != ".parquet":
        return "is no Parquet file"
    try:
        there = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError):
        return "is torn, or no Parquet file"
    for field in schema(TABLES[name]):
        place = there.get_field_index(field.name)
        if place < 0:
            return f"is not of the table {name}: it has no column {field.name}"
        if _kind(there.field(place).type) != _kind(field.type):
            return f"is not of the table {name}: {field.name} is not {_kind(field.type)}"
    return None


def _kind(kind: pa.DataType) -> pa.DataType:
    """Give a type without the ways of storing it that other writers choose."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if pa.types.is_large_string(kind) else kind


def _needs_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - an extra; this is the test for it
    except ImportError:
        raise ConfigurationError(
            "costs: Parquet needs pyarrow, which is not installed",
            advice="pip install 'swnb[scale]'",
        ) from None
