"""What a form offers for ids: the calls in the log, and the operations that are open on a call."""

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

_CALLS = 50  # offered at most
_EXCHANGES = 5_000  # looked through for them, from the newest
_BESIDE = "  ·  "


class IdField(TextField):
    """An id that is typed or picked; a picked offer leaves its id alone in the input."""

    def _input(self) -> Any:
        return self.kit.combobox(self.caption, self.placeholder, ())

    def propose(self, placeholder: str, options: Sequence[str]) -> None:
        """Say what stands in for an empty input, and what can be picked."""
        self.input.placeholder = placeholder
        self.input.options = tuple(options)

    def _parse(self, text: str) -> Any:
        return text.split(_BESIDE, maxsplit=1)[0].strip()


def calls(session: Session) -> list[str]:
    """Give the latest calls of the log, newest first: id, status, and who was called.

    A log that cannot be read has none to offer.
    """
    try:
        frame = session.log.exchanges().tail(_EXCHANGES)
    except LogError:  # the log is never the reason that a command cannot be sent
        return []
    frame = frame[frame["call_id"].notna() & (frame["outcome"] != "refused")]
    offered: dict[str, dict[str, str]] = {}
    columns = ["call_id", "call_status", "to"]
    for call_id, status, to in frame[columns].iloc[::-1].itertuples(index=False, name=None):
        if call_id not in offered and len(offered) == _CALLS:
            break
        facts = offered.setdefault(call_id, {})
        for name, value in (("status", status), ("to", to)):
            if isinstance(value, str):  # the newest that is known; missing ones are NaN
                facts.setdefault(name, value)
    return [
        _BESIDE.join([call_id, facts.get("status", "status not known"), *_after(facts)])
        for call_id, facts in offered.items()
    ]


def _after(facts: dict[str, str]) -> list[str]:
    return [f"to {facts['to']}"] if "to" in facts else []


def proposal(session: Session, model: type[Command], call_id: str | None) -> str | None:
    """Give the control id that is used where none is typed, as a `Call` does it."""
    return _operations(session, call_id).control_id_for(model, session.log.named_run)


def control_ids(session: Session, model: type[Command], call_id: str | None) -> list[str]:
    """Give the control ids that a command can act on, the latest first."""
    return list(reversed(_operations(session, call_id).open.get(model.controls or "", [])))


def _operations(session: Session, call_id: str | None) -> Operations:
    """Give the operations of a call; of what is no call's id, there are none."""
    if call_id is None or not UUID.fullmatch(call_id):
        return Operations()
    return session.operations.of(call_id)


def needs_offer(model: type[Command], name: str, parameter: Parameter) -> bool:
    """Say whether a parameter is an id that can be offered."""
    if name == "id":
        return not model.on_call and parameter.required
    return name == "control_id" and bool(model.starts or model.controls)
