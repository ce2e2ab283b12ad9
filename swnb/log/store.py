"""`Log`: every command and how it ended, durable before it leaves, read as DataFrames.

Here is the writing; what can be read and exported is in `reading.readable` and `reading.exportable`.
"""

from __future__ import annotations

import itertools
import os
import secrets
import weakref
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

from swnb.errors import LogError, NotCopied
from swnb.exchange import DEFAULT_LOG, Exchange
from swnb.log.reading.exportable import ExportableLog
from swnb.log.voice_logs.pages import Synced
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import ended_half, sent_half
from swnb.progress import shown_as


class Log(ExportableLog, AbstractContextManager["Log"]):
    """A log file and the run that this object adds to it.

    If the file cannot be written for now, that is a `LogWarning`: exchanges are then kept in memory,
    shown in the frames, and written when writing works again.

    Parameters
    ----------
    path : str or path, default "swnb-log.sqlite"
        The file, created when it is first used (readable by its owner only), or `":memory:"` to keep
        nothing on disk.
    run : str, optional
        The name of the run. By default each `Log` begins a run of its own, named by its UTC start time
        and a random suffix.
    timeout : float, default 5.0
        How long a write waits for other programs, in seconds.

    Attributes
    ----------
    path : str
        The file.

    Raises
    ------
    LogError
        If the file is damaged, is not a log, or was written by a newer swnb.

    Examples
    --------
    >>> with Log("tonight.sqlite") as log:
    ...     log.exchanges()

    """

    def __init__(
        self,
        path: str | os.PathLike[str] = DEFAULT_LOG,
        *,
        run: str | None = None,
        timeout: float = 5.0,
    ) -> None:
        self._unnamed = None if run else _run_name()
        super().__init__(Journal(os.fsdecode(path), run or str(self._unnamed), timeout))
        self._provisional = itertools.count(-1, -1)
        # At the latest when the interpreter exits: rows that were never written are then counted.
        self._finalizer = weakref.finalize(self, self._journal.close)

    @property
    def named_run(self) -> str | None:
        """The name of the current run, or None if it was not named by the user."""
        return None if self.run == self._unnamed else self.run

    def begin(self, run: str, **facts: Any) -> None:
        """Begin a run, or continue it, for what is sent from now on.

        Parameters
        ----------
        run : str
            Its name.
        **facts
            Where, how and by what it is run: JSON values without secrets. The facts of a run that is
            already in the log do not change.

        Examples
        --------
        >>> sw.log.begin("checkout", note="before the release")

        """
        self._journal.begin(run, facts)

    def start(self, exchange: Exchange) -> int:
        """Write what is about to be sent; it is durable on return.

        Sets `exchange.id` and `exchange.run`. Never raises if the file cannot be written.

        Parameters
        ----------
        exchange : Exchange
            The command.

        Returns
        -------
        int
            The exchange's id; negative and provisional if it could not be written.

        """
        exchange.run = self.run
        half = sent_half(exchange, next(self._provisional))
        exchange.id = self._journal.write(half).get(half.id, half.id)
        return exchange.id

    def finish(self, exchange: Exchange) -> None:
        """Write how a started exchange ended; it is durable on return.

        Never raises if the file cannot be written.

        Parameters
        ----------
        exchange : Exchange
            The exchange that was passed to `start`.

        Raises
        ------
        LogError
            If it was not started.

        """
        if exchange.id is None:
            message = "log: an exchange must be started before it is finished"
            raise LogError(message, advice="call start(exchange) first, or record(exchange)")
        exchange.id = self._journal.id_of(exchange.id)
        self._journal.write(ended_half(exchange, exchange.id))

    def record(self, exchange: Exchange) -> int:
        """Write an exchange that is never sent (refused, rehearsed) in one transaction.

        Parameters
        ----------
        exchange : Exchange
            The exchange with its outcome.

        Returns
        -------
        int
            The exchange's id; negative and provisional if it could not be written.

        """
        exchange.run = self.run
        half = sent_half(exchange, next(self._provisional))
        ids = self._journal.write(half, ended_half(exchange, half.id))
        exchange.id = ids.get(half.id, half.id)
        return exchange.id

    @property
    def synced(self) -> Synced:
        """Where `sw.sync()` stores the platform's voice logs."""
        return Synced(self._journal)

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copy the whole log, as it is now, to a new file that only its owner can read.

        Other programs may write to the log meanwhile. Do not copy the file of an open log yourself: what
        was written last is in the files beside it.

        Parameters
        ----------
        path : str or path
            The new file.

        Returns
        -------
        pathlib.Path
            The new file.

        Raises
        ------
        LogError
            If the file exists or cannot be created.

        Examples
        --------
        >>> sw.log.backup("before-the-release.sqlite")

        """
        self._journal.backup(os.fsdecode(path))
        return Path(os.fsdecode(path))

    def close(self) -> None:
        """Close the file; warns with the number of rows that could not be written."""
        self._finalizer()

    # Reading and writing whole tables may take long.
    export = shown_as("export", "written")(ExportableLog.export)
    export_run = shown_as("export_run", "written")(ExportableLog.export_run)
    to_parquet = shown_as("to_parquet", "written")(ExportableLog.to_parquet)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise NotCopied("a log", f"open it again by its path: swnb.Log({self.path!r})")

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Log({self.path!r}, run={self.run!r}, exchanges={self._count()})"

    def _count(self) -> str:
        try:
            return f"{self._journal.count():,}"
        except LogError:
            return "unreadable"


def _run_name() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{secrets.token_hex(2)}"
