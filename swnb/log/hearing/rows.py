"""Conversion between `Event` and the rows of the log, and how they are written.

An event that comes again in its run is counted with the time when it came, and not stored again.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from swnb.event import Event
from swnb.log.odd_cells import Odd, read_json, readable_row
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import labelled, names, to_json
from swnb.log.writing.sqlite_errors import IGNORED, FileUnavailable

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


def _from_json(table: str, columns: tuple[str, ...]) -> str:
    """Return the SQL that inserts many rows, given as one JSON list of lists, in one step.

    Each step gives the interpreter's lock away, and a busy cell keeps it for 5 ms: with a step for
    each row, a burst would fall behind.
    """
    spelt = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(f"json_extract(value, '$[{place}]')" for place in range(len(columns)))
    return f"INSERT INTO {table} ({spelt}) SELECT {values} FROM json_each(?) ORDER BY key"  # noqa: S608 - names of our own


_INSERT = _from_json("events", ("id", *EVENT))
_INSERT_BODY = _from_json("event_bodies", ("event", "body"))
_INSERT_REPEAT = _from_json("event_repeats", ("event", "seen_at"))
_KNOWN = "SELECT key, run, id FROM events WHERE key IN (SELECT value FROM json_each(?))"
_REPEATS = "SELECT id, event FROM event_repeats ORDER BY id"
_TOP = "SELECT coalesce(max(id), 0) FROM events"
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
    for event in events:
        event.run = event.run or run
    runs = {(str(event.run), event.space) for event in events}
    return journal.transact(lambda connection: _write(connection, events), runs)


def _write(connection: sqlite3.Connection, events: Sequence[Event]) -> list[bool]:
    keys = json.dumps([event.key for event in events])
    ids = {(key, run): id_ for key, run, id_ in connection.execute(_KNOWN, (keys,)).fetchall()}
    (top,) = connection.execute(_TOP).fetchone()
    new: list[Event] = []
    repeated: list[Event] = []
    told: list[bool] = []
    for event in events:
        known = ids.get((event.key, event.run))
        told.append(known is None)
        (new if known is None else repeated).append(event)
        if known is None:
            known = ids[event.key, str(event.run)] = top + len(new)
        event.id = known
    _insert(connection, _INSERT, [[event.id, *map(_plain, _values(event))] for event in new])
    bodies = [[event.id, to_json(event.body)] for event in new]
    _insert(connection, _INSERT_BODY, [row for row in bodies if row[1] is not None])
    _insert(connection, _INSERT_REPEAT, [[event.id, event.seen_at] for event in repeated])
    return told


def _insert(connection: sqlite3.Connection, sql: str, rows: list[list[Any]]) -> None:
    """Insert rows. Raises `FileUnavailable` if a trigger drops one."""
    if rows and connection.execute(sql, (json.dumps(rows),)).rowcount != len(rows):
        raise FileUnavailable(*IGNORED)


def _plain(value: Any) -> Any:
    """Return a value without halves of surrogate pairs, and without NUL, at which SQLite cuts a text."""
    if not isinstance(value, str):
        return value
    return value.encode("utf-8", "replace").decode().replace("\0", "\ufffd")


def heard_after(
    journal: Journal, key: int, *, run: str | None, call_id: str | None, most: int
) -> list[Event]:
    """Return the events after an id in order, of one run and one call or of all."""
    asked = {"run": run, "call_id": call_id}
    tests = {name: value for name, value in asked.items() if value is not None}
    where = "".join(f" AND events.{name} = ?" for name in tests)
    sql = f"{SELECT_EVENTS} WHERE events.id > ?{where} ORDER BY events.id LIMIT ?"
    return read_events(journal, journal.read(sql, (key, *tests.values(), most)))


def stored_events(
    journal: Journal, *, run: str | None = None, call_id: str | None = None, kind: str | None = None
) -> list[Event]:
    """Return the events of a run, a call and a kind, or of all of them, in order."""
    asked = {"run": run, "call_id": call_id, "kind": kind}
    tests = {name: value for name, value in asked.items() if value is not None}
    where = " AND ".join(f"events.{name} = ?" for name in tests)
    sql = f"{SELECT_EVENTS} {'WHERE ' + where if where else ''} ORDER BY events.id"
    return read_events(journal, journal.read(sql, tuple(tests.values())))


def repeats_of(journal: Journal) -> dict[int, int]:
    """Return how often each event came again, by its id."""
    odd: list[Odd] = []
    counts: Counter[int] = Counter()
    for row, event in journal.read(_REPEATS):
        (checked,) = readable_row("event_repeats", row, ("event",), (event,), odd)
        if checked is not None:
            counts[checked] += 1
    journal.warn_of(odd)
    return dict(counts)


def read_events(journal: Journal, rows: Iterable[tuple[Any, ...]]) -> list[Event]:
    """Return the events of rows; odd cells are missing, with a warning."""
    odd: list[Odd] = []
    events = [_event_of(row, odd) for row in rows]
    journal.warn_of(odd)
    return events


def _event_of(row: tuple[Any, ...], odd: list[Odd]) -> Event:
    key, *cells, body = row
    checked = labelled("events", key, EVENT, cells, odd)
    facts = dict(zip(EVENT, checked, strict=True))
    facts = {name: _UNKNOWN.get(name) if value is None else value for name, value in facts.items()}
    facts["signed"] = None if facts["signed"] is None else bool(facts["signed"])
    return Event(**facts, id=key, body=read_json("event_bodies", key, "body", body, odd))
