"""The writing side of a log: one lock, one transaction a row, and rows kept while it cannot write.

`start` and `finish` never raise for what may pass. Rows that cannot be written are kept in memory
under negative ids, shown in the frames, written in order as soon as writing works again, and
counted in a last warning when the log closes without that.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from swnb.errors import DamagedRow, LogError, LogWarning
from swnb.exchange import now
from swnb.log.odd_cells import Odd, described
from swnb.log.writing.control_ids import Use, uses_of
from swnb.log.writing.database import Database
from swnb.log.writing.rows import (
    ENDED,
    SENT,
    Ended,
    Half,
    Sent,
    insert_ended,
    insert_sent,
    installed_version,
    names,
    to_json,
)
from swnb.log.writing.sqlite_errors import IGNORED, FileUnavailable

T = TypeVar("T")
# Kept rows are written in slices, so that an attempt on a full disk stays cheap.
_SLICE = 500
# Rows that are held after they were written, until they are in the file itself; the most of them.
_RECENT, _MOST_RECENT = 1_000, 20_000
_RUN = """
    INSERT OR IGNORE INTO runs (name, started_at, space, swnb, facts, sent_before, ended_before)
    SELECT ?, ?, ?, ?, ?,
        coalesce((SELECT max(id) FROM sent), 0), coalesce((SELECT max(id) FROM ended), 0)
"""
_TOPS = """
    SELECT coalesce((SELECT max(id) FROM sent), 0), coalesce((SELECT max(id) FROM ended), 0)
"""


class Journal:
    """Writes and reads one log, one run at a time; safe to use from threads and after a fork."""

    def __init__(self, path: str, run: str, timeout: float) -> None:
        self._runs: dict[str, tuple[int, dict[str, Any]]] = {}
        self.begin(run, {})
        self._pid = os.getpid()
        self._lock = threading.RLock()
        self._database = Database(path, timeout)
        self._unwritten: list[Half] = []
        self._written: dict[int, int] = {}  # the ids that kept rows got when they were written
        self._runs_written: set[str] = set()
        self._warned: set[str] = set()
        self._warned_cells: set[tuple[str, int, str]] = set()  # the odd cells that were warned of
        self._closed = False
        self._generation = 0
        # What the file may not hold yet, with the ids that it got, since it was last looked after.
        self._recent: deque[tuple[Half, int]] = deque(maxlen=_MOST_RECENT)
        self._checkpoint_at = _RECENT
        if self._database.network:
            self._warn(
                f"lies on a network file system ({self._database.network}), which does not keep "
                "several programs that write one log apart; a local disk does"
            )

    def begin(self, run: str, facts: Mapping[str, Any]) -> None:
        """Let a run begin, or go on; its facts are written with its first exchange."""
        started_at, known = self._runs.get(run, (now(), {}))
        self._runs[run] = (started_at, {**known, **facts})
        self.run = run

    def begun_run(self, run: str) -> tuple[int, dict[str, Any]] | None:
        """Give when a run of this object's began and its facts; None for another's."""
        return self._runs.get(run)

    def unwritten(self) -> list[Half]:
        """Give the rows that are not written yet, in order, under the ids known by now."""
        with self._locked():
            return [
                half
                if isinstance(half, Sent)
                else replace(half, exchange=self.id_of(half.exchange))
                for half in self._unwritten
            ]

    @property
    def generation(self) -> int:
        """How often the file was opened again without its journal: ids from before may not hold."""
        return self._database.generation

    def snapshot(self) -> tuple[int, int, list[Half]]:
        """Give the last ids of `sent` and `ended`, and the rows that were kept at that moment."""
        with self._locked():
            with suppress(FileUnavailable):  # or else they are shown as they are kept
                self._recover()
            sent, ended = self._database.read(_TOPS)[0]
            return sent, ended, self.unwritten()

    def count(self) -> int:
        """Give the number of exchanges, kept ones included. Raises `LogError`."""
        sent, _, kept = self.snapshot()  # append-only: ids have no gaps
        return sent + sum(isinstance(half, Sent) for half in kept)

    def control_ids_sent(self, call_id: str, but: str | None) -> list[Use]:
        """Give where control ids were sent to a call, but in one run; of what can be read."""
        with self._locked():
            return uses_of(self.read, self.unwritten(), call_id, but)

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one SELECT. Raises `LogError` where the file cannot be read."""
        with self._locked():
            return self._database.read(sql, values)

    @property
    def path(self) -> str:
        """The path of the file, as it was given."""
        return self._database.path

    def run_names(self) -> list[str]:
        """Return the names of the runs that have exchanges on disk, oldest first."""
        rows = self.read("SELECT name FROM runs ORDER BY id")
        return [name for (name,) in rows if isinstance(name, str)]

    def warn_of(self, found: Sequence[Odd]) -> None:
        """Warn of odd cells, of each once."""
        with self._locked():
            cells = {each[:3]: each for each in reversed(found)}
            fresh = [cells[cell] for cell in reversed(cells) if cell not in self._warned_cells]
            self._warned_cells |= cells.keys()
        if fresh:
            message = f"log {self._database.path!r}: {described(fresh)}"
            advice = "What cannot be read is shown as missing, and all else as it is."
            warnings.warn(DamagedRow(message, advice=advice), stacklevel=5)

    def transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work in one transaction, durable on return. Raises `LogError` where that cannot be."""
        with self._locked():
            try:
                self._recover()
                return self._database.write(work)
            except FileUnavailable as problem:
                message = f"log {self._database.path!r}: cannot be written, {problem.reason}"
                raise LogError(message, advice=problem.advice) from None

    def write(self, *halves: Half) -> dict[int, int]:
        """Write rows in one transaction and give {provisional id: id}, or keep them and warn."""
        with self._locked():
            try:
                self._recover()
                self._write_unwritten()
                return self._commit(halves)
            except FileUnavailable as problem:
                self._unwritten.extend(halves)
                self._warn_unwritten(problem)
                return {}

    def id_of(self, provisional: int) -> int:
        """Give the id that an exchange has in the file now, if it was kept under another."""
        return self._written.get(provisional, provisional)

    def backup(self, path: str) -> None:
        """Copy the log, with the rows that are kept, to a new file. Raises `LogError`."""
        with self._locked():
            kept, written = self._unwritten, set(self._runs_written)
            self._runs_written.clear()  # a run is named again if only its rows are kept
            try:
                self._database.backup(path, lambda link: self._insert(link, kept, []))
            finally:
                self._runs_written = written

    def close(self) -> None:
        """Write what was kept if that is possible now, say what never was, close the file."""
        with self._locked():
            if self._closed:
                return
            self._closed = True
            try:
                self._recover()
                self._write_unwritten()
            except FileUnavailable as problem:
                self._warn(
                    f"is closed, and {len(self._unwritten)} rows (starts and ends of exchanges) were "
                    f"never written: {problem.reason}"
                )
            self._database.close()

    def _locked(self) -> threading.RLock:
        """Give the lock, made anew in a forked child, where a lost thread may hold the old one."""
        if os.getpid() != self._pid:
            self._pid = os.getpid()
            self._lock = threading.RLock()
            self._unwritten = []  # they are the parent's to write
            self._recent.clear()
            self._database.reopen_after_fork()
        return self._lock

    def _write_unwritten(self) -> None:
        # The wait for a lock was paid by the row that was kept first; the next ones do not wait.
        while batch := self._unwritten[:_SLICE]:
            self._remember_ids(self._commit(batch, patient=False))
            del self._unwritten[: len(batch)]
            if not self._unwritten:
                self._warned.clear()

    def _recover(self) -> None:
        """Keep again, to be written, what was lost with the file's journal; warn of it."""
        self._database.reopen_if_changed()
        if self._generation == self._database.generation or not self._database.writable:
            return
        self._generation = self._database.generation
        lost = [half for half, key in self._recent if not self._is_stored(half, key)]
        self._recent.clear()
        self._runs_written.clear()
        self._unwritten[:0] = lost
        self._warn(
            "lost its journal (-wal or -shm) while it was open: it was deleted or replaced. "
            f"{len(lost)} rows (starts and ends of exchanges) that were only there are written again"
        )
        self._write_unwritten()

    def _is_stored(self, half: Half, key: int) -> bool:
        """Say whether the file still holds a row under its id."""
        table, first = ("sent", SENT[:3]) if isinstance(half, Sent) else ("ended", ENDED[:2])
        sql = f"SELECT {names(table, first)} FROM {table} WHERE id = ?"  # noqa: S608 - our own
        try:
            return self._database.read(sql, (key,)) == [half.row[: len(first)]]
        except LogError:
            return False

    def _remember_ids(self, ids: Mapping[int, int]) -> None:
        """Remember the ids that kept rows got, also for who knows them by an older one."""
        for old, new in self._written.items():
            self._written[old] = ids.get(new, new)
        self._written |= ids

    def _commit(self, halves: Sequence[Half], *, patient: bool = True) -> dict[int, int]:
        lasting = any(isinstance(half, Sent) and half.lasting for half in halves)
        keys: list[int] = []
        ids = self._database.write(
            lambda link: self._insert(link, halves, keys), patient=patient, lasting=lasting
        )
        self._runs_written |= {_run_of(half) for half in halves if isinstance(half, Sent)}
        if self._database.file:
            self._remember(halves, keys, ids)
        return ids

    def _remember(
        self, halves: Sequence[Half], keys: Sequence[int], ids: Mapping[int, int]
    ) -> None:
        """Hold rows for as long as they are in the file's journal alone."""
        for half, key in zip(halves, keys, strict=True):
            if isinstance(half, Sent):
                known: Half = Sent(key, half.row, half.body)
            else:
                exchange = ids.get(half.exchange) or self.id_of(half.exchange)
                known = Ended(exchange, half.row, half.body, half.charges)
            self._recent.append((known, key))
        if len(self._recent) >= self._checkpoint_at:
            if self._database.checkpoint():
                self._recent.clear()
            self._checkpoint_at = len(self._recent) + _RECENT

    def _insert(
        self, connection: sqlite3.Connection, halves: Sequence[Half], keys: list[int]
    ) -> dict[int, int]:
        ids: dict[int, int] = {}
        for half in halves:
            if isinstance(half, Sent):
                if _run_of(half) not in self._runs_written:
                    self._insert_run(connection, half)
                ids[half.id] = insert_sent(connection, half)
                keys.append(ids[half.id])
            else:
                exchange = ids.get(half.exchange) or self.id_of(half.exchange)
                keys.append(insert_ended(connection, exchange, half))
        return ids

    def _insert_run(self, connection: sqlite3.Connection, first: Sent) -> None:
        run, space = _run_of(first), first.row[SENT.index("space")]
        started_at, facts = self._runs[run]
        values = (run, started_at, space, installed_version(), to_json(facts))
        if connection.execute(_RUN, values).rowcount != 1:
            there = connection.execute("SELECT 1 FROM runs WHERE name = ?", (run,)).fetchone()
            if not there:
                raise FileUnavailable(*IGNORED)

    def _warn_unwritten(self, problem: FileUnavailable) -> None:
        if problem.reason in self._warned:
            return
        self._warned.add(problem.reason)
        self._warn(
            f"cannot be written, {problem.reason}. Exchanges are kept in memory until it can; "
            f"to save them, {problem.advice}"
        )

    def _warn(self, what: str) -> None:
        # Past this room, to whoever opened, used or closed the log.
        warnings.warn(LogWarning(f"log {self._database.path!r} {what}"), stacklevel=5)


def _run_of(half: Sent) -> str:
    return str(half.row[SENT.index("run")])
