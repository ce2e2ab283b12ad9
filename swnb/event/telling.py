"""What a command says or what was heard, in one line for people: text spoken, digits, a verdict, JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from swnb.exchange import short_name
from swnb.visible import repaired
from swnb.words import cut

# What a card, a timeline or a message leaves out of a line: it stands elsewhere.
_ASIDE = frozenset(
    {"call_id", "node_id", "segment_id", "tag", "control_id", "status_url", "state", "call_state"}
)


LONGEST = 160  # characters of what a command says: its request has the rest


def said(command: str, request: Any) -> str:
    """Return what a command says, in one line of at most 160 characters; empty if it says nothing.

    Cards, frames and views show this: an event's JSON, the text that is spoken, the digits that are wanted.

    Parameters
    ----------
    command : str
        The command's name on the wire.
    request : Any
        The body as sent, secrets redacted, as JSON.

    """
    kind = short_name(command)
    text = told(kind, request.get("params") if isinstance(request, Mapping) else None)
    # From and to of a dial have places of their own.
    text = text.partition(" · ")[2] if kind == "dial" else text
    return str(repaired(" ".join(cut(text, LONGEST).splitlines())))


def told(kind: str, body: Any) -> str:
    """Return the payload of a command or an event in one line; empty if it has none.

    Parameters
    ----------
    kind : str
        What it is about, as in `Event.kind`: `play`, `collect`, `user_event` …
    body : Any
        The parameters that were sent or heard, as JSON.

    """
    if not isinstance(body, Mapping):
        return "" if body is None else _json(body)
    text = _TELLERS[kind](body) if kind in _TELLERS else None
    return _rest(body) if text is None else text


def _rest(body: Mapping[str, Any]) -> str:
    left = {name: item for name, item in body.items() if name not in _ASIDE and item is not None}
    return " · ".join(f"{name} {_short(item)}" for name, item in left.items())


def _short(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_kind
    )


def _kind(value: Any) -> str:
    return f"<{type(value).__name__}>"


def _joined(*parts: Any) -> str:
    return " · ".join(str(part) for part in parts if part not in (None, ""))


def _user_event(body: Mapping[str, Any]) -> str:
    return _json(body.get("event", body))


def _dial(body: Mapping[str, Any]) -> str:
    if "dial_state" in body:
        return ""
    what = body.get("url") or ("inline SWML" if "swml" in body else None)
    return _joined(f"{body.get('from', '?')} → {body.get('to', '?')}", what)


def _play(body: Mapping[str, Any]) -> str | None:
    items = body.get("play")
    if not isinstance(items, list):
        return None if items else ""
    return _joined(*(_played(item) for item in items if isinstance(item, Mapping)))


def _played(item: Mapping[str, Any]) -> str:
    params = item.get("params")
    params = params if isinstance(params, Mapping) else {}
    kind = str(item.get("type", ""))
    if isinstance(params.get("text"), str):
        return f"“{params['text']}”"
    if kind == "silence":
        return f"{params.get('duration', '?')} s of silence"
    return _joined(params.get("url") or params.get("name") or kind)


def _collect(body: Mapping[str, Any]) -> str | None:
    result = body.get("result")
    if isinstance(result, Mapping):
        return _collected(str(result.get("type", "")), result.get("params"))
    digits, speech = body.get("digits"), body.get("speech")
    wanted = []
    if isinstance(digits, Mapping):
        ends = digits.get("terminators")
        wanted.append(
            f"up to {digits.get('max', '?')} digits{f', ended by {ends}' if ends else ''}"
        )
    if isinstance(speech, Mapping):
        wanted.append(_joined("speech", speech.get("language")))
    return " or ".join(wanted) or None


def _collected(kind: str, params: Any) -> str:
    if not isinstance(params, Mapping):
        return kind
    if kind == "digit":
        return _joined(params.get("digits"), f"ended by {params['terminator']}" if params.get("terminator") else None)  # fmt: skip
    if kind == "speech":
        sure = params.get("confidence")
        share = f"{sure:.0%} sure" if isinstance(sure, int | float) and 0 <= sure <= 1 else None
        return _joined(f"“{params.get('text', '')}”", share)
    return kind


def _detect(body: Mapping[str, Any]) -> str | None:
    inner = body.get("detect")
    if not isinstance(inner, Mapping):
        return None
    params = inner.get("params")
    found = params.get("event") if isinstance(params, Mapping) else None
    return _joined(inner.get("type"), found)


def _state(body: Mapping[str, Any]) -> str:
    return _joined(body.get("end_reason"))


def _record(body: Mapping[str, Any]) -> str:
    inner = body.get("record")
    whole = {**body, **inner} if isinstance(inner, Mapping) else body
    if isinstance(whole.get("audio"), Mapping):
        return _joined(*(f"{name} {_short(item)}" for name, item in whole["audio"].items()))
    duration = whole.get("duration")
    return _joined(whole.get("url"), None if duration is None else f"{duration} s")


def _transcribe(body: Mapping[str, Any]) -> str | None:
    return f"“{body['text']}”" if isinstance(body.get("text"), str) else None


def _end(body: Mapping[str, Any]) -> str:
    return _joined(body.get("reason"))


def _wait(body: Mapping[str, Any]) -> str:
    asked = body.get("for")
    asked = asked if isinstance(asked, Mapping) else {}
    kind, states = str(asked.get("kind", "an event")), asked.get("states")
    if kind == "state" and isinstance(states, list):
        return f"waited for {' or '.join(map(str, states))}"
    if states:
        return f"waited for the end of {asked.get('control_id') or kind}"
    return " ".join(part for part in (f"waited for {kind}", asked.get("where")) if part)


def _gap(body: Mapping[str, Any]) -> str:
    restored = "restored" if body.get("restored") else "what happened meanwhile may be missing"
    return f"no connection for {body.get('seconds', '?')} s: {restored}"


_TELLERS: Mapping[str, Callable[[Mapping[str, Any]], str | None]] = {
    "user_event": _user_event,
    "dial": _dial,
    "play": _play,
    "collect": _collect,
    "detect": _detect,
    "state": _state,
    "record": _record,
    "transcribe": _transcribe,
    "end": _end,
    "wait": _wait,
    "gap": _gap,
}
