"""Why a log file cannot be used: what SQLite's result codes mean for the user.

Neither exception leaves this room. `FileUnavailable` may be temporary and becomes a `LogWarning`;
`UnusableFile` is permanent and becomes a `LogError` when the file is opened.
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
    "remove the trigger (swnb creates none), or choose another file with log=",
)
CLOSED = ("it is closed", "open it again")

_REASONS: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_PERM: READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: (
        "it cannot be opened",
        "check that the file and its folder exist and are writable",
    ),
    sqlite3.SQLITE_FULL: ("the disk is full", "free some space"),
    sqlite3.SQLITE_IOERR: ("the disk is full or failing", "free some space, or check the disk"),
    **dict.fromkeys(BUSY, ("another program has locked it", "end that program's transaction")),
    **dict.fromkeys(DAMAGED, ("it is damaged", "move it away, or choose another file with log=")),
}


class FileUnavailable(Exception):
    """The file cannot be used at the moment: the reason, and what to do."""

    def __init__(self, reason: str, advice: str) -> None:
        super().__init__(reason, advice)
        self.reason = reason
        self.advice = advice


class UnusableFile(FileUnavailable):
    """The file is not a log that this swnb can use; it is left as it is."""


def explain(error: sqlite3.Error) -> FileUnavailable:
    """Return what an SQLite error means for the log."""
    return FileUnavailable(
        *_REASONS.get(primary(error), (f"SQLite says: {error}", "check the file"))
    )


def creation_error(error: OSError) -> FileUnavailable:
    """Return why the file system does not allow a log to be created."""
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return FileUnavailable(*READ_ONLY)
    return FileUnavailable(
        f"the system says: {error.strerror}", "check the path, or choose another file with log="
    )


def primary(error: sqlite3.Error) -> int:
    """Return the primary result code of an error, or 0 if Python itself raised it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
