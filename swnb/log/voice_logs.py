"""From an entry of the voice logs to the rows of the log, whatever the entry holds.

The published API has five kinds of entry: a call, a leg of a video room, a Dialogflow call, a fabric
device leg and a deleted log, each with fewer fields than the one before. None is told apart here: a
field that is missing, or not of its type, is missing in the row. Nothing here reads or writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from swnb.log.amounts import nano_of
from swnb.redact import is_clean, redact, redact_text

TEXTS = ("type", "direction", "status", "source", "from", "to", "parent_id")
COLUMNS = (
    *("created_at", "discarded_at"),
    *TEXTS,
    *("charge_nano", "lines_nano", "duration_ms", "billing_ms"),
)
# The names of the published kinds, none of them secret.
_SCALARS = (
    *("id", "url", "created_at", "discarded_at", "charge", "duration", "duration_ms", "billing_ms"),
    *TEXTS,
)
_KNOWN = frozenset({*_SCALARS, "charge_details"})
_LINE = frozenset({"description", "charge"})
_MS = 1000
_LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class VoiceLogRow:
    """One entry as it is stored: its id, the values of `COLUMNS`, and its charge lines."""

    id: str
    values: tuple[Any, ...]
    lines: list[tuple[str, int]]


def row_of(entry: Mapping[str, Any]) -> VoiceLogRow:
    """Take what an entry says. Raises ValueError for one without an id."""
    get = entry.get
    key = text_of(get("id"))
    if not key:
        raise ValueError("has no id")
    lines = lines_of(get("charge_details"))
    duration = get("duration_ms")
    if duration is None and type(get("duration")) is int:
        duration = get("duration") * _MS
    values = (
        micros(get("created_at")),
        micros(get("discarded_at")),
        *[v if type(v) is str and v.isascii() else text_of(v) for v in map(get, TEXTS)],
        nano_of(get("charge")),
        _whole(sum([nano for _, nano in lines])),
        _whole(duration),
        _whole(get("billing_ms")),
    )
    return VoiceLogRow(key, values, lines)


def lines_of(details: Any) -> list[tuple[str, int]]:
    """Give the (description, nano-dollars) of the charge lines that have an amount."""
    if type(details) is not list:
        return []
    lines = [
        (text_of(line.get("description")) or "", nano_of(line.get("charge")))
        for line in details
        if type(line) is dict
    ]
    return [(description, nano) for description, nano in lines if nano is not None]


def text_of(value: Any) -> str | None:
    """Give a text as UTF-8 can hold it: JSON can spell half of a character."""
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else None


def micros(value: Any) -> int | None:
    """Give a time in ISO 8601 as microseconds since 1970, UTC where it names no zone."""
    try:
        at = datetime.fromisoformat(value)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (TypeError, ValueError, OverflowError):
        return None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and -_LARGEST <= value < _LARGEST else None


def redacted(entries: list[Any], secrets: Sequence[str]) -> list[Any]:
    """Give the entries without secrets: the same list where they surely hold none.

    To walk through each takes longer than to read it. Entries are made of known names, so that it
    is enough to look at the texts of a page, all together.
    """
    try:
        clean = _are_clean(entries, secrets)
    except (TypeError, AttributeError):  # not of the published shape
        clean = False
    found: list[Any] = entries if clean else redact(entries, secrets)
    return found


def _are_clean(entries: list[Any], secrets: Sequence[str]) -> bool:
    found: set[Any] = set()
    for entry in entries:
        found.update(map(entry.get, _SCALARS))
        unknown = entry.keys() - _KNOWN
        if unknown and not _is_clean_part({name: entry[name] for name in unknown}, secrets):
            return False
        for line in entry.get("charge_details") or ():
            found.add(line.get("description"))
            if line.keys() != _LINE and not _is_clean_part(line, secrets):
                return False
    texts = [text for text in found if type(text) is str]
    if is_clean("\n".join(texts).encode(), secrets):
        return True
    # Addresses with an @ are seldom secret and often there.
    plain = [text for text in texts if "@" not in text and "\\" not in text and text.isascii()]
    others = set(texts).difference(plain)
    return is_clean("\n".join(plain).encode(), secrets) and all(
        redact_text(text, secrets) == text for text in others
    )


def _is_clean_part(part: Mapping[str, Any], secrets: Sequence[str]) -> bool:
    return bool(redact(part, secrets) == part)
