"""What a log can be turned into: flat tables, Parquet folders, files for others, recordings."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from swnb.errors import ConfigurationError
from swnb.log.hearing.hearing_log import HearingLog

if TYPE_CHECKING:
    from swnb.costs.tables.tables import Tables
    from swnb.views import View


class HasId(Protocol):
    """A call, as far as the log is concerned."""

    @property
    def id(self) -> str:
        """Its id."""
        ...


class ExportableLog(HearingLog):
    """The reading half of `swnb.Log`, with its exports."""

    def tables(self) -> Tables:
        """Return the flat tables of all calls in the log, for the questions of `swnb.costs`.

        Of what voice logs and replies say about a call, the later counts.

        Returns
        -------
        swnb.costs.Tables
            Two pandas frames, `calls` and `charges`; docs/costs.md has their columns with dtypes and units.
            Money is in whole nano-dollars, NA for a call without a charge yet.

        Examples
        --------
        >>> swnb.costs.by(sw.log.tables(), "run")

        """
        from swnb.costs.tables.tables import flatten  # noqa: PLC0415 - loads pandas

        calls, lines = self._frames.flat()
        return flatten(calls, lines, "nano")

    def to_parquet(self, folder: str | os.PathLike[str]) -> dict[str, int]:
        """Write the flat tables into a folder of Parquet files, one per month; see `costs.write`.

        Months and calls that are already in the folder are replaced. Needs the extra `scale`.

        Parameters
        ----------
        folder : str or path
            The folder; created if it does not exist.

        Returns
        -------
        dict of str to int
            The number of calls in each month that was written.

        Raises
        ------
        ConfigurationError
            If pyarrow is not installed.
        DamagedTables
            If a month's file cannot be read.

        Examples
        --------
        >>> sw.log.to_parquet("account")

        """
        from swnb.costs.tables.parquet import write  # noqa: PLC0415 - loads pandas

        tables = self.tables()
        return write(folder, tables.calls, tables.charges)

    def show(
        self,
        command: str | Iterable[str] | None = None,
        outcome: str | Iterable[str] | None = None,
        text: str | None = None,
        *,
        call: HasId | str | None = None,
        run: str | None = None,
        table: Literal["exchanges", "events"] = "exchanges",
        most: int = 1000,
    ) -> View:
        """Return the exchanges, or the events, to read: all of this run, or those that fit.

        Parameters
        ----------
        command : str or iterable of str, optional
            Commands, such as `"play"`; of events, what they are about, such as `"state"`.
        outcome : str or iterable of str, optional
            Outcomes, such as `"rejected"`; of events, states.
        text : str, optional
            A part of what was said, of an error, an id or a number, in capitals or not.
        call : Call or str, optional
            A call or its id, in whatever run.
        run : str, optional
            The run; the current one by default.
        table : {"exchanges", "events"}, default "exchanges"
            `"events"` is what was sent and heard.
        most : int, default 1000
            How many rows a notebook shows: the latest. A terminal shows at most 60.

        Returns
        -------
        View
            A table in a notebook, text in a terminal; `len()` counts its rows and `df` has them all.

        Raises
        ------
        ConfigurationError
            If there is no such table or outcome.
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> sw.log.show("play", outcome="rejected")

        """
        from swnb.views import view_of  # noqa: PLC0415 - loads the catalogue

        _check_table("show", table)
        call_id = call if call is None or isinstance(call, str) else call.id
        run = self.run if run is None and call_id is None else run
        if table == "events":
            frame = self.events(call_id, run=run)
        else:
            frame = self.exchanges(run=run)
            frame = frame if call_id is None else frame[frame["call_id"] == call_id]
        return view_of(frame, command, outcome, text, most=most)

    def export(
        self,
        path: str | os.PathLike[str],
        *,
        mask_numbers: bool = False,
        run: str | None = None,
        bodies: bool | None = None,
        table: Literal["exchanges", "events"] = "exchanges",
    ) -> Path:
        """Write the exchanges, or the events, as CSV, Parquet or JSONL; docs/log.md has the formats.

        Parameters
        ----------
        path : str or path
            The file; its suffix (`.csv`, `.parquet`, `.jsonl`) names the format.
        mask_numbers : bool, default False
            Whether to mask every phone number, for sharing.
        run : str, optional
            The run to export; all runs by default.
        bodies : bool, optional
            Whether to include request and response, or an event's body: as objects in JSONL, where that
            is the default, as JSON text in the other formats.
        table : {"exchanges", "events"}, default "exchanges"
            `"events"` is what was sent and heard, with the columns of `events()`.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        ConfigurationError
            If the suffix or the table is another one, or pyarrow is needed and not installed.

        Examples
        --------
        >>> sw.log.export("exchanges.csv", mask_numbers=True)
        >>> sw.log.export("events.parquet", table="events")

        """
        # Loads pandas.
        from swnb.log.reading.export import export  # noqa: PLC0415

        _check_table("export", table)
        events = None
        if table == "events":
            from swnb.log.hearing.frames import events_frame  # noqa: PLC0415 - loads pandas

            events = events_frame(self._journal, self._frames, run=run)
        return export(self._frames, path, mask=mask_numbers, run=run, bodies=bodies, events=events)

    def export_run(
        self, run: str, path: str | os.PathLike[str], *, mask_numbers: bool = False
    ) -> Path:
        """Write a run as a recording that can be reviewed, committed and replayed.

        Parameters
        ----------
        run : str
            The name of the run.
        path : str or path
            The file: one exchange per line, with sorted keys and without secrets.
        mask_numbers : bool, default False
            Whether to mask every phone number, the same number always alike.

        Returns
        -------
        pathlib.Path
            The file.

        Raises
        ------
        LogError
            If the log has no such run; the message names the closest one.

        Examples
        --------
        >>> sw.log.export_run("checkout", "checkout.swnb.jsonl")

        """
        from swnb.recordings.writing import write_recording  # noqa: PLC0415 - as in `source`

        source = self.source(run)
        exchanges = (exchange for _, exchange in source.places())
        return write_recording(
            path, exchanges, source.facts, events=source.events(), mask=mask_numbers
        )


def _check_table(asked_by: str, table: str) -> None:
    if table not in ("exchanges", "events"):
        raise ConfigurationError(
            f"{asked_by}: there is no table {table!r}; use exchanges or events"
        )
