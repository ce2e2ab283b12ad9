"""The form of one command: what fills it, its fields, Send, and a preview of the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.cards import mark, money
from swnb.commands.describe import summary
from swnb.errors import ApiError, InvalidCommand, Problem, SendError
from swnb.notebook.fields.base import FormWidgets
from swnb.notebook.fields.factory import make_field
from swnb.notebook.fields.widgets import alert
from swnb.notebook.forms import prefill
from swnb.notebook.forms.busy_button import BusyButton
from swnb.notebook.forms.entries import Entries
from swnb.notebook.forms.paste import Paste
from swnb.notebook.forms.preview import Preview, draft
from swnb.notebook.forms.results import Result, error_result, reply_result
from swnb.session.call import Call
from swnb.session.calls import call_for

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Exchange
    from swnb.notebook.page import Page
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

# These cost money or end a call: on a live space, Send asks for confirmation.
_NEEDS_CONFIRMATION = frozenset({"dial", "calling.end"})
_RATE = "max_price_per_minute"
# What is sent stands beside the fields from 880 pixels up, which is a window of 1,100 in JupyterLab, and
# below them where there is less room. Beside a long form it stays in sight: an element sticks to the
# nearest box that scrolls, and JupyterLab's outputs, which never need to, would be in the way.
_PANES = """<style>
.swnb-panes.swnb-panes { column-gap: 20px }
.swnb-panes.swnb-panes > * { flex: 1 0 100% }
.swnb-panes.swnb-panes > .swnb-entries { flex: 1 1 460px; min-width: 0 }
.swnb-panes.swnb-panes > .swnb-side {
  flex: 1 1 400px; min-width: 0; align-self: flex-start; position: sticky; top: 8px
}
.jp-Cell:not(.jp-mod-outputsScrolled) :is(
  .jp-Cell-outputArea, .jp-OutputArea-child, .jp-OutputArea-output
):has(.swnb-side) { overflow: visible }
</style>"""


class CommandForm:
    """One command's form; `on_result` is called with the result of each Send that was not refused.

    `on_refused` is called after one that was, which is in the log.
    """

    def __init__(
        self,
        session: Session,
        model: type[Command],
        call: Call | None,
        on_result: Callable[[Result], None],
        page: Page | None = None,
        *,
        on_refused: Callable[[], object] = lambda: None,
    ) -> None:
        self.session = session
        self.model = model
        self.reply: Reply | None = None
        self._call = call
        self._on_result = on_result
        self._on_refused = on_refused
        self._quiet = False
        self.widgets = widgets = FormWidgets(make_field, self._changed, self._report, page)
        with self._batched_changes(changed=False):
            self.entries = Entries(widgets, session, model, call)
        self.preview = Preview(widgets)
        self._alert, self._confirm = widgets.html(), widgets.column()
        side = widgets.column(self._send_widgets(), classes=["swnb-side"])
        self.entries.box.add_class("swnb-entries")
        self.box = widgets.row([*self._prefill_widgets(), self.entries.box, side])
        self.box.add_class("swnb-panes")
        self.refresh()
        self._changed()

    def refresh(self) -> None:
        """Read the log again: what can be picked, and whether there is a last request."""
        self._offer()

    def _offer(self, *, keep: bool = False) -> None:
        self.entries.refresh(keep=keep)
        was_sent = prefill.was_sent(self.session, self.model)
        self.widgets.enable(self._last_sent, enabled=was_sent)

    def _prefill_widgets(self) -> list[Any]:
        """Return what is above the fields: what the command does, and the buttons that prefill."""
        widgets = self.widgets
        example = widgets.button("Example", self.fill_example)
        self._last_sent = widgets.button("Last sent", self.fill_last_sent)
        paste = Paste(widgets, [example, self._last_sent], self._fill_pasted)
        return [self._about(), paste.row, paste.box]

    def _about(self) -> Any:
        """Return what the command does, with the style of the form."""
        line = html.line(summary(self.model))
        return self.widgets.html(f'{_PANES}<div style="line-height:1.4">{line}</div>')

    def _send_widgets(self) -> list[Any]:
        """Return what is below the fields: Send, and the preview of the request."""
        widgets, tooltip = self.widgets, f"Send {self.model.wire}"
        self._send = BusyButton(
            widgets.row(),
            lambda press: widgets.primary("Send", press, tooltip),
            self._press,
            "Sending",
            widgets.page,
        )
        return [self._send.box, self._confirm, self._alert, self.preview.box]

    def write(self, value: Mapping[str, Any], call_id: str | None = None) -> None:
        """Set the parameters, and the call unless it is None; raise `InvalidCommand`."""
        with self._batched_changes():
            self.entries.value = value
            if call_id is not None:
                self.entries.call_id = call_id

    def write_call_id(self, call_id: str | None) -> None:
        """Set the call that the command is for."""
        with self._batched_changes():
            self.entries.call_id = call_id

    def fill_example(self) -> None:
        """Fill in the command's example; a chosen call stays."""
        call_id = self.entries.call_id
        self.write(self.model.example, call_id)

    def fill_last_sent(self) -> None:
        """Fill in the last request of this command in the log, without its secrets."""
        self.write(*prefill.last_sent(self.session, self.model))

    def _fill_pasted(self, text: str) -> None:
        self.write(*prefill.pasted(self.model, text))

    def send(self, *, confirmed: bool = False) -> Reply | None:
        """Check, send, and show the result; return the reply, or None.

        Each problem is shown at its field, and the first of these fields gets the focus. On a live
        space some commands ask for confirmation.
        """
        self._dismiss_confirmation()
        problems = self.entries.problems()
        if problems:
            self._refuse(problems)
        elif self._needs_confirmation and not confirmed:
            self._ask_confirmation()
        else:
            with self._send.busy():
                return self._send_request()
        return None

    def _press(self, *, confirmed: bool = False) -> None:
        with suppress(KeyboardInterrupt):  # the form shows it, and there is no cell to stop
            self.send(confirmed=confirmed)

    @property
    def _needs_confirmation(self) -> bool:
        live = self.session.space == "live" and not self.session.dry_run
        return live and self.model.wire in _NEEDS_CONFIRMATION

    def _send_request(self) -> Reply | None:
        entries = self.entries
        call_id, params = entries.call_id, entries.params
        try:
            if call_id is None:
                self.reply = self.session.command(self.model, params)
            else:
                # Use the user's own `Call` object if it is this call, so that its status is updated.
                own = self._call if entries.on_own_call else None
                self.reply = (own or call_for(self.session, call_id)).command(self.model, params)
        except SendError as error:
            self._show_result(error_result(error), mark(error.exchange.outcome))
            if isinstance(error, ApiError):
                self._show_rejected(error)
            return None
        except KeyboardInterrupt as interrupt:
            self._show_result(error_result(interrupt), mark("unknown"))
            raise
        self._show_result(reply_result(self.reply), mark(self.reply.exchange.outcome))
        return self.reply

    def _show_result(self, result: Result, outcome: html.Markup | None) -> None:
        self._alert.value = f'<div role="status">{outcome or ""}</div>'
        self._on_result(result)
        self._offer(keep=True)  # Send pressed again after `end` must not end another call
        self._changed()

    def _show_rejected(self, error: ApiError) -> None:
        """Show the platform's reasons at the fields that they name; the card below has them all."""
        named = [
            Problem((reason.attribute or "").removeprefix("params."), f"rejected: {reason.message}")
            for reason in error.errors
        ]
        self.entries.show(named, everything=True)

    def _refuse(self, problems: list[Problem]) -> None:
        """Show what is wrong, and log the command as refused, as the Python API does."""
        entries, model = self.entries, self.model
        error = InvalidCommand(model.method(), problems)
        self.session.refuse(model.wire, entries.params, entries.call_id, error)
        unplaced = entries.show(problems, everything=True)
        self._alert.value = alert(unplaced)
        first = next((field for field in entries.walk() if field.messages), None)
        self._on_refused()
        if first:
            first.focus()

    def _ask_confirmation(self) -> None:
        """Ask before something is sent that costs money or ends a call."""

        def send_confirmed() -> None:
            if buttons in self._confirm.children:  # not so after a second click
                self._press(confirmed=True)

        yes = self.widgets.button("Send it", lambda: self._send.run_once(send_confirmed))
        no = self.widgets.button("Do not send", self._dismiss_confirmation)
        budget = self.session.budget
        question = confirmation_text(
            self._draft().request, self.session.host, budget.per_minute if budget else None
        )
        buttons = self.widgets.row([yes, no])
        self._confirm.children = (self.widgets.alert([question]), buttons)
        no.focus()

    def _dismiss_confirmation(self) -> None:
        """Remove the question, because it was answered or the request has changed."""
        parts = self._confirm.children
        self._confirm.children = ()
        for widget in [*parts, *(parts[-1].children if parts else ())]:
            widget.close()

    def _draft(self) -> Exchange:
        return draft(self.session, self.model, self.entries.params, self.entries.call_id)

    def _changed(self) -> None:
        if self._quiet:
            return
        self._dismiss_confirmation()
        entries = self.entries
        problems = entries.problems()
        entries.show(problems, everything=False)
        if 'role="alert"' in self._alert.value:  # it was about what has changed
            self._alert.value = ""
        entries.suggest_control_ids()
        self.preview.show(self._draft(), problems)

    def _report(self, error: BaseException) -> None:
        """Show an exception that a callback raised."""
        self._alert.value = f'<div role="alert">{error_result(error).html}</div>'

    @contextmanager
    def _batched_changes(self, *, changed: bool = True) -> Iterator[None]:
        """Treat many changes as one."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
            if changed:
                self._changed()


def confirmation_text(
    request: Mapping[str, Any], host: str, per_minute: float | None = None
) -> str:
    """Return what a request will do, as the question that asks for confirmation.

    `per_minute` is the price limit in US dollars that is sent with a `dial` that sets none.
    """
    params = request["params"]
    if request["command"] != "dial":
        return f"End call {request['id']} on {host}"
    from_ = f" from {params['from']}" if "from" in params else ""
    limit = money(params.get(_RATE, per_minute))
    price = f"at most {limit} a minute" if limit else f"at any price (no {_RATE} is set)"
    return (
        f"Dial {params.get('to', 'the number that to_script returns')}{from_}, {price}, on {host}"
    )
