"""Which control ids were sent to a call, and how that ended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from swnb.errors import LogError
from swnb.log.odd_cells import problem_of
from swnb.log.writing.rows import SENT, Ended, Half, Read, Sent

_USES = """
    SELECT command, control_id,
        (SELECT outcome FROM ended WHERE exchange = sent.id ORDER BY id DESC LIMIT 1)
    FROM sent
    WHERE call_id = ? AND control_id IS NOT NULL AND run IS NOT ? AND space <> 'replayed'
    ORDER BY id
"""


class Use(NamedTuple):
    """A control id that was sent to a call, its command, and the outcome."""

    command: str
    control_id: str
    outcome: str


def uses_of(read: Read, unwritten: Sequence[Half], call_id: str, but: str | None) -> list[Use]:
    """Return the control ids that were sent to a call, except in one run; unreadable rows are left out."""
    try:
        rows = read(_USES, (call_id, but))
    except LogError:
        rows = []  # no reason not to send: the platform rejects an id that is in use
    ends = {half.exchange: half.row[0] for half in unwritten if isinstance(half, Ended)}
    uses = [
        Use(command, control_id, outcome if type(outcome) is str else "sent")
        for command, control_id, outcome in rows
        if not problem_of("command", command) and not problem_of("control_id", control_id)
    ]
    for half in unwritten:
        if isinstance(half, Sent):
            row = dict(zip(SENT, half.row, strict=True))
            is_wanted = row["call_id"] == call_id and row["run"] != but
            if is_wanted and row["control_id"] and row["space"] != "replayed":
                outcome = ends.get(half.id, "sent")
                uses.append(Use(row["command"], row["control_id"], outcome))
    return uses
