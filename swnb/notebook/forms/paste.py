"""A text area to paste JSON into, shown on request."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from swnb.notebook.fields.base import FormWidgets

_LINES = 6


class Paste:
    """A text area that passes its text on and forgets it, because the text may contain secrets.

    `row` has the other buttons that fill in the form, and one that shows the area. While it is shown, a
    button that closes it is in that one's place: not the same button, which would open it again where a
    press makes the area lose the focus, and so pass its text on and close, before it is heard.
    """

    def __init__(
        self, widgets: FormWidgets, buttons: Sequence[Any], on_text: Callable[[str], object]
    ) -> None:
        self._widgets = widgets
        self._buttons = buttons
        self._on_text = on_text
        self._area: Any = None
        self._parts: tuple[Any, ...] = ()
        self._opens = widgets.button("Paste JSON", self._open)
        self._closes: Any = None
        self.row = widgets.row([*buttons, self._opens])
        self.box = widgets.column()

    def _open(self) -> None:
        if self._area is None:
            label = "Parameters, or a whole request, as JSON"
            self._area = self._widgets.text(label, "{ … }", lines=_LINES)
            self._widgets.typed(self._area, self._pasted)
            # The text is read when the area loses the focus, which a click on the button causes.
            self._parts = (self._area, self._widgets.button("Fill in", self._fill_in))
            self._closes = self._widgets.button("Close paste", self._close)
        self.box.children = self._parts
        self.row.children = [*self._buttons, self._closes]
        self._area.focus()

    def _close(self) -> None:
        self.box.children = ()
        self.row.children = [*self._buttons, self._opens]
        self._opens.focus()

    def _fill_in(self) -> None:
        self._pasted(self._area.value)

    def _pasted(self, text: str) -> str:
        """Pass the text on; the page shows nothing of it."""
        self._area.value = ""
        if text.strip():
            self._close()
            self._on_text(text)
        return ""
