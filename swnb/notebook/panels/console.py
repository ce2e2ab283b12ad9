"""`Console`: the calls of a log at a glance, and the selected one's timeline and form.

It reads the log, and asks the platform about one call only: the selected one, when it is refreshed
and not over. It does so on demand, or on a timer that the page can start and that stops when the
output is gone (ipywidgets counts the views of a widget for those who ask it to).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets
from tornado.ioloop import PeriodicCallback

from swnb import html
from swnb.cards import mark, money
from swnb.errors import SwnbError
from swnb.exchange import ERRORS, OVER
from swnb.notebook.fields.base import Kit
from swnb.notebook.fields.maker import make
from swnb.notebook.forms.form import Form
from swnb.notebook.forms.pressing import OnePress
from swnb.notebook.forms.results import FORM_CLASS, of_error
from swnb.session.calls import call_by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from swnb.session.session import Session

EVERY = 5.0  # seconds between two looks on the timer
SHOWN = 200  # calls listed, and exchanges in a timeline, at most: the newest
_TIMELINE = ["sent_at", "command", "outcome", "call_status", "control_id", "error_message"]


class Console:
    """The calls of a client's log, newest first, with the selected call's timeline and form.

    `refresh()` is the button. Nothing is sent before a form's Send is pressed; refreshing reads the
    log and, for a selected call that is not over, its entry in the voice logs.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.form = Form(session)
        self.calls = widgets.Select(
            options=[],
            rows=14,
            layout={"width": "auto", "margin": "2px 8px 2px 2px"},
            tooltip="Calls",
        )
        self.totals = widgets.HTML()
        self.timeline = widgets.HTML()
        self.trouble = widgets.HTML()
        self._kit = Kit(make, lambda: None, self._report)
        self._press = OnePress(widgets.HBox(), self._button, self.refresh, "Refreshing")
        self.timer = widgets.ToggleButton(description=f"Every {EVERY:.0f} s", value=False)
        self._callback = PeriodicCallback(lambda: self._press.once(self._refresh), EVERY * 1000)
        self.timer.observe(self._switch, "value")
        self.calls.observe(self._select, "value")
        self.box = self._laid_out()
        # Asks the page to count views: at none, there is nobody to keep the timer running for.
        self.box._view_count = 0  # noqa: SLF001 - ipywidgets has no other name for it
        self.box.observe(self._watched, "_view_count")
        self._show()

    @property
    def selected(self) -> str | None:
        """The id of the selected call."""
        value = self.calls.value
        return value if isinstance(value, str) else None

    @selected.setter
    def selected(self, call_id: str | None) -> None:
        self.calls.value = call_id

    def refresh(self) -> None:
        """Ask about the selected call if it is not over, and read the log again."""
        with self._press.busy():
            self._refresh()

    def close(self) -> None:
        """Stop the timer and take the console off the page."""
        self.timer.value = False
        self.box.close()

    def _button(self, press: Callable[[], object]) -> Any:
        button = self._kit.button("Refresh", press)
        button.icon = "refresh"
        return button

    def _refresh(self) -> None:
        self.trouble.value = ""
        try:
            call_id = self.selected
            if call_id and self._status_of(call_id) not in OVER:
                call_by_id(self.session, call_id, unchecked=True).refresh()
        except SwnbError as error:
            # A callback's exception would vanish; and the timer would raise it again and again.
            self.timer.value = False
            self._report(error)
        self._show()
        self.form.refresh()

    def _report(self, error: BaseException) -> None:
        self.trouble.value = f'<div role="alert">{of_error(error).html}</div>'

    def _laid_out(self) -> Any:
        left = widgets.VBox(
            [widgets.HBox([self._press.box, self.timer]), self.calls],
            layout={"width": "34%", "min_width": "17em"},
        )
        right = widgets.VBox(
            [self.timeline, self.form.box], layout={"flex": "1 1 auto", "min_width": "0"}
        )
        panes = widgets.HBox([left, right], layout={"flex_flow": "row wrap"})
        box = widgets.VBox([self.totals, self.trouble, panes])
        box.add_class(FORM_CLASS)
        return box

    def _show(self) -> None:
        exchanges, calls = self.session.log.exchanges(), self.session.log.calls()
        self.totals.value = totals(self.session, exchanges, calls)
        selected = self.selected
        newest = calls.iloc[::-1].head(SHOWN)
        self.calls.options = [(label(row), row["call_id"]) for row in newest.to_dict("records")]
        known = [call_id for _, call_id in self.calls.options]
        self.calls.value = selected if selected in known else next(iter(known), None)
        self.timeline.value = timeline(exchanges, self.selected)

    def _select(self, _: Any) -> None:
        self.timeline.value = timeline(self.session.log.exchanges(), self.selected)
        self.form.call_id = self.selected

    def _status_of(self, call_id: str) -> str | None:
        calls = self.session.log.calls()
        found = calls.loc[calls["call_id"] == call_id, "status"]
        return found.iloc[0] if len(found) else None

    def _switch(self, change: Any) -> None:
        if change["new"]:
            self._callback.start()
        else:
            self._callback.stop()

    def _watched(self, change: Any) -> None:
        if not change["new"]:
            self.timer.value = False

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Give the widget, and the totals and the timeline where there is none."""
        calls, exchanges = self.session.log.calls(), self.session.log.exchanges()
        static = totals(self.session, exchanges, calls) + timeline(exchanges, self.selected)
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": static,
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        return f"<Console of {len(self.calls.options)} calls · {self.session.space}>"


def totals(session: Session, exchanges: pd.DataFrame, calls: pd.DataFrame) -> str:
    """Show the running totals of a log: exchanges, errors, calls and what they have cost."""
    errors = int(exchanges["outcome"].isin(ERRORS).sum())
    pairs = [
        ("exchanges", f"{len(exchanges):,}"),
        ("errors", f"{errors:,}"),
        ("calls", f"{len(calls):,}"),
        ("charge", money(float(calls["charge"].sum())) or "$0"),
    ]
    return html.card("Console", html.badge(session.space, "quiet"), [html.facts(pairs)])


def label(call: Mapping[Any, Any]) -> str:
    """Name a call in the list: its status, who was called, and how its id begins."""
    status = call["status"] if isinstance(call["status"], str) else "unknown"
    to = call["to"] if isinstance(call["to"], str) else "?"
    return f"{status} · {to} · {call['call_id'][:8]}"


def timeline(exchanges: pd.DataFrame, call_id: str | None) -> str:
    """Show what happened on a call, oldest first, as a table."""
    if call_id is None:
        return html.card("No call yet", None, [html.line("Dial one, and refresh.")])
    rows = exchanges.loc[exchanges["call_id"] == call_id, _TIMELINE].tail(SHOWN)
    cells = "".join(_row(*row) for row in rows.itertuples(index=False, name=None))
    table = html.Markup(
        '<div style="max-height:20em;overflow:auto"><table style="border-collapse:collapse;'
        f'width:100%;color:inherit;background:transparent">{cells}</table></div>'
    )
    return html.card("Timeline", html.mono(call_id), [table])


def _row(sent_at: Any, command: str, outcome: str, status: Any, *more: Any) -> str:
    shown = [
        html.mono(f"{sent_at:%H:%M:%S}"),
        html.mono(command),
        mark(outcome) or "",
        status if isinstance(status, str) else "",
        " · ".join(text.split("\n")[0] for text in more if isinstance(text, str)),
    ]
    style = "padding:1px 10px 1px 0;text-align:left;vertical-align:top"
    return f"<tr>{''.join(f'<td style={chr(34)}{style}{chr(34)}>{html.text(cell)}</td>' for cell in shown)}</tr>"
