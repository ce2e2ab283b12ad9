"""A button whose action runs once, no matter how often it is pressed meanwhile.

A kernel handles clicks one after the other, so clicks made during an action are queued and would
run after it. No clock can tell them from an intended press, because the page's clock is not the
kernel's. So **a button is used for one long action only**: it is disabled and counts the seconds, and
then a new button replaces it. Queued clicks are addressed to the old button, which is closed; only a
user who has seen the answer can press the new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, RLock, Thread
from typing import Any

from IPython import get_ipython

from swnb.notebook.fields.widgets import readable_style
from swnb.notebook.page import ONCE, Page

# Seconds from an answer to the next press that counts. The second half of a double click comes up to
# half a second after the first, when a fast answer is already there; and a user who clicks again and
# again must see the answer first.
_DOUBLE_CLICK = 0.6
_TICK = 1.0


class BusyButton:
    """A button in a row of its own.

    `make` returns a button that calls the given function when pressed; `action` is what a press
    does, and `label` what the button says meanwhile ("Sending"). Long work is done within `busy`, in
    `action` or elsewhere. Presses that go through `run_once` are dropped while another one runs.
    With a `page`, the button is disabled in the browser at the first press.
    """

    def __init__(
        self,
        row: Any,
        make: Callable[[Callable[[], object]], Any],
        action: Callable[[], object],
        label: str,
        page: Page | None = None,
    ) -> None:
        self.box = row
        self._page = page
        self._make = make
        self._action = action
        self._label = label
        self._lock = RLock()  # some pages handle their clicks in another thread than the cells
        self._by_hand = False
        self._style: Any = None
        self._replace()

    @property
    def button(self) -> Any:
        """The current button."""
        return self.box.children[0]

    def run_once(self, action: Callable[[], object]) -> None:
        """Run the action of a press, unless another press is still running."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._by_hand = True
            action()
        finally:
            self._by_hand = False
            self._lock.release()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Show that something runs, and for how long; replace the button afterwards."""
        with self._lock:
            button = self.button
            button.disabled, button.button_style = True, ""
            button.style = self._readable()
            button.description = f"{self._label} …"
            try:
                with _counting(button, self._label):
                    yield
                self._wait_out_double_click()
            finally:
                self._replace()

    def _readable(self) -> Any:
        """Return the style that keeps a disabled button readable, in light and dark themes."""
        if self._style is None:
            self._style = readable_style()
        return self._style

    def _wait_out_double_click(self) -> None:
        """Wait as long as a double click takes, if a user clicked on a page."""
        if self._by_hand and hasattr(get_ipython(), "kernel"):
            time.sleep(_DOUBLE_CLICK)

    def _replace(self) -> None:
        """Put a new button in place of the old one, which is closed."""

        def press() -> None:
            try:
                if button is self.button:
                    self.run_once(self._action)
            finally:
                if self._page is not None:
                    self._page.done()

        old, button = self.box.children, self._make(press)
        button.add_class(ONCE)
        self.box.children = (button,)
        for widget in old:
            widget.close()


@contextmanager
def _counting(button: Any, label: str) -> Iterator[None]:
    """Count the seconds on a button while this thread is busy.

    The request stays in this thread, so that an interrupt, the log and the budget's lock work as
    always. The counting thread only changes this button's text, and ends before the request returns.
    """
    started, done = time.monotonic(), Event()

    def count() -> None:
        while not done.wait(_TICK):
            button.description = f"{label} … {time.monotonic() - started:.0f} s"

    thread = Thread(target=count, name="swnb-counting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
