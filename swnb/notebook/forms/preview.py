"""The request that a form would send, as JSON, Python and curl, with its secrets masked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from swnb import cards, html
from swnb.commands.types import ESCAPES
from swnb.exchange import Exchange, now
from swnb.notebook.page import copyable
from swnb.redact import redact, secrets_in

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.errors import Problem
    from swnb.notebook.fields.base import FormWidgets
    from swnb.session.session import Session

_NAMED = 6  # fields with problems that the note names
_WRITERS = {
    "JSON": lambda exchange: cards.pretty(exchange.request),
    "Python": cards.as_python,
    "curl": cards.as_curl,
}


def draft(
    session: Session, model: type[Command], params: Mapping[str, Any], call_id: str | None
) -> Exchange:
    """Return the redacted record of a request that is not sent, valid or not."""
    sent = {name: value for name, value in params.items() if name not in ESCAPES}
    extras = params.get("extras")
    sent |= extras if isinstance(extras, Mapping) else {}
    envelope: dict[str, Any] = {"command": model.wire}
    if model.on_call:
        envelope["id"] = call_id
    envelope["params"] = sent
    request = redact(envelope, secrets_in(sent))
    return Exchange(model.wire, session.space, now(), call_id, request=request)  # type: ignore[arg-type] # a session's space is a plain string


class Preview:
    """Three views of a request, one of them shown."""

    def __init__(self, widgets: FormWidgets) -> None:
        self._exchange: Exchange | None = None
        self._note = ""
        self._shown = widgets.html()
        self._choice = widgets.toggles(
            list(_WRITERS), [f"The request as {name}" for name in _WRITERS]
        )
        widgets.watch(self._choice, "value", self._draw)
        self.box = widgets.column([self._choice, self._shown])

    def show(self, exchange: Exchange, problems: Sequence[Problem]) -> None:
        """Show a request, and which fields have problems."""
        self._exchange = exchange
        fields = list(dict.fromkeys(problem.path for problem in problems if problem.path))
        named = ", ".join(fields[:_NAMED]) or problems[0].message if problems else ""
        more = f" and {len(fields) - _NAMED} more" if len(fields) > _NAMED else ""
        self._note = f"Not valid yet: {named}{more}." if problems else "Valid."
        self._draw()

    def texts(self) -> dict[str, str]:
        """Return all three views by name."""
        exchange = self._exchange
        return {name: write(exchange) for name, write in _WRITERS.items()} if exchange else {}

    def _draw(self) -> None:
        if self._exchange:
            source = _WRITERS[self._choice.value](self._exchange)
            self._shown.value = f"{copyable(html.code(source))}{html.line(self._note)}"
