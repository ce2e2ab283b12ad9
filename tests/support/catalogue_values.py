"""Values for tests of the catalogue, made from its tree of parameters.

`valid` makes a value of a given shape, `full` the parameters of a whole command, and `broken` every
value that must be refused: a wrong kind, an unknown enum value, each bound crossed, each required
field missing, an unknown key. A shape that contains itself is entered once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from typing_extensions import TypedDict

from swnb.commands import Command, Update
from swnb.commands.schema import Parameter, Shape, parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = {"version": "1.0.0", "sections": {"main": [{"set": {"some": None}}, "hangup"]}}
LEGS = ["remote-caller", "local-caller"]
# A text that keeps each rule, by how the rule begins; any other rule is kept by a plain word.
TEXTS = {
    "an http": "https://user:word@example.com/path?a=b",
    "a URL that starts": "https://example.com/swml",
    "a number in E.164": "+15550100",
    "a ws:// or": "ws://example.com/audio",
    "a wss://": "wss://example.com/audio",
    "DTMF": "0aD*#",
    "made of": "12w,",
    "a public": "203.0.113.7",
    "a URI": "sip:someone@example.com",
    "a whole number": "300",
    "codec names": "PCMU,OPUS@8000H@20I",
}
# A value of each kind of JSON but text, with the kinds of parameter that take it.
OTHERS: list[tuple[set[str], Any]] = [
    ({"number", "integer"}, 7),
    ({"boolean"}, True),
    ({"list"}, []),
    ({"object", "json"}, {"unknown": 1}),
]
Within = tuple[Any, ...]
Wrong = tuple[str, str, Any]


def free_entry(shape: Shape) -> Parameter | None:
    """Give what the values of a dict with free keys are, or None where they are free JSON."""
    hint = get_args(shape.source)[1]
    if hint is Any:
        return None
    return Shape("object", TypedDict("Entry", {"value": hint})).fields["value"]


def valid(shape: Shape, within: Within = ()) -> Any:
    if shape.kind == "string":
        return valid_text(shape)
    if shape.kind == "list":
        return [valid(inner, within) for inner in shape.item.shapes]
    if shape.kind == "object":
        return {
            name: valid(field.shapes[0], (*within, shape.source))
            for name, field in shape.fields.items()
            if shape.source not in within or not lists(field, shape)
        }
    if shape.kind == "json":
        entry = free_entry(shape)
        return {"some_name": valid(entry.shapes[0], within)} if entry else {"any": [None, 1.0]}
    low = shape.bounds.get("ge", shape.bounds.get("gt", 0) + 1)
    last = shape.values[-1] if shape.values else None
    return {"number": float(low), "integer": low, "boolean": False, "enum": last}[shape.kind]


def valid_text(shape: Shape) -> str:
    if "pattern" in shape.bounds:
        return "prompt:as it is"
    rule = shape.rule or ""
    return next((text for begin, text in TEXTS.items() if rule.startswith(begin)), "a-word")


def lists(field: Parameter, shape: Shape) -> bool:
    """Say whether a field is a list of what it is a field of."""
    return any(each.item and each.item.shapes[0].source is shape.source for each in field.shapes)


def full(
    model: type[Command], name: str | None = None, shape: Shape | None = None
) -> dict[str, Any]:
    """Give every parameter of a command a value, less the one that excludes another.

    The parameter called `name` gets a value of `shape`, and goes before one that excludes it.
    """
    made = {}
    for wire, parameter in parameters(model).items():
        chosen = shape if wire == name else parameter.shapes[0]
        takes_swml = wire in {"swml", "dest", "to_script"} and chosen.kind == "json"
        made[wire] = DOCUMENT if takes_swml else valid(chosen)
        if wire == "direction" and chosen.kind == "list":
            made[wire] = LEGS
    if model is Update:
        made["id"] = model.example["id"]
    made.pop("url" if name == "swml" else "swml", None)
    return made


def broken(parameter: Parameter, path: str, within: Within = ()) -> Iterator[Wrong]:
    """Give (what is wrong, path of the problem, value) for all that must be refused."""
    kinds = {shape.kind for shape in parameter.shapes}
    of_enums = {type(value) for shape in parameter.shapes for value in shape.values}
    for taken_by, value in OTHERS:
        if not taken_by & kinds and type(value) not in of_enums:
            yield f"a {type(value).__name__}", path, value
    if "string" not in kinds:
        yield "a text", path, "no such text"
    for shape in parameter.shapes:
        for name, value in beyond(shape):
            yield f"beyond {name}", path, value
        yield from broken_within(shape, path, within)


def beyond(shape: Shape) -> Iterator[tuple[str, Any]]:
    """Give a value beyond each bound."""
    steps = {"ge": -1, "gt": 0, "le": 1}
    for name, limit in shape.bounds.items():
        if name in steps:
            yield name, limit + steps[name]
        elif name == "pattern":
            yield name, "prompt:"
        elif name == "max_length":
            yield name, {f"name_{count}": "text" for count in range(limit + 1)}
        else:
            yield name, [] if shape.kind == "list" else ""
    if shape.kind == "number":
        yield "what is finite", float("nan")
        yield "what is finite", float("-inf")
    if shape.kind == "integer":
        yield "whole numbers", 1.5


def broken_within(shape: Shape, path: str, within: Within) -> Iterator[Wrong]:
    if shape.kind == "list":
        for what, where, value in broken(shape.item, f"{path}[0]", within):
            yield what, where, [value]
    elif shape.kind == "json" and (entry := free_entry(shape)):
        for what, where, value in broken(entry, f"{path}.some_name", within):
            yield what, where, {"some_name": value}
    elif shape.kind == "object" and shape.source not in within:
        yield from broken_object(shape, path, (*within, shape.source))


def broken_object(shape: Shape, path: str, within: Within) -> Iterator[Wrong]:
    whole = valid(shape)
    yield "an unknown key", f"{path}.unknown", {**whole, "unknown": 1}
    for name, field in shape.fields.items():
        # Without its `type` or its only key, an object is of no branch: another test's business.
        if field.required and name != "type" and len(shape.fields) > 1:
            without = {key: item for key, item in whole.items() if key != name}
            yield f"no {name}", f"{path}.{name}", without
        for what, where, value in broken(field, f"{path}.{name}", within):
            if name != "type" or isinstance(value, str):
                yield what, where, {**whole, name: value}
