"""What a replay says when it was asked for something that it does not hold."""

from __future__ import annotations

from heapq import nsmallest
from typing import TYPE_CHECKING, Any

from swnb.errors import NoRecording
from swnb.exchange import NEVER_SENT
from swnb.recordings.matching import MISSING, differences, display_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from swnb.exchange import Exchange
    from swnb.recordings.matching import Difference
    from swnb.recordings.source import Source

_NEAREST = 3
_LOOKED_AT = 2_000  # recordings of the same command, so that a miss in a long run stays quick
_PATHS = 4
_WIDTH = 40


def miss(
    source: Source,
    command: str,
    asked: Any,
    used: Sequence[int],
    normalized: Callable[[Any], Any],
) -> NoRecording:
    """Say that nothing is left for a request: what was used already, or what comes nearest."""
    if used:
        places = ", ".join(source.where(place) for place in used[:_NEAREST])
        more = f" and {len(used) - _NEAREST} more" if len(used) > _NEAREST else ""
        return NoRecording(
            f"{command}: {source.name} has it, recorded but already used ({places}{more})",
            advice="It was asked for more often than it was recorded. Record the run again.",
        )
    near = nsmallest(
        _NEAREST, _candidates(source, command, asked, normalized), key=lambda one: one[0]
    )
    if not near:
        return NoRecording(
            f"{command}: {source.name} has no recording of this command",
            advice=_known(source),
        )
    lines = [f"{source.where(place)}: {_described(found)}" for _, place, found in near]
    return NoRecording(
        "\n".join([f"{command}: {source.name} has no recording of this; the nearest are", *lines]),
        advice="Ask for what was recorded, leave a path out with ignore=, or record the run again.",
    )


def _candidates(
    source: Source, command: str, asked: Any, normalized: Callable[[Any], Any]
) -> list[tuple[int, int, list[Difference]]]:
    found = []
    for place, exchange in source.places():
        if exchange.command == command and exchange.outcome not in NEVER_SENT:
            differing = list(differences(normalized(exchange.request), asked))
            found.append((len(differing), place, differing))
            if len(found) == _LOOKED_AT:
                break
    return found


def _described(found: Sequence[Difference]) -> str:
    """Say what differs. What was asked for now is not shown: it may be secret."""
    parts = []
    for path, recorded, asked in found[:_PATHS]:
        name = "the call" if path == "id" else path
        if recorded is MISSING:
            parts.append(f"{name} was not recorded")
        elif asked is MISSING:
            parts.append(f"{name} is missing now (recorded {_shown(recorded)})")
        else:
            parts.append(f"{name} differs (recorded {_shown(recorded)})")
    if len(found) > _PATHS:
        parts.append(f"{len(found) - _PATHS} more")
    return ", ".join(parts) or "equal, but already used"


def _shown(value: Any) -> str:
    text = display_text(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def _known(source: Source) -> str:
    names: dict[str, int] = {}
    exchange: Exchange
    for _, exchange in source.places():
        names[exchange.command] = names.get(exchange.command, 0) + 1
    held = ", ".join(f"{name} ({count})" for name, count in names.items())
    return f"It holds {held}." if held else "It holds nothing at all."
