"""Waiting for a state of a call."""

from __future__ import annotations

from typing import TypeVar

from swnb.errors import ApiError, SwnbError
from swnb.event import Asked, Event
from swnb.events.callbacks.hooks import receives
from swnb.events.listening import listening
from swnb.events.waiting import states
from swnb.events.waiting.waiter import Found, Wanted, await_event
from swnb.exchange import now
from swnb.session.call import Call, session_of_call
from swnb.session.call_facts import note_state

GRACE = 30.0  # seconds in which the voice log may not know yet a call that was just dialed
_NOT_FOUND = 404
FABRIC = "fabric_subscriber_device_leg"
C = TypeVar("C", bound=Call)


class Watch:
    """What is known of a call while it is waited for: from events, and from looks at its log."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.answered = (call.duration or 0) > 0 or call.status == "answered"
        self.end_reason: str | None = None
        self._began = now()

    def hear(self, events: list[Event]) -> Event | None:
        """Take in the states that events tell; return the last one."""
        last = None
        for event in events:
            if event.kind != "state" or event.call_id != self.call.id or event.state is None:
                continue
            last = event
            self.answered = self.answered or event.state == "answered"
            status = event.state
            if status == "ended":
                self.end_reason = event.params.get("end_reason")
                status = states.end_of(self.end_reason) if not self.answered else "ended"
            if not self.call.ended:
                note_state(self.call, status)
        return last

    def look(self) -> None:
        """Ask the voice log. A call that was just dialed may not be in it yet."""
        try:
            self.call.refresh()
        except ApiError as error:
            fresh = now() - self._began < GRACE * 1e6
            if error.exchange.http_status != _NOT_FOUND or not fresh:
                raise
        self.answered = self.answered or (self.call.duration or 0) > 0

    def over(self) -> tuple[str, str | None] | None:
        """Return how the call ended, None while it is up."""
        status = self.call.status
        return (status or "ended", self.end_reason) if self.call.ended else None


def hears(call: Call) -> bool:
    """Return whether events of a call are sure to come, as far as anybody can know."""
    session = session_of_call(call)
    inbox = listening(session)
    if session.embedded is not None and receives(session):
        return True
    listens = inbox is not None and inbox.state == "listening"
    return listens and (session.embedded is not None or bool(inbox and inbox.owns(call.id)))


def wait_until(  # noqa: D417 - it is a method of the call
    call: C, state: str = "answered", *, timeout: float = 60.0
) -> C:
    """Wait until the call has reached a state, or passed it.

    Events tell it where the client hears them, and the voice log besides, asked after 1, 2, 4 … 15
    seconds, because events get lost. In a simulated space of this process the clock is moved to the
    next thing due. A dry run has nothing to wait for and returns at once.

    Parameters
    ----------
    state : str, default "answered"
        As events name it (`created`, `ringing`, `answered`, `ending`, `ended`) or as replies do
        (`queued`, `initiated`, `in-progress`, `completed`, `busy`, `no-answer`, `canceled`, `failed`).
    timeout : float, default 60.0
        Seconds of the space's time after which to give up. A call that was just dialed may be
        missing in the voice log for 30 of them.

    Returns
    -------
    Call
        The call itself.

    Raises
    ------
    InvalidCommand
        If there is no such state; the message names the closest.
    CallOver
        As soon as the state can no longer come; it says how the call ended.
    WaitTimeout
        If it did not come in time; it lists what did, and the gaps in listening.
    SendError
        If the voice log cannot be read.

    Examples
    --------
    >>> call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    >>> call.wait_until("answered", timeout=30).user_event({"action": "greeted"})

    """
    state = states.checked(state)
    session, watch = session_of_call(call), Watch(call)

    def find(events: list[Event]) -> Found | None:
        event = watch.hear(events)
        reached = states.is_reached(state, call.status, answered=watch.answered)
        return Found(event) if reached else None

    if call.type == FABRIC and listening(session) is None and session.space != "replayed":
        raise SwnbError(
            "call.wait_until: the platform tells no status of a Fabric leg",
            advice="Listen to its events: with sw.listen(): … call.wait_until(…)",
        )
    if session.dry_run:
        return call
    asked = Asked.of("state", call_id=call.id, states=(state,))
    sure = hears(call)
    wanted = Wanted(
        f"call.wait_until({state!r})",
        asked,
        find,
        watch.over,
        watch.look,
        lambda: call.status,
        of_call=call.id,
        hears=sure,
    )
    await_event(session, wanted, timeout)
    return call
