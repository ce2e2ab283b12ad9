"""What every field of a form can do, whatever it is made of.

A field holds its value in Python; its widgets only show it. `read` gives exactly what was typed or
written, `UNSET` where nothing was; problems are shown at the field that their path names.
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
from swnb.notebook.fields.kit import Widgets, alert

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter

Step = str | int
Path = tuple[Step, ...]
# What every text has to be that is not left out needs no saying.
_PLAIN_RULE = get_args(Filled)[1].func.rule
_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


class Unset(Enum):
    """The value of a field in which there is nothing."""

    UNSET = "unset"


UNSET = Unset.UNSET


class Unfit(ValueError):
    """A value that a field has no way to show, such as a text where a list belongs."""


class Field(ABC):
    """One parameter in a form: a box of widgets and the value in it.

    `touched` says that it was changed by hand or written, from when on its problems are shown.
    """

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        self.kit = kit
        self.parameter = parameter
        self.label = label
        self.example = parameter.example if example is None else example
        self.touched = False
        self.messages: list[str] = []
        self.box = kit.column()
        self._parts: tuple[Any, ...] = ()
        self._alert: Any = None

    @abstractmethod
    def read(self) -> Any:
        """Give the value, or `UNSET`."""

    @abstractmethod
    def write(self, value: Any) -> None:
        """Take a value, or `UNSET`; raises `Unfit` for one that cannot be shown."""

    @abstractmethod
    def focus(self) -> None:
        """Put the keyboard's focus here."""

    def find(self, path: Path) -> tuple[Field, Path]:
        """Give the field that a path from here leads to, and what is left of the path."""
        return self, path

    def walk(self) -> Iterator[Field]:
        """Give this field and those in it, in reading order."""
        yield self

    def unreadable(self, path: str) -> Iterator[Problem]:  # noqa: ARG002 - for subclasses
        """Give the problems of what cannot even be read as a value; `path` is the field's own."""
        yield from ()

    def rename(self, label: str) -> None:
        """Take another label, after a move within a list."""
        self.label = label

    def show(self, messages: Sequence[str]) -> None:
        """Show messages at the field in place of those that were shown."""
        if list(messages) != self.messages:
            self.messages = list(messages)
            self._draw()

    def lay(self, *parts: Any) -> None:
        """Lay out the widgets of the field; its messages come below."""
        self._parts = parts
        self._draw()

    def edited(self) -> None:
        """Tell the form that the field was changed by hand."""
        self.touched = True
        self.kit.changed()

    def _draw(self) -> None:
        if self.messages:
            self._alert = self._alert or self.kit.html()
            self._alert.value = alert(self.messages)
        self.box.children = (*self._parts, *([self._alert] if self.messages else []))

    @property
    def caption(self) -> str:
        """The label, with the unit and whether it is required: in words, not by colour."""
        notes = [self.parameter.unit, "required" if self.parameter.required else None]
        said = ", ".join(note for note in notes if note)
        return f"{self.label} ({said})" if said else self.label

    @property
    def help(self) -> html.Markup:
        """What the parameter means, what it must be, and what the platform assumes."""
        said = [self.parameter.description, *_limits(self.parameter)]
        if self.parameter.assumed is not None:
            said.append(f"The platform assumes {compact(self.parameter.assumed)}.")
        text = " ".join(each for each in said if each)
        return html.Markup(
            f'<div style="opacity:.75;font-size:12px;line-height:1.4;margin:0 2px 6px">'
            f"{html.text(text)}</div>"
            if text
            else ""
        )

    @property
    def placeholder(self) -> str:
        """An example of the value."""
        return "" if self.example is None else f"such as {compact(self.example)}"


def steps(path: str) -> Path:
    """Read the path of a problem: `play[0].params.text`."""
    return tuple(int(place) if place else name for place, name in _STEP.findall(path))


def compact(value: Any) -> str:
    """Write a value on one line: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def join(path: str, step: Step) -> str:
    """Write a path one step longer."""
    return f"{path}[{step}]" if isinstance(step, int) else f"{path}.{step}".lstrip(".")


def _limits(parameter: Parameter) -> Iterator[str]:
    """Say the bounds and the format in words."""
    said = bounds(parameter)
    if len(parameter.shapes) == 1:
        said += [shape.rule for shape in parameter.shapes if shape.rule not in (None, _PLAIN_RULE)]
    if said:
        yield f"Must be {' and '.join(said)}."


class Kit(Widgets[Field]):
    """The widget maker of a form: what all its fields share."""
