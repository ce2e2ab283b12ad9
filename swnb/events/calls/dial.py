"""`inbox.dial`: a call that the inbox's own connection dials, and owns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from swnb.events.calls.call import HeardCall, heard_call, refuse_closed
from swnb.events.calls.dialing import dial_over
from swnb.hidden import REDACTED, HiddenDict

if TYPE_CHECKING:
    from swnb.session.session import Session


class Dials(Protocol):
    """An inbox."""

    _session: Session

    @property
    def state(self) -> str:
        """Whether it is closed."""


def dial(  # noqa: D417 - it is a method of the inbox
    inbox: Dials,
    *,
    from_: str,
    to: str,
    timeout: int | None = None,
    max_duration: int | None = None,
    region: str | None = None,
    max_price_per_minute: float | None = None,
    extras: Mapping[str, Any] | None = None,
    unchecked: bool | None = None,
    **others: Any,
) -> HeardCall:
    """Dial over RELAY, so that this connection owns the call, and hears what happens to it.

    No SWML runs on the call: it is steered by commands alone. It is sent at most once, within the
    session's budget, and logged, recorded and replayed as `sw.dial` is.

    Parameters
    ----------
    from_, to : str
        The caller and the destination, as for `sw.dial`.
    timeout : int, optional
        The longest time to ring, in seconds from 1 to 600.
    max_duration : int, optional
        The longest that the call may last, in minutes; the official client sends it, no page of the
        platform lists it.
    region : str, optional
        The region to route the call through.
    max_price_per_minute : float, optional
        The most expensive route to accept, in US dollars.
    extras : mapping, optional
        Parameters that this version of swnb does not know, sent unchecked.
    unchecked : bool, optional
        Send an address that looks wrong unchanged.

    **others
        None: what RELAY does not take, such as a URL, is refused by name.

    Returns
    -------
    Call

    Raises
    ------
    InvalidCommand
        Before anything is sent, with every problem.
    OutcomeUnknown
        If it may have left, and no event told which call it started.
    SendError
        If the platform rejected it, or nothing is connected.

    Examples
    --------
    >>> call = inbox.dial(from_="+15550100", to="+15550101").wait_until("answered")

    """
    if inbox.state == "closed":
        raise refuse_closed("inbox.dial")
    params = HiddenDict(
        from_=from_,
        to=to,
        timeout=timeout,
        max_duration=max_duration,
        region=region,
        max_price_per_minute=max_price_per_minute,
        extras=extras,
        unchecked=unchecked,
        **others,
    )
    others.clear()
    from_ = to = REDACTED  # a traceback shows the arguments of a frame
    return heard_call(dial_over(inbox._session, params), owned=True)  # noqa: SLF001 - its protocol is above
