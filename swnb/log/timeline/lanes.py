"""What a timeline's picture shows: of each leg a band of states, lanes of operations, and marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from swnb.log.timeline.steps import Step, is_end
from swnb.words import cut, length

_SECOND = 1_000_000
_STEPS = (
    0.1,
    0.2,
    0.5,
    1,
    2,
    5,
    10,
    15,
    30,
    60,
    120,
    300,
    600,
    900,
    1800,
    3600,
    7200,
    14400,
    43200,
)
_MOST = 6  # numbers on an axis
# A page in which labels do not yet overlap, in letters.
PAGE = 80
_WIDE_PAGE = 120  # where the name of a state may be cut in a narrower one
_LONGEST = 46  # letters of a label
_HALF = 0.5
_NEAR = 0.04
_OVER = frozenset({"ended", "completed", "failed", "busy", "no-answer", "canceled"})
_STATUSES = {"queued": "created", "initiated": "created", "in-progress": "answered"}


@dataclass(slots=True)
class Bar:
    """A time during which something went on, in microseconds; `open` if its end is not known."""

    start: int
    end: int
    name: str
    told: str = ""
    open: bool = False


@dataclass(slots=True)
class Mark:
    """A moment: a user event that was sent or heard, or a command that starts no operation."""

    at: int
    told: str
    sent: bool
    heard_at: int | None = None
    row: int = 0

    @property
    def label(self) -> str:
        """What it says, cut to what fits beside others."""
        return cut(self.told, _LONGEST)


@dataclass(slots=True)
class Leg:
    """One leg of a call in the picture."""

    call_id: str
    name: str
    states: list[Bar] = field(default_factory=list)
    lanes: list[Bar] = field(default_factory=list)
    events: list[Mark] = field(default_factory=list)
    charge: Step | None = None

    @property
    def event_rows(self) -> int:
        """How many rows its user events need."""
        return 1 + max((mark.row for mark in self.events), default=-1)


@dataclass(slots=True)
class Picture:
    """The legs of a call between two times, and the times of which nothing is known."""

    start: int
    end: int
    legs: list[Leg]
    gaps: list[Bar]

    def share(self, at: int) -> float:
        """Return where a time lies between start and end: 0 to 1."""
        return min(max((at - self.start) / (self.end - self.start), 0.0), 1.0)

    def is_late(self, at: int) -> bool:
        """Return whether a time lies in the second half, where labels are written to its left."""
        return self.share(at) > _HALF

    def fits(self, bar: Bar) -> bool:
        """Return whether the name of a bar has room in it."""
        return (self.share(bar.end) - self.share(bar.start)) * _WIDE_PAGE > len(bar.name)

    def stagger(self, marks: Sequence[Mark]) -> None:
        """Give marks as many rows as keep their labels apart."""
        ends: list[float] = []  # where the last label of each row ends, as a share
        for mark in marks:
            at, wide = self.share(mark.at), (len(mark.label) + 2) / PAGE
            start = at - wide if self.is_late(mark.at) else at
            mark.row = next((row for row, end in enumerate(ends) if end <= start), len(ends))
            ends[mark.row : mark.row + 1] = [max(at, start + wide)]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.end - self.start) / _SECOND


def pictured(steps: Sequence[Step], legs: Sequence[str]) -> Picture:
    """Return what the picture of a timeline shows."""
    times = [step.at or 0 for step in steps] or [0]
    start, end = min(times), max(*times, min(times) + _SECOND)
    drawn = [_leg([step for step in steps if step.call_id == leg], leg, end) for leg in legs]
    gaps = [
        Bar(step.at or 0, (step.at or 0) + _lasted(step), step.state or "", step.told)
        for step in steps
        if step.kind == "gap"
    ]
    picture = Picture(start, end, drawn, gaps)
    for leg in drawn:
        picture.stagger(leg.events)
    return picture


def _lasted(step: Step) -> int:
    seconds = step.body.get("seconds") if isinstance(step.body, dict) else None
    return round(seconds * _SECOND) if isinstance(seconds, int | float) else 0


def party_of(steps: Iterable[Step], call_id: str) -> str:
    """Return the number or address at the far end of a leg, or the beginning of its id."""
    for step in steps:
        body = step.body if step.call_id == call_id and isinstance(step.body, dict) else {}
        if step.kind == "dial" and step.direction == "sent" and body.get("to"):
            return str(body["to"])
        inner = body.get("device")
        params = inner.get("params") if isinstance(inner, dict) else None
        if step.kind in ("state", "receive") and isinstance(params, dict):
            far = "from_number" if body.get("direction") == "inbound" else "to_number"
            address = params.get(far) or params.get("to" if far == "to_number" else "from")
            if address:
                return str(address)
        if step.direction == "reply" and body.get("to"):
            inbound = str(body.get("direction", "")).startswith("inbound")
            return str(body.get("from") if inbound and body.get("from") else body["to"])
    return f"call {call_id[:8]}"


def _leg(steps: list[Step], call_id: str, end: int) -> Leg:
    leg = Leg(call_id, party_of(steps, call_id))
    leg.states = _states(steps, end)
    over = leg.states[-1].end if leg.states and not leg.states[-1].open else end
    leg.lanes = _lanes(steps, over)
    leg.events = _marks(steps)
    leg.charge = next((step for step in steps if step.kind == "charge"), None)
    return leg


def state_in(step: Step) -> str | None:
    """Return the state of the call that a step tells, in one of the words for it."""
    told = step.kind == "state" or step.direction == "reply"
    state = step.state if told and step.state not in ("rejected", "failed", "unknown") else None
    return _STATUSES.get(state, state) if state else None


def _states(steps: Sequence[Step], end: int) -> list[Bar]:
    bars: list[Bar] = []
    for step in steps:
        state = state_in(step)
        if state is None or (bars and bars[-1].name in _OVER):
            if bars and state and not bars[-1].told and step.direction == "heard":
                bars[-1].told = step.told  # a reply came before the event that says why
            continue
        if bars and bars[-1].name == state:
            continue
        at = step.at or 0
        if bars:
            bars[-1].end, bars[-1].open = at, False
        over = state in _OVER
        why = step.told if step.direction == "heard" else ""
        bars.append(Bar(at, at if over else end, state, why, open=not over))
    return bars


def _lanes(steps: Sequence[Step], over: int) -> list[Bar]:
    lanes: dict[str, Bar] = {}
    for step in steps:
        control_id, at = step.control_id, step.at or 0
        if control_id is None or step.source == "wait":
            continue
        bar = lanes.get(control_id)
        if bar is None:
            if step.direction == "reply" or step.bad:
                continue
            bar = lanes[control_id] = Bar(at, over, control_id, step.told, open=True)
        if is_end(step) and bar.open:
            bar.end, bar.open = max(at, bar.start), False
            found = " ".join(part for part in (step.state, step.told) if part)
            bar.told = " → ".join(part for part in (bar.told, found) if part)
    return list(lanes.values())


def _marks(steps: Sequence[Step]) -> list[Mark]:
    """Return the user events: each that was sent with when it was heard, and others that were heard."""
    marks: list[Mark] = []
    for step in steps:
        if step.kind != "user_event" or step.direction not in ("sent", "heard"):
            continue
        if step.direction == "sent":
            marks.append(Mark(step.at or 0, step.told, sent=True))
            continue
        pair = next(
            (m for m in marks if m.sent and m.heard_at is None and m.told == step.told), None
        )
        if pair is not None:
            pair.heard_at = step.at
        else:
            marks.append(Mark(step.at or 0, step.told, sent=False, heard_at=step.at))
    return marks


def ticks(seconds: float) -> list[tuple[float, str]]:
    """Return the places of an axis' numbers, as shares of its length, with the numbers."""
    step = next((step for step in _STEPS if seconds / step <= _MOST), seconds / _MOST)
    count = int(seconds / step + 1e-9)
    return [(place * step / seconds, length(place * step)) for place in range(count + 1)]


def anchor(share: float) -> str:
    """Return which end of a number on the axis stands at its place: none is cut off."""
    return "start" if share < _NEAR else "middle" if share < 1 - _NEAR else "end"
