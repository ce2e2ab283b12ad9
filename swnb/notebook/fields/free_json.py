"""Free JSON: a text area that is checked when the user leaves it, by line and column.

The text is the user's own: its content is sent unchanged, null included. Text that is not JSON stays
in the field, and the problem is shown until the text is corrected.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, UnsupportedValue
from swnb.notebook.fields.masking import RETYPE_SECRET, masked, unmasked
from swnb.notebook.json_text import NotJson, parse_json
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets

_LINES = 6
_FALLBACK_EXAMPLE = {"name": "value"}  # for an object that has no example in the catalogue


class JsonField(Field):
    """A JSON object of any content."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        self._text = ""
        self._value: Any = UNSET
        self._problem: str | None = None
        self._drawing = False
        self.input = widgets.text(self.caption, self.placeholder, lines=_LINES)
        widgets.typed(self.input, self._typed)
        buttons = [
            widgets.button("Format", self._format, f"Format {label}"),
            widgets.button("Insert example", self._insert, f"Insert example of {label}"),
        ]
        self.lay_out(self.input, widgets.html(str(self.help)), widgets.row(buttons))

    def read(self) -> Any:
        """Return the value; `UNSET` if the text is not JSON (`unreadable` says why)."""
        return copy.deepcopy(self._value)

    def write(self, value: Any) -> None:
        """Set a JSON object, nulls in it included."""
        if value is not UNSET and not isinstance(value, dict):
            raise UnsupportedValue
        try:
            text = "" if value is UNSET else dumps(value)
        except (TypeError, ValueError, RecursionError):
            raise UnsupportedValue from None
        self._set(text, copy.deepcopy(value))
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Move the keyboard focus to the text."""
        self.input.focus()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield why the text is not JSON, or that a secret must be typed again."""
        if self._problem is not None:
            yield Problem(path, self._problem)
        elif REDACTED in self._text:
            yield Problem(path, RETYPE_SECRET)

    def _typed(self, text: str) -> str:
        """Take what was typed; return what the page may show of it."""
        if not self._drawing:
            self._accept(unmasked(text, self._text))
        return str(self.input.value)

    def _accept(self, text: str) -> None:
        """Take text that the user typed or asked for, JSON or not."""
        try:
            self._set(text, parse_json(text) if text.strip() else UNSET)
        except NotJson as error:
            self._set(text, UNSET, problem=str(error))
        self.edited()

    def _set(self, text: str, value: Any, *, problem: str | None = None) -> None:
        self._text, self._value, self._problem = text, value, problem
        self._drawing = True
        try:
            self.input.value = masked(text)
        finally:
            self._drawing = False

    def _format(self) -> None:
        if self._value is UNSET:
            self.edited()  # shows what is wrong
        else:
            self._accept(dumps(self._value))

    def _insert(self) -> None:
        self._accept(dumps(self.example if isinstance(self.example, dict) else _FALLBACK_EXAMPLE))


def dumps(value: Any) -> str:
    """Return a value as indented JSON."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
