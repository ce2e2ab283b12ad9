"""Which exchange of one run is which of another, and how the two differ.

Exchanges are paired by what they ask for, the first with the first; ids of calls play no part in
that, since each run has its own. What is left is paired by command alone, so that a changed
parameter is one changed exchange and not one missing and one added. Ids, and control ids that swnb
made, are then compared: the first pair in the same place makes the two ids the same, and another id
there is a difference.
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
    normalized,
    timeless,
    with_equal_masks,
    without,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence

    from swnb.exchange import Exchange
    from swnb.recordings.source import Source

_ID = re.compile(UUID.pattern)
_text = json.JSONEncoder(sort_keys=True).encode  # a recording has its keys sorted, a log has not
_CONTROL_ID = "request.params.control_id"
# The last parts of paths whose values only grow during a call: one that differs once differs in every
# answer after it, and is told once.
_GROWING = {
    "charge": "charge",
    "duration": "duration",
    "duration_ms": "duration",
    "billing_ms": "duration",
}


class Numbered(NamedTuple):
    """An exchange in its run: its number there, from 1."""

    number: int
    exchange: Exchange


Pair = tuple[Numbered | None, Numbered | None]


class Rules(NamedTuple):
    """What does not count as a difference: ignored paths, and tolerances by path."""

    ignore: Sequence[str] = ()
    tolerances: Mapping[str, float] = {}
    masked: bool = False


def numbered(source: Source) -> list[Numbered]:
    """Return a run's exchanges, numbered from 1."""
    return [Numbered(number, exchange) for number, (_, exchange) in enumerate(source.places(), 1)]


def pairs(a: Iterable[Numbered], b: Iterable[Numbered], rules: Rules) -> list[Pair]:
    """Pair the exchanges of two runs, in the order of the first; what has no pair is by itself."""
    paired: list[Pair] = []
    left, right = list(a), list(b)
    keys: tuple[Callable[[Exchange], Hashable], ...] = (
        lambda exchange: _request_key(exchange, rules),
        lambda exchange: exchange.command,
    )
    for key in keys:
        left, right = _pair(left, right, key, paired)
    paired += [(exchange, None) for exchange in left] + [(None, exchange) for exchange in right]
    return sorted(paired, key=_place)


def _pair(
    left: list[Numbered],
    right: list[Numbered],
    key: Callable[[Exchange], Hashable],
    paired: list[Pair],
) -> tuple[list[Numbered], list[Numbered]]:
    """Pair what has the same key, and return what is left over of both."""
    waiting: dict[Hashable, deque[Numbered]] = defaultdict(deque)
    for candidate in right:
        waiting[key(candidate.exchange)].append(candidate)
    alone = []
    for candidate in left:
        same = waiting.get(key(candidate.exchange))
        if same:
            paired.append((candidate, same.popleft()))
        else:
            alone.append(candidate)
    return alone, sorted(candidate for queue in waiting.values() for candidate in queue)


def _place(pair: Pair) -> tuple[float, int]:
    here, there = pair
    # What only the second run has stands where it would have been sent.
    return (here.number, 0) if here else (there.number - 0.5 if there else 0, 1)


def _request_key(exchange: Exchange, rules: Rules) -> str:
    request = {"request": normalized(exchange.request, mask=rules.masked)}
    compared = without(request, rules.ignore) if rules.ignore else request
    text = json.dumps([exchange.command, exchange.outcome == "refused", compared], sort_keys=True)
    return _ID.sub("<id>", text)


class Differ:
    """Compares paired exchanges, and remembers which ids are the same."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._right_of: dict[str, str] = {}
        self._left_of: dict[str, str] = {}
        self._growing: set[tuple[str, str]] = set()  # the numbers of calls that were told to differ

    def differences(self, a: Exchange, b: Exchange) -> Iterator[Difference]:
        """Yield (path, value in a, value in b) for each difference that counts."""
        left, right = _facts(a), _facts(b)
        if self._rules.masked:
            right = with_equal_masks(left, right)
        texts = _text(left), _text(right)
        ids = _ids(a, texts[0]), _ids(b, texts[1])
        if texts[0] == texts[1] and all(map(self._same_id, *ids)):
            return  # most pairs of two equal runs: no walk through them
        # If no id is new or stands for another, equal leaves need not be compared.
        is_known = [self._right_of.get(left_id) for left_id in ids[0]] == ids[1]
        walk = differences if is_known else leaves
        for path, here, there in self.compared(left, right, a.call_id, walk=walk):
            if not self._told(a.call_id, path, here, there):
                yield path, here, there

    def _told(self, call: str | None, path: str, here: Any, there: Any) -> bool:
        """Return whether it was told before that this number of a call, which only grows, differs."""
        name = (
            _GROWING.get(path.rpartition(".")[2]) if is_number(here) and is_number(there) else None
        )
        if name is None or call is None:
            return False
        known = (call, name) in self._growing
        self._growing.add((call, name))
        return known

    def compared(
        self,
        left: Any,
        right: Any,
        call: str | None,
        walk: Callable[[Any, Any], Iterator[Difference]] = leaves,
    ) -> Iterator[Difference]:
        """Yield (path, value here, value there) for each difference of two JSON values that counts."""
        for path, here, there in walk(left, right):
            if not (covers(self._rules.ignore, path) or self._same(path, here, there, call)):
                yield path, here, there

    def right_of(self, left: str) -> str | None:
        """Return the id that stands in the second run for one of the first, if that is known."""
        return self._right_of.get(left)

    def _same(self, path: str, here: Any, there: Any, call: str | None) -> bool:
        if isinstance(here, str) and isinstance(there, str):
            operation = operation_of(here) if path == _CONTROL_ID else None
            if operation and operation == operation_of(there):
                return self._same_id(_on(call, here), _on(call, there))
            return self._same_text(here, there)  # equal texts too: the id may be another call's
        if is_number(here) and is_number(there):
            name = path.rpartition(".")[2]
            times = is_time(name, here) and is_time(name, there)
            return here == there or times or self._close(path, here, there)
        return type(here) is type(there) and bool(here == there)

    def _close(self, path: str, here: float, there: float) -> bool:
        allowed = (
            tolerance
            for pattern, tolerance in self._rules.tolerances.items()
            if covers([pattern], path)
        )
        return abs(here - there) <= max(allowed, default=-1)

    def _same_text(self, here: str, there: str) -> bool:
        texts = [timeless(text) for text in (here, there)]
        shapes = [_ID.sub("<id>", text) for text in texts]
        return shapes[0] == shapes[1] and all(
            self._same_id(*ids) for ids in zip(*(_ids_in(text) for text in texts), strict=True)
        )

    def _same_id(self, here: str, there: str) -> bool:
        if here not in self._right_of and there not in self._left_of:
            self._right_of[here], self._left_of[there] = there, here
        return self._right_of.get(here) == there


def _ids_in(text: str) -> list[str]:
    return [match.group() for match in _ID.finditer(text)]


def _ids(exchange: Exchange, text: str) -> list[str]:
    """Return the ids in an exchange, whose facts are given as JSON."""
    generated = exchange.control_id and operation_of(exchange.control_id)
    return [
        *_ids_in(text),
        *([_on(exchange.call_id, str(exchange.control_id))] if generated else []),
    ]


def _on(call: str | None, control_id: str) -> str:
    # A control id names something on its call alone.
    return f"{call} {control_id}"


def _facts(exchange: Exchange) -> dict[str, Any]:
    """Return the facts of an exchange that are compared, each once."""
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
        # The log says of a replayed charge that it cost nothing.
        facts |= {"charge": response.get("charge"), "status": response.get("status")}
        elsewhere = ("charge", "status", *(("errors",) if exchange.error_message else ()))
        facts["response"] = {key: item for key, item in response.items() if key not in elsewhere}
    return {name: value for name, value in facts.items() if value is not None}
