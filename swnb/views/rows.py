"""The rows of a view: what a reader wants of an exchange, or of something heard, as text.

Page and terminal show the same rows. Charges are padded, so that their points stand below each other
wherever all letters are equally wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from swnb import html
from swnb.cards import money
from swnb.event import told
from swnb.words import cut

if TYPE_CHECKING:
    import pandas as pd

_LONGEST = 300  # letters of what an event says: its body has the rest

Kind = Literal["plain", "mark", "says", "number"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a view; the lower its `rank`, the narrower a terminal may be that shows it."""

    name: str
    kind: Kind
    rank: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row: a cell per heading, the day, and what went wrong, which stands below what was said."""

    day: str
    cells: tuple[str, ...]
    error: str = ""


EXCHANGES = (
    Heading("time", "plain", 0),
    Heading("command", "plain", 0),
    Heading("outcome", "mark", 0),
    Heading("what", "says", 0),
    Heading("status", "plain", 4),
    Heading("charge", "number", 2),
    Heading("ms", "number", 5),
    Heading("call", "plain", 3),
    Heading("id", "number", 1),
)
EVENTS = (
    Heading("time", "plain", 0),
    Heading("kind", "plain", 0),
    Heading("state", "mark", 0),
    Heading("what", "says", 0),
    Heading("source", "plain", 3),
    Heading("again", "number", 4),
    Heading("call", "plain", 2),
    Heading("id", "number", 1),
)


def exchange_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of exchanges."""
    charges = aligned(money(charge) or "" for charge in _column(frame, "charge"))
    names = ("sent_at", "command", "outcome", "call_id", "call_status", "what", "elapsed_ms", "id")
    columns = zip(*(_column(frame, name) for name in names), strict=True)
    errors = _column(frame, "error_message")
    return [
        Row(
            _day(at),
            (
                _time(at),
                str(command or "").removeprefix("calling."),
                outcome or "",
                what or "",
                call_status or "",
                charge,
                "" if elapsed is None else f"{elapsed:,.0f}",
                html.short(call_id or ""),
                "" if key is None else str(key),
            ),
            error or "",
        )
        for (at, command, outcome, call_id, call_status, what, elapsed, key), charge, error in zip(
            columns, charges, errors, strict=True
        )
    ]


def event_rows(frame: pd.DataFrame) -> list[Row]:
    """Return the rows of what was sent and heard."""
    names = ("time", "direction", "source", "kind", "state", "call_id", "body", "repeats", "id")
    columns = zip(*(_column(frame, name) for name in names), strict=True)
    return [
        Row(
            _day(at),
            (
                _time(at),
                f"{'→' if direction == 'sent' else '←'} {kind or ''}",
                state or "",
                says(kind, body),
                source or "",
                str(repeats or ""),
                html.short(call_id or ""),
                "" if key is None else str(key),
            ),
        )
        for at, direction, source, kind, state, call_id, body, repeats, key in columns
    ]


def says(kind: Any, body: Any) -> str:
    """Return what was sent or heard, in one line."""
    return cut(" ".join(told(str(kind or ""), body).splitlines()), _LONGEST)


def aligned(amounts: Iterable[str]) -> list[str]:
    """Return amounts with spaces after them, so that those that end together have equal fractions."""
    texts = list(amounts)
    fractions = [len(text.partition(".")[2]) + ("." in text) for text in texts]
    widest = max(fractions, default=0)
    pairs = zip(texts, fractions, strict=True)
    return [text + " " * (widest - fraction) if text else "" for text, fraction in pairs]


def _column(frame: pd.DataFrame, name: str) -> Sequence[Any]:
    """Return a column as Python objects, None where a value is missing or the frame has no such column."""
    if name not in frame:
        return [None] * len(frame)
    values = frame[name].astype(object)
    return values.where(values.notna(), None).tolist()


def _time(at: pd.Timestamp | None) -> str:
    return "" if at is None else f"{at:%H:%M:%S}"


def _day(at: pd.Timestamp | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d}"
