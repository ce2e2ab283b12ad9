"""One run of a log as a `Source`: its exchanges one after the other, to replay, compare or export."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from swnb.errors import LogError
from swnb.log.odd_cells import Odd, mended, read_json
from swnb.log.writing.rows import (
    SELECT_EXCHANGES,
    SENT,
    Ended,
    Sent,
    exchange_of,
    names,
    read_exchange,
)
from swnb.recordings.lines import as_text, unknown_parameters
from swnb.recordings.source import declare, redacted_as_now

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from swnb.exchange import Exchange
    from swnb.log.writing.journal import Journal

_PAGE = 1_000
_AHEAD = 250  # exchanges that are read at once when they are asked for in order
_EXCHANGES = f"""
    {SELECT_EXCHANGES} WHERE sent.id > ? AND sent.run = ? AND NOT (
        sent.space = 'replayed' AND ended.attempts = 0
        AND ended.outcome IN ('accepted', 'rejected', 'unknown')
    )
    ORDER BY sent.id LIMIT {_PAGE}
"""
_BETWEEN = f"{SELECT_EXCHANGES} WHERE sent.id BETWEEN ? AND ? AND sent.run = ? ORDER BY sent.id"
_COLUMNS = ("sent_before", "started_at", "space", "swnb")
_RUN = f"SELECT id, {names('runs', _COLUMNS)}, facts FROM runs WHERE name = ?"  # noqa: S608 - our own


class LogRun:
    """A run of a log, less what it answered from itself (`once`): that was not sent again.

    Raises `LogError` where the log holds no such run, and names the closest. Charge lines are left
    out: the responses hold them.
    """

    masked = False

    def __init__(self, log: object, journal: Journal, run: str) -> None:
        self._log = log  # held, because a log that nobody holds closes itself
        self.name = f"run {run!r}"
        self._run = run
        self._journal = journal
        rows = journal.read(_RUN, (run,))
        kept = journal.kept()
        starts = [half for half in kept if isinstance(half, Sent)]
        self._kept = [half for half in starts if half.row[SENT.index("run")] == run]
        self._apart = {half.id for half in self._kept}
        self._apart |= {half.exchange for half in kept if isinstance(half, Ended)}
        self._lock = threading.Lock()
        self._ids = array("q")  # of those on disk, in order
        self._next = 0  # the first of them that was not read ahead
        self._ahead: dict[int, Exchange] = {}
        begun = journal.begun(run)
        if not rows and not begun:
            close = get_close_matches(run, journal.run_names(), n=1)
            advice = f"Did you mean {close[0]!r}?" if close else "log.runs() lists its runs."
            raise LogError(f"log {journal.path!r}: holds no such run", advice=advice)
        self._before = 0
        self.facts: Mapping[str, Any] = {"name": run, **(begun or (0, {}))[1]}
        if rows:
            self._before, self.facts = self._begun(*rows)
        declare(self.facts)

    def _begun(self, row: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
        """Return the id after which the run begins, and what is known of it."""
        found: list[Odd] = []
        before, started_at, space, version = mended("runs", row[0], _COLUMNS, row[1:-1], found)
        facts = read_json("runs", row[0], "facts", row[-1], found)
        self._journal.tell(found)
        known = {"name": self._run, "started_at": as_text(started_at or 0)}
        more = facts if isinstance(facts, dict) else {}
        return before or 0, {**known, "space": space, "swnb": version, **more}

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Give every exchange with its id."""
        after, ids = self._before, array("q")
        while rows := self._journal.read(_EXCHANGES, (after, self._run)):
            ids.extend(row[0] for row in rows)
            for row in rows:
                yield row[0], self.get(row[0]) if row[0] in self._apart else self._exchange(row)
            after = rows[-1][0]
        self._ids = ids
        for half in self._kept:
            yield half.id, self.get(half.id)

    def get(self, place: int) -> Exchange:
        """Read one exchange again; those after it too, where they are asked for in order.

        Who writes to the log in between makes each read start anew, so that one by one they would
        take ten times as long.
        """
        if place in self._apart:
            key = self._journal.id_of(place)
            journal = self._journal
            found = read_exchange(journal.read, journal.tell, journal.kept(), key)
        else:
            with self._lock:
                if place not in self._ahead:
                    self._ahead = self._read_from(place)
                found = self._ahead.get(place)
        if found is None:
            raise LogError("log: holds no exchange with this id")
        return found

    def _read_from(self, place: int) -> dict[int, Exchange]:
        at = bisect_left(self._ids, place)
        in_order = at == self._next and self._ids[at : at + 1] == array("q", [place])
        following = self._ids[at : at + _AHEAD] if in_order else array("q", [place])
        self._next = at + len(following)
        rows = self._journal.read(_BETWEEN, (place, following[-1], self._run))
        return {row[0]: self._exchange(row) for row in rows if row[0] not in self._apart}

    def _exchange(self, row: tuple[Any, ...]) -> Exchange:
        found: list[Odd] = []
        exchange = exchange_of(row, found)
        if found:
            self._journal.tell(found)
        return redacted_as_now(exchange)

    def where(self, place: int) -> str:
        """Name an exchange by its id."""
        return f"exchange {place}"

    def extras_of(self, _place: int, exchange: Exchange) -> list[str]:
        """Name the parameters that this catalogue does not know: the log does not say since when."""
        return unknown_parameters(exchange)

    def close(self) -> None:
        """Leave the log open: it is its own object's to close."""
