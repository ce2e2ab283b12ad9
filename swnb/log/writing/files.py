"""What the log must know about the file system: its type, and whether the file is still there.

WAL needs memory shared between the processes that use a file, which network file systems do not
offer (sqlite.org/wal.html); there the log uses a rollback journal.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where an open file cannot be removed
    fcntl = None  # type: ignore[assignment]

MOUNTS = Path("/proc/self/mountinfo")
NETWORK = frozenset(
    {
        *("9p", "afs", "beegfs", "ceph", "cifs", "davfs", "gpfs", "lustre", "ncpfs", "nfs"),
        *("nfs4", "orangefs", "smb3", "smbfs", "vboxsf"),
        *("fuse.ceph", "fuse.davfs2", "fuse.drive", "fuse.gcsfuse", "fuse.glusterfs"),
        *("fuse.rclone", "fuse.s3fs", "fuse.sshfs", "glusterfs"),
    }
)


def file_system(path: str) -> str | None:
    """Return the type of file system that a path is on, or None if that cannot be known."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None  # not Linux: nothing to read it from
    return mounted(os.path.realpath(path), table)


def mounted(path: str, table: str) -> str | None:
    """Return the type of the mount that contains a path, from a table as described in proc(5)."""
    best, kind = "", None
    for line in table.splitlines():
        place, _, source = line.partition(" - ")
        match place.split(" "):
            case [_, _, _, _, spelt, *_] if source:
                point = spelt.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\")
            case _:
                continue
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # A later mount on the same point hides the earlier one.
        if inside and len(point) >= len(best):
            best, kind = point, source.split(" ")[0]
    return kind


def create_private(path: str, *, must_be_new: bool = False) -> None:
    """Create an empty file that only its owner can read: it will contain phone numbers.

    An existing file is left as it is; if `must_be_new` is true, it raises `FileExistsError`.

    SQLite gives the files beside it (-wal, -shm) the same permissions. Raises `OSError`.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if must_be_new:
            raise


@contextmanager
def guarded(path: str | None) -> Iterator[None]:
    """Keep SQLite from using a database exclusively inside this context (on Linux only).

    The last connection to close writes its journal into the file. A journal that was replaced must not
    be written: it would overwrite what other programs wrote since. The lock belongs to the open file, not
    to the process, so it works against this process too. The file is never closed, because POSIX would
    drop this process's other locks on it.
    """
    command = getattr(fcntl, "F_OFD_SETLK", None) if fcntl else None
    if path is None or command is None:
        yield
        return
    file = os.open(path, os.O_RDWR)

    def lock(kind: int) -> None:
        # The bytes that every reader locks (sqlite.org/fileformat2.html): 510 after 2**30 + 1.
        fcntl.fcntl(file, command, struct.pack("hhqqi4x", kind, os.SEEK_SET, 2**30 + 2, 510, 0))

    lock(fcntl.F_RDLCK)
    try:
        yield
    finally:
        lock(fcntl.F_UNLCK)


def identity(path: str) -> tuple[int, int] | None:
    """Return what distinguishes this file from another at the same path, or None if there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 - before every commit: Path.stat takes three times as long
    except OSError:
        return None
    return status.st_dev, status.st_ino
