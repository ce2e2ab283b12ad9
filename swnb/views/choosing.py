"""Which rows of a frame a view shows."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import get_args

import pandas as pd

from swnb.errors import ConfigurationError
from swnb.exchange import Outcome, short_name
from swnb.views.rows import says

_SEARCHED = (
    *("command", "what", "error_message", "error_code", "call_id", "control_id", "request_id"),
    *("from", "to", "call_status", "source", "state", "type"),
)
Names = str | Iterable[str] | None


def chosen(
    frame: pd.DataFrame, command: Names, outcome: Names, text: str | None, *, events: bool
) -> pd.DataFrame:
    """Return the rows that fit all conditions."""
    kinds, ends = ("kind", "state") if events else ("command", "outcome")
    if command is not None:
        wanted = {short_name(name) for name in _names(command)}
        frame = frame[frame[kinds].astype(object).map(short_name).isin(wanted)]
    if outcome is not None:
        wanted = set(_names(outcome))
        if not events:
            _check(wanted)
        frame = frame[frame[ends].astype(object).isin(wanted)]
    return frame if text is None else frame[_mentions(frame, text.casefold())]


def _mentions(frame: pd.DataFrame, needle: str) -> pd.Series[bool]:
    found = pd.Series(data=False, index=frame.index)
    for name in _SEARCHED:
        if name in frame:
            values = frame[name].astype(object)
            found |= values.map(lambda value: needle in str(value or "").casefold()).astype(bool)
    if "body" in frame:
        told = map(says, frame["kind"].astype(object), frame["body"])
        found |= pd.Series([needle in text.casefold() for text in told], frame.index, dtype=bool)
    return found


def _names(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _check(outcomes: set[str]) -> None:
    """Raise `ConfigurationError` for an outcome that there is none of."""
    known = get_args(Outcome)
    for outcome in sorted(outcomes - set(known)):
        close = get_close_matches(outcome, known, n=1)
        advice = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(known)}"
        raise ConfigurationError(f"show: there is no outcome {outcome!r}", advice=advice)
