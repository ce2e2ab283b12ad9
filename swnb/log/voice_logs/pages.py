"""The platform's voice logs as pages in the log; `swnb.log.voice_logs.frames` reads them.

A page is appended together with the link to the next one, in one transaction, so a page that counts as
read is always there. If an entry is in several pages, the last one counts. `Intake` compares new entries
with the stored ones and appends only what is new, so reading a listing twice adds nothing.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from swnb.log.odd_cells import Odd, read_json
from swnb.log.voice_logs.amounts import loads, spelled
from swnb.log.voice_logs.entries import string_or_none
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import to_json
from swnb.log.writing.sqlite_errors import IGNORED, FileUnavailable

_APPEND = "INSERT INTO voice_log_pages (space, seen_at, ids, body) VALUES (?, ?, ?, ?)"
_PAGE = "SELECT ids, body FROM voice_log_pages WHERE page = ?"
_GO_ON = "INSERT OR REPLACE INTO syncs VALUES (?, ?)"
# A counter, stored in the column where a listing has the link to continue with.
_CLAIM = """
    INSERT INTO syncs VALUES (?, '1') ON CONFLICT (listing) DO UPDATE SET next = next + 1
    RETURNING next
"""
_DONE = "DELETE FROM syncs WHERE listing = ?"
_EVENTS = "INSERT OR REPLACE INTO voice_log_events VALUES (?, ?, ?)"
_PAGES_HELD = 4  # in memory, to compare entries with: entries come again in the same order


@dataclass(frozen=True, slots=True)
class Page:
    """Entries as they were read, redacted.

    `text` is the JSON that they came in, with all of them in its `data`; without it they are encoded
    again. `listing` names what is being read and `next` what to read after this page, None at the end of
    the listing.
    """

    entries: Sequence[Mapping[str, Any]]
    space: str
    seen_at: int
    text: bytes | None = None
    listing: str | None = None
    next: str | None = None


class Stored(NamedTuple):
    """How many entries of a page were new, had changed, and have no id."""

    new: int
    changed: int
    unreadable: int


class Synced:
    """The voice logs of one log; safe to use from threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def intake(self) -> Intake:
        """Return an `Intake`, which stores pages and knows all entries stored so far."""
        return Intake(self._journal)

    def append(self, page: Page) -> None:
        """Append a page unconditionally; it is durable on return. Raises `LogError` if that fails."""
        ids, body = ids_of(page.entries), packed(page)
        self._journal.transact(lambda link: _append(link, page, ids, body))

    def unread(self, listing: str) -> str | None:
        """Return the link with which an interrupted listing continues, or None."""
        rows = self._journal.read("SELECT rowid, next FROM syncs WHERE listing = ?", (listing,))
        for row, following in rows:
            if type(following) is str:
                return following
            self._journal.warn_of([Odd("syncs", row, "next", "is not text")])
        return None

    def forget(self, listing: str) -> None:
        """Forget the link with which a listing would continue. Raises `LogError` if that fails."""
        self._journal.transact(lambda link: link.execute(_DONE, (listing,)))

    def claim(self, name: str) -> int:
        """Return how often a name was claimed before, by any process. Raises `LogError` if that fails."""

        def work(link: sqlite3.Connection) -> int:
            ((before,),) = link.execute(_CLAIM, (name,))
            return int(before) - 1

        return self._journal.transact(work)

    def store_events(self, events: Mapping[str, Sequence[Mapping[str, Any]]], seen_at: int) -> None:
        """Store the events of calls, by call id, in place of those stored before."""
        rows = [(key, seen_at, to_json(call_events) or "[]") for key, call_events in events.items()]
        self._journal.transact(lambda link: link.executemany(_EVENTS, rows))


class Intake(AbstractContextManager["Intake"]):
    """Stores pages, and knows every entry that was stored before or since.

    A page is compressed and written in a thread while the caller reads the next one; it is durable when
    the next one is stored, and the last one when the `with` block ends.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pages: dict[int, dict[str, Any]] = {}
        self._page_of: dict[str, int] = {}  # the last page that has an entry
        odd: list[Odd] = []
        for page, text in journal.read("SELECT page, ids FROM voice_log_pages ORDER BY page"):
            ids = read_json("voice_log_pages", page, "ids", text, odd)
            if isinstance(ids, list):
                self._page_of.update((key, page) for key in ids if key and isinstance(key, str))
        journal.warn_of(odd)
        self._writer = ThreadPoolExecutor(1, "swnb sync")
        self._writing: Future[int | None] | None = None
        self._written: Sequence[str | None] = ()

    def __exit__(self, *_: object) -> None:
        try:
            self._finish()
        finally:
            self._writer.shutdown()

    def store(self, page: Page) -> Stored:
        """Begin to append the new entries of a page, and the link to the next.

        Raises `LogError` if the previous page could not be written.
        """
        self._finish()
        ids = ids_of(page.entries)
        stored = self._page_of.keys() & ids
        unchanged = {
            key
            for key, entry in (zip(ids, page.entries, strict=True) if stored else ())
            if key in stored and self.entry(key) == entry
        }
        self._written = [None if key in unchanged else key for key in ids] if unchanged else ids
        self._writing = self._writer.submit(self._write, page, self._written)
        new = set(ids) - stored - {None}
        return Stored(len(new), len(stored) - len(unchanged), ids.count(None))

    def _write(self, page: Page, ids: Sequence[str | None]) -> int | None:
        body = packed(page)
        return self._journal.transact(lambda link: _append(link, page, ids, body))

    def _finish(self) -> None:
        """Wait for the page that is being written. Raises `LogError` if it could not be."""
        writing, self._writing = self._writing, None
        number = writing.result() if writing else None
        if number:
            self._page_of.update(dict.fromkeys(filter(None, self._written), number))

    def entry(self, key: str) -> Any:
        """Return an entry as it was last read, with all its fields, or None if there is none."""
        page = self._page_of.get(key)
        if page is None:
            return None
        if page not in self._pages:
            if len(self._pages) >= _PAGES_HELD:
                del self._pages[next(iter(self._pages))]
            odd: list[Odd] = []
            rows = self._journal.read(_PAGE, (page,))
            self._pages[page] = {
                name: entry
                for ids, body in rows
                for name, entry in entries_of(page, ids, body, odd)
            }
            self._journal.warn_of(odd)
        return self._pages[page].get(key)


def ids_of(entries: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Return the id of each entry, None if it has none."""
    ids: list[Any] = [entry.get("id") for entry in entries]
    if set(map(type, ids)) == {str} and "".join(ids).isascii() and "" not in ids:
        return ids  # the usual case
    return [string_or_none(key) or None for key in ids]


def _append(
    link: sqlite3.Connection, page: Page, ids: Sequence[str | None], body: bytes
) -> int | None:
    """Append a page if it has entries, and the link to the next; return the page's number or None."""
    number = None
    if any(ids):
        row = (page.space, page.seen_at, json.dumps(ids), body)
        cursor = link.execute(_APPEND, row)
        if cursor.rowcount != 1:
            raise FileUnavailable(*IGNORED)
        number = cursor.lastrowid
    if page.listing and page.next:
        link.execute(_GO_ON, (page.listing, page.next))
    elif page.listing:
        link.execute(_DONE, (page.listing,))
    return number


def packed(page: Page) -> bytes:
    """Return the compressed JSON of a page; even the fastest level makes it a tenth of its size."""
    return zlib.compress(page.text or _written(page.entries).encode(), 1)


def _written(entries: Sequence[Mapping[str, Any]]) -> str:
    data, written = spelled({"data": list(entries)})
    return written(to_json(data) or "")


def entries_of(page: int, ids: Any, body: Any, odd: list[Odd]) -> list[tuple[str, Any]]:
    """Return the entries of a stored page that were new, with their ids.

    A page that cannot be read has none, and is added to `odd`.
    """
    try:
        entries = loads(zlib.decompress(body))["data"]
        pairs = [pair for pair in zip(json.loads(ids), entries, strict=True) if pair[0] is not None]
        if all(type(key) is str and type(entry) is dict for key, entry in pairs):
            return pairs
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        pass
    odd.append(Odd("voice_log_pages", page, "body", "is not a page of voice logs"))
    return []
