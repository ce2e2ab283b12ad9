"""The writing half of a log: one lock, one transaction per row, and rows kept while it cannot write.

A temporary problem never raises an exception. Rows that cannot be written are kept in memory under
negative ids, shown in the frames, written in order as soon as writing works again, and counted in a last
warning if the log is closed before that.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import warnings
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, TypeVar

from swnb.errors import DamagedRow, LogError, LogWarning
from swnb.forks import hold_while_forking
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
    names,
)
from swnb.log.writing.runs import RunRows
from swnb.log.writing.sqlite_errors import FileUnavailable

T = TypeVar("T")
# Unwritten rows are written in slices, so that an attempt on a full disk is cheap.
_SLICE = 500
# How many written rows are kept in memory until they are in the file itself, and the maximum.
_RECENT, _MOST_RECENT = 1_000, 20_000
_RUN, _SPACE = SENT.index("run"), SENT.index("space")
_TOPS = """
    SELECT coalesce((SELECT max(id) FROM sent), 0), coalesce((SELECT max(id) FROM ended), 0)
"""


class Journal:
    """Writes and reads one log, one run at a time; safe to use from threads and after a fork."""

    def __init__(self, path: str, run: str, timeout: float) -> None:
        self.runs = RunRows()
        self.begin(run, {})
        self._pid = os.getpid()
        self._lock = threading.RLock()
        hold_while_forking(self, self._lock)
        self._database = Database(path, timeout)
        self._unwritten: list[Half] = []
        self._written: dict[int, int] = {}  # the ids that unwritten rows got when they were written
        self._warned: set[str] = set()
        self._warned_cells: set[tuple[str, int, str]] = (
            set()
        )  # the odd cells that the user was warned about
        self._closed = False
        self._generation = 0
        # Rows that may be in the journal (-wal) only, with their ids, since the last checkpoint.
        self._recent: deque[tuple[Half, int]] = deque(maxlen=_MOST_RECENT)
        self._checkpoint_at = _RECENT
        if self._database.network:
            self._warn(
                f"is on a network file system ({self._database.network}), which does not protect a log "
                "that several programs write; a local disk does"
            )

    def begin(self, run: str, facts: Mapping[str, Any]) -> None:
        """Begin a run, or continue it; its facts are written with its first exchange."""
        self.runs.begin(run, facts)
        self.run = run

    def unwritten(self) -> list[Half]:
        """Return the rows that are not written yet, in order, with the ids known so far."""
        with self._locked():
            return [
                half
                if isinstance(half, Sent)
                else replace(half, exchange=self.id_of(half.exchange))
                for half in self._unwritten
            ]

    @property
    def generation(self) -> int:
        """How often the file was opened again without its journal: earlier ids may be invalid."""
        return self._database.generation

    def snapshot(self) -> tuple[int, int, list[Half]]:
        """Return the last ids of `sent` and `ended`, and the rows that were unwritten at that moment."""
        with self._locked():
            with suppress(FileUnavailable):  # otherwise they are shown as unwritten
                self._recover()
            sent, ended = self._database.read(_TOPS)[0]
            return sent, ended, self.unwritten()

    def count(self) -> int:
        """Return the number of exchanges, including unwritten ones. Raises `LogError`."""
        sent, _, unwritten = self.snapshot()  # append-only: ids have no gaps
        return sent + sum(isinstance(half, Sent) for half in unwritten)

    def control_ids_sent(self, call_id: str, but: str | None) -> list[Use]:
        """Return the control ids that were sent to a call, except in one run; unreadable rows are left out."""
        with self._locked():
            return uses_of(self.read, self.unwritten(), call_id, but)

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT. Raises `LogError` if the file cannot be read."""
        with self._locked():
            return self._database.read(sql, values)

    @property
    def path(self) -> str:
        """The path of the file, as the user wrote it."""
        return self._database.path

    def run_names(self) -> list[str]:
        """Return the names of the runs that have exchanges on disk, oldest first."""
        rows = self.read("SELECT name FROM runs ORDER BY id")
        return [name for (name,) in rows if isinstance(name, str)]

    def warn_of(self, odd: Sequence[Odd]) -> None:
        """Warn about odd cells, about each once."""
        with self._locked():
            cells = {cell[:3]: cell for cell in reversed(odd)}
            new_cells = [cells[cell] for cell in reversed(cells) if cell not in self._warned_cells]
            self._warned_cells |= cells.keys()
        if new_cells:
            message = f"log {self._database.path!r}: {described(new_cells)}"
            advice = "What cannot be read is shown as missing; everything else is unchanged."
            warnings.warn(DamagedRow(message, advice=advice), stacklevel=5)

    def transact(
        self, work: Callable[[sqlite3.Connection], T], runs: Collection[tuple[str, str]] = ()
    ) -> T:
        """Do work for runs, given with their spaces, in one transaction, durable on return.

        Raises `LogError` if that fails.
        """

        def all_of_it(connection: sqlite3.Connection) -> T:
            self.runs.insert(connection, runs)
            return work(connection)

        with self._locked():
            try:
                self._recover()
                result = self._database.write(all_of_it)
            except FileUnavailable as problem:
                message = f"log {self._database.path!r}: cannot be written, {problem.reason}"
                raise LogError(message, advice=problem.advice) from None
            self.runs.written |= {run for run, _ in runs}
            return result

    def write(self, *halves: Half) -> dict[int, int]:
        """Write rows in one transaction and return {provisional id: id}, or keep them and warn."""
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
        """Return the id that an exchange has in the file now, also if it was unwritten before."""
        return self._written.get(provisional, provisional)

    def backup(self, path: str) -> None:
        """Copy the log, including the unwritten rows, to a new file. Raises `LogError`."""
        with self._locked():
            unwritten, written = self._unwritten, set(self.runs.written)
            self.runs.written.clear()  # so that a run with only unwritten rows is in the copy
            try:
                self._database.backup(path, lambda link: self._insert(link, unwritten, []))
            finally:
                self.runs.written = written

    def close(self) -> None:
        """Write the unwritten rows if possible, warn about those that are not, and close the file."""
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
        """Return the lock: a new one in a forked child, where a thread that is gone may hold the old one."""
        if os.getpid() != self._pid:
            self._pid = os.getpid()
            self._lock = threading.RLock()
            hold_while_forking(self, self._lock)
            self._unwritten = []  # the parent writes them
            self._recent.clear()
            self._database.reopen_after_fork()
        return self._lock

    def _write_unwritten(self) -> None:
        # The first unwritten row already waited for the lock; the next ones do not.
        while batch := self._unwritten[:_SLICE]:
            self._remember_ids(self._commit(batch, patient=False))
            del self._unwritten[: len(batch)]
            if not self._unwritten:
                self._warned.clear()

    def _recover(self) -> None:
        """Write again what was lost with the file's journal, and warn about it."""
        self._database.reopen_if_changed()
        if self._generation == self._database.generation or not self._database.writable:
            return
        self._generation = self._database.generation
        lost = [half for half, key in self._recent if not self._is_stored(half, key)]
        self._recent.clear()
        self.runs.written.clear()
        self._unwritten[:0] = lost
        self._warn(
            "lost its journal (-wal or -shm), which was deleted or replaced while the log was open. "
            f"{len(lost)} rows (starts and ends of exchanges) that were only in it are written again"
        )
        self._write_unwritten()

    def _is_stored(self, half: Half, key: int) -> bool:
        """Return whether the file still has a row under its id."""
        table, first = ("sent", SENT[:3]) if isinstance(half, Sent) else ("ended", ENDED[:2])
        sql = f"SELECT {names(table, first)} FROM {table} WHERE id = ?"  # noqa: S608 - our own
        try:
            return self._database.read(sql, (key,)) == [half.row[: len(first)]]
        except LogError:
            return False

    def _remember_ids(self, ids: Mapping[int, int]) -> None:
        """Remember the ids that unwritten rows got, also for callers with an even older id."""
        for old, new in self._written.items():
            self._written[old] = ids.get(new, new)
        self._written |= ids

    def _commit(self, halves: Sequence[Half], *, patient: bool = True) -> dict[int, int]:
        lasting = any(isinstance(half, Sent) and half.lasting for half in halves)
        keys: list[int] = []
        ids = self._database.write(
            lambda link: self._insert(link, halves, keys), patient=patient, lasting=lasting
        )
        self.runs.written |= {run for run, _ in _runs_of(halves)}
        if self._database.file:
            self._remember(halves, keys, ids)
        return ids

    def _remember(
        self, halves: Sequence[Half], keys: Sequence[int], ids: Mapping[int, int]
    ) -> None:
        """Keep rows in memory as long as they may be in the file's journal only."""
        for half, key in zip(halves, keys, strict=True):
            if isinstance(half, Sent):
                row: Half = Sent(key, half.row, half.body)
            else:
                exchange = ids.get(half.exchange) or self.id_of(half.exchange)
                row = Ended(exchange, half.row, half.body, half.charges)
            self._recent.append((row, key))
        if len(self._recent) >= self._checkpoint_at:
            if self._database.checkpoint():
                self._recent.clear()
            self._checkpoint_at = len(self._recent) + _RECENT

    def _insert(
        self, connection: sqlite3.Connection, halves: Sequence[Half], keys: list[int]
    ) -> dict[int, int]:
        ids: dict[int, int] = {}
        self.runs.insert(connection, _runs_of(halves))
        for half in halves:
            if isinstance(half, Sent):
                ids[half.id] = insert_sent(connection, half)
                keys.append(ids[half.id])
            else:
                exchange = ids.get(half.exchange) or self.id_of(half.exchange)
                keys.append(insert_ended(connection, exchange, half))
        return ids

    def _warn_unwritten(self, problem: FileUnavailable) -> None:
        if problem.reason in self._warned:
            return
        self._warned.add(problem.reason)
        self._warn(
            f"cannot be written, {problem.reason}. Exchanges are kept in memory until it can; "
            f"to save them, {problem.advice}"
        )

    def _warn(self, what: str) -> None:
        # Attributed to the caller who opened, used or closed the log.
        warnings.warn(LogWarning(f"log {self._database.path!r} {what}"), stacklevel=5)


def _runs_of(halves: Sequence[Half]) -> set[tuple[str, str]]:
    """Return the runs of rows with their spaces."""
    return {
        (str(half.row[_RUN]), str(half.row[_SPACE])) for half in halves if isinstance(half, Sent)
    }
