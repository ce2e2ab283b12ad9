"""What is being done, what is done, what is left: a line for whatever takes longer than a second.

It is written over itself in a terminal or a notebook, and its last state stays: a line of text, which
is as true in a notebook that was saved. Elsewhere, such as in a log of CI, there is none.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, TypeVar

T = TypeVar("T")
_AFTER = 1.0  # seconds; what is done sooner shows nothing


def progress(items: list[T], what: str, unit: str) -> Iterable[T]:
    """Return the items, counted while they are worked on."""
    counted: Iterable[T] = _bar(items, what, unit)
    return counted


def counter(what: str, unit: str) -> Any:
    """Return a count of what comes until nothing more does: `update(number)` adds to it."""
    return _bar(None, what, unit)


def _bar(items: list[T] | None, what: str, unit: str) -> Any:
    from tqdm.std import tqdm  # noqa: PLC0415 - little takes that long

    # Not `tqdm.auto`: its widget is saved as it was at the beginning.
    return tqdm(items, desc=what, unit=f" {unit}", delay=_AFTER, disable=not _is_watched())


def _is_watched() -> bool:
    """Return whether somebody watches standard error: in a terminal, or a notebook."""
    stream = sys.stderr
    return type(stream).__module__.startswith("ipykernel") or bool(stream and stream.isatty())
