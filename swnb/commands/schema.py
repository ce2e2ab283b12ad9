"""The parameters of a command as a tree, derived from its model.

The reference page, the error messages, the forms and the comparison with the published API all
read this tree, so none of them repeats what a model says.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import BaseMetadata
from pydantic import BaseModel, Tag
from pydantic.fields import FieldInfo
from typing_extensions import TypeAliasType, is_typeddict

from swnb.commands.models.swml import check_swml
from swnb.commands.types import (
    ESCAPES,
    TextRule,
    check_integer,
    check_json_object,
    check_number,
    wire_name,
)

Kind = Literal["string", "number", "integer", "boolean", "enum", "json", "object", "list"]

# The validators that identify a JSON type in a type hint.
_CHECKED: dict[Any, Kind] = {
    check_number: "number",
    check_integer: "integer",
    check_json_object: "json",
    check_swml: "json",
}
_BOUNDS = ("ge", "gt", "le", "lt", "min_length", "max_length", "pattern")
_PLAIN: dict[Any, Kind] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "json",
}


@dataclass(frozen=True, slots=True)
class Shape:
    """One form that a value may take.

    `values` are an enum's, `item` is a list's, `tag` names the branch of a union, `rule` is the
    format that a string must have (`an http:// or https:// URL`), and `source` is the Python type.
    """

    kind: Kind
    source: Any
    bounds: dict[str, Any] = field(default_factory=dict)
    values: tuple[Any, ...] = ()
    item: Parameter | None = None
    tag: str | None = None
    rule: str | None = None

    @property
    def fields(self) -> dict[str, Parameter]:
        """The parameters of an object by wire name; empty for other kinds."""
        return _typed_dict_fields(self.source) if self.kind == "object" else {}


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: its Python keyword and wire name, its meaning, and the shapes it may have.

    `assumed` is the value that the platform uses if the parameter is not sent.
    """

    name: str
    required: bool
    description: str
    shapes: tuple[Shape, ...]
    unit: str | None = None
    assumed: Any = None
    example: Any = None

    @property
    def wire(self) -> str:
        """The name on the wire."""
        return wire_name(self.name)

    @property
    def bounds(self) -> dict[str, Any]:
        """The bounds of all shapes together."""
        return {key: value for shape in self.shapes for key, value in shape.bounds.items()}


@cache
def parameters(model: type[BaseModel]) -> dict[str, Parameter]:
    """Return the parameters of a command by wire name, in the catalogue's order."""
    tree = (
        _parameter(name, Annotated[info.annotation, info, *info.metadata], info.is_required())
        for name, info in model.model_fields.items()
        if name not in ESCAPES
    )
    return {parameter.wire: parameter for parameter in tree}


@cache
def _typed_dict_fields(source: Any) -> dict[str, Parameter]:
    hints = get_type_hints(source, include_extras=True)
    fields = (
        # With postponed annotations, Python cannot see a `Required` when it creates the class.
        _parameter(name, hint, get_origin(hint) is Required or name in source.__required_keys__)
        for name, hint in hints.items()
    )
    return {parameter.name: parameter for parameter in fields}


def _parameter(name: str, hint: Any, required: bool) -> Parameter:
    hint, metadata = _peel(hint)
    infos = [entry for entry in metadata if isinstance(entry, FieldInfo)]
    extra: dict[str, Any] = {}
    description = ""
    for info in reversed(infos):
        extra.update(info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {})
        description = info.description or description
    return Parameter(
        name=name,
        required=required,
        description=description,
        shapes=_shapes(hint, metadata),
        unit=extra.get("unit"),
        assumed=extra.get("assumed"),
        example=extra.get("example"),
    )


def _peel(hint: Any) -> tuple[Any, list[Any]]:
    """Return a hint without its wrappers, and all their metadata, the outermost last."""
    metadata: list[Any] = []
    while True:
        origin = get_origin(hint)
        if origin is Annotated:
            hint, *inner = get_args(hint)
            metadata = [*inner, *metadata]
        elif origin in (Required, NotRequired):
            (hint,) = get_args(hint)
        elif isinstance(hint, TypeAliasType):
            hint = hint.__value__
        else:
            return hint, metadata


def _shapes(hint: Any, metadata: list[Any]) -> tuple[Shape, ...]:
    bounds = _bounds(metadata)
    tag = next((entry.tag for entry in metadata if isinstance(entry, Tag)), None)
    checks = [getattr(entry, "func", None) for entry in metadata]
    kind = next((_CHECKED[check] for check in checks if check in _CHECKED), None)
    if kind:
        source = dict[str, Any] if check_swml in checks else hint  # a path of one is read before
        return (Shape(kind, source, bounds, tag=tag),)
    rule = next((check.rule for check in checks if isinstance(check, TextRule)), None)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        arms = (_peel(arm) for arm in get_args(hint) if arm is not NoneType)
        shapes = [shape for arm, inner in arms for shape in _shapes(arm, inner)]
        return tuple(_bounded(shape, bounds, tag) for shape in shapes)
    if origin is Literal:
        return (Shape("enum", hint, values=get_args(hint), tag=tag),)
    if origin is list:
        return (Shape("list", hint, bounds, item=_parameter("", get_args(hint)[0], True), tag=tag),)
    if is_typeddict(hint):
        return (Shape("object", hint, tag=tag),)
    return (Shape(_PLAIN[origin or hint], hint, bounds, tag=tag, rule=rule),)


def _bounds(metadata: list[Any]) -> dict[str, Any]:
    bounds: dict[str, Any] = {}
    for entry in metadata:
        for limit in entry.metadata if isinstance(entry, FieldInfo) else [entry]:
            if isinstance(limit, BaseMetadata) or hasattr(limit, "pattern"):
                bounds |= {
                    name: getattr(limit, name)
                    for name in _BOUNDS
                    if getattr(limit, name, None) is not None
                }
    return bounds


def _bounded(shape: Shape, bounds: dict[str, Any], tag: str | None) -> Shape:
    return Shape(
        shape.kind,
        shape.source,
        {**shape.bounds, **bounds},
        shape.values,
        shape.item,
        shape.tag or tag,
        shape.rule,
    )
