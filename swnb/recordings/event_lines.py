"""An event as one line of JSON and back, marked as one among the lines of exchanges."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

from swnb.event import Event, Source
from swnb.exchange import Space
from swnb.recordings.lines import Malformed, as_text, as_time
from swnb.redact import is_clean, redact

MARK = "event"
_TIMES = ("seen_at", "at")
_NAMES = tuple(field.name for field in fields(Event) if field.name not in ("id", "run"))
_TEXTS = frozenset(_NAMES) - {*_TIMES, "signed", "body"}
_NEEDED = ("source", "kind", "seen_at", "key")
_LABELS = {"source": get_args(Source), "space": get_args(Space)}
_encode = json.JSONEncoder(allow_nan=False, sort_keys=True).encode


def encode_event(event: Event) -> str:
    """Return an event as one line, without a line end."""
    facts = {name: getattr(event, name) for name in _NAMES}
    facts = {name: value for name, value in facts.items() if value is not None}
    facts |= {name: as_text(facts[name]) for name in _TIMES if name in facts}
    text = _encode({MARK: facts})
    return text if is_clean(text.encode()) else _encode(redact({MARK: facts}))


def is_event(line: Any) -> bool:
    """Return whether a parsed line is marked as an event."""
    return isinstance(line, dict) and MARK in line and "command" not in line


def decode_event(line: dict[str, Any]) -> Event:
    """Return a parsed line's event. Raise `Malformed` if it is none."""
    facts = line[MARK]
    if not isinstance(facts, dict) or set(line) != {MARK}:
        raise Malformed("must be an event and nothing beside it")
    for name in _NEEDED:
        if name not in facts:
            raise Malformed(f"has no {name!r}")
    for name, value in facts.items():
        if name not in _NAMES:
            raise Malformed("has an unknown field")
        if name in _LABELS and value not in _LABELS[name]:
            raise Malformed(f"has an unknown {name!r}")
        if name in _TEXTS and not isinstance(value, str):
            raise Malformed(f"has a {name!r} that is not str")
        if name == "signed" and not isinstance(value, bool):
            raise Malformed(f"has a {name!r} that is not bool")
    times = {name: as_time(facts[name]) for name in _TIMES if name in facts}
    return Event(**{**facts, **times})
