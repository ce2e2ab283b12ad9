"""Files that are written whole or not at all, and that only their owner may read.

What is written goes into a draft beside the target, which takes the target's place when it is
complete. A draft has a name that nobody can guess and is created, never opened: no link that
somebody else has laid leads it elsewhere. A link at the target itself is replaced by the file.
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
    """Make an empty draft of a file, which takes its place at the end of the block.

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
    """Open a file so that only its owner may read it, if it is made: an `opener` of `open`."""
    return os.open(path, flags, 0o600)
