"""Conversion between `Event` and the rows of the log, and how they are written.

An event that comes again in its run is counted with the time when it came, and not stored again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from swnb.event import Event
from swnb.log.odd_cells import Odd, read_json, readable_row
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import execute, insertion, names, to_json

EVENT = (
    "run",
    "seen_at",
    "at",
    "space",
    "source",
    "kind",
    "type",
    "call_id",
    "control_id",
    "state",
    "signed",
    "key",
)
_values = attrgetter(*EVENT)
_INSERT = insertion("events", EVENT)
_INSERT_BODY = insertion("event_bodies", ("event", "body"))
_INSERT_REPEAT = insertion("event_repeats", ("event", "seen_at"))
_FIRST = "SELECT id FROM events WHERE key = ? AND run = ?"
SELECT_EVENTS = f"""
    SELECT events.id, {names("events", EVENT)}, event_bodies.body
    FROM events LEFT JOIN event_bodies ON event_bodies.event = events.id
"""  # noqa: S608 - names of our own
# What an event needs, in place of cells that cannot be read.
_UNKNOWN = {"seen_at": 0, "space": "live", "source": "listener", "kind": "unknown", "key": ""}


def hear(journal: Journal, events: Sequence[Event], run: str) -> list[bool]:
    """Write events in one transaction; return for each whether its run did not have it yet.

    Sets the id and the run of each. Raises `LogError` if the log cannot be written.
    """

    def work(connection: sqlite3.Connection) -> list[bool]:
        return [_insert(connection, event) for event in events]

    for event in events:
        event.run = event.run or run
    return journal.transact(work, {(str(event.run), event.space) for event in events})


def _insert(connection: sqlite3.Connection, event: Event) -> bool:
    first = connection.execute(_FIRST, (event.key, event.run)).fetchone()
    if first:
        event.id = int(first[0])
        execute(connection, _INSERT_REPEAT, (event.id, event.seen_at))
        return False
    event.id = execute(connection, _INSERT, _values(event))
    body = to_json(event.body)
    if body is not None:
        execute(connection, _INSERT_BODY, (event.id, body))
    return True


def heard_after(journal: Journal, key: int, *, run: str | None, most: int) -> list[Event]:
    """Return the events after an id in order, those of one run or of all."""
    where, values = ("", (key, most)) if run is None else ("AND events.run = ?", (key, run, most))
    sql = f"{SELECT_EVENTS} WHERE events.id > ? {where} ORDER BY events.id LIMIT ?"
    return read_events(journal, journal.read(sql, values))


def stored_events(
    journal: Journal, *, run: str | None = None, call_id: str | None = None, kind: str | None = None
) -> list[Event]:
    """Return the events of a run, a call and a kind, or of all of them, in order."""
    asked = {"run": run, "call_id": call_id, "kind": kind}
    tests = {name: value for name, value in asked.items() if value is not None}
    where = " AND ".join(f"events.{name} = ?" for name in tests)
    sql = f"{SELECT_EVENTS} {'WHERE ' + where if where else ''} ORDER BY events.id"
    return read_events(journal, journal.read(sql, tuple(tests.values())))


def read_events(journal: Journal, rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    """Return the events of rows; odd cells are missing, with a warning."""
    odd: list[Odd] = []
    events = [_event_of(row, odd) for row in rows]
    journal.warn_of(odd)
    return events


def _event_of(row: tuple[Any, ...], odd: list[Odd]) -> Event:
    key, *cells, body = row
    checked = readable_row("events", key, EVENT, cells, odd)
    facts = dict(zip(EVENT, checked, strict=True))
    facts = {name: _UNKNOWN.get(name) if value is None else value for name, value in facts.items()}
    facts["signed"] = None if facts["signed"] is None else bool(facts["signed"])
    return Event(**facts, id=key, body=read_json("event_bodies", key, "body", body, odd))
