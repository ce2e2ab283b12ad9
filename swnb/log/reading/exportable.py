"""What a log can be turned into: flat tables, Parquet folders, files for others, recordings."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from swnb.errors import ConfigurationError
from swnb.log.hearing.hearing_log import HearingLog

if TYPE_CHECKING:
    from swnb.costs.tables.tables import Tables


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

        if table not in ("exchanges", "events"):
            raise ConfigurationError(
                f"export: there is no table {table!r}; use exchanges or events"
            )
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
