"""What arrives while a probe runs, as it arrives: frames with their ids, callbacks with their headers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from swnb.event.reading import USER_EVENTS, call_id_of
from swnb.exchange import loads

_FAILED = 500
# What is shown of a body as it came; of everything else, only what kind of value it is.
_TOLD = ("event_type", "call_state", "dial_state", "direction", "type")


@dataclass(frozen=True, slots=True)
class Frame:
    """One event on RELAY; `at` is when it arrived, and `stamp` the time that it carries."""

    id: str
    type: str
    params: Mapping[str, Any] = field(repr=False)
    stamp: float | None
    at: float

    @property
    def call_id(self) -> str | None:
        """The call that it is of."""
        return call_id_of(self.params)


class Frames:
    """The events on RELAY so far; `clock` tells the time."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._frames: list[Frame] = []

    def hear(self, frame_id: str, outer: Any) -> None:
        """Keep an event, on the background loop."""
        if not isinstance(outer, Mapping):
            return
        inner, stamp = outer.get("params"), outer.get("timestamp")
        frame = Frame(
            frame_id,
            str(outer.get("event_type")),
            inner if isinstance(inner, Mapping) else {},
            float(stamp) if isinstance(stamp, int | float) else None,
            self._clock(),
        )
        with self._lock:
            self._frames.append(frame)

    def of_call(self, call_id: str) -> list[Frame]:
        """Return the events of a call, less the user events that a probe sent."""
        with self._lock:
            own = [frame for frame in self._frames if frame.call_id == call_id]
        return [frame for frame in own if frame.type not in USER_EVENTS]

    def carrying(self, mark: str) -> list[Frame]:
        """Return the events that carry the payload with this mark, oldest first."""
        with self._lock:
            return [frame for frame in self._frames if _carries(frame.params, mark)]


@dataclass(frozen=True, slots=True)
class Post:
    """One request of a callback."""

    purpose: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    at: float

    @property
    def document(self) -> Any:
        """The JSON that it carries, None if it is none."""
        try:
            return loads(self.body)
        except ValueError:
            return None


class Posts:
    """The callbacks so far; those of a purpose in `failing` get HTTP 500."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.failing: str | None = None
        self._clock = clock
        self._lock = threading.Lock()
        self._posts: list[Post] = []

    def take(self, purpose: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """Keep a request, on the background loop; return the status that it gets."""
        with self._lock:
            self._posts.append(Post(purpose, dict(headers), body, self._clock()))
        return _FAILED if purpose == self.failing else None

    def of(self, purpose: str) -> list[Post]:
        """Return the callbacks of the commands of a name, oldest first."""
        with self._lock:
            return [post for post in self._posts if post.purpose == purpose]


def shape(value: Any, name: str = "") -> Any:
    """Return what a JSON value looks like: its keys, and what kind of value each has."""
    if isinstance(value, Mapping):
        return {str(key): shape(item, str(key)) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    if isinstance(value, str):
        return value if name in _TOLD else "text"
    return {bool: "true or false", type(None): "null"}.get(type(value), "number")


def _carries(value: Any, mark: str) -> bool:
    if isinstance(value, Mapping):
        return value.get("probe") == mark or any(_carries(item, mark) for item in value.values())
    return isinstance(value, list) and any(_carries(item, mark) for item in value)
