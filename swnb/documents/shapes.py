"""What a SWML method is described with: fields, and the shapes that a value may have.

The checks, the outline, the reference page and the comparison with the published definitions all read
these records, so nothing about a method is written twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "string",
    "number",
    "integer",
    "boolean",
    "enum",
    "object",  # with the fields that are listed
    "json",  # an object of any content
    "map",  # an object of any names, each with a value of the shapes `items`
    "list",
    "steps",  # a list of steps
    "any",
]


@dataclass(frozen=True, slots=True)
class Shape:
    """One form that a value may take.

    `values` are an enum's, or the methods that steps are limited to; `low` and `high` are the bounds
    of a number, or of the length of a list or a string; `url` and `sound` are formats of a string.
    Of the fields in `one_of` exactly one must be given, of those in `some_of` at least one.
    """

    kind: Kind
    values: tuple[Any, ...] = ()
    low: float | None = None
    high: float | None = None
    items: tuple[Shape, ...] = ()
    fields: tuple[Field, ...] = ()
    one_of: tuple[str, ...] = ()
    some_of: tuple[str, ...] = ()
    url: bool = False
    sound: bool = False

    @property
    def required(self) -> list[str]:
        """The names of the fields that must always be given."""
        return [field.name for field in self.fields if field.required]

    @property
    def may_be_empty(self) -> bool:
        """Whether an object without any field is complete."""
        if self.kind == "object":
            return not (self.required or self.one_of or self.some_of)
        return self.kind in ("json", "any")


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: its name, its meaning and the shapes it may have.

    `assumed` is the value that the platform uses if the parameter is left out.
    """

    name: str
    about: str
    shapes: tuple[Shape, ...]
    required: bool = False
    unit: str | None = None
    assumed: Any = None


@dataclass(frozen=True, slots=True)
class Method:
    """One SWML method: its name, what it does, and the shapes of what stands under its name."""

    name: str
    about: str
    shapes: tuple[Shape, ...]

    @property
    def bare(self) -> bool:
        """Whether its name alone is a whole step: `- hangup`."""
        return any(shape.may_be_empty for shape in self.shapes)


TEXT = Shape("string")
URL = Shape("string", url=True)
SOUND = Shape("string", sound=True)
NUMBER = Shape("number")
INTEGER = Shape("integer")
FLAG = Shape("boolean")
FREE = Shape("json")
ANY = Shape("any")
STEPS = Shape("steps")
BRANCHES = Shape("map", items=(STEPS,))
TEXTS = Shape("map", items=(TEXT,))
HTTP_METHOD = Shape("enum", ("GET", "POST"))


def number(low: float | None = None, high: float | None = None) -> Shape:
    """Return the shape of a number with bounds."""
    return Shape("number", low=low, high=high)


def integer(low: int | None = None, high: int | None = None) -> Shape:
    """Return the shape of a whole number with bounds."""
    return Shape("integer", low=low, high=high)


def enum(*values: str) -> Shape:
    """Return the shape of a word out of several."""
    return Shape("enum", values)


def listed(*items: Shape, at_least: int | None = None) -> Shape:
    """Return the shape of a list whose entries have one of these shapes."""
    return Shape("list", items=items, low=at_least)


def fields(*entries: Field, one_of: tuple[str, ...] = (), some_of: tuple[str, ...] = ()) -> Shape:
    """Return the shape of an object with these fields and no others."""
    return Shape("object", fields=entries, one_of=one_of, some_of=some_of)


def field(
    name: str, about: str, *shapes: Shape, unit: str | None = None, assumed: Any = None
) -> Field:
    """Return a parameter; a star behind its name says that it is required."""
    return Field(name.removesuffix("*"), about, shapes, name.endswith("*"), unit, assumed)


def method(name: str, about: str, *shapes: Shape) -> Method:
    """Return a method; without a shape it takes no parameters."""
    return Method(name, about, shapes or (fields(),))
