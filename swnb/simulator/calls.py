"""A simulated call: its states on the virtual clock, what runs on it, and what it has cost.

A call is `queued`, then `ringing`, then `answered`, and ends in one of the states of `OVER`. What
will happen by itself is a plan of (time, state), which `settle` carries out up to a time, so
nothing has to tick. Operations with a control id, and the sessions of which a call has one (noise
reduction, live transcription …), are alike: a key, a start, and an end that bills them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from swnb.exchange import NANO, OVER
from swnb.simulator.rates import RateCard, meters

Status = Literal[
    "queued",
    "ringing",
    "answered",
    "ended",
    "completed",
    "canceled",
    "busy",
    "no-answer",
    "failed",
]
Direction = Literal["inbound", "outbound-api"]

RINGS_AFTER = timedelta(seconds=1)
ANSWERED_AFTER = timedelta(seconds=2)
RING_TIMEOUT = timedelta(seconds=30)

# A dialled phone number that ends like this fails like this; the digits are SIP's own codes.
FATES: dict[str, Status] = {"486": "busy", "480": "no-answer", "404": "failed"}

_TYPES = {
    "+": "relay_pstn_call",
    "sip:": "relay_sip_call",
    "sips:": "relay_sip_call",
    "verto:": "relay_webrtc_call",
    "client:": "relay_webrtc_call",
}
FABRIC = "fabric_subscriber_device_leg"


class Moment(NamedTuple):
    """When something happens, and the prices that hold then."""

    now: datetime
    card: RateCard


class Event(NamedTuple):
    """One line of a call's voice log events."""

    at: datetime
    name: str
    details: dict[str, Any]


class Key(NamedTuple):
    """What names an operation on a call: its kind, and its control id where it has one."""

    kind: str
    control_id: str = ""


@dataclass(slots=True)
class Operation:
    """Something that runs on a call; `count` is how often it was spoken to."""

    started: datetime
    state: Literal["running", "paused"] = "running"
    count: int = 0


@dataclass(slots=True)
class Call:
    """One call; `number` is its place in the order of creation."""

    id: str
    number: int
    from_: str
    to: str
    direction: Direction
    created_at: datetime
    url: str | None = None
    status: Status = "queued"
    plan: list[tuple[datetime, Status]] = field(default_factory=list)
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    discarded_at: datetime | None = None
    running: dict[Key, Operation] = field(default_factory=dict)
    finished: set[Key] = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)
    billed_ms: int | None = None
    events: list[Event] = field(default_factory=list)
    particulars: dict[str, Any] = field(default_factory=dict)  # what its log says otherwise

    @property
    def type(self) -> str:
        """The type of the leg, by the address of the other side."""
        return leg_type(self.from_ if self.direction == "inbound" else self.to or self.from_)

    @property
    def over(self) -> bool:
        """Whether nothing can happen on this call any more."""
        return self.status in OVER

    def note(self, at: datetime, name: str, details: dict[str, Any]) -> None:
        """Add a line to the voice log's events."""
        self.events.append(Event(at, name, details))

    def become(self, status: Status, at: datetime, **details: Any) -> None:
        """Take on a state."""
        self.status = status
        if status == "answered":
            self.answered_at = at
        elif status in OVER:
            self.ended_at = at
            self.plan.clear()
            self.running.clear()
        self.note(at, f"calling_call_{status.replace('-', '_')}", details)

    def settle(self, now: datetime) -> None:
        """Carry out the plan up to now."""
        while self.plan and self.plan[0][0] <= now:
            at, status = self.plan.pop(0)
            self.become(status, at)

    def end(self, status: Status, moment: Moment, **details: Any) -> None:
        """End the call, bill what runs on it, and fix its charges."""
        self.billed_ms, self.spent = self.billing_ms(moment), self.charges(moment)
        self.become(status, moment.now, **details)

    def start(self, key: Key, moment: Moment) -> None:
        """Begin an operation, which runs until it is stopped or the call ends."""
        self.running[key] = Operation(moment.now)
        if _unit(key.kind) == "use":
            self.spend(key.kind, 1, moment)

    def stop(self, key: Key, moment: Moment) -> None:
        """End an operation and bill its time; one that does not run is left as it is."""
        operation = self.running.pop(key, None)
        if operation is None:
            return
        self.finished.add(key)
        if _unit(key.kind) == "minute":
            self.spend(key.kind, _billed(operation.started, moment), moment)

    def state_of(self, key: Key) -> str:
        """Say whether an operation is running, paused or finished."""
        return self.running[key].state if key in self.running else "finished"

    def spend(self, item: str, amount: int, moment: Moment) -> None:
        """Add a charge for an amount of an item of the rate card."""
        _add(self.spent, item, amount, moment.card)

    def charges(self, moment: Moment) -> dict[str, int]:
        """Give what has been spent so far, in nano-dollars by description, the leg first."""
        if self.ended_at or not self.answered_at:
            return self.spent
        lines: dict[str, int] = {}
        rate = rate_of(self.type, self.direction)
        _add(lines, rate, _billed(self.answered_at, moment), moment.card)
        lines.update(self.spent)
        for key, operation in self.running.items():
            if _unit(key.kind) == "minute":
                _add(lines, key.kind, _billed(operation.started, moment), moment.card)
        return lines

    def duration_ms(self, now: datetime) -> int | None:
        """Give the answered time so far, None while it is not answered yet, 0 if it never was."""
        if self.answered_at is None:
            return 0 if self.over else None
        return _ms((self.ended_at or now) - self.answered_at)

    def billing_ms(self, moment: Moment) -> int | None:
        """Give the time that is billed for the leg so far; None and 0 as for `duration_ms`."""
        if self.ended_at is not None:
            return self.billed_ms or 0
        return _billed(self.answered_at, moment) if self.answered_at else None


def leg_type(address: str) -> str:
    """Give the leg type for an address: PSTN, SIP, WebRTC, or else a fabric address."""
    return next((kind for start, kind in _TYPES.items() if address.startswith(start)), FABRIC)


def rate_of(kind: str, direction: str) -> str:
    """Give the rate card's name for a leg: `pstn_outbound` for an outbound `relay_pstn_call`."""
    medium = "fabric" if kind == FABRIC else kind.split("_")[1]
    return f"{medium}_{direction.partition('-')[0]}"


def plan_of_dial(to: str, now: datetime, timeout: timedelta) -> list[tuple[datetime, Status]]:
    """Give what will happen to a call that is dialled now."""
    fate = FATES.get(to[-3:], "answered") if leg_type(to) == "relay_pstn_call" else "answered"
    if fate == "failed":
        return [(now + RINGS_AFTER, fate)]
    end = RINGS_AFTER + timeout if fate == "no-answer" else ANSWERED_AFTER
    return [(now + RINGS_AFTER, "ringing"), (now + end, fate)]


def leg(call: Call, moment: Moment) -> dict[str, Any]:
    """Show a call as the platform replies to a command: a `CallLeg` or a `FabricDeviceLeg`."""
    lines = call.charges(moment)
    shown = {
        "id": call.id,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "source": "realtime_api",
        "url": call.url,
        "charge": sum(lines.values()) / NANO,
        "created_at": timestamp(call.created_at),
        "charge_details": [
            {"description": name, "charge": nano / NANO} for name, nano in lines.items()
        ],
    }
    if call.type == FABRIC:
        return {**shown, "status": None, "type": call.type}
    duration = call.duration_ms(moment.now)
    return {
        **shown,
        "status": call.status,
        "duration": None if duration is None else duration // 1000,
        "duration_ms": duration,
        "billing_ms": call.billing_ms(moment),
        "type": call.type,
        "parent_id": None,
    }


def timestamp(at: datetime) -> str:
    """Write a time as the platform does: ISO 8601 in UTC, to the second where it is whole."""
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def _billed(since: datetime, moment: Moment) -> int:
    return moment.card.billed_ms(_ms(moment.now - since))


def _ms(time: timedelta) -> int:
    return time // timedelta(milliseconds=1)


def _add(lines: dict[str, int], item: str, amount: int, card: RateCard) -> None:
    nano = card.charge(item, amount)
    if nano:
        label = meters()[item].label
        lines[label] = lines.get(label, 0) + nano


def _unit(kind: str) -> str | None:
    return meters()[kind].unit if kind in meters() else None
