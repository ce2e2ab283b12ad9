"""The flat tables as Parquet: `calls/month=2026-10/calls.parquet`, and `charges/` likewise.

A month is one file of each table, in UTC, zstd, ordered by time. It is written beside the old file
and renamed over it, so a reader sees either the old month or the new one. A call that is already in the
folder is replaced with its charge lines, so writing the same calls twice changes nothing. One
process at a time may write a folder.

A file is used only if its footer can be read and its columns are those of the table. All others are
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
    """Write calls and their charge lines into a folder of Parquet files.

    Calls that are already in the folder are replaced, together with their charge lines. If several rows have
    one id, the last one counts. A call's month is that of its `created_at`, which never changes.

    Parameters
    ----------
    folder : str or path
        The folder; made if it does not exist.
    calls : pandas.DataFrame
        Calls with the columns `CALLS`; `flatten` makes them.
    charges : pandas.DataFrame
        All charge lines of these calls, with the columns `CHARGES`.
    unit : {"usd", "nano"}, optional
        The unit of integer charges in tables that are not our own. Charges with fractions are US dollars.

    Returns
    -------
    dict of str to int
        The number of calls that each month (`2026-08`) now has, for the months that were written.

    Raises
    ------
    ConfigurationError
        If pyarrow is not installed.
    DamagedTables
        If a month's file cannot be read.
    ValueError
        If a required column is missing, a line belongs to none of the calls, or a charge is not an amount of
        money or has no unit.

    Examples
    --------
    >>> tables = costs.flatten(calls, charges)
    >>> costs.write("account", tables.calls, tables.charges)

    """
    checked(unit)
    _needs_pyarrow()
    calls = typed(calls, CALLS, "calls", unit).drop_duplicates("id", keep="last")
    charges = typed(charges, CHARGES, "charges", unit).drop_duplicates(
        ["call_id", "line"], keep="last"
    )
    if not charges["call_id"].isin(calls["id"]).all():
        raise ValueError(
            "charges: a line belongs to none of the calls; write the calls of all lines too"
        )
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
    """Write both tables of a month, then rename both, so that they differ for a moment at most.

    Returns the number of calls that the month now has.
    """
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
    """Return a month's new rows and those in its file of calls that are not among the new ones."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.compute as pc  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    columns = arrow_schema(name)
    table = pa.Table.from_pandas(part, schema=columns, preserve_index=False)
    if target.exists():
        if problem := problem_of(target, name):
            raise DamagedTables({target: problem})
        old = pq.read_table(target, schema=columns, partitioning=None)
        is_rewritten = pc.is_in(old[_OWNER[name]], value_set=pa.array(ids, pa.string()))
        table = pa.concat_tables([old.filter(pc.invert(is_rewritten)), table]).unify_dictionaries()
    return table.sort_by([(column, "ascending") for column in _ORDER[name]])


def _sync(path: Path) -> None:
    """Flush a file to the disk before it replaces another."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def arrow_schema(name: str) -> pa.Schema:
    """Return a table's Arrow schema; pandas and Dask restore the columns' dtypes from it."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    columns = TABLES[name]
    empty = typed(pd.DataFrame({column.name: [] for column in columns}), columns, name)
    return schema(columns).with_metadata(pa.Schema.from_pandas(empty).metadata)


def files(folder: str | os.PathLike[str], *, skip_damaged: bool = False) -> dict[str, list[str]]:
    """Return the files of both tables in the order of their months.

    Raises `DamagedTables` with every damaged or foreign file unless `skip_damaged` is true, and
    `ConfigurationError` if a table has no file.
    """
    _needs_pyarrow()
    paths_by_table: dict[str, list[str]] = {}
    problems: dict[Path, str] = {}
    for name in TABLES:
        paths = sorted(path for path in (Path(folder) / name).rglob("*") if _is_data(path))
        broken = {path: problem for path in paths if (problem := problem_of(path, name))}
        problems |= broken
        paths_by_table[name] = [str(path.resolve()) for path in paths if path not in broken]
    if problems and not skip_damaged:
        raise DamagedTables(problems)
    if not all(paths_by_table.values()):
        raise ConfigurationError(
            "costs.read: the folder has no readable calls and charges",
            advice="write them with sw.log.to_parquet(folder) or swnb.costs.write(folder, …)",
        )
    return paths_by_table


def _is_data(path: Path) -> bool:
    """Return whether a file is data; names that begin with a dot or underscore never are."""
    return path.is_file() and not path.name.startswith((".", "_"))


def problem_of(path: Path, name: str) -> str | None:
    """Return what is wrong with a file of a table, or None."""
    import pyarrow as pa  # noqa: PLC0415 - an extra
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    if path.suffix != ".parquet":
        return "is not a Parquet file"
    try:
        columns = pq.read_schema(path)
    except (pa.ArrowInvalid, OSError):
        return "is damaged, or not a Parquet file"
    for field in schema(TABLES[name]):
        place = columns.get_field_index(field.name)
        if place < 0:
            return f"does not belong to the table {name}: it has no column {field.name}"
        if _kind(columns.field(place).type) != _kind(field.type):
            return f"does not belong to the table {name}: {field.name} is not {_kind(field.type)}"
    return None


def _kind(kind: pa.DataType) -> pa.DataType:
    """Return a type regardless of how another writer chose to store it."""
    import pyarrow as pa  # noqa: PLC0415 - an extra

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.string() if pa.types.is_large_string(kind) else kind


def _needs_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401, PLC0415 - an extra; checks that it is installed
    except ImportError:
        raise ConfigurationError(
            "costs: Parquet needs pyarrow, which is not installed",
            advice="pip install 'swnb[scale]'",
        ) from None
