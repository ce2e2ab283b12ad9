"""The catalogue in words: types, bounds and the walk through nested parameters.

The reference page, the magics' help and the forms all describe parameters with these functions, so
they agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from swnb.commands import COMMANDS
from swnb.commands.base import Command
from swnb.commands.schema import Parameter, Shape, parameters

_BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "matching {}",
}
_KINDS = {"json": "any JSON object", "integer": "whole number", "boolean": "true or false"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One parameter and its path: `play[]{audio}.params.url` is in a list entry of type audio."""

    path: str
    parameter: Parameter

    @property
    def top(self) -> bool:
        """Whether it is a parameter of the command itself."""
        return self.path == self.parameter.wire

    @property
    def kind(self) -> str:
        """Its type, or its types with "or" between."""
        return kinds(self.parameter.shapes)

    @property
    def limits(self) -> str:
        """Its bounds and its unit."""
        unit = [self.parameter.unit] if self.parameter.unit else []
        return ", ".join([*bounds(self.parameter), *unit])

    @property
    def meaning(self) -> str:
        """What it means, and what the platform assumes if it is not sent."""
        parameter = self.parameter
        if parameter.assumed is None:
            return parameter.description
        return f"{parameter.description} Assumed: {json.dumps(parameter.assumed)}."


def summary(model: type[Command]) -> str:
    """Return the first paragraph of a command's docstring on one line."""
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def groups() -> dict[str, list[type[Command]]]:
    """Return the commands of each group, both in the catalogue's order."""
    by_group: dict[str, list[type[Command]]] = {}
    for model in COMMANDS.values():
        by_group.setdefault(model.group, []).append(model)
    return by_group


def entries(model: type[Command]) -> Iterator[Entry]:
    """Yield all parameters of a command, each followed by those nested in it."""
    for parameter in parameters(model).values():
        yield from _entries(parameter, parameter.wire, ())


def bounds(parameter: Parameter) -> list[str]:
    """Return the bounds of a parameter in words: "at least -40", "at most 40"."""
    return [_BOUNDS[key].format(value) for key, value in parameter.bounds.items()]


def kinds(shapes: tuple[Shape, ...]) -> str:
    """Return the types that a value may have, in words."""
    return " or ".join(dict.fromkeys(map(kind, shapes)))


def kind(shape: Shape) -> str:
    """Return one type in words: "whole number", "list of string", the values of an enum."""
    if shape.kind == "enum":
        return ", ".join(json.dumps(value) for value in shape.values)
    if shape.kind == "list" and shape.item:
        return f"list of {kinds(shape.item.shapes)}"
    return shape.rule or _KINDS.get(shape.kind, shape.kind)


def _entries(parameter: Parameter, path: str, inside: tuple[Any, ...]) -> Iterator[Entry]:
    yield Entry(path, parameter)
    for shape in parameter.shapes:
        yield from _contents(shape, path, inside)


def _contents(shape: Shape, path: str, inside: tuple[Any, ...]) -> Iterator[Entry]:
    """Yield what a shape contains; a type within itself is not followed again."""
    if shape.item is not None:
        for item in shape.item.shapes:
            yield from _contents(item, f"{path}[]", inside)
    elif shape.source not in inside:
        for parameter in shape.fields.values():
            below = f"{path}{_branch(shape)}.{parameter.wire}"
            yield from _entries(parameter, below, (*inside, shape.source))


def _branch(shape: Shape) -> str:
    """Return the branch of a union, named by the one value of its `type`."""
    tag = shape.fields.get("type")
    return f"{{{tag.shapes[0].values[0]}}}" if tag and len(tag.shapes[0].values) == 1 else ""
