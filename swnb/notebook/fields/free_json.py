"""Free JSON: a text area that is checked when one leaves it, by line and column.

The text is the user's own: what it holds is sent as it is, null included. What is not JSON keeps
its text, and the problem stays until it is put right.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swnb.errors import Problem
from swnb.exchange import refuse_constant
from swnb.notebook.fields.base import UNSET, Field, Unfit
from swnb.notebook.fields.masking import STALE, revealed, shown
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Kit

_LINES = 6
_ANY = {"name": "value"}  # the example of an object for which the catalogue has none


@dataclass(frozen=True)
class NotJson:
    """Why a text is not JSON, and where."""

    message: str


def parse(text: str) -> Any:
    """Read JSON, or say why it is none."""
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        what = error.msg[:1].lower() + error.msg[1:]
        return NotJson(f"is not JSON: {what} at line {error.lineno}, column {error.colno}")
    except ValueError as error:  # a constant, or a number of too many digits
        return NotJson(f"is not JSON: {error}")
    except RecursionError:
        return NotJson("is nested too deeply")


class JsonField(Field):
    """A JSON object of any content."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        self._text = ""
        self._value: Any = UNSET
        self._drawing = False
        self.input = kit.text(self.caption, self.placeholder, lines=_LINES)
        kit.watch(self.input, "value", self._typed)
        buttons = [
            kit.button("Format", self._format, f"Format {label}"),
            kit.button("Insert example", self._insert, f"Example of {label}"),
        ]
        self.lay(self.input, kit.html(str(self.help)), kit.row(buttons))

    def read(self) -> Any:
        """Give the value; a text that is not JSON counts as none, `unreadable` says why."""
        return UNSET if isinstance(self._value, NotJson) else copy.deepcopy(self._value)

    def write(self, value: Any) -> None:
        """Take a JSON object, nulls in it included."""
        if value is not UNSET and not isinstance(value, dict):
            raise Unfit
        try:
            text = "" if value is UNSET else dumps(value)
        except (TypeError, ValueError, RecursionError):
            raise Unfit from None
        self._set(text, copy.deepcopy(value))
        self.touched = value is not UNSET

    def focus(self) -> None:
        """Put the keyboard's focus into the text."""
        self.input.focus()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Say why the text is not JSON, or that a secret has to be typed again."""
        if isinstance(self._value, NotJson):
            yield Problem(path, self._value.message)
        elif REDACTED in self._text:
            yield Problem(path, STALE)

    def _typed(self) -> None:
        if not self._drawing:
            self._take(revealed(self.input.value, self._text))

    def _take(self, text: str) -> None:
        self._set(text, parse(text) if text.strip() else UNSET)
        self.edited()

    def _set(self, text: str, value: Any) -> None:
        self._text, self._value = text, value
        self._drawing = True
        try:
            self.input.value = shown(text)
        finally:
            self._drawing = False

    def _format(self) -> None:
        if self._value is not UNSET and not isinstance(self._value, NotJson):
            self._take(dumps(self._value))
        else:
            self.edited()  # which shows what is wrong

    def _insert(self) -> None:
        self._take(dumps(self.example if isinstance(self.example, dict) else _ANY))


def dumps(value: Any) -> str:
    """Write JSON as it is read best."""
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
