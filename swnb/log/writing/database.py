"""One SQLite file: opened for writing if possible, else for reading, and watched for changes.

A file that is not a log, is damaged or comes from a newer swnb raises `LogError` when it is first opened,
and is left as it was. What may be temporary (locked, read-only, full, moved) is a `FileUnavailable`: the
file is then opened for reading if possible, and every write tries again. Callers hold a lock.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from typing import Any, TypeVar

from swnb.errors import LogError
from swnb.log.odd_cells import decoded
from swnb.log.writing.files import NETWORK, create_private, file_system, guarded, identity
from swnb.log.writing.migrations import migrate
from swnb.log.writing.opening import (
    MEMORY,
    check_content,
    check_place,
    connect,
    let_wait,
    memory,
    open_to_read,
    patiently,
)
from swnb.log.writing.sqlite_errors import (
    BUSY,
    CLOSED,
    MOVED,
    FileUnavailable,
    UnusableFile,
    creation_error,
    explain,
    primary,
)

T = TypeVar("T")


class Database:
    """A connection to the log at `path`, or to nothing but memory for `":memory:"`.

    `timeout` is how long, in seconds, a write waits for another process. `network` names the network file
    system that the file is on, or is None. Raises `LogError` if the file is not a log or its folder does
    not exist.
    """

    def __init__(self, path: str, timeout: float) -> None:
        self.path = path
        if "\0" in path:
            raise self._error("a path cannot contain a NUL character", "name a file with log=")
        self.timeout = timeout
        self.file = None if path == MEMORY else os.path.abspath(path)  # noqa: PTH100 - `..` resolved
        self._files = (f"{self.file}-wal", f"{self.file}-shm")
        kind = file_system(self.file) if self.file else None
        self.network = kind if kind in NETWORK else None
        # Why the file is not open for writing, or None if it is: `_problem`.
        self._waiting: tuple[sqlite3.Connection | None, float] = (None, 0)
        self._problem: FileUnavailable | None = None
        self._identity: tuple[int, int] | None = None
        self._journals: tuple[object, object] = (None, None)
        self.generation = 0
        try:
            self._connection = self._open(timeout)
        except UnusableFile as unusable:
            raise self._error(unusable.reason, unusable.advice) from None

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT. Raises `LogError` if the file cannot be read."""
        try:
            try:
                return self._connection.execute(sql, values).fetchall()
            except sqlite3.OperationalError as error:
                if primary(error):
                    raise
                return self._read_any_text(
                    sql, values
                )  # raised by Python itself: a text is not UTF-8
        except sqlite3.Error as error:
            problem = self._problem or explain(error)
            raise self._error(f"cannot be read, {problem.reason}", problem.advice) from None

    def _read_any_text(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        self._connection.text_factory = decoded
        try:
            return self._connection.execute(sql, values).fetchall()
        finally:
            self._connection.text_factory = str

    def write(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        patient: bool = True,
        lasting: bool = False,
    ) -> T:
        """Do `work` in one transaction, durable on return. Raises `FileUnavailable`.

        The caller calls `reopen_if_changed` first. A write that is not `patient` does not wait for other
        processes. A `lasting` write survives a loss of power, all others the end of the process.
        """
        if self._problem:
            raise FileUnavailable(self._problem.reason, self._problem.advice)
        connection = self._connection
        wait = self.timeout if patient else 0
        if self._waiting != (connection, wait):  # setting it takes a fifth of a write
            let_wait(connection, wait)
            self._waiting = (connection, wait)
        try:
            if lasting:
                connection.execute("PRAGMA synchronous = FULL")
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
        except sqlite3.Error as error:
            problem = explain(error)
            if primary(error) not in BUSY:
                self._problem = problem  # a read-only file must be opened again
            raise problem from None
        finally:
            # Also after KeyboardInterrupt: an open transaction would lock out all other programs.
            if connection.in_transaction:
                with suppress(sqlite3.Error):
                    connection.rollback()
            if lasting:
                connection.execute("PRAGMA synchronous = NORMAL")
        return result

    def reopen_if_changed(self) -> None:
        """Open an unavailable file again, without waiting: the problem may be over.

        A file whose journal (-wal, -shm) was deleted or replaced is opened again too, under the next
        `generation`: what was written before may be lost.
        """
        if self.file is None or (self._problem and self._problem.args == CLOSED):
            return
        if self._identity and identity(self.file) != self._identity:
            # Not opened: that would create an empty file in place of the one that is gone.
            self._problem = FileUnavailable(*MOVED)
            return
        at_rest = self._problem is None or self._problem.args == MOVED
        if at_rest and self._identity and self._journal_files() != self._journals:
            self._restart_journal(self.file)
        if self._problem is None:
            return
        stale = self._connection
        try:
            self._connection = self._open(0)
        except UnusableFile as unusable:
            self._problem = unusable
        else:
            stale.close()

    def _restart_journal(self, file: str) -> None:
        """Close the journal that is gone, and begin a new one.

        Closing writes the old one into the file, unless another program has begun a new one since.
        """
        replaced = identity(f"{file}-wal") not in (None, self._journals[0])
        with guarded(file if replaced else None):
            self._connection.close()
        self._connection = memory()
        self.generation += 1
        try:
            self._connection = self._open(0)
        except UnusableFile as unusable:
            self._problem = unusable

    @property
    def writable(self) -> bool:
        """Whether no problem with writing is known."""
        return self._problem is None

    def _journal_files(self) -> tuple[object, object]:
        wal, shm = self._files
        return identity(wal), identity(shm)

    def checkpoint(self) -> bool:
        """Move the content of the journal into the file; return whether all of it was moved."""
        try:
            busy, pages, moved = self._connection.execute("PRAGMA wal_checkpoint").fetchone()
        except sqlite3.Error:
            return False
        return not busy and pages == moved

    def backup(self, path: str, add: Callable[[sqlite3.Connection], object]) -> None:
        """Copy the current log to a new file, and call `add` on the copy. Raises `LogError`."""
        target = os.path.abspath(path) if "\0" not in path else path  # noqa: PTH100 - as above
        if "\0" in path:
            raise self._error("a path cannot contain a NUL character", "name another file")
        try:
            if not os.path.lexists(target):
                check_place(target)
            create_private(target, must_be_new=True)
        except UnusableFile as unusable:
            raise self._error(f"cannot be copied, {unusable.reason}", unusable.advice) from None
        except FileExistsError:
            message = f"is not copied: {path!r} already exists"
            raise self._error(message, "name another file, or move that one away") from None
        except OSError as error:
            problem = creation_error(error)
            raise self._error(f"cannot be copied, {problem.reason}", problem.advice) from None
        try:
            with closing(connect(target)) as copied:
                self._connection.backup(copied)
                add(copied)
        except BaseException as error:
            with suppress(OSError):
                os.unlink(target)  # noqa: PTH108 - a str
            if not isinstance(error, sqlite3.Error | FileUnavailable):
                raise
            problem = error if isinstance(error, FileUnavailable) else explain(error)
            raise self._error(f"cannot be copied, {problem.reason}", problem.advice) from None

    def reopen_after_fork(self) -> None:
        """Open the file again after a fork: closing the parent's connection would break its locks."""
        if self.file is None:
            return  # the child has its own copy of the memory, and continues with it
        self._inherited = self._connection  # referenced, so that it is never closed
        self._connection = memory()
        self._problem = FileUnavailable(*MOVED)
        self.reopen_if_changed()

    def close(self) -> None:
        """Close the connection; the last connection to close a file removes its journal."""
        self._problem = FileUnavailable(*CLOSED)
        self._connection.close()

    def _open(self, wait: float) -> sqlite3.Connection:
        if self.file is None:
            return memory()
        self._problem = None
        try:
            connection = self._open_to_write(self.file, wait)
        except UnusableFile:
            raise
        except FileUnavailable as problem:
            self._problem = problem
            connection = open_to_read(self.file, wait)
        # If they are deleted or replaced, SQLite keeps writing, and no other program sees it.
        self._identity, self._journals = identity(self.file), self._journal_files()
        return connection

    def _open_to_write(self, file: str, wait: float) -> sqlite3.Connection:
        check_place(file)
        try:
            create_private(file)
        except OSError as error:
            raise creation_error(error) from None
        try:
            return self._prepared(connect(file), wait)
        except sqlite3.Error as error:
            raise explain(error) from None

    def _prepared(self, connection: sqlite3.Connection, wait: float) -> sqlite3.Connection:
        try:
            let_wait(connection, wait)
            check_content(connection)
            journal = "delete" if self.network else "wal"
            patiently(lambda: connection.execute(f"PRAGMA journal_mode = {journal}"), wait)
            connection.execute("PRAGMA synchronous = NORMAL")
            patiently(lambda: migrate(connection), wait)
        except BaseException:
            connection.close()
            raise
        return connection

    def _error(self, what: str, advice: str) -> LogError:
        return LogError(f"log {self.path!r}: {what}", advice=advice)
