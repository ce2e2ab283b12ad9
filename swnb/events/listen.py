"""Listening on RELAY: `sw.listen()`."""

from __future__ import annotations

from collections.abc import Collection

from swnb.events.hub import hub_of
from swnb.events.inbox import Inbox
from swnb.events.listening import Open, listening
from swnb.session.session import Session


def listen(  # noqa: D417 - the client binds the session
    session: Session,
    contexts: Collection[str] = (),
    *,
    host: str | None = None,
    timeout: float = 20.0,
) -> Inbox:
    """Listen on RELAY: `with sw.listen() as inbox:`, or `inbox = sw.listen()` until it is closed.

    A background thread hears what happens to calls: it is in the log before it is acknowledged, and
    after a lost connection it connects again. No context is subscribed unless it is named here,
    because a subscriber takes inbound calls away from production; an inbound call that is offered is
    passed on. Twice gives the same inbox.

    Parameters
    ----------
    contexts : collection of str, optional
        The contexts whose inbound calls are offered to this client too.
    host : str, optional
        Where RELAY is reached, if not at the client's own host.
    timeout : float, default 20.0
        Seconds for the first connection.

    Returns
    -------
    Inbox

    Raises
    ------
    SwnbError
        If the platform refuses the token, or cannot be reached.
    ConfigurationError
        If the host, a context or the CA bundle in SIGNALWIRE_RELAY_CA_FILE is malformed.

    Examples
    --------
    >>> with sw.listen() as inbox:
    ...     call.user_event({"action": "order.confirmed"})
    ...     inbox.wait_for("user_event", call=call)

    """
    session.check_open("listen")
    hub = hub_of(session)
    held = session.companion(Open, Open)
    inbox = listening(session)
    if isinstance(inbox, Inbox):
        inbox.subscribe(contexts)
        return inbox
    held.inbox = inbox = Inbox(session, hub)
    try:
        inbox.open(contexts, host, timeout)
    except BaseException:  # also an interrupt: what is half open must not count as open
        inbox.close()
        raise
    return inbox
