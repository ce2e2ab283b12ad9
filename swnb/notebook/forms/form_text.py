"""A form as text, for IPython in a terminal and plain Python: its fields, and the line that sends."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.commands.describe import Entry, entries, groups, summary
from swnb.notebook.terminal import COLUMNS, why_text
from swnb.session.credentials import call_id_of
from swnb.session.help.examples import call_of, filled_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.commands.base import Command
    from swnb.session.session import Session


class FormText:
    """A form where there are no widgets: it shows what a command takes, and sends nothing.

    Parameters
    ----------
    session : Session
        The session that would send.
    command : str, optional
        A method name (``"play"``) or a wire name; without it, the commands are listed.
    call : Call, Reply or str, optional
        The call that the command is for.

    Raises
    ------
    UnknownCommand
        If there is no such command, with the closest name.

    """

    def __init__(self, session: Session, command: str | None = None, call: Any = None) -> None:
        self.session = session
        self.command = None if command is None else c.find(command)
        self.call_id = call_id_of(call)

    def __repr__(self) -> str:
        return form_text(self.command)


def form_text(model: type[Command] | None) -> str:
    """Return a command's fields, required ones first, and a line that sends; or all commands."""
    lines = _picker() if model is None else [*_fields(model), "", "To send it:", *_python(model)]
    return "\n".join([*lines, "", *_wrapped(why_text())])


def _picker() -> list[str]:
    lines = ["The commands; name one: sw.form('play')", ""]
    for group, models in groups().items():
        names = ", ".join(model.method() for model in models)
        lines += _wrapped(f"{group}: {names}", "", "    ")
    return lines


def _fields(model: type[Command]) -> Iterator[str]:
    """Yield what a command does and its fields; what a call fills in itself is optional."""
    yield f"{model.method()} · {model.wire}"
    yield from _wrapped(summary(model))
    owner = _owner(model)[1]
    filled = filled_in(model, owner)
    own = {entry.path: entry for entry in entries(_model(model)) if entry.top}
    needed = {
        path: entry.parameter.required and entry.parameter.name not in filled
        for path, entry in own.items()
    }
    for title, wanted in (("Required", True), ("Optional", False)):
        chosen = [path for path, required in needed.items() if required is wanted]
        if chosen:
            yield ""
            yield title
        for path in chosen:
            yield from _entry(own[path])
            for entry in entries(_model(model)):
                if not entry.top and entry.path.startswith((f"{path}[", f"{path}.", f"{path}{{")):
                    yield from _entry(entry)
    if not own:
        yield ""
        yield "It has no fields."


def _entry(entry: Entry) -> Iterator[str]:
    name = entry.parameter.name if entry.top else entry.path
    star = "*" if entry.parameter.required and not entry.top else ""
    facts = f"{entry.kind} ({entry.limits})" if entry.limits else entry.kind
    yield from _wrapped(f"{name}{star}  {facts}", "  ", "      ")
    yield from _wrapped(entry.meaning, "      ", "      ")


def _python(model: type[Command]) -> list[str]:
    own, owner = _owner(model)
    return [f"  {line[4:]}" for line in call_of(own, owner)]


def _owner(model: type[Command]) -> tuple[type[Command], str]:
    """Return the model and the owner of the method that people call: a call, or the client."""
    if model is c.Dial:
        return model, "sw"
    return _model(model), "call"


def _model(model: type[Command]) -> type[Command]:
    """Return the model as a call has it: without its own id."""
    return c.UpdateOwn if model is c.Update else model


def _wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    return textwrap.wrap(
        text, COLUMNS, initial_indent=first, subsequent_indent=others, break_on_hyphens=False
    )
