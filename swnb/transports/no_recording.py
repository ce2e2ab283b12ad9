"""The error of a replay that has no recording of a request."""

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
_LOOKED_AT = 2_000  # recordings of the same command, so that a miss in a long run is fast
_PATHS = 4
_WIDTH = 40


def miss(
    source: Source,
    command: str,
    asked: Any,
    used: Sequence[int],
    normalized: Callable[[Any], Any],
) -> NoRecording:
    """Return the error of a request without a recording: where it was used, or the nearest ones."""
    if used:
        places = ", ".join(source.where(place) for place in used[:_NEAREST])
        more = f" and {len(used) - _NEAREST} more" if len(used) > _NEAREST else ""
        return NoRecording(
            f"{command}: {source.name} has this recorded but already used ({places}{more})",
            advice="It was sent more often than it was recorded. Record the run again.",
        )
    near = nsmallest(
        _NEAREST,
        _candidates(source, command, asked, normalized),
        key=lambda candidate: candidate[0],
    )
    if not near:
        return NoRecording(
            f"{command}: {source.name} has no recording of this command",
            advice=_known(source),
        )
    lines = [f"{source.where(place)}: {_described(differing)}" for _, place, differing in near]
    return NoRecording(
        "\n".join([f"{command}: {source.name} has no recording of this; the nearest are", *lines]),
        advice="Send what was recorded, exclude a path with ignore=, or record the run again.",
    )


def _candidates(
    source: Source, command: str, asked: Any, normalized: Callable[[Any], Any]
) -> list[tuple[int, int, list[Difference]]]:
    candidates = []
    for place, exchange in source.places():
        if exchange.command == command and exchange.outcome not in NEVER_SENT:
            differing = list(differences(normalized(exchange.request), asked))
            candidates.append((len(differing), place, differing))
            if len(candidates) == _LOOKED_AT:
                break
    return candidates


def _described(differing: Sequence[Difference]) -> str:
    """Return what differs. The value that was sent now is not shown: it may be secret."""
    parts = []
    for path, recorded, asked in differing[:_PATHS]:
        name = "the call" if path == "id" else path
        if recorded is MISSING:
            parts.append(f"{name} was not recorded")
        elif asked is MISSING:
            parts.append(f"{name} is missing now (recorded {_shown(recorded)})")
        else:
            parts.append(f"{name} differs (recorded {_shown(recorded)})")
    if len(differing) > _PATHS:
        parts.append(f"{len(differing) - _PATHS} more")
    return ", ".join(parts) or "equal, but already used"


def _shown(value: Any) -> str:
    text = display_text(value)
    return text if len(text) <= _WIDTH else f"{text[:_WIDTH]}…"


def _known(source: Source) -> str:
    names: dict[str, int] = {}
    exchange: Exchange
    for _, exchange in source.places():
        names[exchange.command] = names.get(exchange.command, 0) + 1
    commands = ", ".join(f"{name} ({count})" for name, count in names.items())
    return f"It has {commands}." if commands else "It is empty."
