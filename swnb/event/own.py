"""What swnb tells of itself, as events: its connections, the gaps between them, and how waits ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Literal

from swnb.event.record import Event, canonical, key_of
from swnb.exchange import Space, now

Told = Literal["connecting", "listening", "gap", "closed", "refused", "unreadable"]
Ended = Literal["event", "over", "timeout", "interrupted"]

_numbers = count(1)


def of_listener(
    told: Told, space: Space, *, state: str | None = None, at: int | None = None, **facts: Any
) -> Event:
    """Return what a listener says of itself."""
    seen = now()
    key = key_of("listener", told, seen, [next(_numbers), facts])
    return Event(
        "listener", told, seen, key, type=told, at=at, state=state, space=space, body=facts or None
    )


def gap(start: int, end: int, space: Space, *, restored: bool) -> Event:
    """Return a time without connection, in microseconds since 1970.

    `restored` is whether the platform sent again what happened meanwhile.
    """
    state = "restored" if restored else "not restored"
    seconds = round((end - start) / 1e6, 3)
    body = {"from": start, "to": end, "seconds": seconds, "restored": restored}
    return of_listener("gap", space, state=state, at=start, **body)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a cell waits for, so that a replay knows the wait again.

    Two questions are the same if they ask for the same thing of the same call.
    """

    kind: str
    call_id: str | None = None
    control_id: str | None = None
    states: tuple[str, ...] = ()
    where: str = ""  # the expected part of a payload, as canonical JSON

    @classmethod
    def of(
        cls,
        kind: str,
        *,
        call_id: str | None = None,
        control_id: str | None = None,
        states: tuple[str, ...] = (),
        where: Any = None,
    ) -> Asked:
        """Return a question."""
        told = "" if where is None else canonical(where)
        return cls(kind, call_id, control_id, tuple(sorted(states)), told)

    @classmethod
    def read(cls, body: Any) -> Asked | None:
        """Return the question in the body of a wait's event, None if it is none."""
        asked = body.get("for") if isinstance(body, Mapping) else None
        if not isinstance(asked, Mapping) or not isinstance(asked.get("kind"), str):
            return None
        states = asked.get("states")
        return cls(
            asked["kind"],
            asked.get("call_id"),
            asked.get("control_id"),
            tuple(states) if isinstance(states, list) else (),
            str(asked.get("where") or ""),
        )

    def json(self) -> dict[str, Any]:
        """Return the question as JSON."""
        facts = {
            "kind": self.kind,
            "call_id": self.call_id,
            "control_id": self.control_id,
            "states": list(self.states),
            "where": self.where,
        }
        return {name: item for name, item in facts.items() if item}


def wait_event(
    asked: Asked,
    ended: Ended,
    space: Space,
    *,
    event: Event | None = None,
    state: str | None = None,
    looks: int = 0,
) -> Event:
    """Return how a wait ended: by an event, by the end of the call, or without either.

    `looks` is how often it asked the voice log: so many readings of a recording belong to it.
    """
    seen = now()
    answer = {} if event is None else {"event": event.key}
    return Event(
        "wait",
        "wait",
        seen,
        key_of("wait", asked.kind, seen, [next(_numbers), asked.json()]),
        type=asked.kind,
        at=None if event is None else event.at,
        call_id=asked.call_id,
        control_id=asked.control_id,
        state=ended,
        space=space,
        body={"for": asked.json(), "ended": ended, "state": state, "looks": looks, **answer},
    )
