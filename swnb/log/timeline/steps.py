"""The steps of a call in order: what was sent and heard, merged and placed on one clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from swnb.commands.base import Command
from swnb.event import Event, told
from swnb.exchange import Space

Direction = Literal["sent", "reply", "heard", "known"]

_SAME = 2_000_000  # microseconds within which two sources tell the same fact


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is known of a call.

    `at` is its place on the clock of the call and `seen_at` the kernel's own time, both in
    microseconds since 1970. `source` is where it comes from; several are joined by ` + `.
    """

    seen_at: int
    direction: Direction
    source: str
    kind: str
    told: str = ""
    state: str | None = None
    control_id: str | None = None
    call_id: str | None = None
    space: Space = "live"
    at: int | None = None
    charge_nano: int | None = None
    lasted_ms: int | None = None  # since the call was answered, as a reply says
    repeats: int = 0
    id: int | None = None
    body: Any = field(default=None, compare=False)

    @property
    def bad(self) -> bool:
        """Whether it is something that went wrong, or a time of which nothing is known."""
        return self.kind == "gap" or self.state in _BAD


_BAD = frozenset(
    {"rejected", "failed", "unknown", "refused", "error", "timeout", "no_match", "busy"}
)


def of_event(event: Event, repeats: int = 0) -> Step:
    """Return the step of an event."""
    return Step(
        event.seen_at,
        "heard",
        event.source,
        event.kind,
        told(event.kind, event.body),
        event.state,
        event.control_id,
        event.call_id,
        event.space,
        event.at,
        repeats=repeats,
        id=event.id,
        body=event.body,
    )


def merged(steps: Iterable[Step]) -> list[Step]:
    """Return the steps, those that several sources tell as one, in the order of their first."""
    kept: list[Step] = []
    places: dict[tuple[Any, ...], list[int]] = {}
    for step in steps:
        mergeable = step.direction == "heard" and step.at is not None and step.source in _TELLING
        fact = (step.call_id, step.kind, step.state, step.control_id, _what(step))
        same = places.setdefault(fact, []) if mergeable else []
        found = next((place for place in same if _same(kept[place], step)), None)
        if found is None:
            same.append(len(kept))
            kept.append(step)
        else:
            kept[found] = _together(kept[found], step)
    return kept


def _together(first: Step, step: Step) -> Step:
    """Return one step of two that tell the same; the sources' order is not that of their arrival."""
    sources = sorted([*first.source.split(" + "), step.source], key=_TELLING.index)
    better = step if step.source == sources[0] else first
    return replace(better, source=" + ".join(sources), repeats=first.repeats + step.repeats)


_TELLING = ("relay", "callback", "voice_log")


def _what(step: Step) -> str:
    return step.told if step.kind == "user_event" else ""


def _same(first: Step, step: Step) -> bool:
    apart = abs((first.at or 0) - (step.at or 0))
    return step.source not in first.source.split(" + ") and apart <= _SAME


def placed(steps: Sequence[Step]) -> list[Step]:
    """Return the steps with their places on the call's clock, in order.

    On a real space that is the time of an event, or when a command left. A simulated space's clock
    is virtual, and a replay is later than what it tells of: there a command's place comes from the
    call's duration in its reply, or it is that of what it caused, or of what came last before it.
    """
    if all(step.space == "live" for step in steps):
        placed_steps = [
            replace(step, at=step.seen_at if step.at is None else step.at) for step in steps
        ]
    else:
        placed_steps = _virtual(steps)
        # Which of several threads was faster is not to be seen.
        placed_steps = sorted(placed_steps, key=lambda step: _RANKS.get(step.direction, 1))
    return sorted(placed_steps, key=lambda step: step.at or 0)


_RANKS = {"sent": 0, "reply": 0}


def _virtual(steps: Sequence[Step]) -> list[Step]:
    times = [step.at for step in steps if step.at is not None]
    latest = min(times, default=min((step.seen_at for step in steps), default=0))
    answered = _answered(steps, seen=not times)
    done: list[Step] = []
    for place, step in enumerate(steps):
        at = step.at
        if at is None:
            known = answered.get(step.call_id)
            if known is not None and step.lasted_ms is not None:
                at = known + step.lasted_ms * 1000
            else:
                caused = _caused(step, steps[place + 1 :]) if step.direction == "sent" else None
                # After what is known to have been before it.
                at = latest + 1 if caused is None else max(latest, caused)
        latest = max(latest, at)
        done.append(replace(step, at=at))
    return done


def _answered(steps: Sequence[Step], *, seen: bool) -> dict[str | None, int]:
    """Return when each leg was answered: replies say for how long it has been.

    If no event was heard at all, it is taken from when such a reply was `seen`.
    """
    answered: dict[str | None, int] = {}
    for step in steps:
        if step.kind == "state" and step.state == "answered" and step.at is not None:
            answered.setdefault(step.call_id, step.at)
        elif seen and step.lasted_ms is not None:
            answered.setdefault(step.call_id, step.seen_at - step.lasted_ms * 1000)
    return answered


def _caused(command: Step, later: Sequence[Step]) -> int | None:
    """Return when the first thing happened that a command caused, before the next command."""
    for step in later:
        if step.direction == "sent" and step.call_id == command.call_id:
            return None
        if step.direction == "heard" and step.at is not None and _is_of(step, command):
            return step.at
    return None


def _is_of(step: Step, command: Step) -> bool:
    """Return whether an event tells what a command began; the end of an operation comes later."""
    if command.kind in ("dial", "end"):
        return step.kind == "state"
    if is_end(step):
        return False
    if command.control_id:
        return step.control_id == command.control_id
    return step.kind == command.kind


def is_end(step: Step) -> bool:
    """Return whether a step is the end of an operation."""
    name = "send_fax" if step.kind == "fax" else step.kind
    return step.direction == "heard" and step.state in Command.ends_of(name)
