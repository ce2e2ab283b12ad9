"""The console as text, for IPython in a terminal and plain Python: the newest calls as a table."""

from __future__ import annotations

import textwrap
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from swnb.cards import money
from swnb.notebook.panels.calls_table import ends_of, short_direction
from swnb.notebook.panels.console_totals import totals
from swnb.notebook.terminal import COLUMNS, cut, middle_cut, padded, why_text, wide
from swnb.visible import visible
from swnb.words import age_of, clock, counted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.session.session import Session

SHOWN = 20  # newest calls in the table
_HEAD = ("age", "dir", "from → to", "status", "duration", "charge", "run")
_GAP = "  "
# Which columns give way if a line is too long, and how narrow each may become.
_NARROWEST = {6: 9, 2: 21, 3: 8, 5: 7, 4: 8, 1: 3, 0: 4}


class ConsoleText:
    """The console where there are no widgets: each time it is shown it reads the log.

    Parameters
    ----------
    session : Session
        The session whose log is shown.

    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def __repr__(self) -> str:
        return console_text(self._session)


def console_text(session: Session) -> str:
    """Return the totals of a log and its newest calls, newest first, within 80 columns."""
    calls = session.log.calls()
    sums = [f"{name}: {' · '.join(facts)}" for name, facts in totals(session, calls).items()]
    lines = [cut(visible(line), COLUMNS) for line in (f"Console · {session.space}", *sums)]
    if calls.empty:
        return "\n".join([*lines, "No call yet: dial one, then show the console again."])
    newest = calls.iloc[::-1].head(SHOWN).astype(object)
    rows = newest.where(newest.notna(), None).to_dict("records")
    lines += ["", *_table([_cells(row, _now()) for row in rows])]
    more = len(calls) - len(rows)
    rest = f"{counted(more, 'older call')}: sw.log.calls(). " if more else ""
    return "\n".join([*lines, "", *_wrapped(f"{rest}{why_text()}")])


def _now() -> datetime:
    return datetime.now(UTC)


def _cells(call: Mapping[Any, Any], now: datetime) -> tuple[str, ...]:
    cells = (
        age_of(call["created"], now),
        short_direction(call["direction"]) or "?",
        ends_of(call),
        str(call["status"] or "unknown"),
        clock(call["duration_ms"]),
        money(call["charge"]) or "",
        str(call["run"] or ""),
    )
    return tuple(visible(cell).replace("\n", "\\n").replace("\t", "\\t") for cell in cells)


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(wide, column)) for column in zip(_HEAD, *rows, strict=True)]
    for place, narrowest in _NARROWEST.items():
        over = sum(widths) + len(_GAP) * (len(widths) - 1) - COLUMNS
        if over > 0:
            widths[place] = max(min(widths[place], narrowest), widths[place] - over)
    return [_line(cells, widths) for cells in [_HEAD, *rows]]


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    *texts, run = cells
    shown = [cut(text, width) for text, width in zip(texts, widths, strict=False)]
    shown.append(middle_cut(run, widths[-1]))
    return _GAP.join(map(padded, shown, widths)).rstrip()


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, COLUMNS)
