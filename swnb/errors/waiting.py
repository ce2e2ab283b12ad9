"""Errors of waiting: what did not come, and what can no longer come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from swnb.errors.base import SwnbError

_SHOWN = 8


class Heard(Protocol):
    """An event, as an error shows it."""

    kind: str
    state: str | None

    @property
    def params(self) -> dict[str, Any]:
        """Its own parameters."""


class WaitTimeout(SwnbError):
    """What was waited for did not come in time.

    Parameters
    ----------
    what : str
        What was waited for, as a sentence without its end.
    heard : sequence of Event
        What came meanwhile instead.
    gaps : sequence of Event
        The times without connection meanwhile.
    advice : str, optional
        What to do about it.

    Attributes
    ----------
    heard, gaps : list of Event
        As passed.

    """

    title = "not in time"

    def __init__(
        self,
        what: str,
        heard: Sequence[Heard] = (),
        gaps: Sequence[Heard] = (),
        *,
        advice: str | None = None,
    ) -> None:
        told = [f"{event.kind} {event.state or ''}".strip() for event in heard[-_SHOWN:]]
        more = f" (and {len(heard) - _SHOWN} before)" if len(heard) > _SHOWN else ""
        came = f"; what came: {', '.join(told)}{more}" if told else "; nothing came"
        lost = [f"{event.params.get('seconds')} s, {event.state}" for event in gaps]
        without = f"; without connection for {'; '.join(lost)}" if lost else ""
        super().__init__(f"{what}{came}{without}", advice=advice)
        self.heard = list(heard)
        self.gaps = list(gaps)


class CallOver(SwnbError):
    """What was waited for can no longer come, because the call is over.

    Parameters
    ----------
    what : str
        What was waited for.
    status : str
        The state in which the call ended, such as `busy`.
    reason : str, optional
        Why it ended, in the platform's word, such as `noAnswer`.

    Attributes
    ----------
    status, end_reason : str or None
        As passed.

    """

    title = "call over"

    def __init__(self, what: str, status: str, reason: str | None = None) -> None:
        why = f" ({reason})" if reason and reason != status else ""
        super().__init__(f"{what}: the call is over, it ended as {status}{why}")
        self.status = status
        self.end_reason = reason
