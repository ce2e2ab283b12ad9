"""Which exchange of one run is which of another, and how the two differ.

Exchanges are paired by what they ask for, the first with the first; ids of calls play no part in
that, since each run has its own. What is left is paired by command alone, so that a changed
parameter is one changed exchange and not one missing and one added. Ids, and control ids that swnb
made, are then held against each other: the first pair in the same place makes the two ids one, and
another id there is a difference.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, NamedTuple

from swnb.exchange import UUID
from swnb.recordings.generated import operation_of
from swnb.recordings.matching import (
    Difference,
    covers,
    differences,
    is_number,
    is_time,
    leaves,
    met,
    steady,
    timeless,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from swnb.exchange import Exchange
    from swnb.recordings.source import Source

_ID = re.compile(UUID.pattern)
_text = json.JSONEncoder(sort_keys=True).encode  # a recording has its keys sorted, a log has not
_CONTROL_ID = "request.params.control_id"


class One(NamedTuple):
    """An exchange in its run: its number there, from 1."""

    number: int
    exchange: Exchange


Pair = tuple[One | None, One | None]


class Rules(NamedTuple):
    """What does not count as a difference: ignored paths, and tolerances by path."""

    ignore: Sequence[str] = ()
    tolerances: Mapping[str, float] = {}
    masked: bool = False


def numbered(source: Source) -> list[One]:
    """Take a run's exchanges, numbered."""
    return [One(number, each) for number, (_, each) in enumerate(source.places(), 1)]


def pairs(one: Iterable[One], other: Iterable[One], rules: Rules) -> list[Pair]:
    """Pair the exchanges of two runs, in the order of the first; what has no pair is by itself."""
    found: list[Pair] = []
    left, right = list(one), list(other)
    keys: tuple[Callable[[Exchange], Hashable], ...] = (
        lambda exchange: _asked(exchange, rules),
        lambda exchange: exchange.command,
    )
    for key in keys:
        left, right = _pair(left, right, key, found)
    found += [(each, None) for each in left] + [(None, each) for each in right]
    return sorted(found, key=_place)


def _pair(
    left: list[One], right: list[One], key: Callable[[Exchange], Hashable], found: list[Pair]
) -> tuple[list[One], list[One]]:
    """Pair what has the same key, and give what is left over of both."""
    waiting: dict[Hashable, deque[One]] = defaultdict(deque)
    for each in right:
        waiting[key(each.exchange)].append(each)
    alone = []
    for each in left:
        same = waiting.get(key(each.exchange))
        if same:
            found.append((each, same.popleft()))
        else:
            alone.append(each)
    return alone, sorted(each for queue in waiting.values() for each in queue)


def _place(pair: Pair) -> tuple[float, int]:
    here, there = pair
    # What only the second run has stands where it would have been sent.
    return (here.number, 0) if here else (there.number - 0.5 if there else 0, 1)


def _asked(exchange: Exchange, rules: Rules) -> str:
    request = {"request": steady(exchange.request, mask=rules.masked)}
    kept = without(request, rules.ignore) if rules.ignore else request
    text = json.dumps([exchange.command, exchange.outcome == "refused", kept], sort_keys=True)
    return _ID.sub("<id>", text)


class Differ:
    """Holds paired exchanges against each other; remembers which ids are the same."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._theirs: dict[str, str] = {}
        self._ours: dict[str, str] = {}

    def differences(self, one: Exchange, other: Exchange) -> Iterator[Difference]:
        """Give (path, value here, value there) for all that counts."""
        ours, theirs = _facts(one), _facts(other)
        if self._rules.masked:
            theirs = met(ours, theirs)
        texts = _text(ours), _text(theirs)
        ids = _ids(one, texts[0]), _ids(other, texts[1])
        if texts[0] == texts[1] and all(map(self._same_id, *ids)):
            return  # most pairs of two equal runs: no walk through them
        # Where no id is new or stands for another, equal leaves need no look.
        walk = differences if [self._theirs.get(each) for each in ids[0]] == ids[1] else leaves
        for path, here, there in walk(ours, theirs):
            if not (covers(self._rules.ignore, path) or self._same(path, here, there, one.call_id)):
                yield path, here, there

    def _same(self, path: str, here: Any, there: Any, call: str | None) -> bool:
        if isinstance(here, str) and isinstance(there, str):
            made = operation_of(here) if path == _CONTROL_ID else None
            if made and made == operation_of(there):
                return self._same_id(_on(call, here), _on(call, there))
            return self._same_text(here, there)  # equal texts too: the id may be another call's
        if is_number(here) and is_number(there):
            name = path.rpartition(".")[2]
            times = is_time(name, here) and is_time(name, there)
            return here == there or times or self._close(path, here, there)
        return type(here) is type(there) and bool(here == there)

    def _close(self, path: str, here: float, there: float) -> bool:
        allowed = (
            most for pattern, most in self._rules.tolerances.items() if covers([pattern], path)
        )
        return abs(here - there) <= max(allowed, default=-1)

    def _same_text(self, here: str, there: str) -> bool:
        texts = [timeless(text) for text in (here, there)]
        shapes = [_ID.sub("<id>", text) for text in texts]
        return shapes[0] == shapes[1] and all(
            self._same_id(*ids) for ids in zip(*(_found(text) for text in texts), strict=True)
        )

    def _same_id(self, here: str, there: str) -> bool:
        if here not in self._theirs and there not in self._ours:
            self._theirs[here], self._ours[there] = there, here
        return self._theirs.get(here) == there


def _found(text: str) -> list[str]:
    return [match.group() for match in _ID.finditer(text)]


def _ids(exchange: Exchange, text: str) -> list[str]:
    """Give the ids in an exchange, whose facts are given as JSON."""
    made = exchange.control_id and operation_of(exchange.control_id)
    return [*_found(text), *([_on(exchange.call_id, str(exchange.control_id))] if made else [])]


def _on(call: str | None, control_id: str) -> str:
    # A control id names something on its call alone.
    return f"{call} {control_id}"


def _facts(exchange: Exchange) -> dict[str, Any]:
    """Give what of an exchange can differ, each fact once."""
    response = exchange.response
    facts = {
        "command": exchange.command,
        "outcome": exchange.outcome,
        "http_status": exchange.http_status,
        "status": exchange.call_status,
        "error": exchange.error_message,
        "charge": exchange.charge,
        "request": exchange.request,
        "response": response,
    }
    if isinstance(response, dict):
        # What a log holds of a replayed charge is that it cost nothing.
        facts |= {"charge": response.get("charge"), "status": response.get("status")}
        told = ("charge", "status", *(("errors",) if exchange.error_message else ()))
        facts["response"] = {key: item for key, item in response.items() if key not in told}
    return {name: value for name, value in facts.items() if value is not None}
