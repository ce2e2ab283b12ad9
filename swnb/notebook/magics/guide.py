"""What `%sw` and `%sw help` show, as text and as HTML, all of it from the catalogue.

The same rows of parameters make the table in a notebook and the list in a terminal.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from swnb import html
from swnb.cards import WIDTH, mark, money
from swnb.commands import COMMANDS, Command
from swnb.commands.describe import Entry, entries, groups
from swnb.notebook.magics.arguments import option_name, takes_call
from swnb.notebook.magics.bodies import sole_json
from swnb.redact import is_secret
from swnb.session.session import Session

LATEST = 5  # exchanges that the status shows
CALL = "{call}"
GRAMMAR = (
    "%sw COMMAND CALL --param value … [-o NAME]   send a command; CALL is {call}, $call or an id",
    "%%sw COMMAND CALL …                          the same, with a JSON body below",
    "%sw                                          show the client and its last exchanges",
    "%sw help COMMAND                             show a command's parameters and an example",
    "%sw use NAME                                 send with the client in this variable",
)
_PLAIN = re.compile(r"[\w+.:/@,#*=?&][\w+.:/@,#*=?&-]*")
_HEAD = ("option", "type", "bounds", "meaning")

Row = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """A page of help: text for a terminal, HTML for a notebook."""

    plain: str
    rich: str

    def __repr__(self) -> str:
        return self.plain

    def _repr_html_(self) -> str:
        return self.rich


def status(session: Session) -> HelpPage:
    """Return where a client sends to, and the last exchanges of its run, oldest first."""
    names = ["id", "command", "outcome", "call_status", "charge", "call_id"]
    frame = session.log.df[names].tail(LATEST).astype(object)
    latest = list(frame.where(frame.notna(), None).itertuples(index=False, name=None))
    card = session._repr_html_()  # IPython's name for it
    if not latest:
        nothing = "Nothing has been sent in this run yet; %sw help lists the commands."
        return HelpPage(f"{session!r}\n{nothing}", f"{card}{html.line(nothing)}")
    head = ("id", "command", "outcome", "status", "charge", "call")
    text = [(*row[:4], money(row[4]), row[5]) for row in latest]
    rich = [(*row[:2], mark(row[2]), mark(row[3]), *row[4:]) for row in text]
    error = session.sender.last_error
    why = f"\n\nThe last failure: {error}" if error else ""
    told = error._repr_html_() if error else ""  # IPython's name for it
    return HelpPage(
        f"{session!r}\n\n{_columns(head, text)}{why}", f"{card}{html.table(head, rich)}{told}"
    )


def overview() -> HelpPage:
    """Return the grammar, and all commands by group."""
    lines = [
        f"{group}: {', '.join(model.method() for model in models)}"
        for group, models in groups().items()
    ]
    rich = html.card("%sw", None, [html.code("\n".join(GRAMMAR)), *map(html.line, lines)])
    return HelpPage("\n".join([*GRAMMAR, "", *lines]), rich)


def help_on(model: type[Command]) -> HelpPage:
    """Return what a command does, its parameters (* marks the required ones), and an example."""
    prose = " ".join((model.__doc__ or "").split())
    own = [row for row in rows(model) if row[0].startswith("--")]
    inner = [row for row in rows(model) if not row[0].startswith("--")]
    notes = [prose, _control_note(model), "" if own else "It has no parameters."]
    lines = [line for line in notes if line]
    plain = [f"{model.method()} · {model.wire}", *map(_wrapped, lines)]
    parts = [html.line(line) for line in lines]
    if own:
        plain.append("\n".join(map(_entry, own)))
        parts.append(html.table(_HEAD, own))
    if inner:
        plain.append("\n".join(["In the body", *map(_entry, inner)]))
        parts.append(html.folded("In the body", html.table(_HEAD, inner)))
    parts.append(html.code(example(model)))
    rich = html.card(model.method(), html.badge(model.wire, "quiet"), parts)
    return HelpPage("\n\n".join([*plain, example(model)]), rich)


def example(model: type[Command]) -> str:
    """Return a command's example as a magic: a line, or a cell if a parameter is an object or list.

    Parameters
    ----------
    model : type of Command
        The command's model.

    Returns
    -------
    str
        The line, or the cell with its JSON body.

    Examples
    --------
    >>> from swnb import COMMANDS
    >>> print(example(COMMANDS["end"]))
    %sw end {call} --reason busy

    """
    words = ["sw", model.method(), *([CALL] if takes_call(model) else [])]
    params = {name: value for name, value in model.example.items() if model.on_call or name != "id"}
    if not any(isinstance(value, dict | list) for value in params.values()):
        words += [f"{option_name(name)} {_quoted(value)}" for name, value in params.items()]
        return f"%{' '.join(words)}"
    sole = sole_json(model)
    body = json.dumps(params[sole] if sole else params, indent=2, ensure_ascii=False)
    return f"%%{' '.join(words)}\n{body}"


def rows(model: type[Command]) -> list[tuple[str, str, str, str]]:
    """Return (option or path, type, bounds and unit, meaning) of all parameters, also nested ones.

    Required ones are marked with *, except a control id that a `Call` fills in.
    """
    automatic = "control_id" if _control_note(model) else None
    return [_row(entry, automatic=entry.path == automatic) for entry in entries(model)]


def _row(entry: Entry, *, automatic: bool) -> tuple[str, str, str, str]:
    name = option_name(entry.path) if entry.top else entry.path
    star = "*" if entry.parameter.required and not automatic else ""
    secret = entry.top and is_secret(entry.path)
    meaning = f"{entry.meaning} Secret: only from Python." if secret else entry.meaning
    return f"{name}{star}", entry.kind, entry.limits, meaning


def _control_note(model: type[Command]) -> str:
    """Return what a `Call` does without a control id; an empty string if it does nothing."""
    if model.starts:
        return "Without a control id, swnb makes one and remembers it."
    if model.controls in {command.starts for command in COMMANDS.values()} - {None}:
        return f"Without a control id, it acts on the latest open {model.controls} of the call."
    return ""


def _quoted(value: Any) -> str:
    """Return a scalar as a word of a line."""
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
    """Return a parameter for a terminal: its name, then its description below."""
    name, kind, bounds, meaning = row
    facts = f"{kind} ({bounds})" if bounds else kind
    return f"  {name}  {facts}\n{_wrapped(meaning, '      ')}"


def _columns(head: Row, body: list[Any]) -> str:
    """Return rows as columns of text; the last column has no fixed width."""
    lines = [[str("" if cell is None else cell) for cell in row] for row in [head, *body]]
    widths = [max(len(line[number]) for line in lines) for number in range(len(head) - 1)]
    return "\n".join(
        "  ".join([*map(str.ljust, line, widths), line[-1]]).rstrip() for line in lines
    )
