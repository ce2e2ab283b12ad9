"""What the platform's voice logs say, in tables of their own beside the exchanges.

A page is stored with the place where the next one is to be found, in one transaction: what is on disk
never says that a page was read that is not there. An entry that is known already is compared with what
is stored of it and replaced only if it says something else, so that reading a listing twice adds
nothing. A deleted log says nothing but that it is: what is known of it stays.

Bodies are compressed a page at a time. They never get lost: a page whose entries have been replaced is
kept, as everything is that this log once held.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, NamedTuple

from swnb.log.journal import Journal
from swnb.log.rows import to_json
from swnb.log.voice_logs import COLUMNS, VoiceLogRow, micros, row_of, text_of

_SPELT = ", ".join(f'"{name}"' for name in COLUMNS)
_MARKS = ", ".join("?" * len(COLUMNS))
_INSERT = f"""
    INSERT OR IGNORE INTO voice_logs (number, id, space, seen_at, page, place, {_SPELT})
    VALUES (?, ?, ?, ?, ?, ?, {_MARKS})
"""  # noqa: S608 - names of our own
_UPDATE = f"""
    UPDATE voice_logs SET seen_at = ?, page = ?, place = ?,
        {", ".join(f'"{name}" = ?' for name in COLUMNS)} WHERE number = ?
"""  # noqa: S608 - names of our own
_DISCARD = (
    "UPDATE voice_logs SET seen_at = ?, page = ?, place = ?, discarded_at = ? WHERE number = ?"
)
_INSERT_LINE = "INSERT INTO voice_log_charges VALUES (?, ?, ?, ?)"
_DELETE_LINES = "DELETE FROM voice_log_charges WHERE log = ?"
_TOPS = """
    SELECT coalesce((SELECT max(number) FROM voice_logs), 0),
        coalesce((SELECT max(page) FROM voice_log_pages), 0)
"""
_INSERT_EVENT = "INSERT INTO voice_log_events VALUES (?, ?, ?, ?, ?, ?)"
_STORED = "SELECT number, seen_at, page, place FROM voice_logs WHERE id = ?"
_BODY = "SELECT body FROM voice_log_pages WHERE page = ?"
_EARLIEST, _LATEST = -(2**63), 2**63 - 1
_UNSETTLED = """
    WITH touched AS (
        SELECT coalesce(ended.call_id, sent.call_id) AS id, min(sent.id) AS first
        FROM sent LEFT JOIN ended ON ended.exchange = sent.id
        WHERE sent.space = ? AND coalesce(ended.outcome, '') NOT IN ('refused', 'dry_run')
        GROUP BY 1
    ), final AS (SELECT value FROM json_each(?))
    SELECT touched.id FROM touched LEFT JOIN voice_logs USING (id)
    WHERE touched.id IS NOT NULL AND discarded_at IS NULL
        AND (status IS NULL OR status NOT IN final)
    UNION
    SELECT id FROM voice_logs
    WHERE space = ? AND discarded_at IS NULL AND status NOT IN final
"""
_DISCARDED_AT = COLUMNS.index("discarded_at")
_CHARGE = COLUMNS.index("charge_nano")
# Megabytes: the index of ids does not fit into the two that SQLite would keep in memory.
_CACHE = "PRAGMA cache_size = -65536"


@dataclass(frozen=True, slots=True)
class Page:
    """Entries as they were read, redacted.

    `body` is the JSON that they came in, compressed by zlib, with all of them in its `data`; without
    it they are written as JSON anew. `listing` names what is being read and `next` what is to be
    read after this page; without a `next` the listing is at its end.
    """

    entries: Sequence[Mapping[str, Any]]
    space: str
    seen_at: int
    body: bytes | None = None
    listing: str | None = None
    next: str | None = None


class Stored(NamedTuple):
    """What storing a page came to: entries that were new, that had changed, and that have no id."""

    new: int
    changed: int
    unreadable: int


class Synced:
    """The voice logs in one log; safe to use from threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def store(self, page: Page) -> Stored:
        """Store a page, and where to go on, durable on return. Raises `LogError`."""
        return self._journal.carry_out(lambda link: _Writing(link, page).carry_out())

    def unread(self, listing: str) -> str | None:
        """Give the page at which a listing that was interrupted goes on."""
        rows = self._journal.read("SELECT next FROM syncs WHERE listing = ?", (listing,))
        return str(rows[0][0]) if rows else None

    def forget(self, listing: str) -> None:
        """Forget where a listing was to go on."""
        self._journal.carry_out(
            lambda link: link.execute("DELETE FROM syncs WHERE listing = ?", (listing,))
        )

    def store_events(self, events: Mapping[str, Sequence[Mapping[str, Any]]], seen_at: int) -> None:
        """Store the events of logs by their ids, in the place of those stored before."""
        self._journal.carry_out(lambda link: _store_events(link, events, seen_at))

    def without_events(self, after: int | None, before: int | None) -> list[str]:
        """Give the ids of the logs, created between two times, whose events were not read since."""
        rows = self._journal.read(
            """
            SELECT id FROM voice_logs
            WHERE discarded_at IS NULL AND (events_at IS NULL OR events_at < seen_at)
                AND created_at > ? AND created_at < ? ORDER BY number
            """,
            (_EARLIEST if after is None else after, _LATEST if before is None else before),
        )
        return [str(row[0]) for row in rows]

    def unsettled(self, space: str, final: Sequence[str]) -> list[str]:
        """Give the ids of the calls in a space that no voice log has said to be over.

        They are those that exchanges are about, and those of listings.
        """
        rows = self._journal.read(_UNSETTLED, (space, json.dumps(final), space))
        return [str(row[0]) for row in rows]

    def body(self, key: str) -> Any:
        """Give the whole of a log as it was read last, None where there is none."""
        rows = self._journal.read(_STORED, (key,))
        if not rows:
            return None
        _, _, page, place = rows[0]
        return _entries(self._journal.read(_BODY, (page,)))[place]


class _Writing:
    """The storing of one page, within a transaction."""

    def __init__(self, link: sqlite3.Connection, page: Page) -> None:
        self._link = link
        self._page = page
        number, page_number = link.execute(_TOPS).fetchone()
        self._first = number + 1
        self._number = page_number + 1
        self._pages: dict[int, Sequence[Any]] = {self._number: page.entries}

    def carry_out(self) -> Stored:
        """Store what is new or has changed, and where to go on."""
        self._link.execute(_CACHE)
        rows: dict[int, VoiceLogRow] = {}
        for place, entry in enumerate(self._page.entries):
            with suppress(ValueError):
                rows[place] = row_of(entry)
        new = self._insert(rows)
        known = rows.keys() - new
        changed = sum(self._replace(place, rows[place]) for place in sorted(known))
        if new or changed:
            body = self._page.body or pack({"data": self._page.entries})
            self._link.execute("INSERT INTO voice_log_pages VALUES (?, ?)", (self._number, body))
        self._go_on()
        return Stored(len(new), changed, len(self._page.entries) - len(rows))

    def _insert(self, rows: Mapping[int, VoiceLogRow]) -> set[int]:
        """Insert the rows whose ids are not there yet, and give their places."""
        first, number = self._first, self._number
        space, seen_at = self._page.space, self._page.seen_at
        inserted = self._link.executemany(
            _INSERT,
            [
                (first + place, row.id, space, seen_at, number, place, *row.values)
                for place, row in rows.items()
            ],
        ).rowcount
        new = set(rows)
        if inserted < len(rows):
            there = self._link.execute("SELECT number FROM voice_logs WHERE number >= ?", (first,))
            new = {key - first for (key,) in there}
        lines = [
            (first + place, line, *each)
            for place, row in rows.items()
            if place in new
            for line, each in enumerate(row.lines)
        ]
        self._link.executemany(_INSERT_LINE, lines)
        return new

    def _replace(self, place: int, row: VoiceLogRow) -> bool:
        """Replace what is stored of an entry, if it is older and says something else."""
        key, seen_at, page, old = self._link.execute(_STORED, (row.id,)).fetchone()
        if self._page.seen_at < seen_at or self._stored(page)[old] == self._page.entries[place]:
            return False
        head = (self._page.seen_at, self._number, place)
        discarded_at = row.values[_DISCARDED_AT]
        if discarded_at is not None and row.values[_CHARGE] is None:
            self._link.execute(_DISCARD, (*head, discarded_at, key))
            return True
        self._link.execute(_UPDATE, (*head, *row.values, key))
        self._link.execute(_DELETE_LINES, (key,))
        self._link.executemany(
            _INSERT_LINE, [(key, line, *each) for line, each in enumerate(row.lines)]
        )
        return True

    def _stored(self, page: int) -> Sequence[Any]:
        if page not in self._pages:
            self._pages[page] = _entries(self._link.execute(_BODY, (page,)).fetchall())
        return self._pages[page]

    def _go_on(self) -> None:
        page = self._page
        if page.listing and page.next:
            self._link.execute(
                "INSERT OR REPLACE INTO syncs VALUES (?, ?)", (page.listing, page.next)
            )
        elif page.listing:
            self._link.execute("DELETE FROM syncs WHERE listing = ?", (page.listing,))


def pack(body: Any) -> bytes:
    """Compress JSON, or its text, for storing."""
    text = body if isinstance(body, bytes) else (to_json(body) or "").encode()
    return zlib.compress(text, 1)


def _entries(rows: Sequence[tuple[bytes]]) -> list[Any]:
    found: list[Any] = json.loads(zlib.decompress(rows[0][0]))["data"]
    return found


def _store_events(
    link: sqlite3.Connection, events: Mapping[str, Sequence[Mapping[str, Any]]], seen_at: int
) -> None:
    for key, found in events.items():
        number = link.execute(_STORED, (key,)).fetchone()[0]
        link.execute("DELETE FROM voice_log_events WHERE log = ?", (number,))
        rows = [
            (
                number,
                place,
                micros(event.get("event_at")),
                text_of(event.get("level")),
                text_of(event.get("name")),
                to_json(event),
            )
            for place, event in enumerate(found)
        ]
        link.executemany(_INSERT_EVENT, rows)
        link.execute("UPDATE voice_logs SET events_at = ? WHERE number = ?", (seen_at, number))
