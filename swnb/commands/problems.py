"""Pydantic's errors in plain words: each problem of a command with its path, never its input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from swnb.commands.schema import parameters
from swnb.errors import Problem
from swnb.words import counted

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError

    from swnb.commands.schema import Parameter

_MESSAGES: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is required",
    "string_type": lambda _: "must be a string",
    "bool_type": lambda _: "must be True or False",
    "list_type": lambda _: "must be a list",
    "dict_type": lambda _: "must be an object (a dict)",
    "model_attributes_type": lambda _: "must be an object (a dict)",
    "literal_error": lambda ctx: f"must be one of {ctx['expected'].replace(' or ', ', ')}",
    "greater_than_equal": lambda ctx: f"must be at least {ctx['ge']}",
    "greater_than": lambda ctx: f"must be more than {ctx['gt']}",
    "less_than_equal": lambda ctx: f"must be at most {ctx['le']}",
    "less_than": lambda ctx: f"must be less than {ctx['lt']}",
    "too_short": lambda ctx: f"must have at least {counted(ctx['min_length'], 'entry')}",
    "too_long": lambda ctx: f"must have at most {counted(ctx['max_length'], 'entry')}",
    "string_too_short": lambda ctx: f"must have at least {counted(ctx['min_length'], 'character')}",
    "string_too_long": lambda ctx: f"must have at most {counted(ctx['max_length'], 'character')}",
    "string_pattern_mismatch": lambda ctx: f"must match {ctx['pattern']}",
    "union_tag_invalid": lambda ctx: f"must be one of {ctx['expected_tags']}",
    "rule": lambda ctx: str(ctx["text"]),
}
_WITH_UNIT = frozenset({"greater_than_equal", "greater_than", "less_than_equal", "less_than"})


def problems_of(
    error: ValidationError, given: Mapping[str, Any], model: type[BaseModel]
) -> list[Problem]:
    """Return every problem that pydantic found in the parameters of a command."""
    problems = []
    for entry in error.errors(include_url=False, include_input=False):
        place = _Place(parameters(model), given)
        for step in entry["loc"][:-1]:
            place.enter(step)
        problems.append(
            _problem(entry["type"], entry.get("ctx", {}), entry["msg"], entry["loc"][-1:], place)
        )
    return list(dict.fromkeys(problems))


class _Place:
    """A walk along pydantic's location, which also names union branches that the input lacks."""

    def __init__(self, fields: Mapping[str, Parameter], given: Any) -> None:
        self.fields = fields
        self.given = given
        self.parameter: Parameter | None = None
        self.path = ""

    def enter(self, step: int | str) -> bool:
        """Go one step down; return whether the input has that step."""
        if isinstance(step, int):
            if not isinstance(self.given, Sequence) or isinstance(self.given, str):
                return False
            items = (
                [shape.item for shape in self.parameter.shapes if shape.item]
                if self.parameter
                else []
            )
            self._move(items[0] if items else None, self.given[step], f"{self.path}[{step}]")
            return True
        if not isinstance(self.given, Mapping):
            return False
        key = next(
            (name for name in (step, f"{step}_", step.removesuffix("_")) if name in self.given),
            None,
        )
        if key is None:
            self._narrow(step)
            return False
        self._move(self.child(step), self.given[key], f"{self.path}.{key}".lstrip("."))
        return True

    def child(self, step: str) -> Parameter | None:
        """Return the parameter of that name here, in any branch of a union."""
        return self.fields.get(step) or self.fields.get(step.removesuffix("_"))

    def _narrow(self, branch: str) -> None:
        """Keep only the branch of a union that pydantic names by its tag."""
        for shape in self.parameter.shapes if self.parameter else ():
            tag = shape.fields.get("type")
            if shape.tag == branch or (tag and branch in tag.shapes[0].values):
                self.fields = shape.fields

    def _move(self, parameter: Parameter | None, given: Any, path: str) -> None:
        self.parameter, self.given, self.path = parameter, given, path
        self.fields = {
            name: field
            for shape in (parameter.shapes if parameter else ())
            for name, field in shape.fields.items()
        }


def _problem(
    kind: str, ctx: dict[str, Any], fallback: str, last: Sequence[int | str], place: _Place
) -> Problem:
    if kind == "extra_forbidden":
        name = str(last[0])
        return Problem(f"{place.path}.{name}".lstrip("."), _unknown(name, place), kind)
    if kind == "union_tag_not_found":
        return Problem(_below(last, place), _untagged(ctx, place), kind)
    path = _below(last, place, always=kind == "missing")
    message = _MESSAGES[kind](ctx) if kind in _MESSAGES else _plain(fallback)
    if kind == "union_tag_invalid" and not ctx["discriminator"].endswith("()"):
        path = f"{path}.{ctx['discriminator'].strip(chr(39))}"
    unit = place.parameter.unit if place.parameter else None
    message = f"{message} ({unit})" if unit and kind in _WITH_UNIT else message
    return Problem(path, message, ctx.get("kind", kind))


def _below(last: Sequence[int | str], place: _Place, *, always: bool = False) -> str:
    for step in last:
        if not place.enter(step) and always:
            return f"{place.path}.{step}".lstrip(".")
    return place.path


def _unknown(name: str, place: _Place) -> str:
    names = [field.name for field in place.fields.values()]
    close = get_close_matches(name, names, n=1)
    if close:
        return f"is not a parameter; did you mean {close[0]!r}?"
    if not names:
        return "is not a parameter; there are none here"
    return f"is not a parameter; the parameters are {', '.join(names)}"


def _untagged(ctx: dict[str, Any], place: _Place) -> str:
    tags = [shape.tag for shape in (place.parameter.shapes if place.parameter else ()) if shape.tag]
    name = ctx["discriminator"].strip("'")
    if name.endswith("()"):
        return (
            f"must be one of {', '.join(map(repr, tags))}"
            if tags
            else "has none of its known forms"
        )
    return f"needs {name!r}"


def _plain(message: str) -> str:
    return message[:1].lower() + message[1:]
