"""Unions: a dropdown of the forms that a value may take; each keeps what was typed in it.

A form is named by the value of its `type`, by its only key (`start`, `summarize`), or by its tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from swnb.commands.schema import Parameter, Shape
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, Unfit
from swnb.notebook.fields.objects import ObjectField

if TYPE_CHECKING:
    from swnb.notebook.fields.base import Kit

_TAG = "type"  # the key that tells objects apart
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int, float),
    "boolean": (bool,),
    "json": (dict,),
    "object": (dict,),
    "list": (list,),
}


def fixed_in(shape: Shape) -> dict[str, Any]:
    """Give the `type` of an object where there is only one that it can have."""
    tag = shape.fields.get(_TAG)
    values = tag.shapes[0].values if tag else ()
    return {_TAG: values[0]} if len(values) == 1 else {}


def name_of(shape: Shape) -> str:
    """Give the name of a form that a value may take."""
    fixed = fixed_in(shape)
    return str(fixed[_TAG]) if fixed else (shape.tag or shape.kind).strip("{}")


def takes(shape: Shape, value: Any) -> bool:
    """Say whether a value has this form, as far as one needs to know to tell it from others."""
    if shape.kind == "enum":
        return any(value == each and type(value) is type(each) for each in shape.values)
    if shape.kind != "object" or not isinstance(value, dict):
        alike = isinstance(value, bool) == (shape.kind == "boolean")  # bool is a kind of int
        return alike and isinstance(value, _TYPES[shape.kind])
    fixed = fixed_in(shape)
    if fixed:
        return bool(value.get(_TAG) == fixed[_TAG])
    return shape.tag is None or name_of(shape) in value


class ChoiceField(Field):
    """A value of one of several forms."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        self._branches: dict[int, Field] = {}
        self._drawing = False
        self.input = kit.dropdown(self.caption, [name_of(shape) for shape in parameter.shapes])
        self._help = kit.html(str(self.help))
        kit.watch(self.input, "index", self._chosen)
        self._draw_branch()

    @property
    def branch(self) -> Field | None:
        """The field of the chosen form, built when it is first chosen."""
        place = self.input.index - 1
        if place < 0:
            return None
        if place not in self._branches:
            self._branches[place] = self._make(self.parameter.shapes[place])
        return self._branches[place]

    def read(self) -> Any:
        """Give the value of the chosen form."""
        return self.branch.read() if self.branch else UNSET

    def write(self, value: Any) -> None:
        """Choose the form that a value has, and take it there."""
        place = -1
        if value is not UNSET:
            shapes = self.parameter.shapes
            fitting = [place for place, shape in enumerate(shapes) if takes(shape, value)]
            if not fitting:
                raise Unfit
            place = fitting[0]
        self._drawing = True
        try:
            self.input.index = place + 1
        finally:
            self._drawing = False
        for number, branch in self._branches.items():
            if number != place:
                branch.write(UNSET)
        if self.branch:
            self.branch.write(value)
        self.touched = value is not UNSET
        self._draw_branch()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Give the field within the chosen form that a path leads to, or this one."""
        if self.branch is None or path == (_TAG,):
            return self, path
        # A problem of a plain value is the branch's, which stands where it was typed.
        field, rest = self.branch.find(path)
        return (self, rest) if isinstance(field, ObjectField) and not path else (field, rest)

    def walk(self) -> Iterator[Field]:
        """Give this field and those of the chosen form."""
        yield self
        if self.branch:
            yield from self.branch.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Give the problems of the chosen form."""
        if self.branch:
            yield from self.branch.unreadable(path)

    def focus(self) -> None:
        """Put the keyboard's focus on the dropdown."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Take another label."""
        super().rename(label)
        self.input.description = self.caption

    def _make(self, shape: Shape) -> Field:
        # A list of unions hands down its example whole: an entry of each form may be in it.
        examples = [self.example, *(self.example if isinstance(self.example, list) else ())]
        example = next((each for each in examples if takes(shape, each)), None)
        single = Parameter("", True, "", (shape,), self.parameter.unit)
        if shape.kind == "object":
            name, fixed = name_of(shape), fixed_in(shape)
            return ObjectField(self.kit, single, name, example, present=True, fixed=fixed)
        return self.kit.make(single, f"{self.label}: {name_of(shape)}", example, present=True)

    def _chosen(self) -> None:
        if not self._drawing:
            self._draw_branch()
            self.edited()

    def _draw_branch(self) -> None:
        inner = [self.kit.column([self.branch.box], inset=True)] if self.branch else []
        self.lay(self.input, self._help, *inner)
