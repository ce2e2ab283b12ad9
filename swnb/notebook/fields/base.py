"""What every field of a form can do.

A field holds its value in Python; its widgets only show it. `read` returns exactly what was typed or
written, or `UNSET`; problems are shown at the field that their path names.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any, get_args

from swnb import html
from swnb.commands.describe import bounds
from swnb.commands.types import Filled
from swnb.errors import Problem
from swnb.notebook.fields.widgets import WidgetBuilder, alert
from swnb.notebook.page import FIELD, HELP

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter

Step = str | int
Path = tuple[Step, ...]
# Every string that is sent must be non-empty, so the help does not repeat that rule.
_PLAIN_RULE = get_args(Filled)[1].func.rule
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Unset(Enum):
    """The value of an empty field."""

    UNSET = "unset"


UNSET = Unset.UNSET


class UnsupportedValue(ValueError):
    """A value that a field cannot show, such as a string in place of a list."""


class Field(ABC):
    """One parameter in a form: a box of widgets and its value.

    `touched` is True once the user or a program has changed the value; from then on its problems
    are shown.
    """

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        self.widgets = widgets
        self.parameter = parameter
        self.label = label
        self.example = parameter.example if example is None else example
        self.touched = False
        self.messages: list[str] = []
        self.box = widgets.column(classes=[FIELD])
        self._parts: tuple[Any, ...] = ()
        self._alert: Any = None

    @abstractmethod
    def read(self) -> Any:
        """Return the value, or `UNSET`."""

    @abstractmethod
    def write(self, value: Any) -> None:
        """Set the value, or `UNSET`; raise `UnsupportedValue` if it cannot be shown."""

    @abstractmethod
    def focus(self) -> None:
        """Move the keyboard focus here."""

    def find(self, path: Path) -> tuple[Field, Path]:
        """Return the field that a path from here leads to, and the rest of the path."""
        return self, path

    def walk(self) -> Iterator[Field]:
        """Yield this field and the fields inside it, in reading order."""
        yield self

    def unreadable(self, path: str) -> Iterator[Problem]:  # noqa: ARG002 - for subclasses
        """Yield the problems of input that cannot be read as a value; `path` is this field's."""
        yield from ()

    def rename(self, label: str) -> None:
        """Change the label, after a move within a list."""
        self.label = label

    def show(self, messages: Sequence[str]) -> None:
        """Show messages at the field, in place of the previous ones."""
        if list(messages) != self.messages:
            self.messages = list(messages)
            self._draw()

    def lay_out(self, *parts: Any) -> None:
        """Lay out the widgets of the field, with its messages below."""
        self._parts = parts
        self._draw()

    def edited(self) -> None:
        """Tell the form that the user changed the field."""
        self.touched = True
        self.widgets.changed()

    def _draw(self) -> None:
        if self.messages:
            self._alert = self._alert or self.widgets.html()
            self._alert.value = alert(self.messages)
        self.box.children = (*self._parts, *([self._alert] if self.messages else []))

    @property
    def caption(self) -> str:
        """The label, with the unit and whether it is required: in words, not by color."""
        notes = [self.parameter.unit, "required" if self.parameter.required else None]
        remarks = ", ".join(note for note in notes if note)
        return f"{self.label} ({remarks})" if remarks else self.label

    @property
    def help(self) -> html.Markup:
        """What the parameter means, its bounds, and the platform's default."""
        sentences = [self.parameter.description, *_limits(self.parameter)]
        if self.parameter.assumed is not None:
            sentences.append(f"The platform assumes {compact(self.parameter.assumed)}.")
        text = " ".join(sentence for sentence in sentences if sentence)
        return html.Markup(
            f'<div class="{HELP}" '
            'style="opacity:.75;font-size:12px;line-height:1.4;margin:0 2px 6px">'
            f"{html.text(text)}</div>"
            if text
            else ""
        )

    @property
    def placeholder(self) -> str:
        """An example of the value."""
        return "" if self.example is None else f"e.g. {compact(self.example)}"


def parse_path(path: str) -> Path:
    """Return the steps of a problem's path, such as `play[0].params.text`."""
    return tuple(int(index) if index else name for index, name in _STEP.findall(path))


def compact(value: Any) -> str:
    """Return a value on one line: a string unchanged, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def join_path(path: str, step: Step) -> str:
    """Return a path with one more step."""
    return f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}".lstrip(".")


def _limits(parameter: Parameter) -> Iterator[str]:
    """Yield a sentence with the bounds and the format, if there are any."""
    limits = bounds(parameter)
    if len(parameter.shapes) == 1:
        limits += [s.rule for s in parameter.shapes if s.rule not in (None, _PLAIN_RULE)]
    if limits:
        yield f"Must be {' and '.join(limits)}."


class FormWidgets(WidgetBuilder[Field]):
    """The widget builder of a form, shared by all its fields."""
