"""`Console`: the calls of a log at a glance, with the selected call's timeline and a form.

A refresh reads the log, and asks the platform about the selected call only, if it has not ended. It
happens on demand, or on a timer that the user starts and that stops when the output is gone
(ipywidgets can count the views of a widget).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room
from tornado.ioloop import PeriodicCallback

from swnb import html
from swnb.errors import SwnbError
from swnb.events.voice_logs import reconcile
from swnb.exchange import OVER
from swnb.notebook.fields.base import FormWidgets
from swnb.notebook.fields.factory import make_field
from swnb.notebook.forms.busy_button import BusyButton
from swnb.notebook.forms.form import Form
from swnb.notebook.forms.results import error_result
from swnb.notebook.forms.suggestions import label_of
from swnb.notebook.page import ROOT, Page
from swnb.notebook.panels.call_story import story
from swnb.notebook.panels.calls_table import SORTS, CallsTable
from swnb.notebook.panels.console_text import console_text
from swnb.notebook.panels.console_totals import totals_line
from swnb.notebook.terminal import in_kernel
from swnb.session.calls import call_by_id

if TYPE_CHECKING:
    from collections.abc import Callable

    from swnb.session.session import Session

EVERY = 5.0  # seconds between two refreshes of the timer
_TABLE = {"flex": "1 1 480px", "min_width": "0", "margin": "0 16px 0 0"}
_STORY = {"flex": "1 1 380px", "min_width": "0"}


class Console:
    """The calls of a client's log as a table, with the selected call's timeline and a form.

    Nothing is sent before Send, “Refresh” or “Reconcile all” is pressed. `refresh()` reads the log and,
    if the selected call has not ended, its entry in the voice logs.

    Parameters
    ----------
    session : Session
        The session whose log is shown and that the form sends with.

    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.form = Form(session, on_result=self._sent)
        self._selected: str | None = None
        self._drawing = False
        self._table = CallsTable()
        self._widgets = FormWidgets(make_field, lambda: None, self._report)
        self.totals, self.error, self.table, self.timeline = (
            self._widgets.html() for _ in range(4)
        )
        self._page = Page(self._report, self.totals.layout, self._do)
        self._make_controls()
        self._callback = PeriodicCallback(lambda: self._press.run_once(self._refresh), EVERY * 1000)
        self.timer.observe(self._toggle_timer, "value")
        self.box = self._lay_out()
        # This makes the page count its views: without a view, the timer stops.
        self.box._view_count = 0  # noqa: SLF001 - ipywidgets has no other name for it
        self.box.observe(self._views_changed, "_view_count")
        self._show()

    @property
    def selected(self) -> str | None:
        """The id of the selected call."""
        return self._selected

    @selected.setter
    def selected(self, call_id: str | None) -> None:
        self._selected = call_id
        self._table.go_to(call_id)
        self._draw()
        self._draw_story()
        if self.form.call_id != call_id:
            self.form.call_id = call_id

    def refresh(self) -> None:
        """Ask about the selected call if it has not ended, and read the log again."""
        with self._press.busy():
            self._refresh()

    def reconcile(self) -> None:
        """Read the voice log of each call that is not final, and the log again."""
        with self._reconciling.busy():
            try:
                report = reconcile(self.session)
                self.error.value = f'<div role="status">{report._repr_html_()}</div>'
            except SwnbError as error:
                self._report(error)
            self._show()
            self.form.refresh()

    def close(self) -> None:
        """Stop the timer and remove the console from the page."""
        self.timer.value = False
        self.box.close()

    def _make_controls(self) -> None:
        widgets, page = self._widgets, self._page
        self._press = BusyButton(
            W.HBox(), self._button("Refresh"), self.refresh, "Refreshing", page
        )
        self._reconciling = BusyButton(
            W.HBox(), self._button("Reconcile all"), self.reconcile, "Reconciling", page
        )
        self.timer = W.ToggleButton(description=f"Every {EVERY:.0f} s", value=False)
        self.filter = W.Text(description="Filter", placeholder="number, status, run or id")
        self.sort = W.Dropdown(description="Sort by", options=list(SORTS), value=self._table.key)
        self.falling = W.ToggleButton(description="Descending", value=self._table.falling)
        self.previous = widgets.button("Previous page", lambda: self._turn(-1))
        self.next = widgets.button("Next page", lambda: self._turn(1))
        self._where = widgets.html()
        self.calls = W.Dropdown(description="Call", options=[])
        self.exchanges = W.Dropdown(description="Exchange", options=[])
        self._again = widgets.button(
            "Send again in the form", lambda: self._fill_in(self.exchanges.value)
        )
        for control in (self.filter, self.sort, self.calls, self.exchanges):
            control.layout.width, control.layout.min_width = "auto", "0"
            control.layout.max_width = "100%"
            control.style.description_width = "fit-content"
        self.timer.layout.width = self.falling.layout.width = "auto"
        self.filter.layout.flex = self.calls.layout.flex = self.exchanges.layout.flex = "1 1 16em"
        widgets.watch(self.filter, "value", self._filtered)
        widgets.watch(self.sort, "value", self._sorted)
        widgets.watch(self.falling, "value", self._sorted)
        widgets.watch(self.calls, "value", self._chosen)

    def _button(self, label: str) -> Callable[[Callable[[], object]], Any]:
        return lambda press: self._widgets.button(label, press)

    def _lay_out(self) -> Any:
        row = self._widgets.row
        left = W.VBox(
            [
                row([self.filter, self.sort, self.falling]),
                self.table,
                row([self.previous, self._where, self.next]),
                row([self.calls]),  # in a column, the width that it grows from would be its height
            ],
            layout=_TABLE,
        )
        right = W.VBox([self.timeline, row([self.exchanges, self._again])], layout=_STORY)
        box = self._widgets.column(
            [
                self.totals,
                row([self._press.box, self.timer, self._reconciling.box]),
                self.error,
                row([left, right]),
                self.form.box,
                *self._page.widgets,
            ]
        )
        box.add_class(ROOT)
        return box

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

    def _show(self, *, follow: bool = False) -> None:
        """Read the log and draw all of it; without a selected call, select the newest.

        With `follow`, select the call of the latest exchange, if it is about one.
        """
        try:
            calls = self.session.log.calls()
            self._table.read(calls)
            self.totals.value = f"{self._page.note}{totals_line(self.session, calls)}"
            latest = self.session.log.exchanges()["call_id"].tail(1) if follow else ()
            followed = [call_id for call_id in latest if self._table.has(call_id)]
            if followed:
                self.selected = followed[0]
            elif not self._table.has(self._selected):
                newest = self._table.page()
                self.selected = newest[0]["call_id"] if newest else None
            else:
                self._draw()
                self._draw_story()
        except SwnbError as error:
            self._report(error)

    def _sent(self) -> None:
        """Show what the form has sent or refused, and the call that it was about."""
        self._show(follow=True)

    def _draw(self) -> None:
        """Draw the table and its controls, from what was read."""
        now = datetime.now(UTC)
        page = self._table.page()
        self.table.value = self._table.markup(self._selected)
        self._where.value = (
            f'<div role="status" style="padding:0 8px">{html.text(self._table.where)}</div>'
        )
        enable = self._widgets.enable
        enable(self.previous, enabled=self._table.place > 0)
        enable(self.next, enabled=not self._table.is_last)
        self._drawing = True
        try:
            self.sort.value, self.falling.value = self._table.key, self._table.falling
            self.falling.description = "Descending" if self._table.falling else "Ascending"
            offered = [(label_of(call, now), call["call_id"]) for call in page]
            if self._selected is not None and self._selected not in [id_ for _, id_ in offered]:
                offered.insert(
                    0, (f"{html.short(self._selected)}, not on this page", self._selected)
                )
            self.calls.options = offered
            self.calls.value = self._selected
        finally:
            self._drawing = False

    def _draw_story(self) -> None:
        """Read the timeline of the selected call and draw it; an exchange that was picked stays so."""
        picked = self.exchanges.value if self.exchanges.index else None  # the first is the newest
        self.timeline.value, again = story(self.session.log, self._selected)
        self.exchanges.options = again
        if again:
            ids = [id_ for _, id_ in again]
            self.exchanges.index = ids.index(picked) if picked in ids else 0
        self._widgets.enable(self._again, enabled=bool(again))

    def _do(self, word: str) -> None:
        """Do what was clicked in the HTML: `select:`, `sort:` or `again:`, and what it is about."""
        verb, _, object_ = word.partition(":")
        if verb == "select" and self._table.has(object_):
            self.selected = object_
        elif verb == "sort" and object_ in SORTS:
            self._table.sort(object_)
            self._draw()
        elif verb == "again" and object_.isdecimal():
            self._fill_in(int(object_))

    def _fill_in(self, id_: int | None) -> None:
        if id_ is not None:
            self.form.fill_in(self.session.log.get(id_))

    def _filtered(self) -> None:
        self._table.filter(self.filter.value)
        self._draw()

    def _sorted(self) -> None:
        if self._drawing:
            return
        if self.sort.value != self._table.key:
            self._table.sort(self.sort.value)
        else:
            self._table.turn()
        self._draw()

    def _turn(self, by: int) -> None:
        self._table.move(by)
        self._draw()

    def _chosen(self) -> None:
        if not self._drawing:
            self.selected = self.calls.value

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
        """Return the widget, and the totals, the calls and the timeline for readers without widgets."""
        log = self.session.log
        try:
            parts = [
                totals_line(self.session, log.calls()),
                self._table.markup(self._selected, live=False),
                story(log, self._selected, live=False)[0],
            ]
            text = repr(self)
        except SwnbError as error:  # the widgets are shown, and say so too
            parts, text = [error_result(error).html], error_result(error).text
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": "".join(map(str, parts)),
            "text/plain": text,
        }

    def __repr__(self) -> str:
        if not in_kernel():
            return console_text(self.session)
        return f"<Console of {self._table.total} calls · {self.session.space}>"
