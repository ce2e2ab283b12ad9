"""One thing that was heard: the row of the log, the line of a recording, the input of a replay.

It is redacted once, when it is made. Times are integers of microseconds since 1970 in UTC.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

from swnb.exchange import Space

Source = Literal[
    "relay",  # a RELAY session
    "callback",  # a status callback or another webhook
    "voice_log",  # the events of the platform's voice log
    "listener",  # swnb's own listener: its connections and gaps
    "wait",  # how a wait of a cell ended
]


@dataclass(slots=True)
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


def canonical(value: Any) -> str:
    """Return a JSON value as one text, the same for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)


def key_of(source: Source, type_: str | None, timestamp: Any, params: Any) -> str:
    """Return what is equal for an event that comes again, under whatever frame id."""
    fact = canonical([source, type_, timestamp, params])
    return blake2b(fact.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
