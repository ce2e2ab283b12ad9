"""Reading many rows at once through ADBC and Arrow, where both are installed.

It runs in a process of its own. ADBC brings a second SQLite library, and two of them must never
have one file open in one process: POSIX drops all of a process's locks on a file when it closes
any descriptor of it (sqlite.org/howtocorrupt.html, 2.2.1). Tried with a log open in WAL mode, the
second library's close deleted the `-wal` file that the first was writing to.

This module is also that process: `python -m swnb.log.arrow FILE SQL VALUES` writes the result as
an Arrow stream to its standard output.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from swnb.log.buffers import Values

# Below so many rows the process takes longer to start than the rows to read.
WORTHWHILE = 200_000


def available() -> bool:
    """Say whether the extra `scale` is installed."""
    return all(map(find_spec, ("pyarrow", "adbc_driver_sqlite")))


def read(file: str, sql: str, values: Sequence[Any]) -> list[Values] | None:
    """Run one SELECT and give its columns, or None where it takes the plain way.

    Text comes as `Coded`, numbers as arrays; missing numbers are NaN.
    """
    if not available() or not sys.executable:
        return None
    import pyarrow as pa  # noqa: PLC0415 - 0.2 s, and only for large logs

    order = [sys.executable, "-m", __name__, file, sql, json.dumps(values)]
    with subprocess.Popen(order, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:  # noqa: S603
        try:
            table = pa.ipc.open_stream(process.stdout).read_all()
        except (pa.ArrowInvalid, OSError):
            return None
    return None if process.returncode else [_values(column) for column in table.columns]


def _values(column: pa.ChunkedArray) -> Values:
    import pyarrow as pa  # noqa: PLC0415 - as above

    from swnb.log.buffers import Coded  # noqa: PLC0415 - loads pandas

    if pa.types.is_integer(column.type):
        numbers: Values = column.to_numpy()
        return numbers
    coded = column.combine_chunks()
    return Coded(coded.indices.fill_null(-1).to_numpy(), coded.dictionary.to_pylist())


def main(file: str, sql: str, values: str) -> None:
    """Write the result of one SELECT as an Arrow stream, text as dictionaries."""
    import pyarrow as pa  # noqa: PLC0415 - as above
    from adbc_driver_sqlite import dbapi  # noqa: PLC0415 - the same

    # Read-only, or a file that was moved away would be made anew. The driver takes a column's
    # type from the first batch of rows, so there is only one.
    uri = f"{Path(file).as_uri()}?mode=ro"
    with dbapi.connect(uri) as connection, connection.cursor() as cursor:
        cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": 2**30})
        cursor.execute(sql, json.loads(values))
        table = cursor.fetch_arrow_table()
    for place, column in enumerate(table.columns):
        if pa.types.is_string(column.type):
            table = table.set_column(place, table.field(place).name, column.dictionary_encode())
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    main(*sys.argv[1:])
