"""The signature and the docstring of a command's method, all from the catalogue."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from swnb import commands as c
from swnb.commands.schema import parameters
from swnb.session.help.examples import call_of, filled_in
from swnb.session.help.words import described, type_of, wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.commands.base import Command
    from swnb.commands.schema import Parameter

_MADE = "If it is left out, the call makes one and remembers it."
_LATEST = "If it is left out, the latest that is open on the call is meant."
# What a method returns, by what it is a method of.
_RETURNS = {
    "sw": ("Call", "The call that was started."),
    "sw.calling": ("Reply", "The platform's answer, a dict."),
    "call": ("CallReply", "The platform's answer, a dict; what it started is controlled from it."),
}
_ESCAPES = {
    "extras": ("dict | None", "dict, optional"),
    "unchecked": ("bool", "bool, default False"),
}


class _Words:
    """An annotation that shows as plain words."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def signature_of(model: type[Command], owner: str) -> inspect.Signature:
    """Return the signature of a command's method: its parameters in plain words, `extras` last.

    Parameters
    ----------
    model : type of Command
        The command, as the catalogue has it.
    owner : {"sw", "sw.calling", "call"}
        What the method belongs to; a `call` makes control ids by itself.

    """
    empty, by_keyword = inspect.Parameter.empty, inspect.Parameter.KEYWORD_ONLY
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    positional = model.main_parameter()
    own = [
        inspect.Parameter(
            parameter.name,
            either if parameter.name == positional else by_keyword,
            default=empty if _is_needed(model, parameter, owner) else None,
            annotation=_Words(type_of(parameter)),
        )
        for parameter in _ordered(model, owner)
    ]
    own += [
        inspect.Parameter(
            name,
            by_keyword,
            default=model.model_fields[name].default,
            annotation=_Words(_ESCAPES[name][0]),
        )
        for name in c.ESCAPES
    ]
    first = [inspect.Parameter("self", either)]
    if _takes_call(model, owner):
        first.append(inspect.Parameter("call_id", either, annotation=_Words("str | Call | Reply")))
    returned = _Words(_RETURNS[owner][0])
    return inspect.Signature([*first, *own], return_annotation=returned)


def docstring_of(model: type[Command], owner: str) -> str:
    """Return the help of a command's method, laid out as numpydoc has it.

    Parameters
    ----------
    model : type of Command
        The command, as the catalogue has it.
    owner : {"sw", "sw.calling", "call"}
        What the method belongs to.

    """
    kind, meaning = _RETURNS[owner]
    return "\n".join(
        [
            inspect.getdoc(model) or "",
            f"\nSends ``{c.find(model.method()).wire}``; see docs/commands.md.",
            *_section("Parameters", _parameters(model, owner)),
            *_section("Returns", [kind, f"    {meaning}"]),
            *_section("Raises", ["InvalidCommand", "    Before it is sent, with every problem."]),
            "SendError",
            "    If the platform rejected it, or did not answer.",
            *_section("Examples", call_of(model, owner)),
        ]
    )


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, "-" * len(title), *lines]


def _parameters(model: type[Command], owner: str) -> list[str]:
    lines = []
    if _takes_call(model, owner):
        lines += ["call_id : str, Call or Reply", "    The call that the command acts on."]
    for parameter in _ordered(model, owner):
        more = ""
        if parameter.name in filled_in(model, owner):
            more = _LATEST if model.controls else _MADE
        optional = not _is_needed(model, parameter, owner)
        lines += described(parameter, optional=optional, more=more)
    for name in c.ESCAPES:
        lines.append(f"{name} : {_ESCAPES[name][1]}")
        lines += wrapped(model.model_fields[name].description or "")
    return lines


def _takes_call(model: type[Command], owner: str) -> bool:
    return owner == "sw.calling" and model.on_call


def _is_needed(model: type[Command], parameter: Parameter, owner: str) -> bool:
    return parameter.required and parameter.name not in filled_in(model, owner)


def _ordered(model: type[Command], owner: str) -> list[Parameter]:
    """Return the parameters as they are shown: the main one, the required ones, the others."""
    main = model.main_parameter()

    def place(parameter: Parameter) -> tuple[bool, ...]:
        needed = _is_needed(model, parameter, owner)
        return parameter.name != main, not needed, parameter.name == "control_id" and not needed

    return sorted(parameters(model).values(), key=place)
