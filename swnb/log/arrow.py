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
    ...
