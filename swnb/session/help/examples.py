"""The example of a command as Python that can be typed: short lines, laid out as Black does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.commands.schema import parameters
from swnb.session.help.words import WIDTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.commands.base import Command

_PROMPT = 4  # the width of ">>> "
_STEP = "    "


def filled_in(model: type[Command], owner: str) -> set[str]:
    """Return the names that a method fills in by itself if they are left out.

    A `call` knows the control ids of what its own commands start: a fax is started by SWML.
    """
    if owner != "call" or "control_id" not in model.model_fields:
        return set()
    operation = model.starts or model.controls
    started = (other.starts for other in c.COMMANDS.values())
    return {"control_id"} if operation in started else set()


def call_of(model: type[Command], owner: str) -> list[str]:
    """Return the lines of a session that calls a command's method with its example.

    Parameters
    ----------
    model : type of Command
        The command, as the catalogue has it.
    owner : {"sw", "sw.calling", "call"}
        What the method belongs to; a `call` makes control ids, and knows its own id.

    """
    values = c.find(model.method()).example
    fields = sorted(parameters(model).values(), key=lambda field: not field.required)
    on_call, filled = owner == "call", filled_in(model, owner)
    parts = [
        ("" if on_call and field.name == model.main_parameter() else f"{field.name}=", value)
        for field in fields
        if (value := values.get(field.wire)) is not None and field.name not in filled
    ]
    first = ["call"] if owner == "sw.calling" and model.on_call else []
    target = "call = " if owner == "sw" else ""
    lines = _laid_out(f"{target}{owner}.{model.method()}(", first, parts)
    return [f"{'...' if number else '>>>'} {line}" for number, line in enumerate(lines)]


def _laid_out(head: str, first: Sequence[str], parts: Sequence[tuple[str, Any]]) -> list[str]:
    """Return a call on one line if it fits, else with an argument on each."""
    line = f"{head}{', '.join([*first, *(name + _flat(value) for name, value in parts)])})"
    if len(line) + _PROMPT <= WIDTH:
        return [line]
    if len(first) + len(parts) == 1:  # the argument's own brackets hug those of the call
        name, value = parts[0]
        lines = _value(value, "", len(head) + len(name) + 1)
        return [head + name + lines[0], *lines[1:-1], f"{lines[-1]})"]
    lines = [head, *(f"{_STEP}{text}," for text in first)]
    for name, value in parts:
        opened, *rest = _value(value, _STEP, len(name) + 1)
        lines += [f"{_STEP}{name}{opened}", *rest]
        lines[-1] += ","
    return [*lines, ")"]


def _value(value: Any, indent: str, beside: int) -> list[str]:
    """Return a value on one line if it fits between the indent and what is beside it."""
    flat = _flat(value)
    if len(flat) + len(indent) + beside + _PROMPT <= WIDTH or not isinstance(value, dict | list):
        return [flat]
    inner = f"{indent}{_STEP}"
    keyed = (
        [(f"{_flat(key)}: ", item) for key, item in value.items()]
        if isinstance(value, dict)
        else [("", item) for item in value]
    )
    lines = ["{" if isinstance(value, dict) else "["]
    for key, item in keyed:
        opened, *rest = _value(item, inner, len(key) + 1)
        lines += [f"{inner}{key}{opened}", *rest]
        lines[-1] += ","
    return [*lines, f"{indent}{'}' if isinstance(value, dict) else ']'}"]


def _flat(value: Any) -> str:
    """Return a JSON value as a Python literal with the quotes of Black."""
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flat(key)}: {_flat(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
