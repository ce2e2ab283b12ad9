"""A button whose press is carried out once, however often it was pressed meanwhile.

A kernel takes clicks one after the other, so those that are made while one is carried out wait, and
would be carried out when it has ended. No clock tells them from a press that is meant: the page's is
not the kernel's. So **a button is good for one press that takes its time**. It is disabled and counts
the seconds, and then another one stands in its place; clicks that still wait are addressed to the old
one, which is closed, and only somebody who has seen the answer can press the new one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, RLock, Thread
from typing import Any

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room
from IPython import get_ipython

# Seconds from an answer to the next press that counts: the second half of a double click comes up to
# half a second after the first, which a fast answer is there before, and somebody who clicks again
# and again has to see the answer first.
_APART = 0.6
_TICK = 1.0


class OnePress:
    """The button in a row of its own: `make` makes one that calls what it is given, `act` is its press.

    What takes its time is done within `busy`, in `act` or elsewhere. Presses of any button that go
    through `once` are dropped while another one is carried out.
    """

    def __init__(
        self,
        row: Any,
        make: Callable[[Callable[[], object]], Any],
        act: Callable[[], object],
        doing: str,
    ) -> None:
        self.box = row
        self._make = make
        self._act = act
        self._doing = doing
        self._lock = RLock()  # some pages have their clicks handled in a thread beside the cells'
        self._by_hand = False
        self._style: Any = None
        self._renew()

    @property
    def button(self) -> Any:
        """The button that can be pressed now."""
        return self.box.children[0]

    def once(self, act: Callable[[], object]) -> None:
        """Do what a press is for, unless another press is being carried out."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._by_hand = True
            act()
        finally:
            self._by_hand = False
            self._lock.release()

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Show for how long something takes, and put a new button into the place afterwards."""
        with self._lock:
            button = self.button
            button.disabled, button.button_style = True, ""
            button.style = self._readable()
            button.description = f"{self._doing} …"
            try:
                with _counting(button, self._doing):
                    yield
                self._keep_apart()
            finally:
                self._renew()

    def _readable(self) -> Any:
        """Return the style that outweighs the dimming of what is disabled, in light and in dark."""
        if self._style is None:
            self._style = W.ButtonStyle(text_color="var(--jp-content-font-color0)")
        return self._style

    def _keep_apart(self) -> None:
        """Let the time of a double click pass, where there is a page on which somebody clicked."""
        if self._by_hand and hasattr(get_ipython(), "kernel"):
            time.sleep(_APART)

    def _renew(self) -> None:
        def press() -> None:
            if button is self.button:
                self.once(self._act)

        old, button = self.box.children, self._make(press)
        self.box.children = (button,)
        for each in old:
            each.close()


@contextmanager
def _counting(button: Any, doing: str) -> Iterator[None]:
    """Count the seconds on a button while this thread is occupied.

    The request itself stays in this thread: an interrupt, the log and the budget's lock see it as
    they see any other. The one beside it touches nothing but this button's text, and ends first.
    """
    started, over = time.monotonic(), Event()

    def count() -> None:
        while not over.wait(_TICK):
            button.description = f"{doing} … {time.monotonic() - started:.0f} s"

    thread = Thread(target=count, name="swnb-counting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
