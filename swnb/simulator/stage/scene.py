"""A call and the space around it: what commands, timers and far ends act on.

Everything that happens to a call goes through here, so that it is told to the listeners, written
into the voice log, and noticed by the far end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from swnb.exchange import OVER
from swnb.simulator.calls import Call, Key, Moment, Operation, Status, device, end_reason
from swnb.simulator.rates import RateCard
from swnb.simulator.stage.clock import Clock, Due
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.occurrences import Listener, Occurrence, event_type

# The call states of the events, by the statuses of the REST replies.
_CALL_STATES = {"queued": "created", **dict.fromkeys(OVER, "ended")}


@dataclass(slots=True)
class World:
    """What all calls of a space share; `card` are the prices that hold now."""

    seed: int
    project: str
    clock: Clock
    card: RateCard
    listeners: list[Listener] = field(default_factory=list)
    node_id: str = field(init=False)  # of the one machine that this space pretends to have

    def __post_init__(self) -> None:
        self.node_id = seeded_id(self.seed, "node", 0)

    @property
    def moment(self) -> Moment:
        """The present time and prices."""
        return Moment(self.clock.now, self.card)


@dataclass(frozen=True, slots=True)
class Scene:
    """One call in its space."""

    call: Call
    world: World

    @property
    def moment(self) -> Moment:
        """The present time and prices."""
        return self.world.moment

    def after(self, seconds: float, act: Callable[[], None]) -> Due:
        """Let something happen later, unless the call is over by then."""
        due = self.world.clock.after(seconds, act)
        self.call.due = [*(other for other in self.call.due if other.waits), due]
        return due

    def tell(
        self,
        kind: str,
        state: str | None,
        params: Mapping[str, Any],
        *,
        control_id: str | None = None,
        given: Mapping[str, Any] | None = None,
    ) -> None:
        """Tell the listeners what happened, and let the far end react to it."""
        ids = {"call_id": self.call.id, "node_id": self.world.node_id}
        if control_id is not None:
            ids["control_id"] = control_id
        occurrence = Occurrence(
            kind,
            event_type(kind),
            self.call.id,
            control_id,
            state,
            self.world.clock.now,
            {**ids, **params},
            self.call.given if given is None else given,
        )
        for listener in list(self.world.listeners):
            listener(occurrence)
        if state:
            self.call.party.notice(f"{kind}.{state}")

    def become(self, status: Status, **details: Any) -> None:
        """Let the call take on a state."""
        self.call.become(status, self.world.clock.now, **details)
        self.tell_state(**details)
        if status == "answered":
            for due in self.call.ringing:
                due.cancel()
            self.call.party.answered()

    def tell_state(self, **details: Any) -> None:
        """Tell the state that the call is in."""
        call = self.call
        state = _CALL_STATES.get(call.status, call.status)
        params: dict[str, Any] = {
            "call_state": state,
            "direction": call.direction.partition("-")[0],
            "device": device(call),
        }
        if call.over:
            params["end_reason"] = details.get("reason") or end_reason(call.status)
        self.tell("state", state, params)

    def end(self, status: Status, **details: Any) -> None:
        """End everything that runs on the call, and the call, and fix its charges."""
        for operation in list(self.call.running.values()):
            operation.end_with_call()
        for due in self.call.due:
            due.cancel()
        self.call.fix_charges(self.moment)
        self.become(status, **details)

    def start(self, key: Key, operation: Operation | None = None) -> None:
        """Begin an operation, which runs until it ends, is stopped, or the call ends."""
        operation = operation or Operation(self.world.clock.now)
        self.call.start(key, operation, self.moment)
        operation.begin()

    def stop(self, key: Key) -> None:
        """Take a session off the call and bill its time."""
        self.call.stop(key, self.moment)

    def ensure(self, key: Key) -> None:
        """Begin a session, unless it runs already."""
        if key not in self.call.running:
            self.start(key)
