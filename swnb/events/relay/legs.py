"""The calls of one RELAY session: those that it dialed, known by their tags, and those it was offered.

The answer to a dial names no call. Its first event does, under the tag that the dial was sent with; so
the tag is registered before anything is sent. A call is steered with the id of its node, which no event
in the log keeps, beside its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Leg:
    """What the first event of a dialed call said; without an id the platform says that it failed."""

    call_id: str | None
    state: str


class Legs:
    """The legs of a session; used on the background loop, except for `node_of`.

    `late` is called with the id of a call whose dial was given up before it was named.
    """

    def __init__(self, late: Callable[[str], None]) -> None:
        self._late = late
        self._nodes: dict[str, str | None] = {}
        self._awaited: dict[str, asyncio.Future[Leg]] = {}
        self._given_up: set[str] = set()

    def owns(self, call_id: str) -> bool:
        """Return whether the session dialed a call, or was offered it and did not pass it on."""
        return call_id in self._nodes

    def node_of(self, call_id: str) -> str | None:
        """Return the id of the node that a call is on."""
        return self._nodes.get(call_id)

    def expect(self, tag: str) -> asyncio.Future[Leg]:
        """Register a tag; the future has the leg once an event has named it."""
        self._awaited[tag] = asyncio.get_running_loop().create_future()
        return self._awaited[tag]

    def give_up(self, tag: str, *, may_come: bool) -> None:
        """Wait no more for the leg of a tag."""
        if self._awaited.pop(tag, None) is not None and may_come:
            self._given_up.add(tag)

    def hear(self, frame: Any) -> Callable[[], None] | None:
        """Take in an event as it arrived; return what is to be done once it is written."""
        inner = frame.get("params") if isinstance(frame, Mapping) else None
        if not isinstance(inner, Mapping):
            return None
        nested = inner.get("call")
        call = nested if isinstance(nested, Mapping) else {}
        call_id, node_id = (
            next((str(at[name]) for at in (inner, call, frame) if at.get(name)), None)
            for name in ("call_id", "node_id")
        )
        if frame.get("event_type") == "calling.call.receive" and call_id:
            self._nodes[call_id] = node_id
        tag = inner.get("tag") or call.get("tag")
        if not isinstance(tag, str) or tag not in {*self._awaited, *self._given_up}:
            return None
        if call_id:
            self._nodes[call_id] = node_id
        state = inner.get("call_state") or inner.get("dial_state")
        return self._named(tag, Leg(call_id, str(state or "created")))

    def _named(self, tag: str, leg: Leg) -> Callable[[], None] | None:
        if leg.call_id is None and leg.state != "failed":
            return None

        def tell() -> None:
            found = self._awaited.pop(tag, None)
            if found is not None and not found.done():
                found.set_result(leg)
            elif tag in self._given_up and leg.call_id:
                self._given_up.discard(tag)
                self._late(leg.call_id)

        return tell

    def let_go(self, call_id: str) -> str | None:
        """Forget a call that is passed on; return the id of its node."""
        return self._nodes.pop(call_id, None)
