"""What a form suggests for ids: the calls in the log, and the open operations of a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb.errors import LogError
from swnb.exchange import UUID
from swnb.notebook.fields.scalars import TextField
from swnb.session.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.commands.base import Command
    from swnb.commands.schema import Parameter
    from swnb.session.session import Session

_CALLS = 50  # suggested at most
_EXCHANGES = 5_000  # searched for calls, from the newest
_SEPARATOR = "  ·  "  # between an id and its description


class IdField(TextField):
    """An id that is typed or picked; of a picked suggestion only the id stays in the input."""

    def _input(self) -> Any:
        return self.widgets.combobox(self.caption, self.placeholder, ())

    def suggest(self, placeholder: str, options: Sequence[str]) -> None:
        """Set the placeholder of the empty input, and what can be picked."""
        self.input.placeholder = placeholder
        self.input.options = tuple(options)

    def _parse(self, text: str) -> Any:
        return text.split(_SEPARATOR, maxsplit=1)[0].strip()


def calls(session: Session) -> list[str]:
    """Return the latest calls of the log, newest first: id, status, and who was called.

    The list is empty if the log cannot be read.
    """
    try:
        frame = session.log.exchanges().tail(_EXCHANGES)
    except LogError:  # a broken log must not keep a command from being sent
        return []
    frame = frame[frame["call_id"].notna() & (frame["outcome"] != "refused")]
    facts_by_call: dict[str, dict[str, str]] = {}
    columns = ["call_id", "call_status", "to"]
    for call_id, status, to in frame[columns].iloc[::-1].itertuples(index=False, name=None):
        if call_id not in facts_by_call and len(facts_by_call) == _CALLS:
            break
        facts = facts_by_call.setdefault(call_id, {})
        for name, value in (("status", status), ("to", to)):
            if isinstance(value, str):  # the newest known value; missing ones are NaN
                facts.setdefault(name, value)
    return [
        _SEPARATOR.join([call_id, facts.get("status", "status unknown"), *_callee(facts)])
        for call_id, facts in facts_by_call.items()
    ]


def _callee(facts: dict[str, str]) -> list[str]:
    return [f"to {facts['to']}"] if "to" in facts else []


def suggested_control_id(session: Session, model: type[Command], call_id: str | None) -> str | None:
    """Return the control id that is used if none is typed, the same as a `Call` uses."""
    return _operations(session, call_id).control_id_for(model, session.log.named_run)


def control_ids(session: Session, model: type[Command], call_id: str | None) -> list[str]:
    """Return the control ids that a command can act on, the latest first."""
    return list(reversed(_operations(session, call_id).open.get(model.controls or "", [])))


def _operations(session: Session, call_id: str | None) -> Operations:
    """Return the operations of a call; none if the id is not a UUID."""
    if call_id is None or not UUID.fullmatch(call_id):
        return Operations()
    return session.operations.of(call_id)


def has_suggestions(model: type[Command], name: str, parameter: Parameter) -> bool:
    """Return whether a parameter is an id that the form can suggest."""
    if name == "id":
        return not model.on_call and parameter.required
    return name == "control_id" and bool(model.starts or model.controls)
