"""Waiting until a call has a status: asking the voice log again and again, in the space's time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from swnb.errors import SwnbError
from swnb.session.interrupts import of_call, tell

if TYPE_CHECKING:
    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session

POLL = 2.0  # seconds between two requests about a call of a live space


class Watched(Protocol):
    """A call whose status can be asked for."""

    _session: Session
    id: str
    last: Reply | None

    @property
    def status(self) -> str | None:
        """The call's status in the latest answer."""

    @property
    def ended(self) -> bool:
        """Whether the call is over."""

    def refresh(self) -> Self:
        """Ask for the call's status."""


C = TypeVar("C", bound=Watched)


def wait_until(call: C, status: str = "answered", *, timeout: float = 60.0) -> C:
    """Refresh until the call has the status, or is over.

    A live space is asked every two seconds, a simulated one (whose clock moves with each
    request) without a pause. A dry run has nothing to wait for and returns at once.

    Parameters
    ----------
    status : str, default "answered"
        The status to wait for, as the platform names it.
    timeout : float, default 60.0
        Seconds of the space's time after which to give up.

    Returns
    -------
    Call
        The call itcall.

    Raises
    ------
    SwnbError
        If the call has neither the status nor ended in time.
    SendError
        If the voice log cannot be read.

    Examples
    --------
    >>> call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    >>> call.wait_until("answered", timeout=30).user_event({"action": "greeted"})

    """
    session, waited = call._session, 0.0  # noqa: SLF001 - its protocol is above
    try:
        while call.refresh().status != status and not call.ended and not session.dry_run:
            if waited >= timeout:
                raise SwnbError(f"call.wait_until: still {call.status} after {timeout:g} s")
            replayed = call.last is not None and call.last.exchange.space == "replayed"
            waited += session.routing.pause(POLL, replayed=replayed)
    except KeyboardInterrupt as stop:
        latest = f"; it was {call.status} when last asked" if call.status else ""
        message = f"call.wait_until was interrupted while waiting for {status}{latest}"
        tell(stop, message, *of_call(call.id))
        raise
    return call
