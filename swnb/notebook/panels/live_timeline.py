"""`LiveTimeline`: a call's timeline that grows while the call runs.

It is drawn again on demand, on a timer that stops when the output is gone or the call is over, and
between the slices of a wait, during which the kernel has no time for timers. Nothing is sent: it
reads the log.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import Any

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room
from tornado.ioloop import PeriodicCallback

from swnb.errors import SwnbError
from swnb.events.hub import hub_of
from swnb.exchange import OVER
from swnb.log.timeline.timeline import Timeline
from swnb.notebook.forms.results import error_result
from swnb.session.session import Session

EVERY = 1.0  # seconds between two drawings
_MARGIN = 3  # drawings after the end of the call, for what comes late


class LiveTimeline:
    """The timeline of a call as a panel, drawn again as it grows; `call.timeline(live=True)` opens it.

    Parameters
    ----------
    session : Session
        The session whose log is read.
    call_id : str
        The call.

    """

    def __init__(self, session: Session, call_id: str) -> None:
        self._log = session.log
        self._call_id = call_id
        self._hub = hub_of(session)
        self._left = _MARGIN
        self._drawn_at = 0.0
        self._closed = False
        self._picture = W.HTML(layout={"width": "auto"})
        self._refresh = W.Button(description="Refresh", icon="refresh", tooltip="Draw it again")
        self._refresh.on_click(lambda _: self.refresh())
        self.timer = W.ToggleButton(
            value=False, description=f"Every {EVERY:.0f} s", tooltip="Draw it again on a timer"
        )
        self.timer.observe(self._toggle_timer, "value")
        self._callback = PeriodicCallback(self._tick, EVERY * 1000)
        self.box = W.VBox([W.HBox([self._refresh, self.timer]), self._picture])
        # This makes the page count its views: without a view, the timer stops.
        self.box._view_count = 0  # noqa: SLF001 - ipywidgets has no other name for it
        self.box.observe(self._views_changed, "_view_count")
        self._hub.watchers.append(self._watch)
        self.refresh()
        with suppress(RuntimeError):  # without a loop, no timer ever ticks
            asyncio.get_running_loop()
            self.timer.value = True

    def refresh(self) -> None:
        """Read the log and draw the timeline again."""
        self._drawn_at = time.monotonic()
        try:
            timeline = self._timeline()
        except SwnbError as error:
            # A callback's exception would be dropped, and the timer would repeat it.
            self.timer.value = False
            self._picture.value = f'<div role="alert">{error_result(error).html}</div>'
            return
        # A reading may change what a step says, and not how many there are.
        self._picture.value = timeline._repr_html_()
        self._left = self._left - 1 if timeline.status in OVER else _MARGIN

    def close(self) -> None:
        """Stop drawing and remove the panel from the page."""
        self.timer.value = False
        self._closed = True
        if self._watch in self._hub.watchers:
            self._hub.watchers.remove(self._watch)
        self.box.close()

    def _timeline(self) -> Timeline:
        return self._log.timeline(self._call_id)

    def _tick(self) -> None:
        self.refresh()
        if self._left <= 0:
            self.timer.value = False

    def _watch(self) -> None:
        """Draw between the slices of a wait."""
        if not self._closed and time.monotonic() - self._drawn_at >= EVERY:
            self.refresh()

    def _toggle_timer(self, change: Any) -> None:
        if change["new"]:
            self._left = _MARGIN
            self._callback.start()
        else:
            self._callback.stop()

    def _views_changed(self, change: Any) -> None:
        if not change["new"]:
            self.timer.value = False

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the widget, and the timeline as it is now for readers without widgets."""
        timeline = self._timeline()
        return {
            "application/vnd.jupyter.widget-view+json": self.box.get_view_spec(),
            "text/html": timeline._repr_html_(),
            "text/plain": repr(timeline),
        }
