"""The doors from a log to the analysis on its right, opened only when they are used.

The analysis takes any frame and knows no log, and a log knows no analysis; but people look for the
tables of a log on the log. Here, and nowhere else in this room, a room to the right is imported,
inside the method that needs it (`tests/test_architecture.py` holds that).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from swnb.costs.tables.tables import Tables
    from swnb.log.store import Log


class LogDoors:
    """What a `Log` opens."""

    def tables(self) -> Tables:
        """Give the flat tables of all calls in the log, for the questions of `swnb.costs`.

        Two pandas frames, `calls` and `charges`: what voice logs and replies say, whichever is
        later, with the run and the command that first touched a call, and the country that it went
        to. Money is in whole nano-dollars, NA for a call without a charge yet. See docs/costs.md
        for the columns.

        >>> swnb.costs.by(sw.log.tables(), "run")
        """
        from swnb.costs.tables.tables import flatten  # noqa: PLC0415 - a door

        calls, lines = cast("Log", self)._frames.flat()  # noqa: SLF001 - this is a part of Log
        return flatten(calls, lines, "nano")

    def to_parquet(self, folder: str | os.PathLike[str]) -> dict[str, int]:
        """Write the flat tables into a folder of Parquet files, one a month; give each month's calls.

        Months that are there already are rewritten, each at once, and a call that is there already
        is replaced. Needs the extra `scale`. Raises as `swnb.costs.write`.
        """
        from swnb.costs.tables.parquet import write  # noqa: PLC0415 - a door

        tables = self.tables()
        return write(folder, tables.calls, tables.charges)
