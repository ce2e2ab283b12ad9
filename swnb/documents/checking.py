"""What is wrong with a SWML document: every problem at once, each with its path.

A string with a variable in it (`%{…}`, `${…}`) may stand for any word or number, and one that is
nothing but a variable for any value but steps: only the platform knows what it will be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from swnb.documents.leaves import (
    JSON,
    VARIABLE,
    fits,
    near,
    no_fit,
    number_problems,
    stands_for,
    text_problems,
)
from swnb.documents.methods import METHODS
from swnb.documents.shapes import Method, Shape
from swnb.errors import Problem
from swnb.json_values import MOST_PROBLEMS
from swnb.words import counted

VERSION = "1.0.0"


def check(document: Any) -> list[Problem]:
    """Return every problem of a document that consists of JSON values; none if it can be sent.

    Values that are no JSON at all are passed over: whoever copied them has reported them.
    """
    found: dict[Problem, None] = {}
    for problem in _document(document):
        if len(found) == MOST_PROBLEMS:  # to name all of a long list would take minutes
            return [*found, Problem("", "and more like these")]
        found[problem] = None
    return [*found]


def _document(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        if value is None or isinstance(value, JSON):
            yield Problem(
                "", "must be a SWML document: an object (a dict) with sections", "dict_type"
            )
        return
    for name in value.keys() - {"version", "sections"}:
        if name in METHODS:
            hint = "; a method stands in a list of steps: sections.main"
        else:
            hint = near(name, ["version", "sections"]) or "; a document has version and sections"
        yield Problem(name, f"is not a part of a document{hint}", "extra_forbidden")
    if value.get("version", VERSION) != VERSION:
        yield Problem("version", f"must be {VERSION!r}, or left out")
    if "sections" not in value:
        yield Problem("sections", "is required", "missing")
    else:
        yield from _sections(value["sections"])


def _sections(value: Any) -> Iterator[Problem]:
    if not isinstance(value, Mapping):
        yield from no_fit("sections", value, (Shape("map"),), "; it must have main")
        return
    if "main" not in value:
        hint = near("main", [name for name in value if isinstance(name, str)])
        yield Problem(
            "sections.main", f"is required: it is where a document begins{hint}", "missing"
        )
    for name, steps in value.items():
        path = f"sections.{name}"
        yield from _steps(path, steps)
        yield from _jumps(path, steps)


def _steps(path: str, value: Any, only: tuple[str, ...] = ()) -> Iterator[Problem]:
    if not isinstance(value, list):
        yield from no_fit(path, value, (Shape("steps"),))
        return
    for place, step in enumerate(value):
        yield from _step(f"{path}[{place}]", step, only or tuple(METHODS))


def _step(path: str, step: Any, names: tuple[str, ...]) -> Iterator[Problem]:
    if isinstance(step, str):
        if step not in names:
            yield Problem(path, f"is not a method{near(step, names) or _spelled()}")
        elif not METHODS[step].bare:
            yield Problem(path, f"needs parameters: write {step}: {{…}}")
    elif isinstance(step, Mapping):
        yield from _methods(path, step, names)
    elif step is None or isinstance(step, JSON):
        yield Problem(path, "must be a step: an object (a dict) with the name of one method")


def _methods(path: str, step: Mapping[str, Any], names: tuple[str, ...]) -> Iterator[Problem]:
    known = [name for name in step if name in names]
    if not step:
        yield Problem(path, "names no method: a step is an object with the name of one")
    if len(known) > 1:
        both = f"{', '.join(known[:-1])} and {known[-1]}"
        yield Problem(
            path, f"has {counted(len(known), 'method')}, {both}: give each a step of its own"
        )
    for name, content in step.items():
        if name not in known:
            hint = _displaced(name, known) or near(name, names) or _spelled()
            yield Problem(f"{path}.{name}", f"is not a method{hint}", "extra_forbidden")
        elif content is not None or len(step) == 1:
            yield from _content(f"{path}.{name}", content, METHODS[name])


def _spelled() -> str:
    return "; docs/swml.md lists the methods"


def _displaced(name: str, known: list[str]) -> str:
    """Return the hint for a parameter that stands beside its method instead of below it."""
    owners = (
        method
        for method in known
        if any(name == field.name for shape in METHODS[method].shapes for field in shape.fields)
    )
    owner = next(owners, None)
    return f"; as a parameter of {owner} it stands below it, indented further" if owner else ""


def _content(path: str, value: Any, method: Method) -> Iterator[Problem]:
    if value is None and method.bare and method.name != "return":
        yield Problem(path, f"must not be empty: write {method.name}: {{}} or the name alone")
        return
    yield from _value(path, value, method.shapes)


def _value(
    path: str, value: Any, shapes: tuple[Shape, ...], unit: str | None = None
) -> Iterator[Problem]:
    kinds = {shape.kind for shape in shapes}
    if "any" in kinds or not (value is None or isinstance(value, JSON)):
        return
    if isinstance(value, str) and stands_for(value, kinds):
        return
    fitting = [shape for shape in shapes if fits(value, shape)]
    if not fitting:
        yield from no_fit(path, value, shapes)
    elif isinstance(value, Mapping):
        yield from _mapping(path, value, fitting)
    elif isinstance(value, list):
        yield from _list(path, value, fitting[0])
    elif isinstance(value, str):
        yield from text_problems(path, value, fitting)
    elif not isinstance(value, bool):
        yield from number_problems(path, value, fitting[0], unit)


def _mapping(path: str, value: Mapping[str, Any], shapes: list[Shape]) -> Iterator[Problem]:
    if any(shape.kind == "json" for shape in shapes):
        return
    if shapes[0].kind == "map":
        for name, item in value.items():
            yield from _value(f"{path}.{name}", item, shapes[0].items)
        return
    yield from _object(path, value, shapes)


def _object(path: str, value: Mapping[str, Any], shapes: list[Shape]) -> Iterator[Problem]:
    shape = max(shapes, key=lambda each: _likeness(each, value))
    own = {field.name: field for field in shape.fields}
    every = list(dict.fromkeys(field.name for each in shapes for field in each.fields))
    for name in value:
        if name not in own:
            yield Problem(f"{path}.{name}", _unknown(name, every), "extra_forbidden")
    for name in shape.required:
        if name not in value:
            yield Problem(f"{path}.{name}", "is required", "missing")
    yield from _choices(path, value, shape)
    for name, field in own.items():
        if name in value:
            yield from _value(f"{path}.{name}", value[name], field.shapes, field.unit)


def _likeness(shape: Shape, value: Mapping[str, Any]) -> tuple[int, bool]:
    """Return how well an object fits a shape: by its names, then by whether it has all it must."""
    names = {field.name for field in shape.fields}
    return len(names & value.keys()), value.keys() >= {*shape.required}


def _unknown(name: str, names: list[str]) -> str:
    if not names:
        return "is not a parameter; there are none here"
    hint = near(name, names) or f"; the parameters are {', '.join(names)}"
    return f"is not a parameter{hint}"


def _choices(path: str, value: Mapping[str, Any], shape: Shape) -> Iterator[Problem]:
    given = [name for name in shape.one_of if name in value]
    if shape.one_of and not given:
        yield Problem(path, f"needs one of {', '.join(shape.one_of)}")
    if len(given) > 1:
        yield Problem(path, f"must have only one of {', '.join(given)}")
    if shape.some_of and not value.keys() & {*shape.some_of}:
        yield Problem(path, f"needs {' or '.join(shape.some_of)}")


def _list(path: str, value: list[Any], shape: Shape) -> Iterator[Problem]:
    if shape.kind == "steps":
        yield from _steps(path, value, shape.values)
        return
    if shape.low is not None and len(value) < shape.low:
        yield Problem(path, f"must have at least {counted(int(shape.low), 'entry')}")
    for place, item in enumerate(value):
        yield from _value(f"{path}[{place}]", item, shape.items)


def _jumps(path: str, steps: Any) -> Iterator[Problem]:
    """Yield each jump to a label that its section does not have."""
    walked = list(_walk(path, steps))
    labels = [
        step["label"]
        for place, step in walked
        if isinstance(step.get("label"), str) and not place.endswith(".goto")
    ]
    for place, step in walked:
        jump = step.get("goto")
        label = jump.get("label") if isinstance(jump, Mapping) else None
        if isinstance(label, str) and label not in labels and not VARIABLE.search(label):
            hint = near(label, labels) or "; goto stays within its section"
            yield Problem(f"{place}.goto.label", f"is not a label of this section{hint}")


def _walk(path: str, value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping):
        yield path, value
        for name, item in value.items():
            yield from _walk(f"{path}.{name}", item)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _walk(f"{path}[{place}]", item)
