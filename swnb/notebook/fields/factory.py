"""Which field a parameter gets. Its shapes decide, never its command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb.notebook.fields.free_json import JsonField
from swnb.notebook.fields.lists import ChecksField, ListField
from swnb.notebook.fields.objects import ObjectField
from swnb.notebook.fields.scalars import (
    ConstantField,
    EnumField,
    NumberField,
    SecretField,
    TextField,
)
from swnb.notebook.fields.unions import ChoiceField, fixed_type
from swnb.redact import is_secret

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Field, FormWidgets

_SCALARS: dict[str, type[Field]] = {
    "string": TextField,
    "number": NumberField,
    "integer": NumberField,
    "boolean": EnumField,
    "enum": EnumField,
    "json": JsonField,
}


def make_field(
    widgets: FormWidgets, parameter: Parameter, label: str, example: Any, *, present: bool = False
) -> Field:
    """Return the field of a parameter; if `present`, it needs no adding."""
    first, *others = parameter.shapes
    if others or (first.kind == "object" and fixed_type(first)):
        return ChoiceField(widgets, parameter, label, example)
    if first.kind == "object":
        return ObjectField(widgets, parameter, label, example, present=present)
    if first.kind == "list":
        of_enum = first.item is not None and first.item.shapes[0].kind == "enum"
        return (ChecksField if of_enum else ListField)(widgets, parameter, label, example)
    if first.kind == "enum" and len(first.values) == 1 and present:
        return ConstantField(widgets, parameter, label, example)
    if first.kind == "string" and is_secret(parameter.name):
        return SecretField(widgets, parameter, label, example)
    return _SCALARS[first.kind](widgets, parameter, label, example)
