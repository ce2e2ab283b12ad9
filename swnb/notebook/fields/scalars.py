"""Fields of one value: texts, secrets, numbers, booleans and enums.

A number is typed as JSON, so that `5`, `5.0` and nothing are three different things; what is no
number stays a text, and validation says about it what it says about any text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from swnb.errors import Problem
from swnb.exchange import JSON_NUMBER, loads
from swnb.notebook.fields.base import UNSET, Field, Unfit, compact
from swnb.notebook.fields.masking import STALE, revealed, shown
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Kit

_PROSE = 2  # lines of an input for prose


class TextField(Field):
    """A text. Nothing typed is no text; an empty text can only be written."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        self._value: Any = UNSET
        self._drawing = False
        self.input = self._input()
        kit.watch(self.input, "value", self._typed)
        self.lay(self.input, kit.html(str(self.help)))

    def _input(self) -> Any:
        rule = self.parameter.shapes[0].rule
        # Whether a text is prose is not in the schema; an example of several words tells.
        prose = rule is None and " " in str(self.example or "")
        return self.kit.text(self.caption, self.placeholder, lines=_PROSE if prose else 1)

    def read(self) -> Any:
        """Give the text, secrets in it included."""
        return self._value

    def write(self, value: Any) -> None:
        """Take a text; a value of another type is shown as JSON."""
        if isinstance(value, dict | list):
            raise Unfit
        self._set(value)
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Put the keyboard's focus into the input."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Take another label."""
        super().rename(label)
        self.input.description = self.caption

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Say that a secret has to be typed again."""
        if isinstance(self._value, str) and REDACTED in self._value:
            yield Problem(path, STALE)

    def _typed(self) -> None:
        if self._drawing:
            return
        kept = self._value if isinstance(self._value, str) else ""
        text = revealed(self.input.value, kept)
        self._set(self._parse(text) if text else UNSET)
        self.edited()

    def _set(self, value: Any) -> None:
        self._value = value
        self._drawing = True
        try:
            self.input.value = "" if value is UNSET else shown(compact(value))
        finally:
            self._drawing = False

    def _parse(self, text: str) -> Any:
        return text


class NumberField(TextField):
    """A number, whole or not."""

    def _input(self) -> Any:
        return self.kit.text(self.caption, self.placeholder)

    def _parse(self, text: str) -> Any:
        text = text.strip()
        return loads(text.encode()) if JSON_NUMBER.fullmatch(text) else text


class SecretField(TextField):
    """A secret: taken out of its input as soon as it is typed, and never put back."""

    def _input(self) -> Any:
        return self.kit.password(self.caption)

    def lay(self, *parts: Any) -> None:
        """Lay the input out with a button that forgets the secret."""
        super().lay(*parts, self.kit.row([self.kit.button("Unset", self._forget, self.label)]))

    def _typed(self) -> None:
        # The input is emptied below; that is no edit, and no typed text either.
        if self.input.value and not self._drawing:
            self._set(self.input.value)
            self.edited()

    def _set(self, value: Any) -> None:
        self._value = value
        self._drawing = True
        try:
            self.input.value = ""
            self.input.placeholder = "" if value is UNSET else "set, and hidden; type to replace"
        finally:
            self._drawing = False

    def _forget(self) -> None:
        self._set(UNSET)
        self.edited()


class EnumField(Field):
    """One of some values, of any JSON types, or none of them."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        (shape,) = parameter.shapes
        self.values = shape.values or (True, False)
        self._drawing = False
        self.input = kit.dropdown(self.caption, [compact(value) for value in self.values])
        kit.watch(self.input, "index", self._chosen)
        self.lay(self.input, kit.html(str(self.help)))

    def read(self) -> Any:
        """Give the chosen value."""
        return self.values[self.input.index - 1] if self.input.index else UNSET

    def write(self, value: Any) -> None:
        """Take one of the values; 1 is not True, and 10 is not 10.0."""
        place = 0 if value is UNSET else 1 + place_of(value, self.values)
        self._drawing = True
        try:
            self.input.index = place
        finally:
            self._drawing = False
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Put the keyboard's focus on the dropdown."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Take another label."""
        super().rename(label)
        self.input.description = self.caption

    def _chosen(self) -> None:
        if not self._drawing:
            self.edited()


class ConstantField(Field):
    """A value that is there by the choice that led here."""

    def read(self) -> Any:
        """Give the value."""
        return self.parameter.shapes[0].values[0]

    def write(self, value: Any) -> None:
        """Take that value."""
        place_of(value, self.parameter.shapes[0].values)

    def focus(self) -> None:
        """Leave the focus where it is: there is nothing to change."""


def place_of(value: Any, values: Sequence[Any]) -> int:
    """Give the place of a value among others, its type counting; raises `Unfit`."""
    same = json.dumps(value)
    for place, each in enumerate(values):
        if json.dumps(each) == same:
            return place
    raise Unfit
