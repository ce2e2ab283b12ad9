"""Unions: a dropdown of the shapes that a value may have; each keeps what was typed in it.

A shape is named after the value of its `type`, after its only key (`start`, `summarize`), or after
its tag.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from swnb.commands.schema import Parameter, Shape
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, UnsupportedValue
from swnb.notebook.fields.objects import ObjectField

if TYPE_CHECKING:
    from swnb.notebook.fields.base import FormWidgets

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


def fixed_type(shape: Shape) -> dict[str, Any]:
    """Return the `type` of an object, if only one is possible, else an empty dict."""
    tag = shape.fields.get(_TAG)
    values = tag.shapes[0].values if tag else ()
    return {_TAG: values[0]} if len(values) == 1 else {}


def shape_name(shape: Shape) -> str:
    """Return the name of a shape in the dropdown."""
    fixed = fixed_type(shape)
    return str(fixed[_TAG]) if fixed else (shape.tag or shape.kind).strip("{}")


def matches(shape: Shape, value: Any) -> bool:
    """Return whether a value has this shape, as far as needed to choose between shapes."""
    if shape.kind == "enum":
        return any(value == allowed and type(value) is type(allowed) for allowed in shape.values)
    if shape.kind != "object" or not isinstance(value, dict):
        same_kind = isinstance(value, bool) == (shape.kind == "boolean")  # bool is a kind of int
        return same_kind and isinstance(value, _TYPES[shape.kind])
    fixed = fixed_type(shape)
    if fixed:
        return bool(value.get(_TAG) == fixed[_TAG])
    return shape.tag is None or shape_name(shape) in value


class ChoiceField(Field):
    """A value of one of several shapes."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        self._branches: dict[int, Field] = {}
        self._drawing = False
        self.input = widgets.dropdown(
            self.caption, [shape_name(shape) for shape in parameter.shapes]
        )
        self._help = widgets.html(str(self.help))
        widgets.watch(self.input, "index", self._chosen)
        self._draw_branch()

    @property
    def branch(self) -> Field | None:
        """The field of the chosen shape, built when it is first chosen."""
        index = self.input.index - 1
        if index < 0:
            return None
        if index not in self._branches:
            self._branches[index] = self._make(self.parameter.shapes[index])
        return self._branches[index]

    def read(self) -> Any:
        """Return the value of the chosen shape."""
        return self.branch.read() if self.branch else UNSET

    def write(self, value: Any) -> None:
        """Choose the shape of a value, and set the value there."""
        chosen = -1
        if value is not UNSET:
            shapes = enumerate(self.parameter.shapes)
            chosen = next((index for index, shape in shapes if matches(shape, value)), -1)
            if chosen < 0:
                raise UnsupportedValue
        self._drawing = True
        try:
            self.input.index = chosen + 1
        finally:
            self._drawing = False
        for index, branch in self._branches.items():
            if index != chosen:
                branch.write(UNSET)
        if self.branch:
            self.branch.write(value)
        self.touched = value is not UNSET
        self._draw_branch()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Return the field within the chosen shape that a path leads to, or this one."""
        if self.branch is None or path == (_TAG,):
            return self, path
        # A problem of a plain value belongs to the branch, where the value was typed.
        field, rest = self.branch.find(path)
        return (self, rest) if isinstance(field, ObjectField) and not path else (field, rest)

    def walk(self) -> Iterator[Field]:
        """Yield this field and those of the chosen shape."""
        yield self
        if self.branch:
            yield from self.branch.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield the problems of the chosen shape."""
        if self.branch:
            yield from self.branch.unreadable(path)

    def focus(self) -> None:
        """Move the keyboard focus to the dropdown."""
        self.input.focus()

    def rename(self, label: str) -> None:
        """Change the label."""
        super().rename(label)
        self.input.description = self.caption

    def _make(self, shape: Shape) -> Field:
        # A list of unions passes its whole example down: it may contain an entry of each shape.
        examples = [self.example, *(self.example if isinstance(self.example, list) else ())]
        example = next((value for value in examples if matches(shape, value)), None)
        single = Parameter("", True, "", (shape,), self.parameter.unit)
        if shape.kind == "object":
            name, fixed = shape_name(shape), fixed_type(shape)
            return ObjectField(self.widgets, single, name, example, present=True, fixed=fixed)
        return self.widgets.make_field(
            single, f"{self.label}: {shape_name(shape)}", example, present=True
        )

    def _chosen(self) -> None:
        if not self._drawing:
            self._draw_branch()
            self.edited()

    def _draw_branch(self) -> None:
        inner = [self.widgets.column([self.branch.box], inset=True)] if self.branch else []
        self.lay_out(self.input, self._help, *inner)
