"""What a replay, or a run that goes on once, knows of the waits and events that were recorded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from swnb.event import Asked, Event
from swnb.events.hub import hub_of
from swnb.exchange import now
from swnb.recordings.generated import bare
from swnb.session.session import Session
from swnb.transports.replay import Replay

if TYPE_CHECKING:
    from swnb.recordings.source import Source


@dataclass(frozen=True, slots=True)
class Answered:
    """How a recorded wait ended: in what, by which event, and after how many looks at voice logs."""

    ended: str
    event: Event | None
    state: str | None
    looks: int


class Recorded:
    """The events and waits of a recorded run, with a position of its own."""

    def __init__(self, source: Source) -> None:
        self._events = list(source.events())
        self._by_key = {event.key: event for _, event in self._events}
        self._waits = [event for _, event in self._events if event.source == "wait"]
        self._next = 0  # the first event that is not visible yet

    def answer(self, asked: Asked) -> Answered | None:
        """Return how the next recorded wait of this kind ended, None if there is none left."""
        for event in self._waits:
            if _comparable(Asked.read(event.body)) == _comparable(asked):
                self._waits.remove(event)
                return self._answered(event)
        return None

    def _answered(self, wait: Event) -> Answered:
        body = wait.params
        looks = body.get("looks")
        return Answered(
            str(body.get("ended")),
            self._by_key.get(str(body.get("event"))),
            body.get("state"),
            looks if isinstance(looks, int) else 0,
        )

    def visible(self, passed: int) -> list[Event]:
        """Return the events that become visible once so many exchanges have been replayed."""
        events: list[Event] = []
        while self._next < len(self._events) and self._events[self._next][0] <= passed:
            events.append(self._events[self._next][1])
            self._next += 1
        return heard_again(events)

    def up_to(self, event: Event) -> list[Event]:
        """Return the events up to this one that were not visible yet."""
        places = [place for place, (_, other) in enumerate(self._events) if other.key == event.key]
        end = places[0] + 1 if places else 0
        events = [other for _, other in self._events[self._next : end]]
        self._next = max(self._next, end)
        return heard_again(events)

    def next(self, fits: Callable[[Event], bool]) -> Event | None:
        """Return the next event that fits and is not visible yet, None if there is none."""
        return next((event for _, event in self._events[self._next :] if fits(event)), None)

    def close(self) -> None:
        """Do nothing: the source belongs to the transport."""


class RecordedOnce:
    """What a run that goes on once has recorded in its log; each beginning has a position of its own."""

    def __init__(self) -> None:
        self._of: tuple[Replay, Recorded] | None = None

    def of(self, replay: Replay) -> Recorded:
        """Return what was recorded of the run that is being gone on with."""
        if self._of is None or self._of[0] is not replay:
            self._of = (replay, Recorded(replay.source))
        return self._of[1]

    def close(self) -> None:
        """Do nothing: the source belongs to the log."""


def _comparable(asked: Asked | None) -> Asked | None:
    """Return a question without what differs between runs that ask the same."""
    return asked and replace(asked, control_id=bare(asked.control_id))


def heard_again(events: list[Event]) -> list[Event]:
    """Return events as a replay hears them now."""
    heard = [event for event in events if event.source != "wait"]
    return [replace(event, id=None, run=None, space="replayed", seen_at=now()) for event in heard]


def recorded_of(session: Session) -> Recorded | None:
    """Return what a replaying session has recorded, None for one that is not a replay."""
    transport = session.transport
    if not isinstance(transport, Replay):
        return None
    return session.companion(Recorded, lambda: Recorded(transport.source))


def passed_of(session: Session) -> int:
    """Return how many exchanges a replay has passed."""
    transport: Any = session.transport
    return int(transport.passed)


def hear_as_recorded(session: Session) -> None:
    """Let a replay hear each event once its place among the exchanges is passed."""
    hub = hub_of(session)

    def hear() -> None:
        recorded = recorded_of(session)
        events = recorded.visible(passed_of(session)) if recorded else []
        if events:
            hub.note(*events)

    session.after_each.append(hear)
