"""`Form`: a widget form for any command, made from the catalogue's tree of parameters alone.

A form is plain ipywidgets, and below it a plain output with the card of what came of Send: that is
what a reader without a kernel sees. Nothing is sent before Send is pressed, untouched fields are
not sent at all, and no secret that was typed is in the widgets' state.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.commands import COMMANDS, find
from swnb.errors import ConfigurationError
from swnb.notebook.fields.base import Kit
from swnb.notebook.fields.maker import make
from swnb.notebook.forms.command_form import CommandForm
from swnb.notebook.forms.results import FORM_CLASS, PlainOutput, Result, note, of_error, show
from swnb.session.call import Call
from swnb.session.credentials import call_id_of

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

_VIEW = "application/vnd.jupyter.widget-view+json"
_NOTHING = "{}: nothing was sent from this form yet"


class Form:
    """A form for a command of the catalogue, or a picker of all of them.

    `command` is a method name or a wire name; `call` a `Call`, a reply or an id, which is filled
    in. Raises `UnknownCommand` with the closest name.

    >>> form = sw.form("user_event", call)
    >>> form.value = {"event": {"action": "order.confirmed"}}
    >>> form.send()
    """

    def __init__(self, session: Session, command: str | None = None, call: Any = None) -> None:
        self.session = session
        ours = isinstance(call, Call) and call.belongs_to(session)
        self._call = call if ours else None  # another client's call is sent to by its id
        self._call_id = call_id_of(call)
        self._forms: dict[str, CommandForm] = {}
        self._form: CommandForm | None = None
        self._kit = Kit(make, lambda: None, self._report)
        self._title, self._body, self._card = self._kit.html(), self._kit.column(), self._kit.html()
        self._picker: Any = None
        self._output = PlainOutput()
        self._result = note(_NOTHING.format("form"))
        parts = [self._title, self._body, self._card]
        if command is None:
            self._picker = self._kit.dropdown("command", [entry for entry, _ in _choices()])
            self._kit.watch(self._picker, "index", self._picked)
            parts.insert(0, self._picker)
        else:
            self._open(find(command))
        self.box = self._kit.column(parts)
        self.box.add_class(FORM_CLASS)

    @property
    def command(self) -> type[Command] | None:
        """The command's model; None as long as none is picked."""
        return self._form.model if self._form else None

    @property
    def value(self) -> dict[str, Any]:
        """The parameters that are set, by wire name, in the order in which they were written.

        Exactly what was typed or written: untouched fields are absent, `5` is an int and `5.0` a
        float. Reading raises `InvalidCommand` where a text that should be JSON is none. Writing
        takes wire or Python names, and raises `InvalidCommand` for what no field can show.
        """
        return self._form.entries.value if self._form else {}

    @value.setter
    def value(self, value: Mapping[str, Any]) -> None:
        self._opened().write(value)

    @property
    def call_id(self) -> str | None:
        """The id of the call that the command is for; None for `dial`, or where none is entered."""
        return self._form.entries.call_id if self._form else self._call_id

    @call_id.setter
    def call_id(self, call_id: Any) -> None:
        self._call_id = call_id_of(call_id)
        if self._form:
            self._form.write_call_id(self._call_id)

    @property
    def reply(self) -> Reply | None:
        """The reply to the last Send that was accepted."""
        return self._form.reply if self._form else None

    def send(self) -> Reply | None:
        """Do what the Send button does; gives the reply, or None where the form says what is wrong."""
        return self._opened().send()

    def refresh(self) -> None:
        """Read the log again, for the calls and the control ids that are offered."""
        if self._form:
            self._form.entries.refresh()

    def _opened(self) -> CommandForm:
        if self._form is None:
            raise ConfigurationError("form: no command is picked yet", advice="sw.form('play')")
        return self._form

    def _picked(self) -> None:
        self._call_id = self.call_id
        place = self._picker.index
        if place:
            self._open(_choices()[place - 1][1])
        else:
            self._form, self._body.children, self._title.value = None, (), ""

    def _open(self, model: type[Command]) -> None:
        """Show a command's form; each keeps what was typed when another one is picked."""
        form = self._forms.get(model.wire)
        if form is None:
            form = self._forms[model.wire] = CommandForm(
                self.session, model, self._call, self._sent
            )
        if self._call_id is not None:
            form.write_call_id(self._call_id)
        self._form = form
        live = self.session.space == "live" and not self.session.dry_run
        space = "dry run" if self.session.dry_run else self.session.space
        self._title.value = (
            f"<h3 style='margin:4px 0'>{html.text(model.wire)} "
            f"{html.badge(space, 'wait' if live else 'quiet')}</h3>"
        )
        self._body.children = (form.box,)
        self._result = note(_NOTHING.format(model.wire))

    def _sent(self, result: Result) -> None:
        """Leave what came of a Send below the form, or in it where nothing below takes updates."""
        self._result = result
        self._output.update(result)
        self._card.value = "" if self._output.live else result.html

    def _report(self, error: BaseException) -> None:
        self._card.value = f'<div role="alert">{of_error(error).html}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Give the widget, and what is shown where there is none."""
        return {_VIEW: self.box.get_view_spec(), **self._result.bundle}

    def _ipython_display_(self) -> None:
        """Show the form, and below it the plain output that stays."""
        name = self.command.wire if self.command else "commands"
        here = f"{name}: a form, which lives while its kernel runs; what it sent last is below"
        show({**self._repr_mimebundle_(), **note(here).bundle})
        self._output.display(self._result)

    def __repr__(self) -> str:
        name = self.command.method() if self.command else "no command picked"
        return f"<Form {name} on {self.session.host}>"


def _choices() -> list[tuple[str, type[Command]]]:
    """Give the commands as the picker shows them: by group, groups in the catalogue's order."""
    groups: dict[str, list[type[Command]]] = {}
    for model in COMMANDS.values():
        groups.setdefault(model.group, []).append(model)
    return [
        (f"{group}: {model.method()}", model)
        for group, models in groups.items()
        for model in models
    ]
