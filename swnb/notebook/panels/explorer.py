"""`Explorer`: what calls cost, with a widget for each filter, a chart and its table side by side.

Each change calls `swnb.costs.by` again, and the line of code that returns the same frame is shown
below. Without a kernel, the picture, the table and the code stay readable.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room

from swnb import html
from swnb.costs import by
from swnb.costs.drawing import INK, TONES, Chart, axes, bars, chart, label, usd
from swnb.costs.tables.filters import filtered
from swnb.costs.tables.frames import TIMES
from swnb.notebook.fields.base import FormWidgets
from swnb.notebook.fields.factory import make_field
from swnb.notebook.fields.widgets import alert
from swnb.notebook.forms.busy_button import BusyButton
from swnb.notebook.page import ROOT

if TYPE_CHECKING:
    import pandas as pd

    from swnb.costs.tables.tables import Tables

ALL = "all"
GROUPS = (
    *("description", "day", "month", "hour", "type", "direction", "country", "status"),
    *("run", "command"),
)
FILTERS = ("direction", "type", "country", "description")
_BARS = 10  # groups in the chart; the table has more
_ROWS = 40
_FORMATS = {"month": "%Y-%m", "day": "%Y-%m-%d"}
_NUMERIC = frozenset({"lines", "calls", "charge", "unpriced", "share"})
_CELL = "padding:1px 14px 1px 0;white-space:nowrap;text-align:{}"


class Explorer:
    """Widgets that filter, group and draw the tables of a log or of a folder.

    The frame shown is `frame`, its chart `chart`, and the code that returns the frame `code`.

    Parameters
    ----------
    tables : callable
        Returns the tables (pandas); called again by the button.
    source : str, default "sw.log.tables()"
        The expression for these tables in the code.

    Examples
    --------
    >>> Explorer(lambda: costs.read("account"), 'costs.read("account")')

    """

    def __init__(self, tables: Callable[[], Tables], source: str = "sw.log.tables()") -> None:
        self._read = tables
        self._source = source
        self._tables = tables()
        self.key = _dropdown("Group by", list(GROUPS), "description")
        self.after, self.before = _day("From"), _day("Before")
        self.filters = {name: _dropdown(name.capitalize(), [ALL], ALL) for name in FILTERS}
        self.error, self._chart, self._table, self._code = (W.HTML() for _ in range(4))
        widgets = FormWidgets(make_field, lambda: None, self._report)
        self._press = BusyButton(
            W.HBox(),
            lambda press: widgets.button("Read again", press, "Read the tables again"),
            self.refresh,
            "Reading",
        )
        self.box = self._lay_out()
        self._fill()
        for widget in (self.key, self.after, self.before, *self.filters.values()):
            widget.observe(self._changed, "value")
        self._show()

    def refresh(self) -> None:
        """Read the tables again, and show the chosen part of them."""
        with self._press.busy():
            self._tables = self._read()
            self._fill()
            self._show()

    @property
    def button(self) -> Any:
        """The button that reads the tables again."""
        return self._press.button

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, as the parameters of `swnb.costs.filtered`."""
        days: dict[str, date | None] = {"after": self.after.value, "before": self.before.value}
        limits = {name: day.isoformat() for name, day in days.items() if day}
        labels = {name: widget.value for name, widget in self.filters.items()}
        return {**limits, **{name: label for name, label in labels.items() if label != ALL}}

    @property
    def keys(self) -> tuple[str, ...]:
        """What the frame is grouped by; `description` comes first if it is filtered."""
        key = str(self.key.value)
        by_line = "description" in self.chosen and key != "description"
        return ("description", key) if by_line else (key,)

    @property
    def frame(self) -> pd.DataFrame:
        """The frame that is shown, from `swnb.costs.by`."""
        return by(filtered(self._tables, **self.chosen), *self.keys)

    @property
    def chart(self) -> Chart:
        """The chart of the frame."""
        return draw(self.frame, str(self.key.value))

    @property
    def code(self) -> str:
        """The line of code that returns the same frame."""
        filters = "".join(f", {name}={value!r}" for name, value in self.chosen.items())
        tables = f"costs.filtered({self._source}{filters})" if filters else self._source
        keys = ", ".join(f'"{key}"' for key in self.keys)
        return f"from swnb import costs; costs.by({tables}, {keys})".replace("'", '"')

    def _lay_out(self) -> Any:
        row = W.Layout(flex_flow="row wrap", width="100%", overflow="visible")
        controls = [self.key, self.after, self.before, *self.filters.values(), self._press.box]
        pane = W.Layout(flex="1 1 26em", min_width="0")
        panes = [W.VBox([output], layout=pane) for output in (self._chart, self._table)]
        box = W.VBox(
            [
                W.HBox(controls, layout=row),
                self.error,
                W.HBox(panes, layout=row),
                self._code,
            ]
        )
        box.add_class(ROOT)
        return box

    def _fill(self) -> None:
        """Fill each filter with the labels in the tables; a chosen label that is gone becomes "all"."""
        for name, widget in self.filters.items():
            table = self._tables.charges if name == "description" else self._tables.calls
            labels = sorted(str(label) for label in table[name].dropna().unique())
            chosen = widget.value
            widget.options = [ALL, *labels]
            widget.value = chosen if chosen in labels else ALL

    def _changed(self, _: Any) -> None:
        self.error.value = ""
        try:
            self._show()
        except Exception as error:  # noqa: BLE001 - a callback's exception would be dropped
            self._report(error)

    def _report(self, error: BaseException) -> None:
        self.error.value = alert([str(error)])

    def _show(self) -> None:
        frame = self.frame
        picture = draw(frame, str(self.key.value))
        self._chart.value = picture._repr_mimebundle_()["text/html"]
        self._table.value = table(frame)
        self._code.value = f"{html.line('Copy as code:')}{html.code(self.code)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the widgets, and HTML and text for readers without widgets."""
        parts = (self._chart.value, self._table.value, self._code.value)
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": "".join(f'<div style="margin:6px 0">{part}</div>' for part in parts),
            "text/plain": f"{self.code}\n{self.frame.head(_ROWS).to_string(index=False)}",
        }

    def __repr__(self) -> str:
        return f"<Explorer {self.code}>"


def draw(frame: pd.DataFrame, key: str) -> Chart:
    """Return a chart of each group's charge: columns over time, else bars of the most expensive."""
    names = [_text(value, key) for value in frame[key]]
    texts = [f"{name} {usd(charge)}" for name, charge in zip(names, frame["charge"], strict=True)]
    headline = f"Charges by {key}, {usd(float(frame['charge'].sum()))} in all"
    if key in TIMES:
        plot = axes(headline, height=3.6)
        plot.bar(names, frame["charge"], color=TONES[0])
        plot.set_ylabel("USD", color=INK)
        plot.set_xticks(range(0, len(names), max(1, len(names) // 8)))
        plot.tick_params(axis="x", rotation=30)
        return chart(plot, headline, texts)
    first = frame.head(_BARS)
    plot = bars(len(first), headline)
    plot.barh(names[:_BARS], first["charge"], color=TONES[0])
    label(plot, first["charge"], [usd(charge) for charge in first["charge"]])
    plot.set_xlabel("USD", color=INK)
    return chart(plot, headline, texts[:_BARS])


def table(frame: pd.DataFrame) -> str:
    """Return the first rows of a frame as a table, with the numbers on the right."""
    styles = [_CELL.format("right" if name in _NUMERIC else "left") for name in frame]
    rows = (
        [_text(value, str(name)) for name, value in zip(frame, row, strict=True)]
        for row in frame.head(_ROWS).itertuples(index=False)
    )
    rest = len(frame) - _ROWS
    more = [html.line(f"and {rest:,} more rows: the code returns all")] if rest > 0 else []
    return str(html.scrolled(html.grid(styles, rows, head=frame), *more, height=26))


def _text(value: Any, name: str) -> str:
    if value is None or value != value:  # noqa: PLR0124 - NaN is the one value that is not itself
        return "(none)"
    if name in _FORMATS:
        return f"{value:{_FORMATS[name]}}"
    if name == "charge":
        return usd(value)
    return f"{value:.1%}" if name == "share" else f"{value}"


def _dropdown(title: str, options: list[str], value: str) -> Any:
    return W.Dropdown(
        description=title,
        options=options,
        value=value,
        style={"description_width": "initial"},
        layout={"width": "auto"},
    )


def _day(title: str) -> Any:
    return W.DatePicker(
        description=title, style={"description_width": "initial"}, layout={"width": "auto"}
    )
