"""`Explorer`: what calls cost, with a widget for each filter, a chart and its table side by side.

Each change asks `swnb.costs.by` anew, and the line of code that gives the same frame stands below. The
whole stays as a picture, a table and text where there is no kernel.
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
from swnb.notebook.forms.results import FORM_CLASS

if TYPE_CHECKING:
    import pandas as pd

    from swnb.costs.tables.tables import Tables

ALL = "all"
GROUPS = (
    *("description", "day", "month", "hour", "type", "direction", "country", "status"),
    *("run", "command"),
)
FILTERS = ("direction", "type", "country", "description")
_BARS = 10  # groups that are drawn; the table has more
_ROWS = 40
_FORMATS = {"month": "%Y-%m", "day": "%Y-%m-%d"}
_CELL = "padding:1px 14px 1px 0;white-space:nowrap;text-align:{}"


class Explorer:
    """WidgetBuilder over the tables of a log or of a folder: choose, group, look.

    `tables` gives them (pandas), and is called again by the button; `source` is what stands for
    them in the code. The frame shown is `frame`, its chart `chart`, the code `code`.
    """

    def __init__(self, tables: Callable[[], Tables], source: str = "sw.log.tables()") -> None:
        self._read = tables
        self._source = source
        self._tables = tables()
        self.key = _dropdown("Group by", list(GROUPS), "description")
        self.after, self.before = _day("From"), _day("Before")
        self.filters = {name: _dropdown(name.capitalize(), [ALL], ALL) for name in FILTERS}
        self.trouble, self._chart, self._table, self._code = (W.HTML() for _ in range(4))
        widgets = FormWidgets(make_field, lambda: None, self._report)
        self._press = BusyButton(
            W.HBox(),
            lambda press: widgets.button("Read again", press, "Read the tables again"),
            self.refresh,
            "Reading",
        )
        self.box = self._laid_out()
        self._fill()
        for widget in (self.key, self.after, self.before, *self.filters.values()):
            widget.observe(self._changed, "value")
        self._show()

    def refresh(self) -> None:
        """Read the tables again, and show what is chosen of them."""
        with self._press.busy():
            self._tables = self._read()
            self._fill()
            self._show()

    @property
    def button(self) -> Any:
        """The button that reads again."""
        return self._press.button

    @property
    def chosen(self) -> dict[str, str]:
        """The filters that are set, as the parameters of `swnb.costs.filtered`."""
        days: dict[str, date | None] = {"after": self.after.value, "before": self.before.value}
        found = {name: day.isoformat() for name, day in days.items() if day}
        picked = {name: widget.value for name, widget in self.filters.items()}
        return {**found, **{name: value for name, value in picked.items() if value != ALL}}

    @property
    def keys(self) -> tuple[str, ...]:
        """What the frame is grouped by: one kind of charge line is asked for by its description."""
        key = str(self.key.value)
        lines = "description" in self.chosen and key != "description"
        return ("description", key) if lines else (key,)

    @property
    def frame(self) -> pd.DataFrame:
        """What is shown, as `swnb.costs.by` gives it."""
        return by(filtered(self._tables, **self.chosen), *self.keys)

    @property
    def chart(self) -> Chart:
        """The chart of the frame."""
        return drawn(self.frame, str(self.key.value))

    @property
    def code(self) -> str:
        """The line that gives the same frame."""
        filters = "".join(f", {name}={value!r}" for name, value in self.chosen.items())
        tables = f"costs.filtered({self._source}{filters})" if filters else self._source
        keys = ", ".join(f'"{key}"' for key in self.keys)
        return f"from swnb import costs; costs.by({tables}, {keys})".replace("'", '"')

    def _laid_out(self) -> Any:
        row = W.Layout(flex_flow="row wrap", width="100%", overflow="visible")
        widgets = [self.key, self.after, self.before, *self.filters.values(), self._press.box]
        pane = W.Layout(flex="1 1 26em", min_width="0")
        panes = [W.VBox([each], layout=pane) for each in (self._chart, self._table)]
        box = W.VBox(
            [
                W.HBox(widgets, layout=row),
                self.trouble,
                W.HBox(panes, layout=row),
                self._code,
            ]
        )
        box.add_class(FORM_CLASS)
        return box

    def _fill(self) -> None:
        """Offer the labels that there are; one that is chosen and gone is chosen no more."""
        for name, widget in self.filters.items():
            table = self._tables.charges if name == "description" else self._tables.calls
            labels = sorted(str(each) for each in table[name].dropna().unique())
            picked = widget.value
            widget.options = [ALL, *labels]
            widget.value = picked if picked in labels else ALL

    def _changed(self, _: Any) -> None:
        self.trouble.value = ""
        try:
            self._show()
        except Exception as error:  # noqa: BLE001 - a callback's exception would vanish
            self._report(error)

    def _report(self, error: BaseException) -> None:
        self.trouble.value = alert([str(error)])

    def _show(self) -> None:
        frame = self.frame
        picture = drawn(frame, str(self.key.value))
        self._chart.value = picture._repr_mimebundle_()["text/html"]
        self._table.value = table(frame)
        self._code.value = f"{html.line('Copy as code:')}{html.code(self.code)}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Give the widgets, and for a page without a kernel what they show."""
        parts = (self._chart.value, self._table.value, self._code.value)
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": "".join(f'<div style="margin:6px 0">{part}</div>' for part in parts),
            "text/plain": f"{self.code}\n{self.frame.head(_ROWS).to_string(index=False)}",
        }

    def __repr__(self) -> str:
        return f"<Explorer {self.code}>"


def drawn(frame: pd.DataFrame, key: str) -> Chart:
    """Draw the charge of each group: over time as columns, else the dearest as bars."""
    names = [_text(each, key) for each in frame[key]]
    told = [f"{name} {usd(charge)}" for name, charge in zip(names, frame["charge"], strict=True)]
    headline = f"Charges by {key}, {usd(float(frame['charge'].sum()))} in all"
    if key in TIMES:
        made = axes(headline, height=3.6)
        made.bar(names, frame["charge"], color=TONES[0])
        made.set_ylabel("USD", color=INK)
        made.set_xticks(range(0, len(names), max(1, len(names) // 8)))
        made.tick_params(axis="x", rotation=30)
        return chart(made, headline, told)
    first = frame.head(_BARS)
    made = bars(len(first), headline)
    made.barh(names[:_BARS], first["charge"], color=TONES[0])
    label(made, first["charge"], [usd(each) for each in first["charge"]])
    made.set_xlabel("USD", color=INK)
    return chart(made, headline, told[:_BARS])


def table(frame: pd.DataFrame) -> str:
    """Show the first rows of a frame, numbers to the right, in the page's own colours."""
    numbers = {"lines", "calls", "charge", "unpriced", "share"}
    sides = ["right" if name in numbers else "left" for name in frame]
    head = "".join(
        f'<th scope="col" style="{_CELL.format(side)}">{html.text(name)}</th>'
        for name, side in zip(frame, sides, strict=True)
    )
    rows = "".join(
        "<tr>"
        + "".join(
            f'<td style="{_CELL.format(side)}">{html.text(_text(value, str(name)))}</td>'
            for name, value, side in zip(frame, row, sides, strict=True)
        )
        + "</tr>"
        for row in frame.head(_ROWS).itertuples(index=False)
    )
    rest = len(frame) - _ROWS
    more = html.line(f"and {rest:,} more rows: the code gives all") if rest > 0 else ""
    return (
        '<div style="max-height:26em;overflow:auto"><table style="border-collapse:collapse;'
        f'color:inherit;background:transparent"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table>{more}</div>"
    )


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
