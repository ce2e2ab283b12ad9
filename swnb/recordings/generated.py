"""Ids that swnb generates within a run, from the run's name and the order of use, never at random.

So the same cells send the same requests: the first playback of a call in the run `checkout` is
`checkout.play-1`. Outside a named run it is `play-1`, counted over all of the call's log.
"""

from __future__ import annotations

import re
import uuid
from hashlib import blake2b

from swnb import commands as c

_STARTED = "|".join(sorted({str(model.starts) for model in c.COMMANDS.values() if model.starts}))
_CONTROL_ID = re.compile(rf"(?:[A-Za-z0-9_-]+\.)?({_STARTED})-[0-9]+")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_LONGEST = 40
_RUNS = uuid.UUID("6d9f0d5c-3c0e-5d0e-9a53-73776e620001")  # the namespace of ids generated in runs


def control_id_of(run: str | None, operation: str, number: int) -> str:
    """Return the control id of a call's `number`-th operation of a kind; `run` None: no named run."""
    return f"{prefix(run)}{operation}-{number}"


def prefix(run: str | None) -> str:
    """Return the prefix of a run's control ids, empty outside named runs.

    Control ids appear in logs and callbacks, so letters beyond ASCII and spaces are left out; a
    hash then distinguishes names that differ only in those.
    """
    if run is None:
        return ""
    safe = _UNSAFE.sub("-", run)[:_LONGEST].strip("-")
    if safe == run:
        return f"{run}."
    mark = blake2b(run.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    return f"{safe}-{mark}.".lstrip("-")


def operation_of(value: str) -> str | None:
    """Return the operation of a control id that swnb generated in any run, None for other ids."""
    match = _CONTROL_ID.fullmatch(value)
    return match[1] if match else None


def bare(control_id: str | None) -> str | None:
    """Return a control id that swnb generated without the prefix of its run; other ids unchanged."""
    if control_id is None or operation_of(control_id) is None:
        return control_id
    return control_id.rpartition(".")[2]


def made_uuid(run: str, number: int) -> str:
    """Return the `number`-th id that a run generates for its cells."""
    return str(uuid.uuid5(_RUNS, f"{run}\n{number}"))
