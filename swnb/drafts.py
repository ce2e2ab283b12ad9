"""Files that are written whole or not at all, and that only their owner can read.

A draft is written beside the target and replaces it when complete. A draft has an unguessable name
and is always created, never opened, so nobody else's link can redirect it. A link at the target
itself is replaced by the file.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """Yield an empty draft of a file, which replaces the file at the end of the block.

    If the block raises, the draft is removed and the target stays as it was.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    os.close(handle)
    draft = Path(name)
    try:
        yield draft
        draft.replace(target)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


def private(path: str, flags: int) -> int:
    """Open a file, for its owner only if it is created: an `opener` for `open`."""
    return os.open(path, flags, 0o600)
