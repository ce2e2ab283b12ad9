"""What happens in a space, as records for whoever passes it on: a RELAY session, a status callback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One thing that happened to a call or to an operation on it, at a virtual time.

    `kind` is `state`, `user_event`, `denoise` or an operation (`play`, `record`, `fax` …), and
    `event_type` its name on RELAY (`calling.call.play`). `state` is the operation's or the call's,
    or the type of a result for those that have none (`digit`, `HUMAN`). `params` are the event's
    own. `given` are the parameters of the command that began it, with the `status_url` for a
    callback. Both may hold secrets.
    """

    kind: str
    event_type: str
    call_id: str
    control_id: str | None
    state: str | None
    at: datetime
    params: Mapping[str, Any] = field(repr=False)
    given: Mapping[str, Any] = field(default_factory=dict, repr=False)


Listener = Callable[[Occurrence], None]

_TYPES = {"user_event": "calling.user_event"}


def event_type(kind: str) -> str:
    """Return the name of a kind of event on RELAY."""
    return _TYPES.get(kind, f"calling.call.{kind}")
