"""What `%sw` and `%sw help` show, as text and as HTML, all of it read off the catalogue.

Rows of parameters are for the table in a notebook and for the list in a terminal alike.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.cards import WIDTH, mark, money
from swnb.commands import COMMANDS, Command
from swnb.commands.schema import Parameter, Shape, parameters
from swnb.notebook.arguments import spelled, takes_call
from swnb.notebook.bodies import sole_json
from swnb.redact import is_secret

if TYPE_CHECKING:
    from swnb.client import Client

LATEST = 5  # exchanges that the status shows
CALL = "{call}"
GRAMMAR = (
    "%sw COMMAND CALL --param value … [-o NAME]   one command, CALL as {call}, $call or an id",
    "%%sw COMMAND CALL …                          the same, with a JSON body below",
    "%sw                                          the client and its last exchanges",
    "%sw help COMMAND                             a command's parameters and an example",
    "%sw use NAME                                 send by the client in this variable",
)
_BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "matching {}",
}
_PLAIN = re.compile(r"[\w+.:/@,#*=?&][\w+.:/@,#*=?&-]*")
_HEAD = ("option", "type", "bounds", "meaning")
_CELL = "padding:2px 14px 2px 0;text-align:left;vertical-align:top"

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page to read: text for a terminal, HTML for a notebook."""

    plain: str
    rich: str

    def __repr__(self) -> str:
        return self.plain

    def _repr_html_(self) -> str:
        return self.rich


def status(client: Client) -> Sheet:
    """Show where a client sends, and the last exchanges of its run, oldest first."""
    names = ["id", "command", "outcome", "call_status", "charge", "call_id"]
    frame = client.log.df[names].tail(LATEST).astype(object)
    found = list(frame.where(frame.notna(), None).itertuples(index=False, name=None))
    card = client._repr_html_()
    if not found:
        nothing = "Nothing was sent in this run yet; %sw help lists the commands."
        return Sheet(f"{client!r}\n{nothing}", f"{card}{html.line(nothing)}")
    head = ("id", "command", "outcome", "status", "charge", "call")
    text = [(*row[:4], money(row[4]), row[5]) for row in found]
    rich = [(*row[:2], mark(row[2]), mark(row[3]), *row[4:]) for row in text]
    return Sheet(f"{client!r}\n\n{_columns(head, text)}", f"{card}{_table(head, rich)}")


def overview() -> Sheet:
    """Show the grammar, and all commands by group."""
    groups: dict[str, list[str]] = {}
    for name, model in COMMANDS.items():
        groups.setdefault(model.group, []).append(name)
    lines = [f"{group}: {', '.join(names)}" for group, names in groups.items()]
    rich = html.card("%sw", None, [html.code("\n".join(GRAMMAR)), *map(html.line, lines)])
    return Sheet("\n".join([*GRAMMAR, "", *lines]), rich)


def help_on(model: type[Command]) -> Sheet:
    """Show what a command does, its parameters (required ones marked with *), and an example."""
    prose = " ".join((model.__doc__ or "").split())
    own = [row for row in rows(model) if row[0].startswith("--")]
    inner = [row for row in rows(model) if not row[0].startswith("--")]
    said = [prose, _control_note(model), "" if own else "It takes no parameters."]
    plain = [f"{model.method()} · {model.wire}", *(_wrapped(line) for line in said if line)]
    parts = [html.line(line) for line in said if line]
    if own:
        plain.append("\n".join(map(_entry, own)))
        parts.append(html.Markup(_table(_HEAD, own)))
    if inner:
        plain.append("\n".join(["In the body", *map(_entry, inner)]))
        parts.append(html.folded("In the body", html.Markup(_table(_HEAD, inner))))
    parts.append(html.code(example(model)))
    rich = html.card(model.method(), html.badge(model.wire, "quiet"), parts)
    return Sheet("\n\n".join([*plain, example(model)]), rich)


def example(model: type[Command]) -> str:
    """Write a command's example as a magic: one line, or a cell where a parameter has structure.

    >>> from swnb import COMMANDS
    >>> print(example(COMMANDS["end"]))
    %sw end {call} --reason busy
    """
    words = ["sw", model.method(), *([CALL] if takes_call(model) else [])]
    params = {name: value for name, value in model.example.items() if model.on_call or name != "id"}
    if not any(isinstance(value, dict | list) for value in params.values()):
        words += [f"{spelled(name)} {_quoted(value)}" for name, value in params.items()]
        return f"%{' '.join(words)}"
    sole = sole_json(model)
    body = json.dumps(params[sole] if sole else params, indent=2, ensure_ascii=False)
    return f"%%{' '.join(words)}\n{body}"


def rows(model: type[Command]) -> list[tuple[str, str, str, str]]:
    """Give (option or path, type, bounds and unit, meaning) of all parameters, the inner ones too.

    Required ones are marked with *, less the control id that a `Call` knows by itself.
    """
    own = dict(parameters(model))
    if "control_id" in own and _control_note(model):
        own["control_id"] = replace(own["control_id"], required=False)
    return [row for parameter in own.values() for row in _rows(parameter, "", ())]


def _rows(
    parameter: Parameter, path: str, inside: tuple[Any, ...]
) -> Iterator[tuple[str, str, str, str]]:
    name = f"{path}{parameter.wire}"
    star = "*" if parameter.required else ""
    bounds = [_BOUNDS[key].format(value) for key, value in parameter.bounds.items()]
    meaning = parameter.description
    if parameter.assumed is not None:
        meaning += f" Assumed: {json.dumps(parameter.assumed)}."
    if not path and is_secret(parameter.wire):
        meaning += " Secret: from Python only."
    yield (
        f"{name if path else spelled(name)}{star}",
        " or ".join(dict.fromkeys(map(_kind, parameter.shapes))),
        ", ".join([*bounds, *([parameter.unit] if parameter.unit else [])]),
        meaning,
    )
    for shape in parameter.shapes:
        yield from _held(shape, name, inside)


def _held(shape: Shape, path: str, inside: tuple[Any, ...]) -> Iterator[tuple[str, str, str, str]]:
    if shape.item:
        for item in shape.item.shapes:
            yield from _held(item, f"{path}[]", inside)
    elif shape.source not in inside:
        tag = shape.fields.get("type")
        named = tag is not None and len(tag.shapes[0].values) == 1
        branch = f"{{{tag.shapes[0].values[0]}}}" if tag and named else ""
        for parameter in shape.fields.values():
            yield from _rows(parameter, f"{path}{branch}.", (*inside, shape.source))


def _kind(shape: Shape) -> str:
    if shape.kind == "enum":
        return ", ".join(json.dumps(value) for value in shape.values)
    if shape.kind == "list" and shape.item:
        return f"list of {' or '.join(dict.fromkeys(map(_kind, shape.item.shapes)))}"
    names = {"json": "any JSON object", "integer": "whole number", "boolean": "true or false"}
    return shape.rule or names.get(shape.kind, shape.kind)


def _control_note(model: type[Command]) -> str:
    """Say what a `Call` does where a control id is left out, empty where it can do nothing."""
    if model.starts:
        return "A control id is made and remembered where none is given."
    if model.controls in {other.starts for other in COMMANDS.values()} - {None}:
        return f"Without a control id it acts on the latest open {model.controls} of the call."
    return ""


def _quoted(value: Any) -> str:
    """Write a scalar as a word of a line."""
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.fullmatch(value):
        return value
    for special in ("\\", '"'):
        value = value.replace(special, f"\\{special}")
    return '"' + re.sub(r"[{}$]", r"\g<0>\g<0>", value) + '"'


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _entry(row: tuple[str, str, str, str]) -> str:
    """Lay a parameter out for a terminal: its name, then what is said of it below."""
    name, kind, bounds, meaning = row
    facts = f"{kind} ({bounds})" if bounds else kind
    return f"  {name}  {facts}\n{_wrapped(meaning, '      ')}"


def _columns(head: Row, found: list[Any]) -> str:
    """Lay rows out in columns of text; the last one runs on."""
    lines = [[str("" if cell is None else cell) for cell in row] for row in [head, *found]]
    widths = [max(len(line[number]) for line in lines) for number in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*map(str.ljust, line, widths), line[-1]]).rstrip() for line in lines
    )


def _table(head: Row, found: list[Any]) -> str:
    def cells(row: Row, tag: str) -> str:
        made = (f'<{tag} style="{_CELL}">{html.text(cell or "")}</{tag}>' for cell in row)
        return f"<tr>{''.join(made)}</tr>"

    body = "".join(cells(row, "td") for row in found)
    return f'<table style="font-size:12px;color:inherit"><thead>{cells(head, "th")}</thead><tbody>{body}</tbody></table>'
