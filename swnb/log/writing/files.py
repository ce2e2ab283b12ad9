"""What the log must know of the file system: what kind it is, and whether the file is still there.

WAL needs memory shared between the processes that use a file, which network file systems do not
give (sqlite.org/wal.html); there the log uses a rollback journal.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed
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
    """Name the kind of file system that a path lies on, or None where there is no telling."""
    try:
        table = MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None  # no Linux: nothing to read it from
    return mounted(os.path.realpath(path), table)


def mounted(path: str, table: str) -> str | None:
    """Find the mount that holds an absolute path in a table written as proc(5) describes."""
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


def create_private(path: str, *, anew: bool = False) -> None:
    """Create an empty file that only its owner may read: it will hold numbers.

    One that exists is left as it is, or raises `FileExistsError` if it is to be made `anew`.

    SQLite gives the files beside it (-wal, -shm) the same permissions. Raises `OSError`.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        if anew:
            raise


@contextmanager
def guarded(path: str | None) -> Iterator[None]:
    """Keep SQLite from taking a database for its own while this is open (as far as can be, on Linux).

    Who closes the last connection writes its journal into the file. A journal that was replaced must
    not be: it would overwrite what others wrote since. The lock is of the open file, not of the
    process, so that it holds against this process too; and the file is never closed, because POSIX
    would drop this process's other locks on it.
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
    """Give what tells this file from another at the same path, or None where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - before every commit: Path.stat costs thrice as much
    except OSError:
        return None
    return found.st_dev, found.st_ino
