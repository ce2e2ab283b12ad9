"""A place to paste JSON into, which is there only when it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swnb.notebook.fields.base import Kit

_LINES = 6


class Paste:
    """A text area that hands its text on and forgets it: what is pasted may hold secrets."""

    def __init__(self, kit: Kit, take: Callable[[str], object]) -> None:
        self._kit = kit
        self._take = take
        self._area: Any = None
        self.box = kit.column()

    def toggle(self) -> None:
        """Show it, or put it away."""
        if self.box.children:
            self.box.children = ()
            return
        if self._area is None:
            label = "Parameters, or a whole request, as JSON"
            self._area = self._kit.text(label, "{ … }", lines=_LINES)
            self._kit.watch(self._area, "value", self._pasted)
        # The text is taken when the area is left, so the button need do no more than be pressed.
        self.box.children = (self._area, self._kit.button("Fill in", self._pasted))
        self._area.focus()

    def _pasted(self) -> None:
        text, self._area.value = self._area.value, ""
        if text.strip():
            self.box.children = ()
            self._take(text)
