"""What can be read from a log: its exchanges, calls, charges and runs, as frames and one by one.

Whatever loads pandas or the catalogue is imported when it is first used.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from swnb.errors import LogError
from swnb.exchange import Exchange
from swnb.log.writing.control_ids import Use
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import read_exchange

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.log.reading.frames import Frames
    from swnb.log.reading.runs import LogRun
    from swnb.log.reading.spending import Spending
    from swnb.log.voice_logs.frames import VoiceLogFrames


class ReadableLog:
    """The questions that `swnb.Log` answers."""

    def __init__(self, journal: Journal) -> None:
        self.path = journal.path
        self._journal = journal
        self._frames_by_process: dict[int, Frames] = {}

    @property
    def run(self) -> str:
        """The name of the current run (a string)."""
        return self._journal.run

    def get(self, id: int) -> Exchange:  # noqa: A002 - the name of the column
        """Return one exchange with its bodies and charge lines.

        Parameters
        ----------
        id : int
            Its number in the log, as in the column `id` of `exchanges()`.

        Returns
        -------
        swnb.Exchange

        Raises
        ------
        LogError
            If the log has no exchange with this id, or cannot be read.

        Examples
        --------
        >>> sw.log.get(42).response

        """
        journal = self._journal
        exchange = read_exchange(
            journal.read, journal.warn_of, journal.unwritten(), journal.id_of(id)
        )
        if exchange is None:
            message = f"log {self.path!r}: has no exchange with this id"
            raise LogError(message, advice="the column id of log.exchanges() lists them")
        return exchange

    def control_ids_sent(self, call_id: str, *, but: str | None = None) -> list[Use]:
        """Return the control ids that were sent to a call, in any run; replayed ones are left out.

        Parameters
        ----------
        call_id : str
            The call.
        but : str, optional
            A run to leave out.

        Returns
        -------
        list of (command, control_id, outcome)
            Strings, oldest first.

        """
        return self._journal.control_ids_sent(call_id, but)

    @property
    def voice_logs(self) -> VoiceLogFrames:
        """What the stored voice logs say: `differences()`, `events()`, `logs()`, `lines()`."""
        return self._frames.voice_logs

    def spending(self) -> Spending:
        """Return what this run has spent, and which of its calls are open.

        Returns
        -------
        Spending
            `known` and `open` in US dollars, `known_nano` and `open_nano` in nano-dollars.

        Examples
        --------
        >>> sw.log.spending().known

        """
        from swnb.log.reading.spending import spending  # noqa: PLC0415 - loads pandas

        return spending(self._frames, self._journal, self.run)

    def pending_calls(self, space: str) -> list[str]:
        """Return the ids of the calls whose final cost is not known yet.

        Parameters
        ----------
        space : {"live", "simulated", "replayed"}
            Where the calls were made.

        Returns
        -------
        list of str
            Calls for which no voice log has said that they ended and what they cost.

        """
        return self._frames.pending_calls(space)

    @property
    def df(self) -> DataFrame:
        """The exchanges of this run, oldest first: `exchanges(run=log.run)`."""
        return self._frames.exchanges(run=self.run)

    def exchanges(self, *, bodies: bool = False, run: str | None = None) -> DataFrame:
        """Return one row per exchange, oldest first, of the whole log or of one run.

        Exchanges that are not written yet come last. The frame is yours to change.

        Parameters
        ----------
        bodies : bool, default False
            Whether to add `request` and `response` (object: dicts, a string for a reply that was not
            JSON, or None).
        run : str, optional
            The run; all runs by default.

        Returns
        -------
        pandas.DataFrame
            The table "exchanges() and df" of docs/log.md has the columns with dtypes and units.

        Raises
        ------
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> sw.log.exchanges(run="checkout")

        """
        return self._frames.exchanges(bodies=bodies, run=run)

    def calls(self) -> DataFrame:
        """Return one row per call with its latest known state.

        Returns
        -------
        pandas.DataFrame
            The table "calls()" of docs/log.md has the columns with dtypes and units.

        Examples
        --------
        >>> sw.log.calls()

        """
        return self._frames.calls()

    def charges(self) -> DataFrame:
        """Return one row per charge line of each call's latest answer that has any.

        A later answer replaces the lines of an earlier one.

        Returns
        -------
        pandas.DataFrame
            `call_id` (object), `description` (category), `charge` (float64, US dollars).

        Examples
        --------
        >>> sw.log.charges().groupby("description")["charge"].sum()

        """
        return self._frames.charges()

    def user_events(self) -> DataFrame:
        """Return one row per user event that was sent, or was about to be.

        Returns
        -------
        pandas.DataFrame
            `id` (int64), `sent_at` (datetime64[us, UTC]), `call_id` (object), `outcome` (category), `event`
            (object: a dict), `heard_at` (datetime64[us, UTC]: when it was first heard, if it was).

        Examples
        --------
        >>> sw.log.user_events()["event"]

        """
        from swnb.log.hearing.frames import with_heard  # noqa: PLC0415 - loads pandas

        return with_heard(self._journal, self._frames.user_events())

    def runs(self) -> DataFrame:
        """Return one row per run that has exchanges: when, where, how and with what it was made.

        Returns
        -------
        pandas.DataFrame
            The table "runs()" of docs/log.md has the columns with dtypes and units.

        Examples
        --------
        >>> sw.log.runs()[["name", "started_at", "charge"]]

        """
        return self._frames.runs()

    def run_names(self) -> list[str]:
        """Return the names of the runs that have exchanges in the file, oldest first."""
        return self._journal.run_names()

    def source(self, run: str | None = None) -> LogRun:
        """Return a run to replay or compare.

        Parameters
        ----------
        run : str, optional
            Its name; the current run by default.

        Returns
        -------
        LogRun

        Raises
        ------
        LogError
            If the log has no such run; the message names the closest one.

        Examples
        --------
        >>> [exchange.command for _, exchange in sw.log.source("checkout").places()]

        """
        # Loads the catalogue, which writing does not need.
        from swnb.log.reading.runs import LogRun  # noqa: PLC0415

        return LogRun(self, self._journal, self.run if run is None else run)

    @property
    def _frames(self) -> Frames:
        # Loads pandas, which takes longer than the rest of swnb.
        from swnb.log.reading.frames import Frames  # noqa: PLC0415

        # A forked child has its own: a thread that no longer exists may hold the parent's lock.
        process = os.getpid()
        if process not in self._frames_by_process:
            self._frames_by_process = {process: Frames(self._journal)}
        return self._frames_by_process[process]
