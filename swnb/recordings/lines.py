"""An exchange as one line of JSON and back: sorted keys, unknown facts omitted.

Times are in ISO 8601, for people who review a recording. The exchange's id and run are not written,
because they belong to one log. Neither are the charge lines, which are in the response.
"""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_args

from swnb import commands as c
from swnb.exchange import Exchange, Outcome, Space
from swnb.redact import is_clean, redact

_KINDS: dict[str, tuple[type, ...]] = {
    field.name: (int,) if "int" in str(field.type) else (str,)
    for field in fields(Exchange)
    if field.name not in ("id", "run", "charges", "request", "response")
}
_NAMES = {name.removesuffix("_"): name for name in (*_KINDS, "request", "response")}
_DEFAULTS = {"attempts": 0}
_NEEDED = ("command", "outcome", "sent_at", "space")
_LABELS = {"outcome": get_args(Outcome), "space": get_args(Space)}
EXTRAS = "extras"  # parameters that the catalogue did not know when the line was written
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_encode = json.JSONEncoder(allow_nan=False, sort_keys=True).encode


class Malformed(Exception):
    """A line is not an exchange; the message says why. It becomes a `RecordingError` with its line."""


def encode(exchange: Exchange) -> str:
    """Return an exchange as one line, without a line end."""
    facts = {name: getattr(exchange, attribute) for name, attribute in _NAMES.items()}
    line = {
        name: value
        for name, value in facts.items()
        if value is not None and value != _DEFAULTS.get(name)
    }
    line["sent_at"] = as_text(exchange.sent_at)
    extras = unknown_parameters(exchange)
    if extras:
        line[EXTRAS] = extras
    text = _encode(line)
    # A request is redacted in parts, and a line as a whole.
    return text if is_clean(text.encode()) else _encode(redact(line))


def decode(line: Any) -> tuple[Exchange, list[str]]:
    """Return a parsed line's exchange and its extras. Raise `Malformed` if it is not an exchange."""
    if not isinstance(line, dict):
        raise Malformed("must be a JSON object")
    extras = line.pop(EXTRAS, [])
    for name in _NEEDED:
        if name not in line:
            raise Malformed(f"has no {name!r}")
    values: dict[str, Any] = {}
    for name, value in line.items():
        if name not in _NAMES:
            raise Malformed("has an unknown field")
        values[_NAMES[name]] = as_time(value) if name == "sent_at" else _checked(name, value)
    return Exchange(**values), extras


def unknown_parameters(exchange: Exchange) -> list[str]:
    """Return the names of a request's parameters that the catalogue does not know (from `extras`)."""
    model = c.Command.of_wire(exchange.command)
    params = exchange.request.get("params") if isinstance(exchange.request, dict) else None
    if model is None or not isinstance(params, dict) or exchange.outcome == "refused":
        return []
    wire_names = {c.wire_name(name) for name in model.model_fields}
    return [name for name in params if name not in wire_names]


def _checked(name: str, value: Any) -> Any:
    if name in _LABELS and value not in _LABELS[name]:
        raise Malformed(f"has an unknown {name!r}")
    kinds = _KINDS.get(_NAMES[name])
    if kinds and (not isinstance(value, kinds) or isinstance(value, bool)):
        raise Malformed(f"has a {name!r} that is not {kinds[0].__name__}")
    return value


def as_text(time: int) -> str:
    """Return a time of the log in ISO 8601."""
    return (_EPOCH + timedelta(microseconds=time)).isoformat().replace("+00:00", "Z")


def as_time(text: Any) -> int:
    """Return a time of a line in microseconds since 1970. Raise `Malformed` if it is none."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
    except (TypeError, ValueError):
        raise Malformed("has a time that is not an ISO 8601 time with an offset") from None
