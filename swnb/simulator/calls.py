"""A simulated call: its state, what runs on it, and what it has cost.

A call is `queued`, then `ringing`, then `answered`, and ends in one of the states of `OVER`.
Operations with a control id, and the sessions of which a call has one (noise reduction, live
transcription …), are alike: a key, a start, and an end that bills them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple

from swnb.exchange import OVER
from swnb.simulator.rates import RateCard, meters
from swnb.simulator.stage.clock import Due

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

RING_TIMEOUT = timedelta(seconds=30)


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


class Line(NamedTuple):
    """One thing that was said on a call, by us (`speak`) or by the far end (`listen`)."""

    at: datetime
    direction: Literal["speak", "listen"]
    text: str


class Key(NamedTuple):
    """What names an operation on a call: its kind, and its control id if it has one."""

    kind: str
    control_id: str = ""


class Operation:
    """Something that runs on a call; `count` is how often it was spoken to.

    This one is a session that hears nothing and has no timers; `operations/` has the others.
    """

    def __init__(self, started: datetime) -> None:
        self.started = started
        self.state: Literal["running", "paused"] = "running"
        self.count = 0

    def begin(self) -> None:
        """Begin, once the call knows of it."""

    def control(self, verb: str, params: Mapping[str, Any]) -> None:
        """Do what a command asks: pause, resume, stop."""

    def end_with_call(self) -> None:
        """End because the call does."""

    def hear_digit(self, digit: str) -> None:
        """Hear the far end press a key."""

    def hear_speech(self) -> None:
        """Hear the far end begin to speak."""

    def hear_silence(self, speech: Speech) -> None:
        """Hear the far end fall silent after what it said."""


class Speech(NamedTuple):
    """What somebody said, and how sure a recognizer is of it (0 is not understood)."""

    text: str
    confidence: float = 1.0


class Party:
    """The far end of a call: this one does nothing, and nobody knows when it speaks."""

    scripted = False
    is_a = "human"

    def answered(self) -> None:
        """Notice that the call is answered."""

    def notice(self, name: str) -> None:
        """Notice a command (`play`) or what became of it (`play.finished`)."""

    def look(self) -> None:
        """Notice that somebody read the call's log."""

    @property
    def waits_for_looks(self) -> bool:
        """Whether something will happen after more looks, whatever the time."""
        return False


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
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    discarded_at: datetime | None = None
    running: dict[Key, Operation] = field(default_factory=dict)
    finished: set[Key] = field(default_factory=set)
    spent: dict[str, int] = field(default_factory=dict)
    billed_ms: int | None = None
    events: list[Event] = field(default_factory=list)
    particulars: dict[str, Any] = field(default_factory=dict)  # what its log says otherwise
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)  # the parameters of its dial
    party: Party = field(default_factory=Party)
    speaking: int = 0  # how many things the far end is saying at this moment
    talk: list[Line] = field(default_factory=list)
    due: list[Due] = field(default_factory=list)  # what its end keeps from happening
    ringing: list[Due] = field(default_factory=list)  # what its answer keeps from happening
    recordings: int = 0
    referrals: int = 0
    results: dict[Key, dict[str, Any]] = field(default_factory=dict)  # of what is finished

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
            self.running.clear()
        self.note(at, f"calling_call_{status.replace('-', '_')}", details)

    def fix_charges(self, moment: Moment) -> None:
        """Let what has been spent up to now be what the call costs."""
        self.billed_ms, self.spent = self.billing_ms(moment), self.charges(moment)

    def start(self, key: Key, operation: Operation, moment: Moment) -> None:
        """Take in an operation that begins now."""
        self.running[key] = operation
        if _unit(key.kind) == "use":
            self.spend(key.kind, 1, moment)

    def stop(self, key: Key, moment: Moment) -> None:
        """Take an operation off the call and bill its time, if it runs."""
        operation = self.running.pop(key, None)
        if operation is None:
            return
        self.finished.add(key)
        if _unit(key.kind) == "minute":
            self.spend(key.kind, _billed(operation.started, moment), moment)

    def state_of(self, key: Key) -> str:
        """Return whether an operation is running, paused or finished."""
        return self.running[key].state if key in self.running else "finished"

    def spend(self, item: str, amount: int, moment: Moment) -> None:
        """Add a charge for an amount of an item of the rate card."""
        _add(self.spent, item, amount, moment.card)

    def charges(self, moment: Moment) -> dict[str, int]:
        """Return what has been spent so far, in nano-dollars by description, the leg first."""
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
        """Return the answered time so far, None before the answer, 0 if it never came."""
        if self.answered_at is None:
            return 0 if self.over else None
        return _ms((self.ended_at or now) - self.answered_at)

    def billing_ms(self, moment: Moment) -> int | None:
        """Return the time that is billed for the leg so far; None and 0 as for `duration_ms`."""
        if self.ended_at is not None:
            return self.billed_ms or 0
        return _billed(self.answered_at, moment) if self.answered_at else None


def leg_type(address: str) -> str:
    """Return the leg type for an address: PSTN, SIP, WebRTC, or else a fabric address."""
    return next((kind for start, kind in _TYPES.items() if address.startswith(start)), FABRIC)


def rate_of(kind: str, direction: str) -> str:
    """Return the rate card's name for a leg: `pstn_outbound` for an outbound `relay_pstn_call`."""
    medium = "fabric" if kind == FABRIC else kind.split("_")[1]
    return f"{medium}_{direction.partition('-')[0]}"


def device(call: Call) -> dict[str, Any]:
    """Return the two ends of a call as its events show them."""
    kind = call.type.split("_")[1] if call.type != FABRIC else "call"
    if kind == "pstn":
        return {"type": "phone", "params": {"from_number": call.from_, "to_number": call.to}}
    return {"type": kind, "params": {"from": call.from_, "to": call.to}}


_REASONS: dict[Status, str] = {
    "canceled": "cancel",
    "busy": "busy",
    "no-answer": "noAnswer",
    "failed": "error",
}


def end_reason(status: Status) -> str:
    """Return why a call that ended in this state ended, in the words of the events."""
    return _REASONS.get(status, "hangup")


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
