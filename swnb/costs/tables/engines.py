"""The Parquet tables on an engine of your choice: pandas, DuckDB, Polars, Dask or Spark.

Engines are imported when they are asked for. All but pandas stay lazy: nothing is read before a
question is asked. Each gets the list of checked files, never a pattern, so a foreign file cannot
slip in between.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

from swnb.costs.tables.money import mark
from swnb.costs.tables.parquet import TABLES, arrow_schema, files
from swnb.costs.tables.tables import Tables
from swnb.errors import ConfigurationError


def read(
    folder: str | os.PathLike[str],
    engine: str = "pandas",
    *,
    session: Any = None,
    skip_damaged: bool = False,
) -> Tables:
    """Open the tables in a folder as frames of an engine.

    `engine` is `pandas`, `duckdb`, `polars`, `dask` or `spark`. `session` is the DuckDB connection
    or the Spark session to read with; without it, a new connection, or the active session (one in
    local mode where there is none). Dask uses its current client.

    Raises `ConfigurationError` for an unknown engine, one that is not installed, and a folder
    without tables; `DamagedTables` for torn and foreign files, unless `skip_damaged` leaves them
    out.
    """
    if engine not in _READERS:
        close = get_close_matches(str(engine), _READERS, 1)
        hint = f"did you mean {close[0]}? " if close else ""
        raise ConfigurationError(
            "costs.read: no such engine", advice=f"{hint}there are {', '.join(_READERS)}"
        )
    found = files(folder, skip_damaged=skip_damaged)
    reader, extra = _READERS[engine]
    try:
        return reader(found, session)
    except ImportError as error:
        raise ConfigurationError(
            f"costs.read: the engine {engine} is not installed",
            advice=f"pip install 'swnb[{extra}]'",
        ) from error


def _columns(name: str) -> list[str]:
    return [column.name for column in TABLES[name]]


def _pandas(found: dict[str, list[str]], _session: Any) -> Tables:
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    frames = {
        name: mark(pq.read_table(paths, schema=arrow_schema(name), partitioning=None).to_pandas())
        for name, paths in found.items()
    }
    return Tables(**frames, unit="nano")


def _duckdb(found: dict[str, list[str]], session: Any) -> Tables:
    import duckdb  # noqa: PLC0415 - an extra

    connection = session or duckdb.connect()
    if session is None:  # for what people ask of the relations themselves; the analysis needs none
        connection.execute("SET TimeZone = 'UTC'")
    frames = {
        name: connection.read_parquet(paths, hive_partitioning=False).select(
            *(duckdb.ColumnExpression(column) for column in _columns(name))
        )
        for name, paths in found.items()
    }
    return Tables(**frames, unit="nano")


def _polars(found: dict[str, list[str]], _session: Any) -> Tables:
    import polars as pl  # noqa: PLC0415 - an extra

    frames = {
        name: pl.scan_parquet(paths, hive_partitioning=False).select(_columns(name))
        for name, paths in found.items()
    }
    return Tables(**frames, unit="nano")


def _dask(found: dict[str, list[str]], _session: Any) -> Tables:
    import dask.dataframe as dd  # noqa: PLC0415 - an extra

    frames = {name: dd.read_parquet(paths, columns=_columns(name)) for name, paths in found.items()}
    return Tables(**frames, unit="nano")


def _spark(found: dict[str, list[str]], session: Any) -> Tables:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    session = session or SparkSession.builder.getOrCreate()
    frames = {
        name: session.read.parquet(*(f"file://{path}" for path in paths)).select(_columns(name))
        for name, paths in found.items()
    }
    return Tables(**frames, unit="nano")


_READERS: dict[str, tuple[Callable[[dict[str, list[str]], Any], Tables], str]] = {
    "pandas": (_pandas, "scale"),
    "duckdb": (_duckdb, "scale"),
    "polars": (_polars, "scale"),
    "dask": (_dask, "scale"),
    "spark": (_spark, "spark"),
}
