"""A parameter in words: its type, unit, bounds and default, and the fields of nested objects."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

from swnb.commands.describe import bounds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.commands.schema import Parameter, Shape

WIDTH = 88
_FEW = 6  # values that a type may list; more of them stand below it
_PYTHON = {
    "string": "str",
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "json": "dict",
    "object": "dict",
}


def wrapped(text: str, indent: str = "    ", hanging: str = "") -> list[str]:
    """Return a text as indented lines, each but the first indented further by `hanging`."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_on_hyphens=False,
    )


def type_of(parameter: Parameter) -> str:
    """Return a parameter's type in plain words, such as `"listen" | "speak" | "both"`."""
    return " | ".join(dict.fromkeys(_type(shape) for shape in parameter.shapes))


def described(parameter: Parameter, *, optional: bool, more: str = "") -> Iterator[str]:
    """Yield a parameter's entry as numpydoc has it; `more` is said after its meaning."""
    limits = _limits(parameter)
    end = ", optional" if optional else ""
    head = f"{parameter.name} : {type_of(parameter)}"
    fits = limits and len(f"{head} ({limits}){end}") <= WIDTH
    yield f"{head} ({limits}){end}" if fits else f"{head}{end}"
    yield from wrapped(_meaning(parameter, "" if fits else limits, more))
    yield from _fields(parameter, "    ", ())


def _type(shape: Shape) -> str:
    if shape.kind == "enum":
        few = len(shape.values) <= _FEW
        return " | ".join(
            map(json.dumps, shape.values) if few else [type(shape.values[0]).__name__]
        )
    if shape.kind == "list" and shape.item:
        inner = type_of(shape.item)
        return f"list of ({inner})" if "|" in inner else f"list of {inner}"
    return _PYTHON.get(shape.kind, shape.kind)


def _limits(parameter: Parameter) -> str:
    """Return the form, the bounds and the unit of a parameter."""
    shapes = [inner for shape in parameter.shapes for inner in _innermost(shape)]
    rules = [shape.rule for shape in shapes if shape.rule]
    values = [value for shape in shapes if len(shape.values) > _FEW for value in shape.values]
    if values and not rules:  # a rule beside an enum names its values
        rules = [f"one of {', '.join(map(json.dumps, values))}"]
    unit = [parameter.unit] if parameter.unit else []
    return ", ".join([*dict.fromkeys(rules), *bounds(parameter), *unit])


def _innermost(shape: Shape) -> Iterator[Shape]:
    """Yield a shape, or what a list of it holds."""
    if shape.item is None:
        yield shape
    else:
        for inner in shape.item.shapes:
            yield from _innermost(inner)


def _meaning(parameter: Parameter, limits: str, more: str = "") -> str:
    texts = [f"{parameter.description.rstrip('.')}.", f"Must be {limits}." if limits else "", more]
    if parameter.assumed is not None:
        texts.append(f"Assumed: {_python(parameter.assumed)}.")
    return " ".join(filter(None, texts))


def _python(value: Any) -> str:
    return json.dumps(value) if isinstance(value, str) else repr(value).replace("'", '"')


def _fields(parameter: Parameter, indent: str, inside: tuple[Any, ...]) -> Iterator[str]:
    """Yield the fields of the objects that a parameter may hold, as a list indented by depth."""
    held = [inner for shape in parameter.shapes for inner in _innermost(shape)]
    shapes = [shape for shape in held if shape.fields and shape.source not in inside]
    for shape in shapes:
        below, label = indent, _branch(shape)
        if len(shapes) > 1:
            yield from wrapped(label, indent, "    ")
            below = f"{indent}  "
        for field in shape.fields.values():
            if len(shapes) == 1 or field is not _tag(shape):
                required = ", required" if field.required else ""
                limits = _limits(field)
                kind = f"{type_of(field)}{required}{f'; {limits}' if limits else ''}"
                text = f"- {field.name} ({kind}): {_meaning(field, '')}"
                yield from wrapped(text, below, "    ")
                yield from _fields(field, f"{below}  ", (*inside, shape.source))


def _tag(shape: Shape) -> Parameter | None:
    """Return the field whose one value names the branch of a union, None if it has none."""
    tag = shape.fields.get("type")
    return tag if tag and len(tag.shapes[0].values) == 1 else None


def _branch(shape: Shape) -> str:
    tag = _tag(shape)
    if tag:
        return f'- {{"type": {json.dumps(tag.shapes[0].values[0])}, …}}: {tag.description}'
    required = [f"{json.dumps(name)}: …" for name, field in shape.fields.items() if field.required]
    return f"- {{{', '.join(required) or '…'}}}:"
