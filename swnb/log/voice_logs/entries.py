"""An entry of the voice logs of any kind: what the log reads from it, and what it must not keep.

The published API has five kinds of entry: a call, a leg of a video room, a Dialogflow call, a fabric
device leg and a deleted log, each with fewer fields than the one before. They are not
distinguished here: a field that is missing, or not of its type, is missing in the row. Nothing here reads
or writes files.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from swnb.exchange import whole
from swnb.log.voice_logs.amounts import exact_of, nano_of, rounded
from swnb.redact import is_clean, redact, redact_text
from swnb.visible import visible

TEXTS = ("type", "direction", "status", "source", "from", "to", "parent_id")
COLUMNS = (
    *("id", "created_at", "discarded_at"),
    *TEXTS,
    *("charge_nano", "lines_nano", "lines", "duration_ms", "billing_ms"),
)
# The fields of the published kinds, none of them secret; first those whose text users write.
_FREE = ("from", "to", "url")
_KNOWN = frozenset(
    {
        *_FREE,
        *TEXTS,
        *("id", "created_at", "discarded_at"),
        *("charge", "charge_details", "duration", "duration_ms", "billing_ms"),
    }
)
_CHARGE = COLUMNS.index("charge_nano")
_LINE = frozenset({"description", "charge"})
_MS = 1000

Line = tuple[str, int]


def voice_log_row(entry: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of `COLUMNS`: times in microseconds, money in nano-dollars.

    `lines_nano` is the sum of the charge lines, rounded once, and `lines` is how many there are.
    """
    get = entry.get
    duration = get("duration_ms")
    seconds = whole(get("duration"))
    if duration is None and seconds is not None:
        duration = seconds * _MS
    return (
        string_or_none(get("id")),
        micros(get("created_at")),
        micros(get("discarded_at")),
        *map(string_or_none, map(get, TEXTS)),
        nano_of(get("charge")),
        whole(rounded(sum(amounts := _exact_lines(entry)))),
        len(amounts),
        whole(duration),
        whole(get("billing_ms")),
    )


def lines_of(entry: Mapping[str, Any]) -> list[Line]:
    """Return (description, nano-dollars) of the charge lines that have an amount."""
    details = entry.get("charge_details")
    if type(details) is not list:
        return []
    lines = [
        (string_or_none(line.get("description")) or "", nano_of(line.get("charge")))
        for line in details
        if type(line) is dict
    ]
    return [(description, nano) for description, nano in lines if nano is not None]


def _exact_lines(entry: Mapping[str, Any]) -> list[int | Decimal]:
    """Return the amounts of the charge lines that have one, as `lines_of` but not rounded."""
    details = entry.get("charge_details")
    if type(details) is not list:
        return []
    amounts = [exact_of(line.get("charge")) for line in details if type(line) is dict]
    return [amount for amount in amounts if amount is not None]


def note_mismatches(
    entries: Sequence[Mapping[str, Any]], mismatches: dict[str, tuple[Any, ...]]
) -> None:
    """Keep in `mismatches`, by id, the rows of the entries whose charge is not the sum of their lines.

    If several entries have one id, the last counts. An entry without an id, or of a deleted log, is not
    counted: `differences` of the log has no row for it either.
    """
    for entry in entries:
        try:  # the published shape, without function calls: this runs for each call of an account
            remainder = entry["charge"].exact
            for line in entry["charge_details"]:
                remainder -= line["charge"].exact
        except (KeyError, TypeError, AttributeError):
            remainder = None
        if remainder == 0 and not mismatches:
            continue
        row = voice_log_row(entry)
        charge, lines, count = row[_CHARGE : _CHARGE + 3]
        if row[0] and (charge is not None or count):
            mismatches.pop(row[0], None)
            if charge_differs(charge, lines):
                mismatches[row[0]] = row


def charge_differs(charge: int | None, lines: int | None) -> bool:
    """Return whether a charge is not the sum of its lines; a sum too large for the log always differs."""
    return lines is None or (charge or 0) != lines


def is_priced(charge: int | None, lines: int, duration: int | None) -> bool:
    """Return whether the charge of a call that has ended can be its final one.

    Calls are priced after they have ended. Until then there is no charge, or a charge of 0 without lines
    although the call had a duration.
    """
    return charge is not None and (charge != 0 or lines > 0 or not duration)


def string_or_none(value: Any) -> str | None:
    """Return a string as it is shown, or None if the value is not a string."""
    return visible(value) if type(value) is str else None


def micros(value: Any) -> int | None:
    """Return a time in ISO 8601 as microseconds since 1970, or None; UTC unless it names a zone."""
    if value is None:
        return None
    try:
        at = datetime.fromisoformat(value)
        return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (TypeError, ValueError, OverflowError):
        return None


def redacted(entries: list[Any], text: bytes, secrets: Sequence[str]) -> list[Any]:
    """Return the entries of a page without secrets: the same list if they certainly hold none.

    Walking through each entry takes longer than reading it. Entries consist of known fields, and a secret
    that is not in `secrets` can only be in text that users write: an address, a URL, a description.
    """
    try:
        clean = not any(secret.encode() in text for secret in secrets) and _are_clean(entries)
    except (TypeError, AttributeError):  # not of the published shape
        clean = False
    redacted_entries: list[Any] = entries if clean else redact(entries, secrets)
    return redacted_entries


def _are_clean(entries: list[Any]) -> bool:
    details = [entry.get("charge_details") for entry in entries]
    lines = list(chain.from_iterable(filter(None, details)))
    shapes: set[tuple[str, ...]] = {*map(tuple, entries), *map(tuple, lines)}
    texts: set[Any] = {line.get("description") for line in lines}
    for name in _FREE:
        texts.update([entry.get(name) for entry in entries])
    if not all(_KNOWN.issuperset(shape) or _LINE.issuperset(shape) for shape in shapes):
        return bool(redact(entries) == entries)
    texts.discard(None)
    return _are_clean_texts(texts)


def _are_clean_texts(texts: set[str]) -> bool:
    if is_clean("\n".join(texts).encode("utf-8", "replace")):
        return True
    # Addresses with an @ are rarely secret and often present.
    plain = {text for text in texts if "@" not in text and "\\" not in text and text.isascii()}
    rest = texts - plain
    return is_clean("\n".join(plain).encode()) and all(redact_text(text) == text for text in rest)
