"""What the log must know of the file system: what kind it is, and whether the file is still there.

WAL needs memory shared between the processes that use a file, which network file systems do not
give (sqlite.org/wal.html); there the log uses a rollback journal.
"""

from __future__ import annotations

import os
from pathlib import Path

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


def create_private(path: str) -> None:
    """Create an empty file that only its owner may read, unless it exists: it will hold numbers.

    SQLite gives the files beside it (-wal, -shm) the same permissions. Raises `OSError`.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        return


def identity(path: str) -> tuple[int, int] | None:
    """Give what tells this file from another at the same path, or None where there is no file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - before every commit: Path.stat costs thrice as much
    except OSError:
        return None
    return found.st_dev, found.st_ino
