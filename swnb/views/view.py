"""`View`: the rows of a frame that fit what was asked, to read in a notebook or a terminal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from swnb.views.choosing import Names, chosen
from swnb.views.page import page
from swnb.views.rows import EVENTS, EXCHANGES, Heading, Row, event_rows, exchange_rows
from swnb.views.terminal import in_letters
from swnb.visible import visible

if TYPE_CHECKING:
    import pandas as pd

_IN_TERMINAL = 60  # rows, as pandas shows them
_WIDTH = (80, 24)  # where there is no terminal


class View:
    """Rows of a log to read: a table in a notebook, text in a terminal; `df` has them as a frame.

    A notebook shows a table in a box that scrolls, with short ids, times in UTC, and errors in full; it
    needs no script. A terminal shows the latest rows, in the columns that fit its width.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        total: int,
        asked: str,
        instead: str,
        *,
        most: int,
        events: bool,
    ) -> None:
        self.df = frame
        self._total = total
        self._asked = asked
        self._most = most
        self._events = events
        self._instead = instead

    def __len__(self) -> int:
        return len(self.df)

    def _rows(self, most: int) -> tuple[tuple[Heading, ...], list[Row]]:
        frame = self.df.iloc[max(len(self.df) - most, 0) :]
        return (EVENTS, event_rows(frame)) if self._events else (EXCHANGES, exchange_rows(frame))

    def _caption(self, rows: list[Row]) -> str:
        noun = "rows" if self._events else "exchanges"
        count = f"{len(self):,} {noun if len(self) != 1 else noun[:-1]}"
        if self._asked:
            count = f"{len(self):,} of {self._total:,} {noun} with {self._asked}"
        return " · ".join([count, *([f"{rows[0].day or 'time unknown'} UTC"] if rows else [])])

    def _note(self, rows: list[Row]) -> str:
        left = len(self) - len(rows)
        if left:
            return f"the latest {len(rows):,}; .df has the {left:,} before them too"
        return "" if rows else self._instead

    def to_itables(self, **options: Any) -> None:
        """Show the rows as a table to sort and to search in the page, without a network.

        Needs the extra `tables`. Where scripts do not run, as in many viewers of saved notebooks, show the view
        itself. The first use adds about 0.9 MB to the notebook.

        Parameters
        ----------
        **options
            Options of `itables.show`.

        Raises
        ------
        ConfigurationError
            If itables is not installed.

        Examples
        --------
        >>> sw.log.show().to_itables()  # doctest: +SKIP

        """
        from swnb.views.sorting import show_sortable  # noqa: PLC0415 - itables is optional

        show_sortable(*self._rows(len(self.df)), options)

    def _repr_html_(self) -> str:
        headings, rows = self._rows(self._most)
        return page(headings, rows, self._caption(rows), self._note(rows))

    def __repr__(self) -> str:
        headings, rows = self._rows(min(self._most, _IN_TERMINAL))
        lines = in_letters(headings, rows, shutil.get_terminal_size(_WIDTH).columns) if rows else []
        return "\n".join(filter(None, [visible(self._caption(rows)), *lines, self._note(rows)]))

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text(repr(self))


def view_of(
    frame: pd.DataFrame,
    command: Names = None,
    outcome: Names = None,
    text: str | None = None,
    *,
    most: int = 1000,
) -> View:
    """Return a view of exchanges, or of what was sent and heard: whichever the columns are of."""
    events = "kind" in frame
    asked = {"kind" if events else "command": command, "state" if events else "outcome": outcome}
    asked |= {"text": text}
    words = [f"{name} {_spelt(value)}" for name, value in asked.items() if value is not None]
    picked = chosen(frame, command, outcome, text, events=events)
    names = frame["kind" if events else "command"].astype(object).dropna().unique()
    there = ", ".join(sorted(str(name).removeprefix("calling.") for name in names))
    instead = f"there are {there}" if there else "nothing was sent yet"
    return View(picked, len(frame), " and ".join(words), instead, most=most, events=events)


def _spelt(names: Names) -> str:
    return repr(names) if isinstance(names, str) else " or ".join(map(repr, names or ()))
