"""Why a log file cannot be used, in words: what SQLite's result codes mean for the user.

Neither exception leaves this room. A `FileUnavailable` may pass and becomes a `LogWarning`; an `UnusableFile` file
will not become a log by waiting, and opening it is a `LogError`.
"""

from __future__ import annotations

import errno
import sqlite3

BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_PROTOCOL)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
READ_ONLY = ("its file or folder is read-only", "make both writable")
MOVED = (
    "its file was deleted, moved or replaced",
    "put the file back, or save all of it with log.backup(path)",
)
IGNORED = (
    "a trigger in it drops new rows",
    "remove the trigger (swnb makes none), or choose another file with log=",
)
CLOSED = ("it is closed", "open it again")

_REASONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check that file and folder exist and that you may write them",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full", "make room"),
    sqlite3.SQLITE_IOERR: ("the disk is full or failing", "make room, or check the disk"),
    **dict.fromkeys(BUSY, ("another program holds it locked", "end that program's transaction")),
    **dict.fromkeys(DAMAGED, ("it is damaged", "move it away, or choose another with log=")),
}


class FileUnavailable(Exception):
    """The file cannot be used for now: why, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


class UnusableFile(FileUnavailable):
    """The file is no log that this swnb can use, and stays as it is."""


def explain(error: sqlite3.Error) -> FileUnavailable:
    """Say in words what an SQLite error means for the log."""
    return FileUnavailable(
        *_REASONS.get(primary(error), (f"SQLite says: {error}", "check the file"))
    )


def creation_error(error: OSError) -> FileUnavailable:
    """Say in words why the file system does not let a log be made."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileUnavailable(*READ_ONLY)
    return FileUnavailable(
        f"the system says: {error.strerror}", "check the path, or choose another"
    )


def primary(error: sqlite3.Error) -> int:
    """Give the primary result code of an error, or 0 where Python itself raised it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
