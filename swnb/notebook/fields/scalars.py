"""Fields of one value: strings, secrets, numbers, booleans and enums.

A number is typed as JSON, so that `5`, `5.0` and nothing are three different values. Input that is
not a number stays a string, and validation reports it as such.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, UnsupportedValue, compact
from swnb.notebook.fields.masking import RETYPE_SECRET, masked, unmasked
from swnb.notebook.json_text import number_or_text
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets

_PROSE = 2  # lines of an input for prose


class TextField(Field):
    """A string. An empty input is `UNSET`; only a program can write an empty string."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        self._value: Any = UNSET
        self._drawing = False
        self.input = self._input()
        widgets.typed(self.input, self._typed)
        self.lay_out(self.input, widgets.html(str(self.help)))

    def _input(self) -> Any:
        rule = self.parameter.shapes[0].rule
        # The schema does not say which strings are prose; an example of several words does.
        prose = rule is None and " " in str(self.example or "")
        return self.widgets.text(self.caption, self.placeholder, lines=_PROSE if prose else 1)

    def read(self) -> Any:
        """Return the string, with its secrets."""
        return self._value

    def write(self, value: Any) -> None:
        """Set the string; a value of another type is shown as JSON."""
        if isinstance(value, dict | list):
            raise UnsupportedValue
        self._set(value)
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Move the keyboard focus to the input."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Change the label."""
        super().rename(label)
        self.input.description = self.caption

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield that a secret must be typed again, if that is so."""
        if isinstance(self._value, str) and REDACTED in self._value:
            yield Problem(path, RETYPE_SECRET)

    def _typed(self, text: str) -> str:
        """Take what was typed; return what the page may show of it."""
        if not self._drawing:
            text = unmasked(text, self._value if isinstance(self._value, str) else "")
            self._set(self._parse(text) if text else UNSET)
            self.edited()
        return str(self.input.value)

    def _set(self, value: Any) -> None:
        self._value = value
        self._drawing = True
        try:
            self.input.value = "" if value is UNSET else masked(compact(value))
        finally:
            self._drawing = False

    def _parse(self, text: str) -> Any:
        return text


class NumberField(TextField):
    """A number, integer or float."""

    def _input(self) -> Any:
        return self.widgets.text(self.caption, self.placeholder)

    def _parse(self, text: str) -> Any:
        return number_or_text(text.strip())


class SecretField(TextField):
    """A secret: removed from its input as soon as it is typed, and never put back."""

    def _input(self) -> Any:
        return self.widgets.password(self.caption)

    def lay_out(self, *parts: Any) -> None:
        """Lay out the input with a button that forgets the secret."""
        unset = self.widgets.button("Unset", self._forget, f"Unset {self.label}")
        super().lay_out(*parts, self.widgets.row([unset]))

    def _typed(self, text: str) -> str:
        # Emptying the input, in `_set`, comes here too, and is not an edit.
        if text and not self._drawing:
            self._set(text)
            self.edited()
        return ""

    def _set(self, value: Any) -> None:
        self._value = value
        self._drawing = True
        try:
            self.input.value = ""
            self.input.placeholder = "" if value is UNSET else "set and hidden; type to replace it"
        finally:
            self._drawing = False

    def _forget(self) -> None:
        self._set(UNSET)
        self.edited()


class EnumField(Field):
    """One of several values, of any JSON types, or none of them."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        (shape,) = parameter.shapes
        self.values = shape.values or (True, False)
        self._drawing = False
        self.input = widgets.dropdown(self.caption, [compact(value) for value in self.values])
        widgets.watch(self.input, "index", self._chosen)
        self.lay_out(self.input, widgets.html(str(self.help)))

    def read(self) -> Any:
        """Return the chosen value."""
        return self.values[self.input.index - 1] if self.input.index else UNSET

    def write(self, value: Any) -> None:
        """Choose one of the values; 1 is not True, and 10 is not 10.0."""
        index = 0 if value is UNSET else 1 + index_of(value, self.values)
        self._drawing = True
        try:
            self.input.index = index
        finally:
            self._drawing = False
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Move the keyboard focus to the dropdown."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Change the label."""
        super().rename(label)
        self.input.description = self.caption

    def _chosen(self) -> None:
        if not self._drawing:
            self.edited()


class ConstantField(Field):
    """A value that follows from the choice of the branch."""

    def read(self) -> Any:
        """Return the value."""
        return self.parameter.shapes[0].values[0]

    def write(self, value: Any) -> None:
        """Accept only that value."""
        index_of(value, self.parameter.shapes[0].values)

    def focus(self) -> None:
        """Leave the focus where it is: there is no input."""


def index_of(value: Any, values: Sequence[Any]) -> int:
    """Return the index of the value of the same type; raise `UnsupportedValue` if there is none."""
    text = json.dumps(value)
    for index, candidate in enumerate(values):
        if json.dumps(candidate) == text:
            return index
    raise UnsupportedValue
