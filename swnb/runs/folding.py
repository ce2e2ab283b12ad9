"""What a comparison leaves out: polls, and what it is told to ignore.

A run looks at a call as often as it has to, so of readings that follow each other only the last counts.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.exchange import short_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.runs.diff import Numbered, Pair

_READING = "voice_log"
_READINGS = frozenset({_READING, "voice_logs", "voice_log_events", "sync", "reconcile"})
_NUMBER = re.compile(r"#(\d+)")


def without_polls(exchanges: Sequence[Numbered]) -> list[Numbered]:
    """Return exchanges without the readings of a call that another reading of it follows."""
    following: dict[str | None, str] = {}
    kept: list[Numbered] = []
    for numbered in reversed(exchanges):
        exchange = numbered.exchange
        polled = exchange.command == _READING and following.get(exchange.call_id) == _READING
        if not (polled and exchange.call_id):
            kept.append(numbered)
        following[exchange.call_id] = exchange.command
    return kept[::-1]


class Ignored:
    """The exchanges that are not compared: of a command, or by their number in the first run."""

    def __init__(self, patterns: Sequence[str]) -> None:
        matches = map(_NUMBER.fullmatch, patterns)
        self._numbers = {int(match[1]) for match in matches if match}
        self._commands = {pattern for pattern in patterns if _is_command(pattern)}

    def covers(self, pair: Pair) -> bool:
        """Return whether a pair of exchanges is not compared."""
        left, right = pair
        one = left or right
        if one is None:
            return True
        names = {one.exchange.command, short_name(one.exchange.command)}
        return one.number in self._numbers or bool(names & self._commands)


def _is_command(pattern: str) -> bool:
    """Return whether a pattern names a command, and not a part of a path that is named alike."""
    wires = {model.wire for model in COMMANDS.values()}
    if pattern in wires or pattern in _READINGS:
        return True
    return f"calling.{pattern}" in wires and pattern not in _parameter_names()


@cache
def _parameter_names() -> frozenset[str]:
    return frozenset(name for model in COMMANDS.values() for name in parameters(model))
