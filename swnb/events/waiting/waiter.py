"""The one loop behind every wait.

Means, together: events that the client hears, and readings of the voice log at growing intervals,
because events and callbacks get lost. In a simulated space of this process the clock is moved to the
next thing due instead of sleeping. A replay gives what was recorded, at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from swnb.errors import CallOver, NoRecording, WaitTimeout
from swnb.event import Asked, Event, wait_event
from swnb.events.hub import Hub, hub_of
from swnb.events.waiting.recorded import Answered, RecordedOnce, passed_of, recorded_of
from swnb.progress import Line
from swnb.session.interrupts import ANY_CALL, of_call, tell
from swnb.session.session import Session

if TYPE_CHECKING:
    from swnb.event.own import Ended

_LOOKS = (1.0, 2.0, 4.0, 8.0, 15.0)  # seconds between looks at the voice log; the last again
_SLICE = 0.2  # seconds between two looks for an interrupt
_SIMULATED_LOOK = 1.0  # virtual seconds that a look takes where the clock cannot be moved


@dataclass(frozen=True, slots=True)
class Found:
    """What was waited for is there; `event` is None if a voice log alone says so."""

    event: Event | None = None


@dataclass(slots=True)
class Wanted:
    """What is waited for.

    `find` looks through what was heard and returns the answer, or None. `over` returns how the call
    ended if that makes waiting vain. `look` asks the voice log. `latest` is what is known last.
    """

    what: str
    asked: Asked
    find: Callable[[list[Event]], Found | None]
    over: Callable[[], tuple[str, str | None] | None] = lambda: None
    look: Callable[[], None] | None = None
    latest: Callable[[], str | None] = lambda: None
    since: int = 0
    of_call: str | None = None  # if only events of a call can be the answer
    hears: bool = False  # whether events of it are sure to come, so that looks can wait
    looks: int = field(default=0, init=False)
    place: int = field(default=0, init=False)  # in the order of hearing, what was looked through


def await_event(session: Session, wanted: Wanted, timeout: float) -> Found:
    """Wait, and return what was found.

    Raises `WaitTimeout`, or `CallOver` if it can no longer come. The wait is written into the log.
    """
    with Line(wanted.what) as progress:
        return _await(session, wanted, timeout, progress)


def _await(session: Session, wanted: Wanted, timeout: float, progress: Line) -> Found:
    hub = hub_of(session)
    try:
        if session.space == "replayed":
            return _replayed(session, hub, wanted)
        before = _done_before(session, wanted)
        if before is not None:
            return before
        found = _waited(session, hub, wanted, timeout, progress)
    except WaitTimeout:
        _end(session, wanted, progress, "timeout")
        raise
    except CallOver:
        _end(session, wanted, progress, "over")
        raise
    except KeyboardInterrupt as stop:
        _interrupted(stop, wanted)
        _end(session, wanted, progress, "interrupted")
        raise
    _end(session, wanted, progress, "event", found.event)
    return found


def _done_before(session: Session, wanted: Wanted) -> Found | None:
    """Return what a run that goes on once has waited for before; a time-out is waited for again."""
    replayed = session.routing.run_replayed
    if session.dry_run:
        return Found()
    if replayed is None:
        return None
    recorded = session.companion(RecordedOnce, RecordedOnce).of(replayed)
    answered = recorded.answer(wanted.asked)
    if answered is None or answered.ended not in ("event", "over"):
        return None
    for _ in range(answered.looks):
        _look(wanted)
    # Without its number: it was heard before this inbox was opened.
    found = wanted.find([replace(answered.event, id=None)] if answered.event else [])
    over = wanted.over()
    if answered.ended == "over" and over:
        raise CallOver(wanted.what, *over)
    return found


def _waited(session: Session, hub: Hub, wanted: Wanted, timeout: float, progress: Line) -> Found:
    wanted.place = hub.place
    before = _heard(hub, wanted)
    for _ in _moments(session, hub, wanted, timeout, progress):
        hub.watch()
        new, wanted.place = hub.heard_since(wanted.place)
        found = wanted.find([*before, *new])
        before = []
        if found is not None:
            hub.watch()
            return found
        over = wanted.over()
        if over is not None:
            raise CallOver(wanted.what, *over)
    raise timed_out(hub, wanted, timeout)


def _heard(hub: Hub, wanted: Wanted) -> list[Event]:
    return hub.after(wanted.since, call_id=wanted.of_call)


def timed_out(hub: Hub, wanted: Wanted, timeout: float) -> WaitTimeout:
    """Return the error of a wait that ended without an answer."""
    heard = [event for event in hub.after(wanted.since) if event.source != "wait"]
    gaps = [event for event in heard if event.kind == "gap"]
    call_id = wanted.asked.call_id
    others = [event for event in heard if event.source != "listener"]
    of_it = [event for event in others if call_id is None or event.call_id in (call_id, None)]
    latest = wanted.latest()
    said = f"still {latest} after" if latest else "not within"
    return WaitTimeout(f"{wanted.what}: {said} {timeout:g} s", of_it, gaps)


def _moments(
    session: Session, hub: Hub, wanted: Wanted, timeout: float, progress: Line
) -> Iterator[None]:
    """Yield at each moment when an answer may be there, until the time is up or nothing can come."""
    yield
    if session.embedded is not None:
        yield from _virtual_moments(session, wanted, timeout)
    elif session.routing.origin != "live" and wanted.look:
        waited = 0.0
        while waited < timeout:
            _look(wanted)
            waited += _SIMULATED_LOOK
            yield
    else:
        yield from _real_moments(hub, wanted, timeout, progress)


def _virtual_moments(session: Session, wanted: Wanted, timeout: float) -> Iterator[None]:
    space = session.embedded
    if space is None:
        return
    space.settle()
    yield
    until = space.now + timedelta(seconds=timeout)
    while space.now < until:
        if not wanted.hears:
            _look(wanted)
            yield
        before = space.now
        moved = space.skip(until)
        space.settle()
        yield
        if wanted.hears and (moved is None or moved == before):
            _look(wanted)  # what comes depends on looks, or was not heard
            space.settle()
            yield
        if moved is None or (not wanted.look and moved == before):
            if not wanted.hears:  # a look itself takes time, in which the last thing may have come
                _look(wanted)
                yield
            return


def _real_moments(hub: Hub, wanted: Wanted, timeout: float, progress: Line) -> Iterator[None]:
    waits = iter((*_LOOKS, *[_LOOKS[-1]] * int(timeout)))
    next_look = 0.0 if not wanted.hears else next(waits)
    while (elapsed := progress.elapsed) < timeout:
        if elapsed >= next_look:
            _look(wanted)
            next_look = progress.elapsed + next(waits, _LOOKS[-1])
            yield
        with hub.changed:
            left = min(_SLICE, max(0.0, timeout - elapsed))
            hub.changed.wait_for(lambda: hub.place != wanted.place, left)
        progress.show(_state(wanted, timeout - progress.elapsed))
        yield
    _look(wanted)
    yield


def _state(wanted: Wanted, left: float) -> str:
    """Return how a wait stands, for its line."""
    latest = wanted.latest()
    known = f", latest: {latest}" if latest else ""
    return f", {max(0, int(left))} s left{known}"


def _look(wanted: Wanted) -> None:
    if wanted.look:
        wanted.looks += 1
        wanted.look()


def _end(
    session: Session,
    wanted: Wanted,
    progress: Line,
    ended: Ended,
    event: Event | None = None,
) -> None:
    """Write how a wait ended, and say it in the line that stays if it took long."""
    state = wanted.latest()
    came = (event.state or event.kind) if event else state or "it"
    still = f"timed out, still {state}," if state else "timed out"
    over = f"it can no longer come, the call is {state}," if state else "the call is over"
    texts: dict[str, str] = {"event": f"{came} came", "over": over, "timeout": still}
    progress.outcome = texts.get(ended, ended)
    told = wait_event(
        wanted.asked, ended, session.transport.space, event=event, state=state, looks=wanted.looks
    )
    hub_of(session).record(told)


def _interrupted(stop: KeyboardInterrupt, wanted: Wanted) -> None:
    latest = wanted.latest()
    known = f"; it was {latest} when last heard of" if latest else ""
    call_id = wanted.asked.call_id
    lines = of_call(call_id) if call_id else (ANY_CALL,)
    tell(stop, f"{wanted.what} was interrupted{known}", *lines)


def _replayed(session: Session, hub: Hub, wanted: Wanted) -> Found:
    """Answer a wait from the recording."""
    recorded = recorded_of(session)
    if recorded is None:
        raise TypeError("a replay has a recording")
    hub.note(*recorded.visible(passed_of(session)))
    answered = recorded.answer(wanted.asked)
    if answered is None:
        return _never_recorded(session, hub, wanted)
    for _ in range(answered.looks):
        _look(wanted)
    if answered.event is not None:
        hub.note(*recorded.up_to(answered.event))
    hub.note(*recorded.visible(passed_of(session)))
    hub.record(_again(session, wanted, answered))
    return _as_recorded(hub, wanted, answered)


def _as_recorded(hub: Hub, wanted: Wanted, answered: Answered) -> Found:
    found = wanted.find(_the_one(hub, wanted, answered)) or wanted.find(_heard(hub, wanted))
    if answered.ended == "over":
        raise CallOver(wanted.what, *(wanted.over() or (answered.state or "ended", None)))
    if answered.ended != "event":
        still = f"still {answered.state}" if answered.state else "not there"
        raise WaitTimeout(f"{wanted.what}: {still} when the recorded wait ended")
    return found or Found(answered.event)


def _the_one(hub: Hub, wanted: Wanted, answered: Answered) -> list[Event]:
    """Return the event that ended a recorded wait, as it was heard again: others may fit as well."""
    key = answered.event.key if answered.event else None
    return [event for event in hub.after(wanted.since) if event.key == key]


def _never_recorded(session: Session, hub: Hub, wanted: Wanted) -> Found:
    """Return what fits among all that was recorded: the cell waits for something new."""
    recorded = recorded_of(session)
    found = wanted.find(_heard(hub, wanted))
    if found is None and recorded:
        later = recorded.next(lambda event: wanted.find([event]) is not None)
        if later is not None:
            hub.note(*recorded.up_to(later))
            found = wanted.find(_heard(hub, wanted))
    if found is None and wanted.look:
        found = _polled(wanted, hub)
    if found is None:
        raise NoRecording(f"{wanted.what}: no such event was recorded")
    return found


def _polled(wanted: Wanted, hub: Hub) -> Found:
    """Look at recorded voice logs, as runs did that were recorded before waits were."""
    while True:
        _look(wanted)
        found = wanted.find(_heard(hub, wanted))
        if found is not None:
            return found
        over = wanted.over()
        if over is not None:
            raise CallOver(wanted.what, *over)


def _again(session: Session, wanted: Wanted, answered: Answered) -> Event:
    ended: Any = answered.ended
    return wait_event(
        wanted.asked, ended, session.transport.space, event=answered.event, looks=answered.looks
    )
