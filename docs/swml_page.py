"""The methods of SWML in docs/swml.md, made from their catalogue."""

from __future__ import annotations

import json
from collections.abc import Iterator

from swnb.documents.methods import GROUPS
from swnb.documents.shapes import Field, Method, Shape

_WORDS = {
    "string": "string",
    "number": "number",
    "integer": "whole number",
    "boolean": "true or false",
    "object": "object",
    "json": "object of any content",
    "steps": "list of steps",
    "any": "anything",
}


def methods() -> str:
    """Return a section for each group of methods."""
    parts = []
    for group, members in GROUPS.items():
        parts.append(f"### {group}\n")
        parts += [_method(each) for each in members]
    return "\n".join(parts)


def _method(method: Method) -> str:
    bare = " Its name alone is a step." if method.bare else ""
    head = f"#### {method.name}\n\n{method.about}{bare}\n"
    plain = [_kind(shape) for shape in method.shapes if not shape.fields and shape.kind != "object"]
    takes = f"\nIt takes a {' or a '.join(plain)}.\n" if plain else ""
    seen: set[int] = set()
    rows = [row for shape in method.shapes for row in _rows(shape, "", seen)]
    table = (
        "\n| parameter | type | bounds | meaning |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    )
    return (
        head
        + takes.replace("a anything", "anything").replace("a object", "an object")
        + (table if rows else "")
    )


def _rows(shape: Shape, path: str, seen: set[int]) -> Iterator[str]:
    """Yield a row for each field of an object and of those in it, each object once."""
    if id(shape) in seen:
        return
    seen |= {id(shape)} if shape.fields else set()
    for item in shape.items:
        yield from _rows(item, f"{path}[]", seen)
    for field in shape.fields:
        name = f"{path}.{field.name}".lstrip(".")
        yield _row(name, field, shape)
        for each in field.shapes:
            yield from _rows(each, name, seen)


def _row(name: str, field: Field, shape: Shape) -> str:
    star = "\\*" if field.required else "" if field.name not in _chosen(shape) else " (one of)"
    kinds = " or ".join(dict.fromkeys(map(_kind, field.shapes)))
    bounds = [bound for each in field.shapes for bound in _bounds(each)]
    limits = ", ".join([*bounds, *([field.unit] if field.unit else [])])
    assumed = "" if field.assumed is None else f" Assumed: {json.dumps(field.assumed)}."
    return f"| `{name}`{star} | {kinds} | {limits} | {field.about}{assumed} |"


def _chosen(shape: Shape) -> tuple[str, ...]:
    return (*shape.one_of, *shape.some_of)


def _kind(shape: Shape) -> str:
    if shape.kind == "enum":
        return ", ".join(json.dumps(value) for value in shape.values)
    if shape.url:
        return "URL"
    if shape.sound:
        return "sound"
    if shape.kind in ("list", "map"):
        inner = " or ".join(dict.fromkeys(map(_kind, shape.items)))
        return f"{'list' if shape.kind == 'list' else 'object'} of {inner}"
    return _WORDS[shape.kind]


def _bounds(shape: Shape) -> Iterator[str]:
    if shape.low is not None:
        yield f"at least {shape.low}"
    if shape.high is not None:
        yield f"at most {shape.high}"
