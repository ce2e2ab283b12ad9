"""`Offers`: the inbound calls that are offered to a listening client, one for each that is waited for."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from swnb.event import Asked, Event
from swnb.events.hub import Hub
from swnb.events.waiting.waiter import Found, Wanted, await_event
from swnb.session.calls import NO_CALL, call_for
from swnb.session.session import Session

if TYPE_CHECKING:
    from swnb.session.call import Call


class Offers:
    """The inbound calls of the subscribed contexts: `inbox.calls`.

    A call that is offered while nobody waits is passed on, so that another client of the context
    gets it.

    Examples
    --------
    >>> inbox = sw.listen(contexts=["office"])
    >>> call = inbox.calls.wait()
    >>> inbox.answer(call)

    """

    def __init__(self, session: Session, hub: Hub) -> None:
        self._session = session
        self._hub = hub
        self._lock = threading.Lock()
        self._wanted = 0
        self._taken: list[str] = []

    def take(self, event: Event) -> bool:
        """Return whether somebody waits for a call that is offered; it is then theirs.

        Parameters
        ----------
        event : Event
            The offer.

        """
        with self._lock:
            if self._wanted <= len(self._taken) or event.call_id is None:
                return False
            self._taken.append(event.call_id)
            return True

    def wait(self, *, timeout: float = 60.0) -> Call:
        """Wait for an inbound call, and return it; it still rings.

        Parameters
        ----------
        timeout : float, default 60.0
            Seconds of the space's time after which to give up.

        Returns
        -------
        Call

        Raises
        ------
        WaitTimeout
            If none was offered in time.

        Examples
        --------
        >>> call = inbox.calls.wait(timeout=120)

        """
        start = self._hub.latest
        wanted = Wanted(
            "inbox.calls.wait()", Asked.of("receive"), self._find, since=start, hears=True
        )
        with self._lock:
            self._wanted += 1
        try:
            event = await_event(self._session, wanted, timeout).event
        finally:
            with self._lock:
                self._wanted -= 1
        if event is None or event.call_id is None:  # a dry run hears nothing
            return call_for(self._session, NO_CALL)
        with self._lock:
            if event.call_id in self._taken:
                self._taken.remove(event.call_id)
        return call_for(self._session, event.call_id)

    def _find(self, events: list[Event]) -> Found | None:
        replayed = self._session.space == "replayed"
        for event in events:
            offered = event.kind == "receive" and event.call_id is not None
            if offered and (replayed or event.call_id in self._taken):
                return Found(event)
        return None
