"""Opening a form or a console: widgets, or text where ipywidgets is not installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from swnb.notebook.forms.form_text import FormText
from swnb.notebook.panels.console_text import ConsoleText

if TYPE_CHECKING:
    from swnb.session.session import Session


def open_form(session: Session, command: str | None, call: Any) -> Any:
    """Return a `Form`, or a `FormText` without ipywidgets."""
    made = _widget("swnb.notebook.forms.form", "Form") or FormText
    return made(session, command, call=call)


def open_console(session: Session) -> Any:
    """Return a `Console`, or a `ConsoleText` without ipywidgets."""
    made = _widget("swnb.notebook.panels.console", "Console") or ConsoleText
    return made(session)


def _widget(module: str, name: str) -> Any:
    """Return a class of widgets, None if ipywidgets is missing."""
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as missing:
        if missing.name != "ipywidgets":
            raise
        return None
