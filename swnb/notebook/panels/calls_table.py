"""The calls of a log as the console's table: filtered, sorted, and by pages.

A page has at most 25 calls, so that a log of any size is one small piece of HTML. What can be clicked
carries `data-swnb-do`, for the page's module; the controls around the table do the same without it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.cards import money
from swnb.notebook.terminal import middle_cut
from swnb.words import age_of, clock

if TYPE_CHECKING:
    import pandas as pd

PAGE = 25  # calls on a page
# What the table shows, in order, and the columns of `log.calls()` that it is sorted by.
SORTS = {
    "age": ("created",),
    "direction": ("direction",),
    "from → to": ("from", "to"),
    "status": ("status",),
    "duration": ("duration_ms",),
    "charge": ("charge",),
    "run": ("run",),
}
_FALLING = frozenset(
    {"age", "duration", "charge"}
)  # of which people want the newest or largest first
_NUMBERS = frozenset({"duration", "charge"})
_SEARCHED = ("call_id", "status", "direction", "from", "to", "run", "type", "duration_ms", "charge")
_RUN = 10  # letters of a run's name, the whole of which is in the title
_CELL = "padding:2px 8px 2px 0;vertical-align:top;text-align:"
_CHOSEN = ' aria-selected="true" style="background:rgba(128,128,128,.22)"'


class CallsTable:
    """Which calls are shown, in which order, and which page of them.

    Attributes
    ----------
    key : str
        The heading that they are sorted by.
    falling : bool
        Whether the largest, or the newest, comes first.
    text : str
        Only calls that contain each of its words in what is shown of them, except their age, or in
        their ids, in capitals or not.
    place : int
        How many calls come before the page.

    """

    def __init__(self) -> None:
        self.key = "age"
        self.falling = True
        self.text = ""
        self.place = 0
        self._calls: pd.DataFrame | None = None
        self._told: list[str] | None = None  # what each call is searched in
        self._tellings: dict[tuple[Any, ...], str] = {}  # of the calls that were told before
        self._rows: pd.DataFrame | None = None

    def read(self, calls: pd.DataFrame) -> None:
        """Take the calls of a log, as `log.calls()` returns them."""
        self._calls, self._told = calls, None
        self._arrange()

    def sort(self, key: str) -> None:
        """Sort by a heading; by the same one again, the other way round."""
        self.falling = not self.falling if key == self.key else key in _FALLING
        self.key, self.place = key, 0
        self._arrange()

    def turn(self) -> None:
        """Turn the order round."""
        self.sort(self.key)

    def filter(self, text: str) -> None:
        """Show only the calls that contain a string."""
        self.text, self.place = text.strip(), 0
        self._arrange()

    def move(self, by: int) -> None:
        """Go so many pages on, as far as there are any."""
        last = max(len(self) - 1, 0) // PAGE * PAGE
        self.place = min(max(self.place + by * PAGE, 0), last)

    def go_to(self, call_id: str | None) -> None:
        """Go to the page of a call, if it is shown at all."""
        ids = [] if self._rows is None else self._rows["call_id"].tolist()
        if call_id in ids:
            self.place = ids.index(call_id) // PAGE * PAGE

    def has(self, call_id: Any) -> bool:
        """Return whether the log has this call, shown or not."""
        return self._calls is not None and bool((self._calls["call_id"] == call_id).any())

    def __len__(self) -> int:
        return 0 if self._rows is None else len(self._rows)

    @property
    def is_last(self) -> bool:
        """Whether there is no page after this one."""
        return self.place + PAGE >= len(self)

    @property
    def total(self) -> int:
        """How many calls there are, shown or not."""
        return 0 if self._calls is None else len(self._calls)

    @property
    def where(self) -> str:
        """Which calls of how many are on the page."""
        if not len(self):
            return f"0 of {self.total:,}"
        last = min(self.place + PAGE, len(self))
        among = f" (of {self.total:,})" if len(self) < self.total else ""
        return f"{self.place + 1:,} to {last:,} of {len(self):,}{among}"

    def page(self) -> list[dict[Any, Any]]:
        """Return the calls of the page, None for what is not known."""
        if self._rows is None:
            return []
        rows = self._rows.iloc[self.place : self.place + PAGE].astype(object)
        return rows.where(rows.notna(), None).to_dict("records")

    def markup(self, selected: str | None, *, live: bool = True) -> str:
        """Return the page as an HTML table; one that is saved has times, since ages do not stay true."""
        if not self.total:
            return str(html.line("No call yet: dial one, then refresh."))
        if not len(self):
            return str(html.line(f"No call matches “{self.text}”."))
        now = datetime.now(UTC)
        body = "".join(_row(call, selected, now if live else None) for call in self.page())
        head = "".join(self._heading(name, live=live) for name in SORTS)
        return (
            '<div style="overflow-x:auto;contain:inline-size"><table style="border-collapse:collapse;width:100%;'
            'font-size:12px;line-height:1.6;color:inherit;background:transparent" aria-label="Calls">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        )

    def _heading(self, name: str, *, live: bool) -> str:
        sorted_ = ""
        mark = ""
        if name == self.key:
            sorted_ = f' aria-sort="{"descending" if self.falling else "ascending"}"'
            mark = " ▾" if self.falling else " ▴"
        style = f"{_CELL}{_side(name)};white-space:nowrap"
        shown = "began" if name == "age" and not live else name
        word = f'<span data-swnb-do="sort:{html.text(name)}">{html.text(shown)}{mark}</span>'
        return f'<th scope="col"{sorted_} style="{style}">{word}</th>'

    def _arrange(self) -> None:
        calls = self._calls
        if calls is None:
            return
        if self.text:
            told = self._told = self._told or self._tell(calls)
            places = list(range(len(told)))
            for word in self.text.casefold().split():
                places = [place for place in places if word in told[place]]
            calls = calls.iloc[places]
        # The order of categories is that of their first occurrence.
        first, *others = (
            calls[name].astype(object) if calls[name].dtype == "category" else calls[name]
            for name in SORTS[self.key]
        )
        column = first
        for other in others:
            column = column.fillna("") + "\n" + other.fillna("")
        # The calls are in the order of their beginnings; among equals, the newest comes first.
        order = column.iloc[::-1].sort_values(
            ascending=not self.falling, kind="stable", na_position="last"
        )
        self._rows = calls.loc[order.index]
        self.move(0)

    def _tell(self, calls: pd.DataFrame) -> list[str]:
        """Return what each call is searched in; most are the same as when they were read before."""
        columns = []
        for name in _SEARCHED:
            values = calls[name].astype(object)
            columns.append(values.where(values.notna(), None).tolist())
        rows, known = list(zip(*columns, strict=True)), self._tellings
        self._tellings = {row: known.get(row) or _telling(row) for row in rows}
        return [self._tellings[row] for row in rows]


def _telling(row: tuple[Any, ...]) -> str:
    """Return what is shown of a call, and what the log has where that is another word."""
    call = dict(zip(_SEARCHED, row, strict=True))
    shown = [
        short_direction(call["direction"]),
        ends_of(call),
        call["status"] or "unknown",
        clock(call["duration_ms"]),
        money(call["charge"]),
    ]
    rest = (call["call_id"], call["direction"], call["run"], call["type"])
    return "\n".join(str(fact) for fact in (*shown, *rest) if fact is not None).casefold()


def _side(name: str) -> str:
    return "right" if name in _NUMBERS else "left"


def _row(call: Mapping[Any, Any], selected: str | None, now: datetime | None) -> str:
    call_id = str(call["call_id"])
    chosen = call_id == selected
    began = call["created"]
    cells = {
        "age": html.Markup(
            f'{"▸ " if chosen else ""}<span title="{_time(began, "%Y-%m-%d %H:%M:%S UTC")}">'
            f"{age_of(began, now) if now else _time(began, '%H:%M:%S')}</span>"
        ),
        "direction": short_direction(call["direction"]),
        "from → to": ends_of(call),
        "status": html.mark(call["status"]) or "unknown",
        "duration": clock(call["duration_ms"]),
        "charge": money(call["charge"]) or "",
        "run": html.Markup(
            f'<span title="{html.text(call["run"] or "")}">'
            f"{html.text(middle_cut(call['run'] or '', _RUN))}</span>"
        ),
    }
    told = "".join(
        f'<td style="{_CELL}{_side(name)};{_looks(name)}">{html.text(cell)}</td>'
        for name, cell in cells.items()
    )
    do = f'data-swnb-do="select:{html.text(call_id)}"'
    return f'<tr {do} title="{html.text(call_id)}"{_CHOSEN if chosen else ""}>{told}</tr>'


def _time(at: datetime | None, form: str) -> str:
    return "time unknown" if at is None else at.strftime(form)


def _looks(name: str) -> str:
    if name == "from → to":
        return "max-width:20em;overflow-wrap:break-word"
    return "white-space:nowrap"


def short_direction(direction: Any) -> str:
    """Return `out`, `in`, or what else the platform says."""
    first = str(direction or "").partition("-")[0]
    return {"outbound": "out", "inbound": "in"}.get(first, first)


def ends_of(call: Mapping[Any, Any]) -> str:
    """Return who calls whom."""
    return f"{call['from'] or '?'} → {call['to'] or '?'}"
