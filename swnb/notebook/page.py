"""The browser's side of a form: one small module on anywidget, without which plain widgets do all.

ipywidgets cannot keep typed text out of a widget's state, disable a button before the kernel has
heard of the press, or set attributes. `page.js` can. It knows the widgets by their classes: `TYPED`
with a number on an input, `ONCE` on a button that is disabled when it is pressed, `SEND` on the one
that Ctrl+Enter presses, `FIELD` on the box of a field with its messages, `ENTRY` on that of a list's
entry; and in HTML by the attribute `data-swnb-do`, whose word goes to the kernel.

The module is an optional part (the extra `ui`). If it is installed but the page could not load it,
a line in the form says so.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any
from weakref import WeakMethod

from swnb import html

ROOT = "swnb-form"
FIELD = "swnb-field"
ENTRY = "swnb-entry"
HELP = "swnb-help"
ONCE = "swnb-once"
SEND = "swnb-send"
_TYPED = "swnb-in-"
_PATIENCE = 10  # seconds until the page says that the module is missing
_UNLOADED = (
    "This page has not loaded anywidget's part, so the form works without copy buttons and "
    "Ctrl+Enter, and typed text is in the page's widget state until it is sent to the kernel."
)
_numbers = count()


@cache
def _module() -> type | None:
    """Return the class of the module's widget, None if anywidget is not installed."""
    if find_spec("anywidget") is None:
        return None
    import anywidget  # noqa: PLC0415 - only forms need it, and it may be missing

    class SwnbPage(anywidget.AnyWidget):
        """The widget that the module belongs to; it shows nothing."""

        _esm = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")

    return SwnbPage


class Page:
    """The browser's side of one form or console, whose box has the class `ROOT`.

    Parameters
    ----------
    report : callable
        Called with an exception that handling a message raised, because ipywidgets would drop it.
    layout : Layout
        The layout of another widget, which the module's shares.
    do : callable, optional
        Called with the word of what was clicked in the HTML of the box.

    """

    def __init__(
        self,
        report: Callable[[BaseException], None],
        layout: Any,
        do: Callable[[str], object] | None = None,
    ) -> None:
        self._report = report
        self._do = do
        self._takers: dict[str, WeakMethod[Callable[[str], str]]] = {}
        module = _module()
        self.widgets: list[Any] = [] if module is None else [module(layout=layout)]
        for widget in self.widgets:
            widget.on_msg(self._hear)

    @property
    def note(self) -> html.Markup:
        """A line that becomes visible if the module is missing in the page."""
        if not self.widgets:
            return html.Markup("")
        return html.Markup(
            "<style>@keyframes swnb-tell{to{max-height:20em}}"
            f".{ROOT}>*>.jupyter-widgets-error-widget{{display:none}}</style>"
            '<div class="swnb-unloaded" style="max-height:0;overflow:hidden;font-size:12px;'
            "line-height:1.4;"
            f'animation:swnb-tell 0s {_PATIENCE}s forwards">{html.text(_UNLOADED)}</div>'
        )

    def take(self, widget: Any, taker: Callable[[str], str]) -> None:
        """Hand what is typed into an input to a method, which returns what the page may show.

        The text does not become the value of the widget. Only the form holds the method's object.
        """
        if self.widgets:
            name = f"{_TYPED}{next(_numbers)}"
            widget.add_class(name)
            self._takers[name] = WeakMethod(taker)

    def done(self) -> None:
        """Enable the buttons of the class `ONCE` again, after what a press did."""
        self._tell({"done": True})

    def _hear(self, _widget: Any, content: Any, _buffers: Any) -> None:
        try:
            if "do" in content and self._do is not None:
                self._do(content["do"])
            elif "typed" in content:
                self._take(content["in"], content["typed"])
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - shown instead of being dropped
            self._report(error)

    def _take(self, name: str, text: str) -> None:
        reference = self._takers.get(name)
        taker = reference() if reference is not None else None
        if taker is not None:  # it is gone if its item was removed meanwhile
            self._tell({"in": name, "show": taker(text)})

    def _tell(self, content: dict[str, Any]) -> None:
        for widget in self.widgets:
            widget.send(content)


def copyable(shown: html.Markup) -> html.Markup:
    """Return a block of code with a button that copies it, which only shows where it can."""
    return html.Markup(
        '<div class="swnb-copied" style="position:relative">'
        '<button type="button" data-swnb-do="copy" class="jupyter-button" '
        'style="display:none;position:absolute;top:6px;right:6px;width:auto">Copy</button>'
        f"{shown.source}</div>"
    )
