"""What the platform's voice logs say, as pages beside the exchanges; `swnb.log.voice_logs.frames` reads them.

A page is appended together with the place where the next one is to be found, in one transaction: the
log never says that a page was read that is not there. Of an entry that is in several pages the last
counts. `Intake` compares what it is given with what is there, and appends only what says something
new, so that reading a listing twice adds nothing.
"""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Mapping, Sequence, Set as AbstractSet
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, NamedTuple

from swnb.log.odd_cells import Odd, read_json
from swnb.log.voice_logs.amounts import loads, spelled
from swnb.log.voice_logs.entries import text_of
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import to_json
from swnb.log.writing.sqlite_errors import IGNORED, Trouble

_APPEND = "INSERT INTO voice_log_pages (space, seen_at, ids, body) VALUES (?, ?, ?, ?)"
_PAGE = "SELECT ids, body FROM voice_log_pages WHERE page = ?"
_GO_ON = "INSERT OR REPLACE INTO syncs VALUES (?, ?)"
# A sequence that is counted on, where a listing has the link to go on with.
_CLAIM = """
    INSERT INTO syncs VALUES (?, '1') ON CONFLICT (listing) DO UPDATE SET next = next + 1
    RETURNING next
"""
_DONE = "DELETE FROM syncs WHERE listing = ?"
_EVENTS = "INSERT OR REPLACE INTO voice_log_events VALUES (?, ?, ?)"
_PAGES_HELD = 4  # of those that entries are compared with: known ones come in their old order


@dataclass(frozen=True, slots=True)
class Page:
    """Entries as they were read, redacted.

    `text` is the JSON that they came in, with all of them in its `data`; without it they are written
    as JSON anew. `listing` names what is being read and `next` what is to be
    read after this page; without a `next` the listing is at its end.
    """

    entries: Sequence[Mapping[str, Any]]
    space: str
    seen_at: int
    text: bytes | None = None
    listing: str | None = None
    next: str | None = None


class Stored(NamedTuple):
    """What storing a page came to: entries that were new, that had changed, and that have no id."""

    new: int
    changed: int
    unreadable: int


class Synced:
    """The voice logs of one log; safe to use from threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def intake(self) -> Intake:
        """Begin to take pages in; what is there by now is known."""
        return Intake(self._journal)

    def append(self, page: Page) -> None:
        """Append a page, whatever it says, durable on return. Raises `LogError`."""
        ids, body = ids_of(page.entries), packed(page)
        self._journal.carry_out(lambda link: _append(link, page, ids, body))

    def unread(self, listing: str) -> str | None:
        """Give the page at which a listing that was interrupted goes on."""
        rows = self._journal.read("SELECT rowid, next FROM syncs WHERE listing = ?", (listing,))
        for row, following in rows:
            if type(following) is str:
                return following
            self._journal.tell([Odd("syncs", row, "next", "is no text")])
        return None

    def forget(self, listing: str) -> None:
        """Forget where a listing was to go on."""
        self._journal.carry_out(lambda link: link.execute(_DONE, (listing,)))

    def claim(self, name: str) -> int:
        """Return how often a name was claimed before, in whatever process. Raises `LogError`."""

        def work(link: sqlite3.Connection) -> int:
            ((before,),) = link.execute(_CLAIM, (name,))
            return int(before) - 1

        return self._journal.carry_out(work)

    def store_events(self, events: Mapping[str, Sequence[Mapping[str, Any]]], seen_at: int) -> None:
        """Store the events of calls by their ids, in the place of those stored before."""
        rows = [(key, seen_at, to_json(found) or "[]") for key, found in events.items()]
        self._journal.carry_out(lambda link: link.executemany(_EVENTS, rows))


class Intake(AbstractContextManager["Intake"]):
    """Takes pages in, and knows every entry that was there when it began, or came since.

    A page is compressed and written in a thread of its own, while its successor is being read; it is
    durable when the next one is stored, and the last one when the intake is left.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._pages: dict[int, dict[str, Any]] = {}
        self._known: dict[str, int] = {}  # on which page an entry was last
        odd: list[Odd] = []
        for page, text in journal.read("SELECT page, ids FROM voice_log_pages ORDER BY page"):
            ids = read_json("voice_log_pages", page, "ids", text, odd)
            if isinstance(ids, list):
                self._known.update((key, page) for key in ids if key and isinstance(key, str))
        journal.tell(odd)
        self._writer = ThreadPoolExecutor(1, "swnb sync")
        self._writing: Future[int | None] | None = None
        self._written: Sequence[str | None] = ()

    def __exit__(self, *_: object) -> None:
        try:
            self._finish()
        finally:
            self._writer.shutdown()

    def store(self, page: Page) -> Stored:
        """Begin to append what a page says anew, and where to go on.

        Raises `LogError` where the page before it could not be written.
        """
        self._finish()
        ids = ids_of(page.entries)
        known = self._known.keys() & ids
        same = {
            key
            for key, entry in (zip(ids, page.entries, strict=True) if known else ())
            if key in known and self.entry(key) == entry
        }
        self._written = [None if key in same else key for key in ids] if same else ids
        self._writing = self._writer.submit(self._write, page, self._written)
        new = set(ids) - known - {None}
        return Stored(len(new), len(known) - len(same), ids.count(None))

    def _write(self, page: Page, ids: Sequence[str | None]) -> int | None:
        body = packed(page)
        return self._journal.carry_out(lambda link: _append(link, page, ids, body))

    def _finish(self) -> None:
        """Wait for the page that is being written. Raises `LogError` where it could not be."""
        writing, self._writing = self._writing, None
        number = writing.result() if writing else None
        if number:
            self._known.update(dict.fromkeys(filter(None, self._written), number))

    @property
    def known(self) -> AbstractSet[str]:
        """The ids of the entries that are there."""
        return self._known.keys()

    def entry(self, key: str) -> Any:
        """Give the whole of an entry as it was read last, None where there is none."""
        page = self._known.get(key)
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
            self._journal.tell(odd)
        return self._pages[page].get(key)


def ids_of(entries: Sequence[Mapping[str, Any]]) -> list[str | None]:
    """Give the id of each entry, None where it has none."""
    ids: list[Any] = [entry.get("id") for entry in entries]
    if set(map(type, ids)) == {str} and "".join(ids).isascii() and "" not in ids:
        return ids  # as they always are
    return [text_of(key) or None for key in ids]


def _append(
    link: sqlite3.Connection, page: Page, ids: Sequence[str | None], body: bytes
) -> int | None:
    """Append a page if it says anything, and where to go on; give the page's number."""
    number = None
    if any(ids):
        row = (page.space, page.seen_at, json.dumps(ids), body)
        cursor = link.execute(_APPEND, row)
        if cursor.rowcount != 1:
            raise Trouble(*IGNORED)
        number = cursor.lastrowid
    if page.listing and page.next:
        link.execute(_GO_ON, (page.listing, page.next))
    elif page.listing:
        link.execute(_DONE, (page.listing,))
    return number


def packed(page: Page) -> bytes:
    """Compress the JSON of a page for storing; at its quickest, it is a tenth of its size."""
    return zlib.compress(page.text or _written(page.entries).encode(), 1)


def _written(entries: Sequence[Mapping[str, Any]]) -> str:
    data, written = spelled({"data": list(entries)})
    return written(to_json(data) or "")


def entries_of(page: int, ids: Any, body: Any, found: list[Odd]) -> list[tuple[str, Any]]:
    """Return the entries of a stored page that said something new, with their ids.

    A page that is odd is added to `found`, and says nothing.
    """
    try:
        entries = loads(zlib.decompress(body))["data"]
        pairs = [pair for pair in zip(json.loads(ids), entries, strict=True) if pair[0] is not None]
        if all(type(key) is str and type(entry) is dict for key, entry in pairs):
            return pairs
    except (ValueError, TypeError, KeyError, RecursionError, zlib.error):
        pass
    found.append(Odd("voice_log_pages", page, "body", "is no page of voice logs"))
    return []
