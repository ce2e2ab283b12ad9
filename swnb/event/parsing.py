"""Events from what arrives: RELAY frames, bodies of callbacks, entries of voice logs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from swnb.event.reading import (
    KINDS,
    SECRET_TYPE,
    call_id_of,
    control_id_of,
    kind_of,
    microseconds,
    state_of,
)
from swnb.event.record import Event, Source, key_of
from swnb.exchange import Space, loads
from swnb.redact import redact, redact_text

_MOST_TEXT = 20_000  # characters that are kept of a body that is not JSON
# A transcript's own callback has no state: its type tells it.
_TRANSCRIPTS = {
    "calling.transcript.completed": "finished",
    "calling.transcript.failed": "failed",
}
# An envelope's own facts, which say nothing of the call.
_ENVELOPE = ("event_type", "event_channel", "timestamp", "project_id", "space_id", "node_id")


def of_relay(frame: Any, *, seen_at: int, space: Space = "live") -> Event:
    """Return the event in the params of a `signalwire.event` frame, whatever they are."""
    frame = frame if isinstance(frame, Mapping) else {"params": frame}
    inner = frame.get("params")
    params = inner if isinstance(inner, Mapping) else {"value": inner}
    return _event("relay", frame, params, seen_at=seen_at, space=space)


def of_callback(
    body: bytes,
    content_type: str = "",
    *,
    seen_at: int,
    query: str = "",
    hint: str | None = None,
    signed: bool | None = None,
    space: Space = "live",
) -> Event:
    """Return the event in a request to a callback's URL; `hint` is the command it was asked with."""
    value = _document(body, content_type, query)
    common: dict[str, Any] = {"seen_at": seen_at, "space": space, "signed": signed}
    if not isinstance(value, Mapping):
        return _event("callback", {}, {"text": value}, hint="unknown", **common)
    if isinstance(value.get("sidecar_event"), Mapping):
        return _sidecar(value, **common)
    if "action" in value and ("post_prompt_data" in value or "call_log" in value):
        frame = {"event_type": f"post_prompt.{value['action']}", "timestamp": None}
        return _event("callback", frame, value, kind="post_prompt", **common)
    inner = value.get("params")
    if isinstance(inner, Mapping) and "event_type" in value:
        return _event("callback", value, inner, hint=hint, **common)
    frame = {"event_type": value.get("event_type"), "timestamp": value.get("timestamp")}
    return _event("callback", frame, value, hint=hint, **common)


def of_voice_log(call_id: str, entry: Any, *, seen_at: int, space: Space = "live") -> Event:
    """Return the event of an entry of `/api/voice/logs/{id}/events`."""
    entry = entry if isinstance(entry, Mapping) else {"details": entry}
    name = entry.get("name") if isinstance(entry.get("name"), str) else ""
    details = entry.get("details")
    params = {"call_id": call_id, **(details if isinstance(details, Mapping) else {})}
    short = str(name).removeprefix("calling_").removeprefix("call_")
    frame = {"event_type": name, "timestamp": entry.get("event_at")}
    # `calling_play_stop` is about a playback.
    about = (known for known in KINDS if f"{short}_".startswith(f"{known}_"))
    kind = kind_of(f"calling.call.{max(about, key=len, default=short)}", params)
    if kind == "unknown" and str(name).startswith("calling_call_"):
        kind, params = "state", {**params, "call_state": short.replace("_", "-")}
    return _event("voice_log", frame, params, kind=kind, seen_at=seen_at, space=space)


def _sidecar(value: Mapping[str, Any], **common: Any) -> Event:
    told = value["sidecar_event"]
    info = value.get("call_info")
    call_id = call_id_of(info) if isinstance(info, Mapping) else None
    channel = told.get("channel_data")
    call_id = call_id or (call_id_of(channel) if isinstance(channel, Mapping) else None)
    stamp = told.get("ts")
    try:
        seconds = stamp / 1e6 if isinstance(stamp, int | float) else stamp
    except OverflowError:  # a whole number may have any length
        seconds = None
    frame = {"event_type": f"ai_sidecar.{told.get('type')}", "timestamp": seconds}
    params = {**told, "call_id": call_id}
    return _event("callback", frame, params, kind="sidecar", state=told.get("type"), **common)


def _event(
    source: Source,
    frame: Mapping[str, Any],
    params: Mapping[str, Any],
    *,
    seen_at: int,
    space: Space,
    kind: str | None = None,
    state: Any = None,
    hint: str | None = None,
    signed: bool | None = None,
) -> Event:
    type_ = frame.get("event_type")
    type_ = type_ if isinstance(type_, str) else None
    if type_ == SECRET_TYPE:
        params = {}
    kind = kind or kind_of(type_, params, hint)
    timestamp = frame.get("timestamp")
    told = state if isinstance(state, str) else state_of(kind, params)
    if told is None and kind == "transcribe":
        told = _TRANSCRIPTS.get(type_ or "")
    return Event(
        source,
        kind,
        seen_at,
        key_of(source, type_, timestamp, params),
        type=type_,
        at=microseconds(timestamp),
        call_id=call_id_of(params),
        control_id=control_id_of(params),
        state=told,
        signed=signed,
        space=space,
        body=redact({name: params[name] for name in params if name not in _ENVELOPE}),
    )


def _document(body: bytes, content_type: str, query: str) -> Any:
    """Return the JSON, the form's fields, or the text of a request; the query if it has no body."""
    if not body:
        return dict(parse_qsl(query, keep_blank_values=True)) if query else ""
    try:
        value = loads(body)
        json.dumps(value)  # what is nested too deeply to be written again is kept as text
    except (ValueError, RecursionError):
        pass
    else:
        return value
    text = body.decode("utf-8", "replace")
    if "form" in content_type.lower() and "=" in text:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=None))
    cut = f"… ({len(text):,} characters)" if len(text) > _MOST_TEXT else ""
    return redact_text(text[:_MOST_TEXT]) + cut
