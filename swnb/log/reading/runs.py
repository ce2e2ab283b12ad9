"""One run of a log as a `Source`: its exchanges one after another, to replay, compare or export."""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from swnb.errors import LogError
from swnb.log.hearing.rows import stored_events
from swnb.log.odd_cells import Odd, read_json, readable_row
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

    from swnb.event import Event
    from swnb.exchange import Exchange
    from swnb.log.writing.journal import Journal

_PAGE = 1_000
_AHEAD = 250  # exchanges that are read at once if they are requested in order
# What a run answered from itself was not sent again.
_SENT_AGAIN = """NOT (
        sent.space = 'replayed' AND ended.attempts = 0
        AND ended.outcome IN ('accepted', 'rejected', 'unknown')
    )"""
_EXCHANGES = f"""
    {SELECT_EXCHANGES} WHERE sent.id > ? AND sent.run = ? AND {_SENT_AGAIN}
    ORDER BY sent.id LIMIT {_PAGE}
"""
_TIMES = f"""
    SELECT max(sent.sent_at) OVER (ORDER BY sent.id)
    FROM sent LEFT JOIN ended ON ended.exchange = sent.id
    WHERE sent.id > ? AND sent.run = ? AND typeof(sent.sent_at) = 'integer' AND {_SENT_AGAIN}
    ORDER BY sent.id
"""  # noqa: S608 - names of our own
_BETWEEN = f"{SELECT_EXCHANGES} WHERE sent.id BETWEEN ? AND ? AND sent.run = ? ORDER BY sent.id"
_COLUMNS = ("sent_before", "started_at", "space", "swnb")
_RUN = f"SELECT id, {names('runs', _COLUMNS)}, facts FROM runs WHERE name = ?"  # noqa: S608 - our own


class LogRun:
    """A run of a log, without what it answered from itself (`once`), which was not sent again.

    Raises `LogError` if the log has no such run, and names the closest. Charge lines are left out: the
    responses have them.
    """

    masked = False
    hears = True

    def __init__(self, log: object, journal: Journal, run: str) -> None:
        self._log = log  # referenced, because a log without references closes itself
        self.name = f"run {run!r}"
        self._run = run
        self._journal = journal
        rows = journal.read(_RUN, (run,))
        unwritten = journal.unwritten()
        starts = [half for half in unwritten if isinstance(half, Sent)]
        self._unwritten = [half for half in starts if half.row[SENT.index("run")] == run]
        self._not_on_disk = {half.id for half in self._unwritten}
        self._not_on_disk |= {half.exchange for half in unwritten if isinstance(half, Ended)}
        self._lock = threading.Lock()
        self._ids = array("q")  # of the exchanges on disk, in order
        self._next = 0  # the first that was not read ahead
        self._ahead: dict[int, Exchange] = {}
        started = journal.runs.begun(run)
        if not rows and not started:
            close = get_close_matches(run, journal.run_names(), n=1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            message = f"log {journal.path!r}: has no run named {run!r}{hint}"
            raise LogError(message, advice="log.runs() lists its runs")
        self._before = 0
        self.facts: Mapping[str, Any] = {"name": run, **(started or (0, {}))[1]}
        if rows:
            self._before, self.facts = self._stored_facts(*rows)
        declare(self.facts)

    def _stored_facts(self, row: tuple[Any, ...]) -> tuple[int, dict[str, Any]]:
        """Return the id after which the run begins, and its facts."""
        odd: list[Odd] = []
        before, started_at, space, version = readable_row("runs", row[0], _COLUMNS, row[1:-1], odd)
        stored = read_json("runs", row[0], "facts", row[-1], odd)
        self._journal.warn_of(odd)
        facts = {"name": self._run, "started_at": as_text(started_at or 0)}
        more = stored if isinstance(stored, dict) else {}
        return before or 0, {**facts, "space": space, "swnb": version, **more}

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Yield every exchange with its id."""
        after, ids = self._before, array("q")
        while rows := self._journal.read(_EXCHANGES, (after, self._run)):
            ids.extend(row[0] for row in rows)
            for row in rows:
                yield (
                    row[0],
                    self.get(row[0]) if row[0] in self._not_on_disk else self._exchange(row),
                )
            after = rows[-1][0]
        self._ids = ids
        for half in self._unwritten:
            yield half.id, self.get(half.id)

    def get(self, place: int) -> Exchange:
        """Return one exchange; if they are requested in order, those after it are read at the same time.

        A write to the log in between makes each read start over, so one by one they would take ten times
        as long.
        """
        if place in self._not_on_disk:
            key = self._journal.id_of(place)
            journal = self._journal
            exchange = read_exchange(journal.read, journal.warn_of, journal.unwritten(), key)
        else:
            with self._lock:
                if place not in self._ahead:
                    self._ahead = self._read_from(place)
                exchange = self._ahead.get(place)
        if exchange is None:
            raise LogError("log: has no exchange with this id")
        return exchange

    def _read_from(self, place: int) -> dict[int, Exchange]:
        at = bisect_left(self._ids, place)
        in_order = at == self._next and self._ids[at : at + 1] == array("q", [place])
        following = self._ids[at : at + _AHEAD] if in_order else array("q", [place])
        self._next = at + len(following)
        rows = self._journal.read(_BETWEEN, (place, following[-1], self._run))
        return {row[0]: self._exchange(row) for row in rows if row[0] not in self._not_on_disk}

    def _exchange(self, row: tuple[Any, ...]) -> Exchange:
        odd: list[Odd] = []
        exchange = exchange_of(row, odd)
        if odd:
            self._journal.warn_of(odd)
        return redacted_as_now(exchange)

    def events(self) -> Iterator[tuple[int, Event]]:
        """Yield every event with the number of exchanges that were sent before it was heard."""
        times = [time for (time,) in self._journal.read(_TIMES, (self._before, self._run))]
        for event in stored_events(self._journal, run=self._run):
            yield bisect_right(times, event.seen_at), event

    def where(self, place: int) -> str:
        """Return where an exchange is, by its id."""
        return f"exchange {place}"

    def extras_of(self, _place: int, exchange: Exchange) -> list[str]:
        """Return the parameters that this catalogue does not know."""
        return unknown_parameters(exchange)

    def close(self) -> None:
        """Do nothing: the log is closed by its own object."""
