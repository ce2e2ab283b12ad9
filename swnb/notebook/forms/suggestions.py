"""What a form offers for ids: the calls that are known, and the open operations of a call."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import LogError
from swnb.exchange import OVER, UUID
from swnb.notebook.forms.pickers import Choices, Offer
from swnb.session.operations import Operations
from swnb.visible import visible
from swnb.words import age_of, cut

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from swnb.commands.base import Command
    from swnb.commands.schema import Parameter
    from swnb.session.session import Session

_MOST = 50  # calls of a kind that are offered: nobody reads longer lists
_LONGEST = 60  # letters of a fact in a list


def calls(session: Session) -> Choices:
    """Return the calls of the log and its voice logs, newest first, open ones apart from those that are over.

    There are none if the log cannot be read.
    """
    try:
        frame = session.log.calls()
    except LogError:  # a broken log must not keep a command from being sent
        return Choices()
    known = frame["status"].notna()
    # A leg of a kind that has no status is in the voice logs when it is over.
    over = (known & frame["status"].isin(OVER)) | (~known & (frame["exchanges"] == 0))
    return Choices(*_newest(frame[~over]), *_newest(frame[over]))


def _newest(frame: pd.DataFrame) -> tuple[list[Offer], int]:
    """Return the newest calls, and how many there are."""
    newest = frame.sort_values("created", ascending=False, kind="stable").head(_MOST).astype(object)
    now = datetime.now(UTC)
    rows = newest.where(newest.notna(), None).to_dict("records")
    return [Offer(row["call_id"], label_of(row, now)) for row in rows], len(frame)


def label_of(call: Mapping[Any, Any], now: datetime) -> str:
    """Return a call in one line for a dropdown: status, direction, from → to, age, and its id's start."""
    ends = [call["from"] or "?", call["to"] or "?"]
    parts = [
        cut(html.marked(call["status"]), _LONGEST) if call["status"] else "status unknown",
        cut(str(call["direction"] or ""), _LONGEST),
        cut(" → ".join(map(str, ends)), _LONGEST),
        age_of(call["created"], now),
        html.short(call["call_id"]),
    ]
    return visible(html.DOT.join(filter(None, parts)))


def suggested_control_id(session: Session, model: type[Command], call_id: str | None) -> str | None:
    """Return the control id that is used if none is typed, the same as a `Call` uses."""
    return _operations(session, call_id).control_id_for(model, session.log.named_run)


def control_ids(session: Session, model: type[Command], call_id: str | None) -> Choices:
    """Return the control ids that a command can act on, the latest first."""
    ids = _operations(session, call_id).open.get(model.controls or "", [])
    return Choices([Offer(each, each) for each in reversed(ids)], len(ids))


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
