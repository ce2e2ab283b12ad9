"""One SQLite file: how it is opened, and why it cannot be, in words.

A file that is no log, is damaged or comes from a newer swnb raises `LogError` and is left as it
was. What may pass (locked, read-only, full, moved away) is a `Trouble`: the file is then opened
for reading as well as it can be, and every write tries again. Callers hold the lock.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from swnb.errors import LogError, LogWarning
from swnb.log.files import create_private, file_system, identity, journal_for
from swnb.log.migrations import APPLICATION_ID, MIGRATIONS, migrate, version

T = TypeVar("T")
MEMORY = ":memory:"
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_READ_ONLY = ("its file or folder is read-only", "make both writable")
_REASONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_PERM: _READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: ("it cannot be opened", "check the permissions of file and folder"),
    sqlite3.SQLITE_FULL: ("the disk is full", "make room"),
    sqlite3.SQLITE_IOERR: ("the disk is full or failing", "make room, or check the disk"),
    **dict.fromkeys(_BUSY, ("another program holds it locked", "close that program's transaction")),
    **dict.fromkeys(_DAMAGED, ("it is damaged", "move it away")),
}


class Trouble(Exception):
    """The file cannot be written for now: why, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.advice = advice


def explain(error: sqlite3.Error) -> Trouble:
    """Say in words what an SQLite error means for the log."""
    found = _REASONS.get(primary(error))
    return Trouble(*found) if found else Trouble(f"SQLite says: {error}", "check the file")


def primary(error: sqlite3.Error) -> int:
    """Give the primary result code of an error, or 0 where Python itself raised it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


class Database:
    """A connection to the log at `path`, or to nothing but memory for `":memory:"`.

    `timeout` is how long, in seconds, a write waits for another process. `trouble` says why the
    file could not be opened for writing, or is None. Raises `LogError` for a file that is no log.
    """

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        self.timeout = timeout
        self.file = None if path == MEMORY else os.path.abspath(path)  # noqa: PTH100 - `..` resolved
        self.trouble: Trouble | None = None
        self._identity: tuple[int, int] | None = None
        self._closed = False
        self._connection = self._open()

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one SELECT. Raises `LogError` where the file cannot be read."""
        if self.trouble:
            self.reopen()
        try:
            return self._connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            trouble = explain(error)
            raise self._error(f"cannot be read: {trouble.reason}", trouble.advice) from None

    def write(self, work: Callable[[sqlite3.Connection], T], *, patient: bool = True) -> T:
        """Do `work` in one transaction, durable when this returns. Raises `Trouble`.

        An impatient write does not wait for other processes.
        """
        if self.trouble:
            self.reopen()
        if self.trouble:
            raise self.trouble
        if not self.in_place():
            raise Trouble("its file was deleted, moved or replaced", "put the file back")
        connection = self._connection
        try:
            if not patient:
                connection.execute("PRAGMA busy_timeout = 0")
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise explain(error) from error
        finally:
            # Also after KeyboardInterrupt: an open transaction would lock everyone out.
            if connection.in_transaction:
                connection.rollback()
            if not patient:
                self._set_timeout(connection)
        return result

    def in_place(self) -> bool:
        """Say whether the path still names the file that is open: SQLite writes on if it is not."""
        return self.file is None or identity(self.file) == self._identity

    def reopen(self) -> None:
        """Open the file again, to see whether what kept it from being written has passed."""
        if self.file is None or self._closed:
            return
        stale = self._connection
        try:
            self._connection = self._open()
        except LogError as error:
            self.trouble = Trouble(error.message, error.advice or "move the file away")
        else:
            stale.close()

    def abandon(self) -> None:
        """Open anew after a fork: closing the parent's connection here would break its locks."""
        if self.file is None:
            return  # the child has its own copy of the memory, and goes on with it
        self._inherited = self._connection  # referenced, so that it is never closed
        self._connection = _memory()
        self.reopen()

    def close(self) -> None:
        """Close the connection; the last one to close a file tidies its journal away."""
        self._closed = True
        self.trouble = Trouble("it is closed", "open it again")
        self._connection.close()

    def _open(self) -> sqlite3.Connection:
        if self.file is None:
            return _memory()
        try:
            connection = self._open_to_write(self.file)
        except Trouble as trouble:
            self.trouble = trouble
            return self._open_to_read(self.file)
        self.trouble = None
        self._identity = identity(self.file)
        return connection

    def _open_to_write(self, file: str) -> sqlite3.Connection:
        self._check_place(file)
        try:
            create_private(file)
        except OSError:
            raise Trouble(*_READ_ONLY) from None
        connection = _connect(file)
        try:
            self._set_timeout(connection)
            self._check_content(connection)
            self._patiently(lambda: self._set_journal(connection))
            connection.execute("PRAGMA synchronous = NORMAL")
            self._patiently(lambda: migrate(connection))
        except sqlite3.Error as error:
            connection.close()
            raise explain(error) from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_to_read(self, file: str) -> sqlite3.Connection:
        """Open what cannot be written: without a journal's files beside it where need be."""
        if not os.path.exists(file) or not os.path.getsize(file):  # noqa: PTH110, PTH202
            return _memory()
        for mode in ("mode=ro", "mode=ro&immutable=1"):
            connection = _connect(f"{Path(file).as_uri()}?{mode}", uri=True)
            try:
                self._check_content(connection)
            except sqlite3.Error as error:
                if primary(error) in _BUSY:
                    return connection
                connection.close()
            except BaseException:
                connection.close()
                raise
            else:
                return connection
        raise self._error("cannot be read", "check its permissions, or choose another log")

    def _set_timeout(self, connection: sqlite3.Connection) -> None:
        connection.execute(f"PRAGMA busy_timeout = {round(self.timeout * 1000)}")

    def _set_journal(self, connection: sqlite3.Connection) -> None:
        kind = file_system(self.file or "")
        journal = journal_for(kind)
        if journal != "wal":
            text = f"log {self.path!r}: lies on a network file system ({kind}), where several "
            text += "programs cannot write one log safely; keep it on a local disk if you can"
            warnings.warn(LogWarning(text), stacklevel=2)
        connection.execute(f"PRAGMA journal_mode = {journal}")

    def _check_place(self, file: str) -> None:
        if os.path.isdir(file):  # noqa: PTH112 - a str is at hand
            raise self._error("is a folder", "name a file in it")
        if not os.path.isdir(os.path.dirname(file)):  # noqa: PTH112, PTH120
            raise self._error("lies in a folder that does not exist", "make the folder first")

    def _check_content(self, connection: sqlite3.Connection) -> None:
        """Raise `LogError` for what is not a log of this swnb or an older one."""
        try:
            found = version(connection)
            mark = connection.execute("PRAGMA application_id").fetchone()[0]
            tables = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if mark == APPLICATION_ID:
                connection.execute("SELECT (SELECT max(id) FROM sent), (SELECT max(id) FROM ended)")
        except sqlite3.Error as error:
            if primary(error) not in _DAMAGED:
                raise
            reason = "is damaged, or is no log"
            raise self._error(reason, "move it away, or choose another with log=") from None
        if tables and mark != APPLICATION_ID:
            raise self._error("is a database of another program", "choose another with log=")
        if found > len(MIGRATIONS):
            reason = f"was written by a newer swnb (schema {found}, known up to {len(MIGRATIONS)})"
            raise self._error(reason, "upgrade swnb, or choose another with log=")

    def _patiently(self, step: Callable[[], None]) -> None:
        """Repeat a step that SQLite refuses at once, whatever the timeout, when processes race.

        Switching one new file to WAL from several processes failed in 8 of 60 trials.
        """
        deadline = time.monotonic() + self.timeout
        while True:
            try:
                step()
            except sqlite3.OperationalError as error:
                if primary(error) not in _BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(random.uniform(0.002, 0.02))  # noqa: S311 - only to fall out of step
            else:
                return

    def _error(self, what: str, advice: str) -> LogError:
        return LogError(f"log {self.path!r}: {what}", advice=advice)


def _connect(path: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, uri=uri, timeout=0)


def _memory() -> sqlite3.Connection:
    connection = _connect(MEMORY)
    migrate(connection)
    return connection
