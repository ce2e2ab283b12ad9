"""`Console`: the calls of a log at a glance, with the selected call's timeline and form.

A refresh reads the log, and asks the platform about the selected call only, if it has not ended. It
happens on demand, or on a timer that the user starts and that stops when the output is gone
(ipywidgets can count the views of a widget).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room
from tornado.ioloop import PeriodicCallback

from swnb import html
from swnb.cards import mark, money
from swnb.errors import SwnbError
from swnb.exchange import ERRORS, OVER
from swnb.notebook.fields.base import FormWidgets
from swnb.notebook.fields.factory import make_field
from swnb.notebook.forms.busy_button import BusyButton
from swnb.notebook.forms.form import Form
from swnb.notebook.forms.results import error_result
from swnb.notebook.page import ROOT
from swnb.notebook.panels.console_text import console_text
from swnb.notebook.terminal import in_kernel
from swnb.session.calls import call_by_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pandas as pd

    from swnb.session.session import Session

EVERY = 5.0  # seconds between two refreshes of the timer
SHOWN = 200  # newest calls in the list, and newest exchanges in a timeline
_CELL = "padding:1px 10px 1px 0;text-align:left;vertical-align:top"
_TIMELINE = ["sent_at", "command", "outcome", "call_status", "control_id", "error_message"]


class Console:
    """The calls of a client's log, newest first, with the selected call's timeline and form.

    Nothing is sent before a form's Send is pressed. `refresh()` reads the log and, if the selected
    call has not ended, its entry in the voice logs.

    Parameters
    ----------
    session : Session
        The session whose log is shown and that the form sends with.

    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.form = Form(session)
        self.calls = W.Select(
            options=[],
            rows=14,
            layout={"width": "auto", "margin": "2px 8px 2px 2px"},
            tooltip="Calls",
        )
        self.totals = W.HTML()
        self.timeline = W.HTML()
        self.error = W.HTML()
        self._widgets = FormWidgets(make_field, lambda: None, self._report)
        self._press = BusyButton(W.HBox(), self._button, self.refresh, "Refreshing")
        self.timer = W.ToggleButton(description=f"Every {EVERY:.0f} s", value=False)
        self._callback = PeriodicCallback(lambda: self._press.run_once(self._refresh), EVERY * 1000)
        self.timer.observe(self._toggle_timer, "value")
        self.calls.observe(self._select, "value")
        self.box = self._lay_out()
        # This makes the page count its views: without a view, the timer stops.
        self.box._view_count = 0  # noqa: SLF001 - ipywidgets has no other name for it
        self.box.observe(self._views_changed, "_view_count")
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
        """Ask about the selected call if it has not ended, and read the log again."""
        with self._press.busy():
            self._refresh()

    def close(self) -> None:
        """Stop the timer and remove the console from the page."""
        self.timer.value = False
        self.box.close()

    def _button(self, press: Callable[[], object]) -> Any:
        button = self._widgets.button("Refresh", press)
        button.icon = "refresh"
        return button

    def _refresh(self) -> None:
        self.error.value = ""
        try:
            call_id = self.selected
            if call_id and self._status_of(call_id) not in OVER:
                call_by_id(self.session, call_id, unchecked=True).refresh()
        except SwnbError as error:
            # A callback's exception would be dropped, and the timer would repeat it.
            self.timer.value = False
            self._report(error)
        self._show()
        self.form.refresh()

    def _report(self, error: BaseException) -> None:
        self.error.value = f'<div role="alert">{error_result(error).html}</div>'

    def _lay_out(self) -> Any:
        left = W.VBox(
            [W.HBox([self._press.box, self.timer]), self.calls],
            layout={"width": "34%", "min_width": "17em"},
        )
        right = W.VBox(
            [self.timeline, self.form.box], layout={"flex": "1 1 auto", "min_width": "0"}
        )
        panes = W.HBox([left, right], layout={"flex_flow": "row wrap"})
        box = W.VBox([self.totals, self.error, panes])
        box.add_class(ROOT)
        return box

    def _show(self) -> None:
        exchanges, calls = self.session.log.exchanges(), self.session.log.calls()
        self.totals.value = totals(self.session, exchanges, calls)
        selected = self.selected
        newest = calls.iloc[::-1].head(SHOWN)
        self.calls.options = [(label(row), row["call_id"]) for row in newest.to_dict("records")]
        call_ids = [call_id for _, call_id in self.calls.options]
        self.calls.value = selected if selected in call_ids else next(iter(call_ids), None)
        self.timeline.value = timeline(exchanges, self.selected)

    def _select(self, _: Any) -> None:
        self.timeline.value = timeline(self.session.log.exchanges(), self.selected)
        self.form.call_id = self.selected

    def _status_of(self, call_id: str) -> str | None:
        calls = self.session.log.calls()
        status = calls.loc[calls["call_id"] == call_id, "status"]
        return status.iloc[0] if len(status) else None

    def _toggle_timer(self, change: Any) -> None:
        if change["new"]:
            self._callback.start()
        else:
            self._callback.stop()

    def _views_changed(self, change: Any) -> None:
        if not change["new"]:
            self.timer.value = False

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the widget, and the totals and the timeline for readers without widgets."""
        calls, exchanges = self.session.log.calls(), self.session.log.exchanges()
        static = totals(self.session, exchanges, calls) + timeline(exchanges, self.selected)
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": static,
            "text/plain": repr(self),
        }

    def __repr__(self) -> str:
        if not in_kernel():
            return console_text(self.session)
        return f"<Console of {len(self.calls.options)} calls · {self.session.space}>"


def totals(session: Session, exchanges: pd.DataFrame, calls: pd.DataFrame) -> str:
    """Return the totals of a log as a card: exchanges, errors, calls and their charge."""
    errors = int(exchanges["outcome"].isin(ERRORS).sum())
    pairs = [
        ("exchanges", f"{len(exchanges):,}"),
        ("errors", f"{errors:,}"),
        ("calls", f"{len(calls):,}"),
        ("charge", money(float(calls["charge"].sum())) or "$0"),
    ]
    return html.card("Console", html.badge(session.space, "quiet"), [html.facts(pairs)])


def label(call: Mapping[Any, Any]) -> str:
    """Return a call's label in the list: its status, who was called, and the start of its id."""
    status = call["status"] if isinstance(call["status"], str) else "unknown"
    to = call["to"] if isinstance(call["to"], str) else "?"
    return f"{status} · {to} · {call['call_id'][:8]}"


def timeline(exchanges: pd.DataFrame, call_id: str | None) -> str:
    """Return what happened on a call, oldest first, as a card with a table."""
    if call_id is None:
        return html.card("No call yet", None, [html.line("Dial a call, then refresh.")])
    rows = exchanges.loc[exchanges["call_id"] == call_id, _TIMELINE].tail(SHOWN)
    cells = [_row(*row) for row in rows.itertuples(index=False, name=None)]
    table = html.grid([_CELL] * 5, cells, style="width:100%")
    return html.card("Timeline", html.mono(call_id), [html.scrolled(table, height=20)])


def _row(sent_at: Any, command: str, outcome: str, status: Any, *details: Any) -> list[object]:
    """Return the cells of one exchange."""
    return [
        html.mono(f"{sent_at:%H:%M:%S}"),
        html.mono(command),
        mark(outcome),
        status if isinstance(status, str) else None,
        " · ".join(text.split("\n")[0] for text in details if isinstance(text, str)),
    ]
