"""How a log file is opened: what must be so before it is, to write or only to read."""

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
_ANOTHER = "choose another with log="
_NO_LOG = ("it is damaged, or is no log", f"move it away, or {_ANOTHER}")
_SMALLEST = 512  # bytes of one page of SQLite's


def connect(path: str, *, uri: bool = False) -> sqlite3.Connection:
    """Open a connection in autocommit mode, for any thread."""
    # The wait for others is set where it is known, by `let_wait`.
    return sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False, uri=uri)


def memory() -> sqlite3.Connection:
    """Open an empty log in memory."""
    connection = connect(MEMORY)
    migrate(connection)
    return connection


def open_to_read(file: str, wait: float) -> sqlite3.Connection:
    """Open what cannot be written: without a journal's files beside it where need be."""
    if not os.path.exists(file) or not os.path.getsize(file):  # noqa: PTH110, PTH202 - a str
        return memory()
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        with suppress(sqlite3.Error):
            return _for_reading(connect(f"{Path(file).as_uri()}?{mode}", uri=True), wait)
    raise UnusableFile("it cannot be read", f"check its permissions, or {_ANOTHER}")


def _for_reading(connection: sqlite3.Connection, wait: float) -> sqlite3.Connection:
    let_wait(connection, wait)
    try:
        made = check_content(connection)
    except sqlite3.Error as error:
        if primary(error) in BUSY:
            return connection  # it may be free when it is read
        connection.close()
        raise
    except BaseException:
        connection.close()
        raise
    if made:
        return connection
    connection.close()
    return memory()


def let_wait(connection: sqlite3.Connection, seconds: float) -> None:
    """Let statements wait for other processes, for at most so long."""
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def check_place(file: str) -> None:
    """Raise `UnusableFile` if there can be no log at this path."""
    if os.path.isdir(file):  # noqa: PTH112 - a str
        raise UnusableFile("it is a folder", "name a file in it")
    if not os.path.isdir(os.path.dirname(file)):  # noqa: PTH112, PTH120 - a str
        raise UnusableFile("it lies in a folder that does not exist", "make the folder first")
    with suppress(OSError):
        if 0 < os.path.getsize(file) < _SMALLEST:  # noqa: PTH202 - a str
            raise UnusableFile(
                *_NO_LOG
            )  # SQLite would take it for an empty file, and write over it


def check_content(connection: sqlite3.Connection) -> bool:
    """Say whether there is a log yet; raise `UnusableFile` for another's database or a newer swnb's."""
    try:
        # Tables first: another process may lay them in between, and mark the file as it does.
        tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        mark = connection.execute("PRAGMA application_id").fetchone()[0]
        found = version(connection)
        if mark == APPLICATION_ID:
            connection.execute("SELECT (SELECT max(id) FROM sent), (SELECT max(id) FROM ended)")
    except sqlite3.Error as error:
        if primary(error) not in (*DAMAGED, sqlite3.SQLITE_ERROR):  # the latter: a table is missing
            raise
        raise UnusableFile(*_NO_LOG) from None
    if tables and mark != APPLICATION_ID:
        raise UnusableFile("it is a database of another program", _ANOTHER)
    if found > len(MIGRATIONS):
        reason = f"it was written by a newer swnb (schema {found}, known up to {len(MIGRATIONS)})"
        raise UnusableFile(reason, f"upgrade swnb, or {_ANOTHER}")
    return found > 0


def patiently(step: Callable[[], object], seconds: float) -> None:
    """Repeat a step that SQLite refuses at once, whatever the timeout, when processes race.

    Switching one new file to WAL from several processes failed in 8 of 60 trials.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if primary(error) not in BUSY or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - only to fall out of step
        else:
            return
