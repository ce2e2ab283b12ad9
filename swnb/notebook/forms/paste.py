"""A text area to paste JSON into, shown on request."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swnb.notebook.fields.base import FormWidgets

_LINES = 6


class Paste:
    """A text area that passes its text on and forgets it, because the text may contain secrets."""

    def __init__(self, widgets: FormWidgets, on_text: Callable[[str], object]) -> None:
        self._widgets = widgets
        self._on_text = on_text
        self._area: Any = None
        self.box = widgets.column()

    def toggle(self) -> None:
        """Show the text area, or hide it."""
        if self.box.children:
            self.box.children = ()
            return
        if self._area is None:
            label = "Parameters, or a whole request, as JSON"
            self._area = self._widgets.text(label, "{ … }", lines=_LINES)
            self._widgets.typed(self._area, self._pasted)
        # The text is read when the area loses the focus, which a click on the button causes.
        self.box.children = (self._area, self._widgets.button("Fill in", self._fill_in))
        self._area.focus()

    def _fill_in(self) -> None:
        self._pasted(self._area.value)

    def _pasted(self, text: str) -> str:
        """Pass the text on; the page shows nothing of it."""
        self._area.value = ""
        if text.strip():
            self.box.children = ()
            self._on_text(text)
        return ""
