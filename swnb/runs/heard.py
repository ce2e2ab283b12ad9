"""What two runs heard: paired by kind, call, operation and order, and compared without times and ids.

What swnb tells of itself is compared where it matters: gaps, and how waits ended.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, NamedTuple

from swnb.event import Asked, Event, canonical
from swnb.recordings.generated import bare
from swnb.recordings.matching import MISSING, with_equal_masks
from swnb.recordings.source import Source
from swnb.runs.change import Change
from swnb.runs.diff import Differ

_HEARD = ("relay", "callback", "voice_log")
# Names in a body that say which run it was, not what happened.
_ASIDE = frozenset(
    {"call_id", "node_id", "segment_id", "tag", "control_id", "timestamp", "event_channel"}
    | {"project_id", "space_id", "protocol", "event_at", "log_id", "peer"}
)
_UNKNOWN = "unknown call"


class Numbered(NamedTuple):
    """An event in its run: its number there among those that are compared, from 1."""

    number: int
    event: Event


def heard_in(source: Source) -> list[Numbered]:
    """Return the events of a run that are compared, numbered from 1."""
    told = (event for _, event in source.events())
    return [Numbered(number, event) for number, event in enumerate(filter(_counts, told), 1)]


def changes_of(
    left: Sequence[Numbered], right: Sequence[Numbered], differ: Differ, *, masked: bool
) -> Iterator[Change]:
    """Yield the differences between what two runs heard."""
    calls = _calls(left, right, differ)
    waiting: dict[Hashable, deque[Numbered]] = defaultdict(deque)
    pairs: list[tuple[Numbered | None, Numbered | None]] = []
    here, there = list(left), list(right)
    for key in (_exactly, _alike):
        waiting.clear()
        for one in there:
            waiting[key(one.event, lambda call: call or _UNKNOWN)].append(one)
        alone = []
        for one in here:
            same = waiting.get(key(one.event, lambda call: calls.get(call or "", call or _UNKNOWN)))
            if same:
                pairs.append((one, same.popleft()))
            else:
                alone.append(one)
        here, there = alone, sorted(one for queue in waiting.values() for one in queue)
    pairs += [(one, None) for one in here] + [(None, one) for one in there]
    for pair in sorted(pairs, key=_place):
        yield from _changes(pair, differ, masked=masked)


def _counts(event: Event) -> bool:
    return event.source in _HEARD or event.source == "wait" or event.kind == "gap"


def _calls(left: Sequence[Numbered], right: Sequence[Numbered], differ: Differ) -> dict[str, str]:
    """Return which call of the second run is which of the first; others in order of appearance."""
    first, second = (
        dict.fromkeys(one.event.call_id for one in events if one.event.call_id)
        for events in (left, right)
    )
    known = {call: str(differ.right_of(call)) for call in first if call and differ.right_of(call)}
    rest = [call for call in second if call not in known.values()]
    others = [call for call in first if call not in known]
    return known | {str(a): str(b) for a, b in zip(others, rest, strict=False)}


_Call = Callable[[str | None], str]


def _exactly(event: Event, call: _Call) -> Hashable:
    """Return what events that say the same have in common."""
    said = canonical(event.payload) if event.kind == "user_event" else event.state
    return (*_alike(event, call), said)


def _alike(event: Event, call: _Call) -> tuple[Hashable, ...]:
    """Return what events have in common that are each other's counterpart."""
    if event.source == "wait":
        asked = Asked.read(event.body)
        what = (asked.kind, bare(asked.control_id), asked.states, asked.where) if asked else ()
        return "wait", call(event.call_id), what
    return event.kind, call(event.call_id), bare(event.control_id)


def _place(pair: tuple[Numbered | None, Numbered | None]) -> tuple[float, int]:
    here, there = pair
    return (here.number, 0) if here else (there.number - 0.5 if there else 0, 1)


def _changes(
    pair: tuple[Numbered | None, Numbered | None], differ: Differ, *, masked: bool
) -> Iterator[Change]:
    here, there = pair
    if here and there:
        one, other = facts(here.event), facts(there.event)
        if masked:
            other = with_equal_masks(one, other)
        name = _name(here.event)
        for path, was, now in differ.compared(one, other, here.event.call_id):
            yield Change("changed", name, here.number, there.number, path, was, now)
    elif here:
        yield Change(
            "missing", _name(here.event), here.number, None, "", facts(here.event), MISSING
        )
    elif there:
        yield Change(
            "added", _name(there.event), None, there.number, "", MISSING, facts(there.event)
        )


def _name(event: Event) -> str:
    if event.source == "wait":
        asked = Asked.read(event.body)
        return f"wait for {asked.kind}" if asked else "wait"
    return "gap" if event.kind == "gap" else f"heard {event.kind}"


def facts(event: Event) -> dict[str, Any]:
    """Return what is compared of an event."""
    if event.source == "wait":
        return {"ended": event.state}
    if event.kind == "gap":
        return {"restored": event.params.get("restored")}
    told: dict[str, Any] = {} if event.state is None else {"state": event.state}
    if event.kind == "user_event":
        return {**told, "event": event.payload}
    body = _plain(event.body)
    if isinstance(body, dict):
        body = {name: item for name, item in body.items() if item != event.state}
    return {**told, "body": body} if body else told


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items() if name not in _ASIDE}
    return [_plain(item) for item in value] if isinstance(value, list) else value
