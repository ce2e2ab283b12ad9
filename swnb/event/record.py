"""One thing that was heard: the row of the log, the line of a recording, the input of a replay.

It is redacted once, when it is made. Times are integers of microseconds since 1970 in UTC.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any, Literal

from swnb import html
from swnb.event.telling import LONGEST, told
from swnb.exchange import Space
from swnb.visible import visible
from swnb.words import cut

Source = Literal[
    "relay",  # a RELAY session
    "callback",  # a status callback or another webhook
    "voice_log",  # the events of the platform's voice log
    "listener",  # swnb's own listener: its connections and gaps
    "wait",  # how a wait of a cell ended
]

_IDS = ("call_id", "node_id", "segment_id", "tag", "control_id", "state", "final")
_WITH_RESULT = ("collect", "detect", "record", "transcribe", "fax", "refer")
_SHOWN = 120  # characters of a payload in a repr


@dataclass(slots=True, repr=False)
class Event:
    """One thing that was heard of a call, or of the connection over which calls are heard.

    `kind` is what it is about (`state`, `play`, `user_event`, `gap` …) and `type` its name as it
    arrived. `at` is the event's own time and `seen_at` when it was heard. Two events of the same
    `key` are one that came twice. `signed` is whether its signature was right, None if there was
    none to check. `body` are its own parameters.
    """

    source: Source
    kind: str
    seen_at: int
    key: str
    type: str | None = None
    at: int | None = None
    call_id: str | None = None
    control_id: str | None = None
    state: str | None = None
    signed: bool | None = None
    space: Space = "live"
    body: Any = None
    id: int | None = None
    run: str | None = None

    @property
    def params(self) -> dict[str, Any]:
        """The event's own parameters; empty if it has none by name."""
        return self.body if isinstance(self.body, dict) else {}

    @property
    def payload(self) -> Any:
        """What a user event carries, as it was sent; None for any other event.

        On RELAY it may be wrapped beside the ids of the call, or be the parameters themselves.
        """
        if self.kind != "user_event":
            return None
        wrapped = "call_id" in self.params or "node_id" in self.params
        return self.params.get("event") if wrapped and "event" in self.params else self.body

    @property
    def result(self) -> dict[str, Any]:
        """What an operation found: digits, text and confidence, a verdict, a recording's URL.

        The fields are those of the event, without its ids; `type` is the kind of the result.
        """
        params = {name: item for name, item in self.params.items() if name not in _IDS}
        inner = params.get("result", params.get(self.kind))
        if not isinstance(inner, dict):
            return params
        found = inner.get("params")
        rest = {name: item for name, item in inner.items() if name != "params"}
        return {**rest, **found} if isinstance(found, dict) else rest

    @property
    def time(self) -> datetime:
        """Its own time in UTC, or when it was heard if it has none."""
        return datetime.fromtimestamp((self.seen_at if self.at is None else self.at) / 1e6, UTC)

    def __repr__(self) -> str:
        facts = [self.source, self.kind, self.state, self.call_id or "call unknown"]
        if self.kind == "user_event":
            facts.append(canonical(self.payload)[:_SHOWN])
        elif self.kind in _WITH_RESULT:
            facts.append(canonical(self.result)[:_SHOWN])
        return visible(f"<Event {' · '.join(str(fact) for fact in facts if fact)}>")

    def _repr_html_(self) -> str:
        body = {"event": self.payload} if self.kind == "user_event" else self.body
        says = cut(told(self.kind, body), LONGEST)
        ids = [
            ("control id", self.control_id and html.mono(self.control_id)),
            ("call", html.mono(html.short(self.call_id)) if self.call_id else "unknown"),
            ("", None if self.space == "live" else self.space),
        ]
        whole = json.dumps(self.body, indent=2, ensure_ascii=False, default=repr)
        folded = [html.code(f"call: {self.call_id}")] if self.call_id else []
        parts = [
            *([html.line(html.mono(says))] if says else []),
            html.facts(ids, muted=True),
            html.folded("Body", html.Markup("".join(map(str, [*folded, html.code(whole)])))),
        ]
        beside = [self.source, html.mono(f"{self.time:%H:%M:%S}")]
        return html.card(self.kind, html.mark(self.state), parts, beside=beside)


def canonical(value: Any) -> str:
    """Return a JSON value as one text, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)


def key_of(source: Source, type_: str | None, timestamp: Any, params: Any) -> str:
    """Return what is equal for an event that comes again, under whatever frame id."""
    facts = [source, type_, timestamp, params]
    try:
        fact = canonical(facts)
    except RecursionError:  # it could be read at this depth, but not be written
        fact = "\n".join(_pieces(facts))
    return blake2b(fact.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()


def _pieces(value: Any) -> Iterator[str]:
    """Yield a JSON value of any depth in pieces, the same for equal values."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, Mapping):
            yield f"{{{len(item)}"
            left += [part for name in sorted(item, reverse=True) for part in (item[name], name)]
        elif isinstance(item, list):
            yield f"[{len(item)}"
            left += reversed(item)
        else:
            yield canonical(item)
