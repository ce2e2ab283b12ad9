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
    """A control id that was sent to a call, with which command, and how that ended."""

    command: str
    control_id: str
    outcome: str


def uses_of(read: Read, kept: Sequence[Half], call_id: str, but: str | None) -> list[Use]:
    """Give where control ids were sent to a call, but in one run; of what can be read."""
    try:
        rows = read(_USES, (call_id, but))
    except LogError:
        rows = []  # no reason not to send: the platform refuses an id that is in use
    ends = {half.exchange: half.row[0] for half in kept if isinstance(half, Ended)}
    found = [
        Use(command, used, outcome if type(outcome) is str else "sent")
        for command, used, outcome in rows
        if not problem_of("command", command) and not problem_of("control_id", used)
    ]
    for half in kept:
        if isinstance(half, Sent):
            row = dict(zip(SENT, half.row, strict=True))
            ours = row["call_id"] == call_id and row["run"] != but
            if ours and row["control_id"] and row["space"] != "replayed":
                outcome = ends.get(half.id, "sent")
                found.append(Use(row["command"], row["control_id"], outcome))
    return found
