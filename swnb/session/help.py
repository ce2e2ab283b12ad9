"""What Shift-Tab shows of a command's method: signature and docstring, all from the catalogue."""

from __future__ import annotations

import inspect
import json
import textwrap
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.commands.describe import entries
from swnb.commands.schema import parameters

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.commands.base import Command
    from swnb.commands.describe import Entry

_WIDTH = 88
_MADE = "made and remembered by the call if it is left out"


class _Words:
    """An annotation that shows as plain words."""

    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def signature_of(model: type[Command], *, call_id: bool) -> inspect.Signature:
    """Return the signature of a command's method: its parameters in plain words, `extras` last.

    Without a call id, a `Call` is the sender, which makes control ids by itself.
    """
    made = set() if call_id else {"control_id"}
    fields = parameters(model)
    needed = {entry.name for entry in fields.values() if entry.required} - made
    main = model.main_parameter()
    kinds = {entry.parameter.name: _type(entry) for entry in entries(model) if entry.top}
    names = sorted(kinds, key=lambda name: (name != main, name not in needed))
    empty, by_keyword = inspect.Parameter.empty, inspect.Parameter.KEYWORD_ONLY
    either = inspect.Parameter.POSITIONAL_OR_KEYWORD
    own = [
        inspect.Parameter(
            name,
            either if name == main and not call_id else by_keyword,
            default=empty if name in needed else None,
            annotation=_Words(kinds[name]),
        )
        for name in names
    ]
    own += [
        inspect.Parameter(
            name,
            by_keyword,
            default=model.model_fields[name].default,
            annotation=_Words({"extras": "dict | None", "unchecked": "bool"}[name]),
        )
        for name in c.ESCAPES
    ]
    first = [inspect.Parameter("self", either)]
    if call_id:
        first.append(inspect.Parameter("call_id", either, annotation=_Words("str | Call | Reply")))
    return inspect.Signature([*first, *own])


def docstring_of(model: type[Command], *, call_id: bool) -> str:
    """Return the help of a command's method, laid out as numpydoc has it."""
    said = inspect.getdoc(model) or ""
    lines = [said, "", f"Sends ``{model.wire}``; see docs/commands.md.", ""]
    lines += ["Parameters", "----------"]
    if call_id:
        lines += ["call_id : str, Call or Reply", "    The call that the command acts on."]
    top = [entry for entry in entries(model) if entry.top]
    for entry in sorted(top, key=lambda entry: not entry.parameter.required):
        lines += _parameter(entry, made=not call_id and entry.path == "control_id")
        lines += [line for inner in entries(model) for line in _nested(entry, inner)]
    for name in c.ESCAPES:
        lines += [f"{name} : {'dict' if name == 'extras' else 'bool'}, optional"]
        lines += _wrapped(model.model_fields[name].description or "")
    lines += [
        "",
        "Raises",
        "------",
        "InvalidCommand",
        "    Before anything is sent, with every problem.",
    ]
    lines += ["SendError", "    After it was sent, or tried to be.", "", "Examples", "--------"]
    return "\n".join([*lines, *_example(model, call_id=call_id)])


def _parameter(entry: Entry, *, made: bool) -> Iterator[str]:
    optional = "" if entry.parameter.required and not made else ", optional"
    limits = f" ({entry.limits})" if entry.limits else ""
    yield f"{entry.parameter.name} : {_type(entry)}{limits}{optional}"
    meaning = entry.meaning.rstrip(".")
    yield from _wrapped(f"{meaning}; {_MADE}." if made else f"{meaning}.")


def _nested(outer: Entry, inner: Entry) -> Iterator[str]:
    """Yield a field of a nested object below the parameter that holds it."""
    tail = inner.path.removeprefix(outer.path)
    if tail == inner.path or not tail or tail[0] not in ".[{":
        return
    star = "*" if inner.parameter.required else ""
    limits = f", {inner.limits}" if inner.limits else ""
    yield from textwrap.wrap(
        f"{inner.path}{star} ({_type(inner)}{limits}): {inner.meaning}",
        _WIDTH,
        initial_indent="    ",
        subsequent_indent="        ",
    )


def _type(entry: Entry) -> str:
    """Return a parameter's type in plain words: `"listen" | "speak" | "both"`."""
    return entry.kind.replace('", "', '" | "')


def _example(model: type[Command], *, call_id: bool) -> list[str]:
    params = {name: value for name, value in model.example.items() if model.on_call or name != "id"}
    if not call_id:
        params.pop("control_id", None)
    names = {parameter.wire: parameter.name for parameter in parameters(model).values()}
    words = [f"{names[name]}={_python(value)}" for name, value in params.items()]
    if call_id and model.on_call:
        words.insert(0, "call")
    owner = "sw.calling" if call_id else ("sw" if model is c.Dial else "call")
    return [f">>> {owner}.{model.method()}({', '.join(words)})"]


def _python(value: Any) -> str:
    text = repr(value)
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else text


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
