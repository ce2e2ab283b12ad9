"""The ladder of a call, us ⇄ platform ⇄ far end, as telephony people read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from swnb.log.timeline.gathering import is_reading
from swnb.log.timeline.lanes import party_of
from swnb.log.timeline.steps import Step
from swnb.words import counted, length, money

Arrow = Literal["→", "←", "note"]
US, PLATFORM = "us", "SignalWire"


@dataclass(frozen=True, slots=True)
class Rung:
    """One row of a ladder: what passed between us and the platform, and between it and a far end.

    `arrow` and `far_arrow` point away from us or to us; `note` is no message. `leg` is the place of
    the call leg among the parties. `since` is the time since the rung before, in seconds.
    """

    since: float
    leg: int
    arrow: Arrow | None = None
    told: str = ""
    far_arrow: Arrow | None = None
    far_told: str = ""
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs of a call's ladder and its far ends, one for each leg."""

    far_ends: list[str]
    rungs: list[Rung]


def ladder_of(steps: Sequence[Step], legs: Sequence[str]) -> Ladder:
    """Return the ladder of a timeline; readings and waits that were met are left out."""
    far_ends = [party_of(steps, leg) for leg in legs]
    rungs: list[Rung] = []
    before: int | None = None
    ended_by_us: set[str | None] = set()
    for place, step in enumerate(steps):
        rung = _rung(step, steps, place, ended_by_us)
        if rung is None:
            continue
        at = step.at or 0
        leg = legs.index(step.call_id) if step.call_id in legs else 0
        since = 0.0 if before is None else max(at - before, 0) / 1e6
        arrow, told, far_arrow, far_told = rung
        rungs.append(Rung(since, leg, arrow, told, far_arrow, far_told, step.bad))
        before = at
    return Ladder(far_ends, rungs)


_Row = tuple[Arrow | None, str, Arrow | None, str]


def _rung(step: Step, steps: Sequence[Step], place: int, ended: set[str | None]) -> _Row | None:
    if is_reading(step):
        return None
    if step.direction == "sent":
        return _sent(step, steps[place + 1 :], ended)
    if step.direction == "reply":
        # What was accepted stands beside the command.
        return ("←", _joined(step.state, step.told), None, "") if step.bad else None
    if step.direction == "known" or step.source in ("wait", "listener"):
        note = _note(step)
        return ("note", note, None, "") if note else None
    far_arrow, far_told = _far(step, ended)
    again = f"came {counted(step.repeats + 1, 'time')}" if step.repeats else None
    source = None if step.source == "relay" else f"({step.source.replace('_', ' ')})"
    return "←", _joined(_named(step), step.told, again, source), far_arrow, far_told


def _note(step: Step) -> str:
    """Return what is no message: a charge, a gap, a wait that was not met."""
    if step.kind == "charge":
        return _joined(f"charge {money(step.charge_nano or 0)}", step.told)
    if step.source == "wait":
        return "" if step.state == "event" else _joined(step.told, step.state)
    return _joined(step.kind, step.told or step.state)


def _sent(step: Step, later: Sequence[Step], ended: set[str | None]) -> _Row:
    reply = next((s for s in later if s.direction == "reply" and s.id == step.id), None)
    accepted = reply is not None and not reply.bad
    if step.kind in ("end", "disconnect") and accepted:
        ended.add(step.call_id)
    outcome = f"({reply.told})" if reply and accepted else None
    if reply is None and step.state not in (None, "accepted"):
        outcome = f"({step.state})"
    arrow: Arrow = "note" if step.state in ("refused", "dry_run") else "→"
    said = _joined(_named(step, state=False), step.told)
    return arrow, " ".join(part for part in (said, outcome) if part), None, ""


def _named(step: Step, *, state: bool = True) -> str:
    told = step.state if state and step.state != step.told else None
    # `play-1` and `checkout.play-1` say that it is a playback, and that nobody gave it a name.
    says = (step.control_id or "").rpartition(".")[2].startswith(f"{step.kind}-")
    names = (None if says else step.kind.replace("_", " "), step.control_id, told)
    return " ".join(name for name in names if name)


def _far(step: Step, ended: set[str | None]) -> tuple[Arrow | None, str]:
    """Return what passed between the platform and the far end, as far as an event tells."""
    if step.kind == "state":
        if step.state in ("ended", "completed"):
            return ("→", "hangs up") if step.call_id in ended else ("←", step.told or "hangs up")
        return _STATES.get(step.state or "", (None, ""))
    if step.kind == "collect" and step.state in ("digit", "speech"):
        return "←", ("presses " if step.state == "digit" else "says ") + step.told
    if step.kind == "play" and step.state == "playing":
        return "→", "plays"
    if step.kind == "detect" and step.state:
        return "←", f"is {step.state}"
    return None, ""


_STATES: dict[str, tuple[Arrow | None, str]] = {
    "ringing": ("→", "rings"),
    "answered": ("←", "answers"),
}


def _joined(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)


def since(rung: Rung) -> str:
    """Return the time since the rung before as text."""
    return f"+{length(rung.since)}" if rung.since else ""
