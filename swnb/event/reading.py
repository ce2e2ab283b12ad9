"""What an event is about, by what is in its body: its name alone is no proof.

Nothing here raises an error for what a stranger may send: what cannot be read is None or `unknown`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# The names of a user event: on RELAY, in a browser, and one that is attested nowhere but costs nothing.
USER_EVENTS = frozenset({"calling.user_event", "user_event", "calling.call.user_event"})
# An event that carries what a session could be taken over with; it is kept in memory alone.
SECRET_TYPE = "signalwire.authorization.state"  # noqa: S105 - a name, no password
# The kinds of events that `calling.call.…` names.
KINDS = frozenset(
    {
        *("state", "receive", "dial", "connect", "play", "record", "collect", "detect", "tap"),
        *("stream", "transcribe", "fax", "refer", "send_digits", "echo", "hold", "denoise", "pay"),
        *("queue", "user_event", "conference", "error"),
    }
)
_PREFIXES = (
    ("calling.ai_sidecar", "sidecar"),
    ("ai_sidecar", "sidecar"),
    ("calling.ai.", "ai"),
    ("ai.", "ai"),
    ("calling.transcript.", "transcribe"),
)
# Fields by which a body without a known name says what it is.
_TELLING = (
    ("call_state", "state"),
    ("dial_state", "dial"),
    ("connect_state", "connect"),
    ("record", "record"),
    ("detect", "detect"),
    ("fax", "fax"),
    ("tap", "tap"),
    ("sip_refer_to", "refer"),
    ("payment_method", "pay"),
    ("conference_id", "conference"),
)
_STATES = ("call_state", "dial_state", "connect_state", "state", "status")
_FIRST, _LAST = -62_135_596_800, 253_402_300_799  # seconds of the years 1 to 9999


def kind_of(type_: Any, params: Mapping[str, Any], hint: str | None = None) -> str:
    """Return what an event is about; `hint` is the command that it was asked for with."""
    name = type_ if isinstance(type_, str) else ""
    if name in USER_EVENTS:
        return "user_event"
    begun = next((kind for start, kind in _PREFIXES if name.startswith(start)), None)
    short = name.removeprefix("calling.call.").removeprefix("calling.")
    if begun or short in KINDS:
        return begun or short
    told = next((kind for field, kind in _TELLING if field in params), None)
    if told is None and isinstance(params.get("result"), Mapping):
        told = "collect"
    return told or hint or "unknown"


def state_of(kind: str, params: Mapping[str, Any]) -> str | None:
    """Return the state of a call or of an operation, or the type of its result."""
    if kind == "detect":
        found = _within(params, "detect", "params", "event") or params.get("event")
        return found if isinstance(found, str) else None
    if kind == "collect" and isinstance(params.get("result"), Mapping):
        return _text(params["result"].get("type"))
    if kind == "fax" and isinstance(params.get("fax"), Mapping):
        return _text(params["fax"].get("type"))
    if kind == "denoise" and isinstance(params.get("denoised"), bool):
        return "on" if params["denoised"] else "off"
    nested = params.get(kind)
    places = [params, nested] if isinstance(nested, Mapping) else [params]
    return next((_text(at[name]) for at in places for name in _STATES if _text(at.get(name))), None)


def call_id_of(params: Mapping[str, Any]) -> str | None:
    """Return the id of the call that an event is of; a `dial` has it one level deeper."""
    call_id = params.get("call_id")
    if not isinstance(call_id, str):
        call_id = _within(params, "call", "call_id")
    return call_id if isinstance(call_id, str) and call_id else None


def control_id_of(params: Mapping[str, Any]) -> str | None:
    """Return the control id of the operation that an event is of."""
    return _text(params.get("control_id"))


def microseconds(value: Any) -> int | None:
    """Return a time as microseconds since 1970: Unix seconds, or ISO 8601; None for anything else."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return _of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return round(value * 1_000_000) if _FIRST <= value <= _LAST else None


def _of_text(text: str) -> int | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    # Its zone may move the first or the last hours of all years beyond them.
    return microseconds(moment.timestamp())


def _within(value: Any, *path: str) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
