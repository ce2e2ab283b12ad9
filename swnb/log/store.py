"""`Log`: every command and how it ended, durable before it leaves, read as DataFrames.

This is the public face. Writing is in `journal`, reading in `frames`; the latter loads pandas and
is therefore imported when a frame is first asked for.
"""

from __future__ import annotations

import itertools
import os
import secrets
import weakref
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from swnb.errors import LogError, NotCopied
from swnb.exchange import Exchange
from swnb.log.voice_logs.pages import Synced
from swnb.log.writing.control_ids import Use
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import ended_half, read_exchange, sent_half

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.costs.tables.tables import Tables
    from swnb.log.reading.expectations import Sent
    from swnb.log.reading.frames import Frames
    from swnb.log.reading.runs import LogRun
    from swnb.log.reading.spending import Spending
    from swnb.log.voice_logs.frames import VoiceLogFrames

DEFAULT = "swnb-log.sqlite"


class Log(AbstractContextManager["Log"]):
    """A log file and the run that this object adds to it.

    `path` is the file, made on the first use (readable by its owner only), or `":memory:"` to keep
    nothing on disk. `run` names the run; without it each `Log` begins a run of its own, named by
    its UTC start time and a random suffix. `timeout` is how long a write waits for other programs,
    in seconds.

    Raises `LogError` for a file that is damaged, is no log, or was written by a newer swnb. A file
    that cannot be written for now is a `LogWarning`: exchanges are then kept in memory, shown in
    the frames, and written when that works again.

    Attributes
    ----------
    path : str
        The file, as it was given.

    >>> with Log("tonight.sqlite") as log:
    ...     log.exchanges()

    """

    def __init__(
        self,
        path: str | os.PathLike[str] = DEFAULT,
        *,
        run: str | None = None,
        timeout: float = 5.0,
    ) -> None:
        self.path = os.fsdecode(path)
        self._provisional = itertools.count(-1, -1)
        self._unnamed = None if run else _run_name()
        self._journal = Journal(self.path, run or str(self._unnamed), timeout)
        self._readers: dict[int, Frames] = {}
        # At the latest when the interpreter exits: rows that were never written are then counted.
        self._finalizer = weakref.finalize(self, self._journal.close)

    @property
    def run(self) -> str:
        """The name of the run that is going on."""
        return self._journal.run

    @property
    def named_run(self) -> str | None:
        """The same, but None for a run that was not given its name."""
        return None if self.run == self._unnamed else self.run

    def begin(self, run: str, **facts: Any) -> None:
        """Let another run begin, or go on, for what is sent from now on.

        `facts` are kept with the run: what is JSON, and already without secrets. Those of a run
        that is in the log already stay as they were.
        """
        self._journal.begin(run, facts)

    def start(self, exchange: Exchange) -> int:
        """Write what is about to leave, durable on return, and give its id.

        Sets `exchange.id` and `exchange.run`. Never raises for a file that cannot be written: the
        id is then provisional, and negative.
        """
        exchange.run = self.run
        half = sent_half(exchange, next(self._provisional))
        exchange.id = self._journal.write(half).get(half.id, half.id)
        return exchange.id

    def finish(self, exchange: Exchange) -> None:
        """Write how a started exchange ended, durable on return; never raises, as `start`."""
        if exchange.id is None:
            message = "log: an exchange must be started before it is finished"
            raise LogError(message, advice="call start(exchange) first, or record(exchange)")
        exchange.id = self._journal.id_of(exchange.id)
        self._journal.write(ended_half(exchange, exchange.id))

    def record(self, exchange: Exchange) -> int:
        """Write an exchange that never leaves (refused, rehearsed) in one transaction."""
        exchange.run = self.run
        half = sent_half(exchange, next(self._provisional))
        ids = self._journal.write(half, ended_half(exchange, half.id))
        exchange.id = ids.get(half.id, half.id)
        return exchange.id

    def get(self, id: int) -> Exchange:  # noqa: A002 - the name of the column
        """Give one exchange with its bodies and charge lines. Raises `LogError` for no such id."""
        journal = self._journal
        found = read_exchange(journal.read, journal.tell, journal.kept(), journal.id_of(id))
        if found is None:
            message = f"log {self.path!r}: holds no exchange with this id"
            raise LogError(message, advice="the column id of log.exchanges() lists them")
        return found

    def control_ids_sent(self, call_id: str, *, but: str | None = None) -> list[Use]:
        """Give what was sent to a call with a control id, in any run, or in any but one.

        Oldest first: command, control_id, outcome. What was replayed did not reach the call.
        """
        return self._journal.control_ids_sent(call_id, but)

    @property
    def synced(self) -> Synced:
        """Where `Client.sync` stores what the platform's voice logs say."""
        return Synced(self._journal)

    @property
    def voice_logs(self) -> VoiceLogFrames:
        """What the stored voice logs say: `differences()`, `events()`, `logs()`, `lines()`."""
        return self._frames.voice_logs

    def spending(self) -> Spending:
        """Give what this run has spent, and which of its calls are open."""
        from swnb.log.reading.spending import spending  # noqa: PLC0415 - as for the frames

        return spending(self._frames, self._journal, self.run)

    def pending_calls(self, space: str) -> list[str]:
        """Give the ids of the calls in a space that no voice log has said to be over."""
        return self._frames.pending_calls(space)

    @property
    def df(self) -> DataFrame:
        """The exchanges of this run, oldest first: `exchanges(run=log.run)`."""
        return self._frames.exchanges(run=self.run)

    def exchanges(self, *, bodies: bool = False, run: str | None = None) -> DataFrame:
        """Give one row per exchange, oldest first, of the whole log or of one run.

        The columns, their dtypes and units are `swnb.log.columns.COLUMNS`. With `bodies`, two
        more: `request` and `response`, as dicts (text where a reply was not JSON, else None).
        The frame is yours to change. Exchanges that are not written yet come last.
        """
        return self._frames.exchanges(bodies=bodies, run=run)

    def calls(self) -> DataFrame:
        """Give one row per call: its latest known state (`swnb.log.columns.CALLS`)."""
        return self._frames.calls()

    def charges(self) -> DataFrame:
        """Give one row per charge line of each call's latest reply that has any.

        Columns: call_id, description, charge (float64, US dollars). A later reply replaces the
        lines of an earlier one, it never adds to them.
        """
        return self._frames.charges()

    def user_events(self) -> DataFrame:
        """Give one row per user event that left or was about to.

        Columns: id, sent_at, call_id, outcome, event (dict).
        """
        return self._frames.user_events()

    def runs(self) -> DataFrame:
        """Give one row per run that has exchanges (`swnb.log.columns.RUNS`).

        It says when, where, how and with what the run was made, its exchanges and errors (all but
        accepted, open and rehearsed ones), and its charge (US dollars: the latest charge of each
        call that the run was first to touch).
        """
        return self._frames.runs()

    def tables(self) -> Tables:
        """Return the flat tables of all calls in the log, for the questions of `swnb.costs`.

        Two pandas frames, `calls` and `charges`: what voice logs and replies say, whichever is
        later, with the run and the command that first touched a call, and the country that it went
        to. Money is in whole nano-dollars, NA for a call without a charge yet. See docs/costs.md
        for the columns.

        Returns
        -------
        swnb.costs.Tables

        Examples
        --------
        >>> swnb.costs.by(sw.log.tables(), "run")

        """
        from swnb.costs.tables.tables import flatten  # noqa: PLC0415 - loads pandas

        calls, lines = self._frames.flat()
        return flatten(calls, lines, "nano")

    def to_parquet(self, folder: str | os.PathLike[str]) -> dict[str, int]:
        """Write the flat tables into a folder of Parquet files, one a month; see `costs.write`.

        Months that are there already are rewritten, each at once, and a call that is there already
        is replaced. Needs the extra `scale`.

        Returns
        -------
        dict of str to int
            The number of calls in each month that was written.

        """
        from swnb.costs.tables.parquet import write  # noqa: PLC0415 - loads pandas

        tables = self.tables()
        return write(folder, tables.calls, tables.charges)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        mask_numbers: bool = False,
        run: str | None = None,
        bodies: bool | None = None,
    ) -> Path:
        """Write the exchanges as CSV, Parquet or JSONL, by the suffix of `path`, and give the path.

        `mask_numbers` masks every phone number, for sharing. `bodies` adds request and response:
        objects in JSONL, where they are the default, JSON text in the others. See
        `swnb.log.reading.export` for the formats. Raises `ConfigurationError` for another suffix.
        """
        # Loads pandas.
        from swnb.log.reading.export import export  # noqa: PLC0415

        return export(self._frames, path, mask=mask_numbers, run=run, bodies=bodies)

    def backup(self, path: str | os.PathLike[str]) -> Path:
        """Copy the whole log, as it is now, to a new file that only its owner may read.

        Other programs may write to the log meanwhile. Copying the file of a log that is open gives
        less, or nothing: what was written last is in the files beside it. Raises `LogError` if
        there is a file at `path`, or none can be made.

        >>> sw.log.backup("before-the-release.sqlite")
        """
        self._journal.backup(os.fsdecode(path))
        return Path(os.fsdecode(path))

    def run_names(self) -> list[str]:
        """Give the names of the runs that have exchanges on disk, oldest first."""
        return self._journal.run_names()

    def source(self, run: str | None = None) -> LogRun:
        """Give a run, the present one by default, to replay or compare. Raises `LogError`."""
        # Loads the catalogue, which writing a log has no use for.
        from swnb.log.reading.runs import LogRun  # noqa: PLC0415

        return LogRun(self, self._journal, self.run if run is None else run)

    def export_run(
        self, run: str, path: str | os.PathLike[str], *, mask_numbers: bool = False
    ) -> Path:
        """Write a run as a recording that can be reviewed, committed and replayed; give its path.

        One exchange a line, with sorted keys and without secrets; `mask_numbers` masks every phone
        number, the same always alike. What a run replayed of itself is written once. Raises
        `LogError` for a run that the log does not hold.
        """
        from swnb.recordings.writing import write_recording  # noqa: PLC0415 - as in `source`

        source = self.source(run)
        exchanges = (exchange for _, exchange in source.places())
        return write_recording(path, exchanges, source.facts, mask=mask_numbers)

    def sent(self, command: str, /, **params: Any) -> Sent:
        """Give the exchanges of this run that sent a command with at least these parameters.

        Objects match where they hold what is asked for, at any depth; lists and other values must
        be equal. What was refused or rehearsed, or never arrived, was not sent. Raises `UnknownCommand` with the
        closest name.

        >>> assert len(sw.log.sent("user_event", event={"action": "order.confirmed"})) == 1
        """
        from swnb.log.reading.expectations import matching  # noqa: PLC0415 - as in `source`

        return matching(self.source(), command, params)

    def close(self) -> None:
        """Close the file. Warns with the number of rows that never could be written."""
        self._finalizer()

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

    @property
    def _frames(self) -> Frames:
        # Loads pandas, which takes longer than all of swnb.
        from swnb.log.reading.frames import Frames  # noqa: PLC0415

        # A forked child has its own: a lost thread may hold the lock of the parent's.
        here = os.getpid()
        if here not in self._readers:
            self._readers = {here: Frames(self._journal)}
        return self._readers[here]


def _run_name() -> str:
    return f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S}-{secrets.token_hex(2)}"
