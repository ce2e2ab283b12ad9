"""Which recording a test case has: its marker, and the file that it names."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

MARKER = "swnb_recording"
FOLDER = "recordings"
_OPTIONS = frozenset({"partial", "ignore"})
_LONGEST = 100  # bytes of a name; the names of runs have up to 100 letters
_HASH = 8
_UNSAFE = re.compile(r"[^\w+.=@-]+")


@dataclass(frozen=True, slots=True)
class Case:
    """A marked test case: its whole id, its recording, and what the marker says."""

    id: str
    path: Path
    partial: bool
    ignore: str | Sequence[str]


def case_of(item: pytest.Item) -> Case | None:
    """Return the case of a test, None if it is not marked.

    Raises
    ------
    pytest.UsageError
        If the marker has other arguments than a name, `partial` and `ignore`, or its name has a
        parameter that the case does not have.

    """
    marker = item.get_closest_marker(MARKER)
    if marker is None:
        return None
    names = marker.args
    if len(names) > 1 or not all(isinstance(name, str) and name for name in names):
        raise pytest.UsageError(f'{MARKER}: takes one name, as in {MARKER}("checkout"), or none')
    if set(marker.kwargs) - _OPTIONS:
        raise pytest.UsageError(f"{MARKER}: takes a name, partial= and ignore=")
    params = getattr(item, "callspec", None)
    values = {} if params is None else dict(params.params)
    name = _filled(names[0], values) if names else _default(item, values)
    folder: Path = item.path.parent / FOLDER
    path = folder / f"{name}.jsonl"
    if not path.resolve().is_relative_to(folder.resolve()):
        raise pytest.UsageError(f"{MARKER}({name!r}): leads out of {folder}")
    return Case(
        item.nodeid, path, bool(marker.kwargs.get("partial")), marker.kwargs.get("ignore", ())
    )


def _default(item: pytest.Item, values: Mapping[str, Any]) -> str:
    """Return the name of a test, with its class, and a short hash of its parameters if it has any.

    pytest's own id of a case is no name: it changes with the order of its parameters.
    """
    function = getattr(item, "originalname", None) or item.name
    owner = getattr(item, "cls", None)
    name = f"{owner.__name__}.{function}" if owner is not None else str(function)
    if values:
        told = json.dumps({key: _stable(value) for key, value in values.items()}, sort_keys=True)
        name += f"-{hashlib.sha256(told.encode()).hexdigest()[:_HASH]}"
    return _short(name)


def _stable(value: Any) -> Any:
    """Return a parameter as JSON that is the same in every run."""
    try:
        return json.loads(json.dumps(value, sort_keys=True))
    except (TypeError, ValueError):
        named = getattr(value, "__qualname__", None)
        shown = repr(value)
        # An address in memory differs from run to run.
        return named or (type(value).__qualname__ if " at 0x" in shown else shown)


def _filled(name: str, values: Mapping[str, Any]) -> str:
    """Return a name with the parameters that it names; they cannot lead out of the folder."""
    safe = {key: _UNSAFE.sub("_", str(value)).lstrip(".") for key, value in values.items()}
    try:
        filled = name.format_map(safe)
    except (KeyError, IndexError, ValueError, AttributeError):
        there = ", ".join(f"{{{key}}}" for key in values) or "none"
        raise pytest.UsageError(
            f"{MARKER}({name!r}): names a parameter that the test does not have; it has {there}"
        ) from None
    return _short(filled)


def _short(name: str) -> str:
    if len(name.encode()) <= _LONGEST:
        return name
    end = hashlib.sha256(name.encode()).hexdigest()[:_HASH]
    start = name.encode()[: _LONGEST - _HASH - 1].decode(errors="ignore")
    return f"{start}-{end}"
