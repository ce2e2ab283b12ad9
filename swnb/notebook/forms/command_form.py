"""The form of one command: what fills it, its fields, Send, and the request that it makes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.cards import mark, money
from swnb.errors import InvalidCommand, Problem, SendError
from swnb.notebook.fields.base import Kit
from swnb.notebook.fields.kit import alert
from swnb.notebook.fields.maker import make
from swnb.notebook.forms import prefill
from swnb.notebook.forms.entries import Entries
from swnb.notebook.forms.paste import Paste
from swnb.notebook.forms.pressing import OnePress
from swnb.notebook.forms.preview import Preview, draft
from swnb.notebook.forms.results import Result, of_error, of_reply
from swnb.session.call import Call
from swnb.session.calls import call_for

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Exchange
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

# They cost money or end a call: on a live space, Send asks once more.
_ASKED_AGAIN = frozenset({"dial", "calling.end"})
_RATE = "max_price_per_minute"


class CommandForm:
    """One command's form; `sent` is called with what came of each Send."""

    def __init__(
        self,
        session: Session,
        model: type[Command],
        call: Call | None,
        sent: Callable[[Result], None],
    ) -> None:
        self.session = session
        self.model = model
        self.reply: Reply | None = None
        self._call = call
        self._sent = sent
        self._quiet = False
        self.kit = kit = Kit(make, self._changed, self._report)
        with self._silence(changed=False):
            self.entries = Entries(kit, session, model, call)
        self.preview = Preview(kit)
        self._top, self._status, self._confirm = kit.html(), kit.html(), kit.column()
        self.box = kit.column([*self._filling(), self.entries.box, *self._sending()])
        self.entries.refresh()
        self._changed()

    def _filling(self) -> list[Any]:
        """Lay out what stands above the fields: what the command does, and what fills it in."""
        kit = self.kit
        paste = Paste(kit, lambda text: self.write(*prefill.pasted(self.model, text)))
        buttons = {
            "Example": self.fill_example,
            "Last sent": self.fill_last_sent,
            "Paste JSON": paste.toggle,
        }
        row = kit.row([kit.button(label, act) for label, act in buttons.items()])
        return [kit.html(str(html.line(about(self.model)))), row, paste.box]

    def _sending(self) -> list[Any]:
        """Lay out what stands below the fields: Send, and the request that it makes."""
        kit, tooltip = self.kit, f"Send {self.model.wire}"
        self._send = OnePress(
            kit.row(), lambda press: kit.primary("Send", press, tooltip), self._press, "Sending"
        )
        return [self._top, self._send.box, self._confirm, self._status, self.preview.box]

    def write(self, value: Mapping[str, Any], call_id: str | None = None) -> None:
        """Take parameters, and a call where one is given; raises `InvalidCommand`."""
        with self._silence():
            self.entries.value = value
            if call_id is not None:
                self.entries.call_id = call_id

    def write_call_id(self, call_id: str | None) -> None:
        """Take the call that the command is for."""
        with self._silence():
            self.entries.call_id = call_id

    def fill_example(self) -> None:
        """Fill in the command's example; a call that is chosen stays."""
        call_id = self.entries.call_id
        self.write(self.model.example, call_id)

    def fill_last_sent(self) -> None:
        """Fill in the last request of this command in the log, secrets left out."""
        self.write(*prefill.last_sent(self.session, self.model))

    def send(self, *, confirmed: bool = False) -> Reply | None:
        """Check, send, and show what came of it; gives the reply, or None.

        What is wrong is shown at its field, and the first of them gets the focus. On a live space
        some commands ask once more.
        """
        self._take_back()
        problems = self.entries.problems()
        if problems:
            self._refuse(problems)
        elif self._asks_again and not confirmed:
            self._ask()
        else:
            with self._send.busy():
                return self._carry()
        return None

    def _press(self, *, confirmed: bool = False) -> None:
        with suppress(KeyboardInterrupt):  # the form shows it, and no cell is to be stopped
            self.send(confirmed=confirmed)

    @property
    def _asks_again(self) -> bool:
        live = self.session.space == "live" and not self.session.dry_run
        return live and self.model.wire in _ASKED_AGAIN

    def _carry(self) -> Reply | None:
        entries = self.entries
        call_id, params = entries.call_id, entries.params
        try:
            if call_id is None:
                self.reply = self.session.command(self.model, params)
            else:
                # Through the call that is held in hand, if it is that one: it keeps its status.
                own = self._call if entries.on_own_call else None
                self.reply = (own or call_for(self.session, call_id)).command(self.model, params)
        except SendError as error:
            self._done(of_error(error), mark(error.exchange.outcome))
            return None
        except KeyboardInterrupt as stop:
            self._done(of_error(stop), mark("unknown"))
            raise
        self._done(of_reply(self.reply), mark(self.reply.exchange.outcome))
        return self.reply

    def _done(self, result: Result, outcome: html.Markup | None) -> None:
        self._top.value = ""
        self._status.value = f'<div role="status">{outcome or ""}</div>'
        self._sent(result)
        self.entries.refresh()
        self._changed()

    def _refuse(self, problems: list[Problem]) -> None:
        """Show what is wrong, and log that it was not sent, as the Python API does."""
        entries, model = self.entries, self.model
        error = InvalidCommand(model.method(), problems)
        self.session.refuse(model.wire, entries.params, entries.call_id, error)
        homeless = entries.show(problems, everything=True)
        self._top.value = alert(homeless)
        self._status.value = ""
        wrong = next((field for field in entries.walk() if field.messages), None)
        if wrong:
            wrong.focus()

    def _ask(self) -> None:
        """Ask before something is sent that costs money or ends a call."""

        def confirmed() -> None:
            if buttons in self._confirm.children:  # a second click finds the question taken back
                self._press(confirmed=True)

        yes = self.kit.button("Send it", lambda: self._send.once(confirmed))
        no = self.kit.button("Do not send", self._take_back)
        budget = self.session.budget
        said = intent(
            self._draft().request, self.session.host, budget.per_minute if budget else None
        )
        buttons = self.kit.row([yes, no])
        self._confirm.children = (self.kit.alert([said]), buttons)
        no.focus()

    def _take_back(self) -> None:
        """Take the question back: it was answered, or is about something else by now."""
        asked = self._confirm.children
        self._confirm.children = ()
        for each in [*asked, *(asked[-1].children if asked else ())]:
            each.close()

    def _draft(self) -> Exchange:
        return draft(self.session, self.model, self.entries.params, self.entries.call_id)

    def _changed(self) -> None:
        if self._quiet:
            return
        self._take_back()
        entries = self.entries
        problems = entries.problems()
        self._top.value = alert(entries.show(problems, everything=False))
        entries.propose_control_id()
        self.preview.show(self._draft(), len(problems))

    def _report(self, error: BaseException) -> None:
        """Show an exception that a callback raised."""
        self._top.value = f'<div role="alert">{of_error(error).html}</div>'

    @contextmanager
    def _silence(self, *, changed: bool = True) -> Iterator[None]:
        """Take many changes for one."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False
            if changed:
                self._changed()


def about(model: type[Command]) -> str:
    """Give the first paragraph of what is said of a command."""
    return " ".join((model.__doc__ or "").split("\n\n")[0].split())


def intent(request: Mapping[str, Any], host: str, per_minute: float | None = None) -> str:
    """Return what a request is about to do, for somebody who is asked whether it may.

    `per_minute` is the price in US dollars that a `dial` without one is sent with.
    """
    params = request["params"]
    if request["command"] != "dial":
        return f"End call {request['id']} on {host}"
    from_ = f" from {params['from']}" if "from" in params else ""
    most = money(params.get(_RATE, per_minute))
    price = f"at most {most} a minute" if most else f"at any price (no {_RATE} is set)"
    return f"Dial {params.get('to', 'whom to_script names')}{from_}, {price}, on {host}"
