"""What happened to a recording with a line that is not JSON: known accidents and their remedies."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE

AGAIN = "Restore the file, or record it again."
_POINTER = b"version https://git-lfs.github.com/"
_CONFLICT = (b"<<<<<<<", b"|||||||", b"=======", b">>>>>>>")
_UTF16 = (BOM_UTF16_LE, BOM_UTF16_BE, b"{\0", b"\0{")


def damage(line: bytes) -> tuple[str, str]:
    """Return what is wrong with a line that is not JSON, and what to do about it."""
    if line.startswith(_POINTER):
        return "is a Git LFS pointer instead of the recording", "Fetch the recording: git lfs pull"
    if line.startswith(_CONFLICT):
        return (
            "is the marker of a merge conflict",
            "Resolve it: keep one of the two recordings whole.",
        )
    if line.startswith(_UTF16):
        return "is encoded in UTF-16", "Save the file as UTF-8, as it was recorded."
    if not line.endswith(b"\n"):
        return "is incomplete: the file is truncated", AGAIN
    return "is not JSON", AGAIN
