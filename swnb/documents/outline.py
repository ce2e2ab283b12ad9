"""A document as an outline: one line for each step, with its place and its facts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from swnb.documents.methods import METHODS
from swnb.documents.shapes import Shape
from swnb.words import cut

_LONGEST = 60  # letters of a value
_WITHIN = " > "


@dataclass(frozen=True, slots=True)
class Line:
    """One step: its place, how deep it stands, its method, and what is said of it."""

    place: str
    depth: int
    method: str
    facts: tuple[str, ...]


def lines(document: Mapping[str, Any]) -> Iterator[Line]:
    """Yield the steps of a redacted document in order, those below a step right behind it."""
    sections = document.get("sections")
    for name, steps in sections.items() if isinstance(sections, Mapping) else ():
        yield from _steps(str(name), steps, 0)


def counts(document: Mapping[str, Any]) -> tuple[int, int]:
    """Return how many sections and steps a document has."""
    sections = document.get("sections")
    return len(sections) if isinstance(sections, Mapping) else 0, sum(1 for _ in lines(document))


def _steps(place: str, steps: Any, depth: int) -> Iterator[Line]:
    if not isinstance(steps, list):
        yield Line(place, depth, "?", (_short(steps),))
        return
    for number, step in enumerate(steps, 1):
        between = _WITHIN if depth else " "
        yield from _step(f"{place}{between}{number}", step, depth)


def _step(place: str, step: Any, depth: int) -> Iterator[Line]:
    if not isinstance(step, Mapping):
        yield Line(place, depth, step if isinstance(step, str) else "?", ())
        return
    for name, value in step.items():
        shapes = METHODS[name].shapes if name in METHODS else ()
        yield Line(place, depth, str(name), tuple(_facts(value, shapes)))
        for below, steps in _below(value, shapes):
            yield from _steps(f"{place}{_WITHIN}{below}", steps, depth + 1)


def _facts(value: Any, shapes: tuple[Shape, ...]) -> Iterator[str]:
    if not isinstance(value, Mapping):
        if not any(True for _ in _below(value, shapes)) and value not in ({}, None):
            yield _short(value)
        return
    own = {field.name: field.shapes for shape in shapes for field in shape.fields}
    for name, item in value.items():
        if not any(True for _ in _below(item, own.get(name, ()), str(name))):
            yield f"{name} {_short(item)}"


def _below(value: Any, shapes: tuple[Shape, ...], label: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the lists of steps within a value, each with where it stands."""
    for shape in shapes:
        if shape.kind == "steps" and isinstance(value, list):
            yield label, value
        elif shape.kind == "map" and isinstance(value, Mapping):
            for name, item in value.items():
                yield from _below(item, shape.items, f"{label} {_short(name)}".strip())
        elif shape.kind == "list" and isinstance(value, list):
            for place, item in enumerate(value, 1):
                yield from _below(item, shape.items, f"{label} {place}".strip())
    if isinstance(value, Mapping):
        own = {
            field.name: field
            for shape in shapes
            if shape.kind == "object"
            for field in shape.fields
        }
        when = f" ({_short(value['when'])})" if "when" in own and "when" in value else ""
        for name, field in own.items():
            if name in value:
                inner = f"{name}{when if name == 'then' else ''}"
                yield from _below(value[name], field.shapes, f"{label} {inner}".strip())


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    text = " ".join(text.split())
    return cut(text, _LONGEST)
