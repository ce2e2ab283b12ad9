"""What a test expects to have been heard: `len(sw.log.heard("user_event", event={…})) == 1`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swnb.errors import InvalidCommand, Problem
from swnb.event import Event
from swnb.event.reading import KINDS
from swnb.log.hearing.rows import stored_events
from swnb.log.reading.expectations import Matches, lacking_of, nearest_of
from swnb.log.writing.journal import Journal

if TYPE_CHECKING:
    from pandas import DataFrame

# What swnb and other sources tell beside the events of calls.
_OTHERS = ("ai", "sidecar", "post_prompt", "unknown", "wait", "connecting", "listening", "gap")
_FACTS = ("call", "control_id", "state", "source", "type")


class Heard(Matches[Event]):
    """The events that match, in order; `len`, iteration, indices, and `df` as a frame."""

    verb = "heard"

    def _told(self, item: Event) -> Any:
        return item.payload if item.kind == "user_event" else item.params

    def _number(self, item: Event) -> int | None:
        return item.id

    @property
    def df(self) -> DataFrame:
        """The events as a frame: id, time, kind, state, call_id, control_id, body (a dict)."""
        import pandas as pd  # noqa: PLC0415 - an expectation that holds needs no frame

        names = ["id", "time", "kind", "state", "call_id", "control_id", "body"]
        rows = [[getattr(event, name) for name in names] for event in self._matches]
        return pd.DataFrame(rows, columns=names)


def heard(journal: Journal, run: str, kind: str, facts: Mapping[str, Any]) -> Heard:
    """Return the events of a run of a kind that have at least these facts."""
    known = {*KINDS, *_OTHERS}
    if kind not in known:
        problem = Problem("", f"there is no kind {kind!r} of events; {nearest_of(kind, known)}")
        raise InvalidCommand("heard", [problem])
    events = stored_events(journal, run=run, kind=kind)
    facts = {name: getattr(value, "id", value) for name, value in facts.items()}
    _check(kind, facts, events)
    matches, others = [], []
    for event in events:
        lacking = list(lacking_of(facts, _facts_of(event)))
        if lacking:
            others.append((event, lacking))
        else:
            matches.append(event)
    return Heard(f"{kind} {facts}" if facts else kind, run, matches, others)


def _facts_of(event: Event) -> dict[str, Any]:
    """Return what can be expected of an event, by name."""
    own = {name: getattr(event, name) for name in _FACTS[1:]}
    payload = {"event": event.payload} if event.kind == "user_event" else {}
    return {**event.params, **event.result, **own, "call": event.call_id, **payload}


def _check(kind: str, facts: Mapping[str, Any], events: list[Event]) -> None:
    """Raise `InvalidCommand` for a fact that such events do not have."""
    if kind == "user_event":
        known = {*_FACTS, "event"}
    elif events:  # what the platform tells of a kind may grow
        known = set(_FACTS).union(*(_facts_of(event) for event in events))
    else:
        return
    problems = [
        Problem(name, f"is no fact of a {kind} that was heard; {nearest_of(name, known)}")
        for name in facts
        if name not in known
    ]
    if problems:
        raise InvalidCommand("heard", problems)
