"""The inbound calls that a client is offered: taken while somebody waits for one, passed on otherwise."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb.errors import SwnbError, WaitTimeout
from swnb.event import Asked, Event
from swnb.events.calls.call import HeardCall, heard_call, refuse_closed
from swnb.events.hub import hub_of
from swnb.events.waiting.waiter import Found, Wanted, await_event
from swnb.session.call_facts import note_offer, note_state
from swnb.session.calls import NO_CALL, call_for
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.session.session import Session

PATIENCE = 60.0  # seconds that a loop over the calls waits for the next


class OfferedCalls:
    """The inbound calls that this client is offered; `inbox.calls`.

    A call that is offered while nobody waits is passed on, so that production gets it. Iterating waits
    up to 60 seconds of the space's time for each next call, and ends when none comes; while the body of
    the loop runs, calls are passed on.

    Examples
    --------
    >>> inbox = sw.listen(contexts=["office"])
    >>> for call in inbox.calls:
    ...     call.answer().play(play=[{"type": "tts", "params": {"text": "Hello"}}])

    """

    def __init__(
        self,
        session: Session,
        *,
        contexts: set[str],
        is_open: Callable[[], bool],
        pass_on: Callable[[str], None],
    ) -> None:
        self._session = session
        self._contexts = contexts
        self._is_open = is_open
        self._pass_on = pass_on
        self._lock = threading.Lock()
        self._wanted = 0  # how many wait
        self._taken: dict[str, Event] = {}  # by their keys, while they are on their way to those
        self._returned: set[str] = set()  # the keys of offers
        self._passed: set[str] = set()

    def take(self, event: Event) -> bool:
        """Take an offer if somebody waits, on the background loop; return whether it is taken.

        Parameters
        ----------
        event : Event
            The offer, of kind `receive`.

        """
        with self._lock:
            if event.key in self._returned or event.key in self._taken:
                return True  # it came again
            if self._wanted <= len(self._taken):
                self._passed.add(event.key)
                return False
            self._taken[event.key] = event
            return True

    def wait(self, *, timeout: float = 60.0) -> HeardCall:
        """Wait until a call is offered, and take it; it rings until `call.answer()`.

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
        SwnbError
            If the client takes part in no context, or the inbox is closed.

        Examples
        --------
        >>> call = inbox.calls.wait(timeout=30).answer()

        """
        if not self._is_open():
            raise refuse_closed("inbox.calls.wait")
        if not self._contexts:
            raise SwnbError(
                "inbox.calls.wait: this client takes part in no context, so that no call is offered",
                advice='Name one: sw.listen(contexts=["office"]). It takes calls away from production.',
            )
        event = self._awaited(timeout)
        return self._call(event)

    def _awaited(self, timeout: float) -> Event | None:
        claimed: list[Event] = []

        def find(events: list[Event]) -> Found | None:
            if not claimed:
                claimed.extend(self._claim(events))
            return Found(claimed[0]) if claimed else None

        since = 0 if self._session.space == "replayed" else hub_of(self._session).latest
        wanted = Wanted("inbox.calls.wait()", Asked.of("receive"), find, since=since, hears=True)
        with self._lock:
            self._wanted += 1
        try:
            return await_event(self._session, wanted, timeout).event
        except BaseException:
            self._give_back(claimed)
            raise
        finally:
            with self._lock:
                self._wanted -= 1
                surplus = [*self._taken.values()][self._wanted :]
            self._give_back(surplus)

    def _claim(self, events: list[Event]) -> list[Event]:
        """Return the first offer that nobody has yet, in a list; it is the caller's then."""
        with self._lock:
            past = self._returned | self._passed
            for event in events:
                if event.kind == "receive" and event.call_id and event.key not in past:
                    self._taken.pop(event.key, None)
                    self._returned.add(event.key)
                    return [event]
        return []

    def _give_back(self, events: list[Event]) -> None:
        """Pass on what was taken for somebody who does not wait any more."""
        for event in events:
            with self._lock:
                self._taken.pop(event.key, None)
                self._returned.discard(event.key)
                self._passed.add(event.key)
            self._pass_on(str(event.call_id))

    def _call(self, event: Event | None) -> HeardCall:
        if event is None:  # a dry run is offered nothing
            return heard_call(call_for(self._session, NO_CALL))
        call = heard_call(call_for(self._session, str(event.call_id)), owned=True)
        note_offer(call, _told(event.params))
        note_state(call, event.state or "created")
        return call

    def __iter__(self) -> Iterator[HeardCall]:
        while True:
            try:
                yield self.wait(timeout=PATIENCE)
            except WaitTimeout:
                return
            if self._session.dry_run:
                return

    def __repr__(self) -> str:
        facts = [f"{len(self._returned)} taken", f"{len(self._passed)} passed on"]
        return visible(f"<swnb.OfferedCalls {' · '.join(facts)}>")


def _told(params: Mapping[str, Any]) -> dict[str, str]:
    """Return what an offer says of its call, as replies name it."""
    device = params.get("device")
    inner = device.get("params") if isinstance(device, Mapping) else None
    ends = inner if isinstance(inner, Mapping) else {}
    told = {
        "from": ends.get("from_number", ends.get("from")),
        "to": ends.get("to_number", ends.get("to")),
        "direction": params.get("direction"),
    }
    return {name: item for name, item in told.items() if isinstance(item, str)}
