"""`Form`: a widget form for any command, made from the catalogue alone.

A form consists of ipywidgets and, below them, a plain output with the card of the last result, which
a reader without a kernel sees. Nothing is sent before Send is pressed, untouched fields are not sent
at all, and the widgets' state contains no typed secret.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.commands import find
from swnb.commands.describe import groups, summary
from swnb.errors import ConfigurationError
from swnb.notebook.fields.base import FormWidgets
from swnb.notebook.fields.factory import make_field
from swnb.notebook.fields.widgets import offer
from swnb.notebook.forms import prefill
from swnb.notebook.forms.command_form import CommandForm
from swnb.notebook.forms.form_text import form_text
from swnb.notebook.forms.results import PlainOutput, Result, error_result, note, show
from swnb.notebook.page import ROOT, Page
from swnb.notebook.terminal import in_kernel
from swnb.session.call import Call
from swnb.session.credentials import call_id_of
from swnb.words import counted

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Exchange
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

_VIEW = "application/vnd.jupyter.widget-view+json"
# The arrow of ipywidgets' dropdowns is black, in dark themes too; this gray is seen in both.
_ARROW = html.Markup(
    '<style>.swnb-form{--jp-widgets-dropdown-arrow:url("data:image/svg+xml,'
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 18 18'%3E%3Cpath fill='none' "
    "stroke='%23808080' stroke-width='2' d='m5 7 4 4 4-4'/%3E%3C/svg%3E\")}</style>"
)
_NOTHING_SENT = "{}: nothing has been sent from this form yet"


class Form:
    """A form for one command, or a picker of all commands.

    Parameters
    ----------
    session : Session
        The session that sends.
    command : str, optional
        A method name (``"play"``) or a wire name; without it, a picker of all commands.
    call : Call, Reply or str, optional
        The call that is filled in.
    on_result : callable, optional
        Called after each Send, once it is in the log, also if it was refused.

    Raises
    ------
    UnknownCommand
        If there is no such command, with the closest name.

    Examples
    --------
    >>> form = sw.form("user_event", call)
    >>> form.value = {"event": {"action": "order.confirmed"}}
    >>> form.send()

    """

    def __init__(
        self,
        session: Session,
        command: str | None = None,
        call: Any = None,
        *,
        on_result: Callable[[], object] = lambda: None,
    ) -> None:
        self.session = session
        self._on_result = on_result
        own = isinstance(call, Call) and call.belongs_to(session)
        self._call = call if own else None  # another client's call is addressed by its id
        self._call_id = call_id_of(call)
        self._forms: dict[str, CommandForm] = {}
        self._form: CommandForm | None = None
        self._widgets = FormWidgets(make_field, lambda: None, self._report)
        self._title, self._body, self._card = (
            self._widgets.html(),
            self._widgets.column(),
            self._widgets.html(),
        )
        self._page = self._widgets.page = Page(self._report, self._title.layout)
        self._picker: Any = None
        self._output = PlainOutput(keep_keys=not self._page.widgets)
        self._result = note(_NOTHING_SENT.format("form"))
        parts = [self._title, self._body, self._card, *self._page.widgets]
        if command is None:
            self._offered: list[tuple[str, type[Command]]] = []
            self._search = self._widgets.text("search", "e.g. record, digits, volume")
            self._search.continuous_update = True
            self._widgets.watch(self._search, "value", self._searched)
            self._picker = self._widgets.dropdown("command", [])
            self._widgets.watch(self._picker, "index", self._picked)
            self._searched()
            parts = [self._search, self._picker, *parts]
        else:
            self._open(find(command))
        self.box = self._widgets.column(parts)
        self.box.add_class(ROOT)
        self._head()

    @property
    def command(self) -> type[Command] | None:
        """The command's model; None until one is picked."""
        return self._form.model if self._form else None

    @property
    def value(self) -> dict[str, Any]:
        """The parameters that are set, by wire name, in the order in which they were written.

        Exactly what was typed or written: untouched fields are absent, `5` is an int and `5.0` a
        float. Reading raises `InvalidCommand` if free JSON is not valid. Writing takes wire names
        or Python names, and raises `InvalidCommand` for values that no field can show.
        """
        return self._form.entries.value if self._form else {}

    @value.setter
    def value(self, value: Mapping[str, Any]) -> None:
        self._opened().write(value)

    @property
    def call_id(self) -> str | None:
        """The id of the call that the command is for; None for `dial` or if none is entered."""
        return self._form.entries.call_id if self._form else self._call_id

    @call_id.setter
    def call_id(self, call_id: Any) -> None:
        self._call_id = call_id_of(call_id)
        if self._form:
            self._form.write_call_id(self._call_id)

    @property
    def reply(self) -> Reply | None:
        """The reply to the last Send that the platform accepted."""
        return self._form.reply if self._form else None

    def send(self) -> Reply | None:
        """Do what the Send button does.

        Returns
        -------
        Reply or None
            The reply; None if the form shows a problem or a question instead.

        """
        return self._opened().send()

    def refresh(self) -> None:
        """Read the log again, to suggest its latest calls and control ids."""
        if self._form:
            self._form.refresh()

    def fill_in(self, exchange: Exchange) -> None:
        """Open the command of a logged exchange, filled in as it was sent, without its secrets.

        Parameters
        ----------
        exchange : Exchange
            An exchange of the log, as `sw.log.get` returns it.

        Raises
        ------
        UnknownCommand
            If it is not of one of the 42 commands.

        Examples
        --------
        >>> form = sw.form()
        >>> form.fill_in(sw.log.get(1))

        """
        model = find(exchange.command)
        self._open(model)
        if self._picker is not None:
            self._search.value = ""
            self._picker.index = 1 + [each for _, each in self._offered].index(model)
        self._opened().write(*prefill.sent_by(model, exchange))

    def _opened(self) -> CommandForm:
        if self._form is None:
            raise ConfigurationError("form: pick a command first, or name it: sw.form('play')")
        return self._form

    def _searched(self) -> None:
        """Offer the commands that have every word; one that is left or was picked is open."""
        words = self._search.value.lower().split()
        self._offered = [
            (label, model)
            for label, model in _choices()
            if all(word in f"{label} {summary(model)}".lower() for word in words)
        ]
        models = [model for _, model in self._offered]
        only = models[0] if words and len(models) == 1 else self.command
        offer(self._picker, [label for label, _ in self._offered], unchosen=self._unchosen())
        if only in models:
            self._picker.index = 1 + models.index(only)

    def _unchosen(self) -> str:
        """Return what the picker says while none is picked: how many the search has found."""
        found, searched = len(self._offered), bool(self._search.value.strip())
        return f"— ({counted(found, 'command')}{' found' if searched else ''})"

    def _picked(self) -> None:
        self._call_id = self.call_id
        index = self._picker.index
        if index:
            self._open(self._offered[index - 1][1])
        else:
            self._form, self._body.children = None, ()
            self._head()

    def _open(self, model: type[Command]) -> None:
        """Show a command's form; each form keeps its values when another one is picked."""
        form = self._forms.get(model.wire)
        if form is None:
            form = self._forms[model.wire] = CommandForm(
                self.session,
                model,
                self._call,
                self._show_result,
                self._page,
                on_refused=self._on_result,
            )
        if self._call_id is not None:
            form.write_call_id(self._call_id)
        self._form = form
        self._head()
        self._body.children = (form.box,)
        self._result = note(_NOTHING_SENT.format(model.wire))

    def _head(self) -> None:
        """Write the heading, with the page's note."""
        live = self.session.space == "live" and not self.session.dry_run
        space = "dry run" if self.session.dry_run else self.session.space
        title = html.Markup("")
        if self.command:
            title = html.Markup(
                f"<h3 style='margin:4px 0'>{html.text(self.command.wire)} "
                f"{html.badge(space, 'wait' if live else 'quiet')}</h3>"
            )
        self._title.value = f"{_ARROW}{title}{self._page.note}"

    def _show_result(self, result: Result) -> None:
        """Show a result below the form, or in it if the output below cannot be updated."""
        self._result = result
        self._output.update(result)
        self._card.value = "" if self._output.live else result.html
        self._on_result()

    def _report(self, error: BaseException) -> None:
        self._card.value = f'<div role="alert">{error_result(error).html}</div>'

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the widget, and HTML and text for readers without widgets."""
        return {_VIEW: self.box.get_view_spec(), **self._result.bundle}

    def _ipython_display_(self) -> None:
        """Show the form, and below it the plain output that is saved with the notebook."""
        if not in_kernel():
            show({"text/plain": repr(self)})
            return
        name = self.command.wire if self.command else "commands"
        fallback = f"{name}: a form, which needs a running kernel; its last result is below"
        show({**self._repr_mimebundle_(), **note(fallback).bundle})
        self._output.display(self._result)

    def __repr__(self) -> str:
        if not in_kernel():
            return form_text(self.command)
        name = self.command.method() if self.command else "no command picked"
        return f"<Form {name} on {self.session.host}>"


def _choices() -> list[tuple[str, type[Command]]]:
    """Return the label and the model of each command for the picker, group by group."""
    return [
        (f"{group}: {model.method()}", model)
        for group, models in groups().items()
        for model in models
    ]
