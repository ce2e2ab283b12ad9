"""The states of a call, in the words of events and in those of replies and voice logs, in one order."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from swnb.errors import InvalidCommand, Problem
from swnb.exchange import OVER

# How far a call has come. What is called `ended` by an event is `completed`, `busy` … in a reply.
_STEPS = {
    "created": 0,
    "queued": 0,
    "initiated": 0,
    "ringing": 1,
    "answered": 2,
    "in-progress": 2,
    "ending": 3,
    **dict.fromkeys(sorted(OVER), 4),
}
STATES = tuple(_STEPS)
_END = 4
# The words of events for how a call ended, as statuses.
_ENDS = {
    "busy": "busy",
    "noanswer": "no-answer",
    "cancel": "canceled",
    "canceled": "canceled",
    "declined": "busy",
    "decline": "busy",
    "error": "failed",
    "not_found": "failed",
    "abandoned": "canceled",
}


def checked(state: Any) -> str:
    """Return a state that can be waited for; raise `InvalidCommand` for anything else."""
    known = state if isinstance(state, str) else ""
    plain = known.replace("_", "-")
    if plain in _STEPS:
        return plain
    close = get_close_matches(plain, _STEPS, n=1)
    hint = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(_STEPS)}"
    raise InvalidCommand("wait_until", [Problem("state", f"is not a state of a call; {hint}")])


def is_reached(wanted: str, status: str | None, *, answered: bool) -> bool:
    """Return whether a call in this status has reached the state, or passed it.

    `answered` is whether it is known to have been answered: being over does not say so.
    """
    if status is None or status not in _STEPS:
        return False
    if wanted in OVER and wanted != "ended":
        return status == wanted
    if _STEPS[status] < _END or wanted == "ended":
        return _STEPS[status] >= _STEPS[wanted]
    return answered or (_STEPS[wanted] <= 1 and status != "failed")


def is_over(status: str | None) -> bool:
    """Return whether nothing more comes of a call in this status."""
    return status in OVER


def end_of(end_reason: Any) -> str:
    """Return the status of a call that ended for this reason."""
    word = str(end_reason or "").lower().replace("-", "").replace("_", "")
    return {key.replace("_", ""): value for key, value in _ENDS.items()}.get(word, "ended")
