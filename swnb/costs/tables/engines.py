"""The Parquet tables on an engine of your choice: pandas, DuckDB, Polars, Dask or Spark.

An engine is imported when it is used. All but pandas are lazy: nothing is read before a question is
asked. Each gets the list of checked files, never a pattern, so that no foreign file is read.
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

    Parameters
    ----------
    folder : str or path
        The folder that `write` or `sw.log.to_parquet` wrote.
    engine : {"pandas", "duckdb", "polars", "dask", "spark"}, default "pandas"
        What reads the files and computes.
    session : duckdb.DuckDBPyConnection or pyspark.sql.SparkSession, optional
        The connection or session to use. By default, DuckDB gets a new connection, and Spark uses the active
        session or starts a local one. Dask uses its current client.
    skip_damaged : bool, default False
        Whether to leave out damaged and foreign files instead of raising an exception.

    Returns
    -------
    Tables
        Frames of the engine, with the columns `CALLS` and `CHARGES`.

    Raises
    ------
    ConfigurationError
        If the engine is unknown or not installed, or the folder has no tables.
    DamagedTables
        If a file is damaged or foreign, unless `skip_damaged` is true.

    Examples
    --------
    >>> tables = costs.read("account", engine="duckdb")

    """
    if engine not in _READERS:
        close = get_close_matches(str(engine), _READERS, 1)
        hint = f"did you mean {close[0]!r}? " if close else ""
        raise ConfigurationError(
            "costs.read: unknown engine", advice=f"{hint}the engines are {', '.join(_READERS)}"
        )
    paths_by_table = files(folder, skip_damaged=skip_damaged)
    reader, extra = _READERS[engine]
    try:
        return reader(paths_by_table, session)
    except ImportError as error:
        raise ConfigurationError(
            f"costs.read: the engine {engine} is not installed",
            advice=f"pip install 'swnb[{extra}]'",
        ) from error


def _columns(name: str) -> list[str]:
    return [column.name for column in TABLES[name]]


def _pandas(paths_by_table: dict[str, list[str]], _session: Any) -> Tables:
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    frames = {
        name: mark(pq.read_table(paths, schema=arrow_schema(name), partitioning=None).to_pandas())
        for name, paths in paths_by_table.items()
    }
    return Tables(**frames, unit="nano")


def _duckdb(paths_by_table: dict[str, list[str]], session: Any) -> Tables:
    import duckdb  # noqa: PLC0415 - an extra

    connection = session or duckdb.connect()
    if (
        session is None
    ):  # for users who query the relations themselves; the questions do not need it
        connection.execute("SET TimeZone = 'UTC'")
    frames = {
        name: connection.read_parquet(paths, hive_partitioning=False).select(
            *(duckdb.ColumnExpression(column) for column in _columns(name))
        )
        for name, paths in paths_by_table.items()
    }
    return Tables(**frames, unit="nano")


def _polars(paths_by_table: dict[str, list[str]], _session: Any) -> Tables:
    import polars as pl  # noqa: PLC0415 - an extra

    frames = {
        name: pl.scan_parquet(paths, hive_partitioning=False).select(_columns(name))
        for name, paths in paths_by_table.items()
    }
    return Tables(**frames, unit="nano")


def _dask(paths_by_table: dict[str, list[str]], _session: Any) -> Tables:
    import dask.dataframe as dd  # noqa: PLC0415 - an extra

    frames = {
        name: dd.read_parquet(paths, columns=_columns(name))
        for name, paths in paths_by_table.items()
    }
    return Tables(**frames, unit="nano")


def _spark(paths_by_table: dict[str, list[str]], session: Any) -> Tables:
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    session = session or SparkSession.builder.getOrCreate()
    frames = {
        name: session.read.parquet(*(f"file://{path}" for path in paths)).select(_columns(name))
        for name, paths in paths_by_table.items()
    }
    return Tables(**frames, unit="nano")


_READERS: dict[str, tuple[Callable[[dict[str, list[str]], Any], Tables], str]] = {
    "pandas": (_pandas, "scale"),
    "duckdb": (_duckdb, "scale"),
    "polars": (_polars, "scale"),
    "dask": (_dask, "scale"),
    "spark": (_spark, "spark"),
}
