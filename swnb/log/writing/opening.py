"""How a log file is opened: the checks before that, for writing or only for reading."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from swnb.log.writing.migrations import APPLICATION_ID, MIGRATIONS, migrate, version
from swnb.log.writing.sqlite_errors import BUSY, DAMAGED, UnusableFile, primary

MEMORY = ":memory:"
_ANOTHER = "choose another file with log="
_NO_LOG = ("it is damaged or not a log", f"move it away, or {_ANOTHER}")
_SMALLEST = 512  # bytes of the smallest SQLite page


def connect(path: str, *, uri: bool = False) -> sqlite3.Connection:
    """Return a connection in autocommit mode, usable in any thread."""
    # How long to wait for other processes is set by `let_wait`.
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, uri=uri)


def memory() -> sqlite3.Connection:
    """Return a connection to a new log in memory."""
    connection = connect(MEMORY)
    migrate(connection)
    return connection


def open_to_read(file: str, wait: float) -> sqlite3.Connection:
    """Return a connection that only reads, also if no journal can be created beside the file."""
    if not os.path.exists(file) or not os.path.getsize(file):  # noqa: PTH110, PTH202 - a str
        return memory()
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        with suppress(sqlite3.Error):
            return _for_reading(connect(f"{Path(file).as_uri()}?{mode}", uri=True), wait)
    raise UnusableFile("it cannot be read", f"check its permissions, or {_ANOTHER}")


def _for_reading(connection: sqlite3.Connection, wait: float) -> sqlite3.Connection:
    let_wait(connection, wait)
    try:
        is_log = check_content(connection)
    except sqlite3.Error as error:
        if primary(error) in BUSY:
            return connection  # it may be unlocked when it is read
        connection.close()
        raise
    except BaseException:
        connection.close()
        raise
    if is_log:
        return connection
    connection.close()
    return memory()


def let_wait(connection: sqlite3.Connection, seconds: float) -> None:
    """Let statements wait for other processes, at most this long."""
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def check_place(file: str) -> None:
    """Raise `UnusableFile` if there cannot be a log at this path."""
    if os.path.isdir(file):  # noqa: PTH112 - a str
        raise UnusableFile("it is a folder", "name a file in it")
    if not os.path.isdir(os.path.dirname(file)):  # noqa: PTH112, PTH120 - a str
        raise UnusableFile("its folder does not exist", "create the folder first")
    with suppress(OSError):
        if 0 < os.path.getsize(file) < _SMALLEST:  # noqa: PTH202 - a str
            raise UnusableFile(*_NO_LOG)  # SQLite would treat it as an empty file and overwrite it


def check_content(connection: sqlite3.Connection) -> bool:
    """Return whether the file is a log already.

    Raises `UnusableFile` if it is damaged, another program's database, or a newer swnb's log.
    """
    try:
        # Tables first: another process may create them meanwhile, and marks the file with them.
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        schema = version(connection)
        if mark == APPLICATION_ID:
            connection.execute("SELECT (SELECT max(id) FROM sent), (SELECT max(id) FROM ended)")
    except sqlite3.Error as error:
        if primary(error) not in (*DAMAGED, sqlite3.SQLITE_ERROR):  # the latter: a table is missing
            raise
        raise UnusableFile(*_NO_LOG) from None
    if tables and mark != APPLICATION_ID:
        raise UnusableFile("it is a database of another program", _ANOTHER)
    if schema > len(MIGRATIONS):
        reason = (
            f"it was written by a newer swnb (schema {schema}, this one knows {len(MIGRATIONS)})"
        )
        raise UnusableFile(reason, f"upgrade swnb, or {_ANOTHER}")
    return schema > 0


def patiently(step: Callable[[], object], seconds: float) -> None:
    """Repeat a step that fails at once, whatever the timeout, when processes race.

    Switching one new file to WAL from several processes failed in 8 of 60 trials.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if primary(error) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - only to get out of step
        else:
            return
