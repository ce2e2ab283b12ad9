"""What a command started on a call: its state, its end and its result."""

from __future__ import annotations

from typing import Any

from swnb.commands.base import Command
from swnb.errors import SwnbError
from swnb.event import Asked, Event
from swnb.events.hub import hub_of
from swnb.events.voice_logs import read_events
from swnb.events.waiting.calls import Watch, hears
from swnb.events.waiting.waiter import Found, Wanted, await_event
from swnb.exchange import now
from swnb.recordings.generated import bare
from swnb.session.call import CallReply, session_of_call

# The kind of event that tells of an operation, where it is not called the same.
_KINDS = {"send_fax": "fax", "receive_fax": "fax", "calling.refer": "refer"}


class Operation(CallReply):
    """The reply to a command of a `Call`: what it started can be waited for and controlled.

    Attributes
    ----------
    call : Call
        The call that the command was sent to.

    """

    @property
    def _kind(self) -> str | None:
        model = Command.catalogue[self.exchange.command]
        name = self.operation or model.method()
        return _KINDS.get(name, name) if Command.ends_of(name) else None

    @property
    def state(self) -> str | None:
        """Its state as last heard, None if nothing was heard of it."""
        event = self._last()
        return event.state if event else None

    @property
    def ended(self) -> bool:
        """Whether its end was heard, or its call is over."""
        return self._end(self._events()) is not None or self.call.ended

    @property
    def result(self) -> dict[str, Any] | None:
        """What it found: digits, text, a verdict, a recording's URL; None before its end is heard."""
        end = self._end(self._events())
        return end.result if end else None

    def wait(self, *, timeout: float = 60.0) -> Event:
        """Wait until what the command started has ended, by itself or because it was stopped.

        Parameters
        ----------
        timeout : float, default 60.0
            Seconds of the space's time after which to give up.

        Returns
        -------
        Event
            Its end; `result` has what it found: digits and terminator, text and confidence, HUMAN or
            MACHINE, the recording's URL and length, the transcript.

        Raises
        ------
        CallOver
            If the call ended and no end of the operation was heard.
        WaitTimeout
            If it did not end in time; it lists what was heard.
        SwnbError
            If the command started nothing that ends.

        Examples
        --------
        >>> call.play(play=[{"type": "tts", "params": {"text": "Hello"}}]).wait()
        >>> call.collect(digits={"max": 4}).wait().result

        """
        kind = self._kind
        if kind is None:
            name = Command.catalogue[self.exchange.command].method()
            raise SwnbError(f"{name}: started nothing that ends, so there is nothing to wait for")
        session, watch = session_of_call(self.call), Watch(self.call)

        def find(events: list[Event]) -> Found | None:
            watch.hear(events)
            end = self._end(events)
            return Found(end) if end else None

        def look() -> None:
            read_events(session, self.call.id)
            if self._end(self._events()) is None:
                watch.look()

        states = tuple(Command.ends_of(self.operation or ""))
        asked = Asked.of(kind, call_id=self.call.id, control_id=self.control_id, states=states)
        what = f"{self.control_id or kind}.wait()"
        wanted = Wanted(
            what,
            asked,
            find,
            watch.over,
            look,
            lambda: self.state,
            of_call=self.call.id,
            hears=hears(self.call),
        )
        found = await_event(session, wanted, timeout)
        return found.event or Event("wait", kind, now(), "", call_id=self.call.id)

    def _events(self) -> list[Event]:
        return hub_of(session_of_call(self.call)).after(call_id=self.call.id)

    def _own(self, events: list[Event]) -> list[Event]:
        kind = self._kind
        return [
            event
            for event in events
            if event.kind == kind
            and event.call_id == self.call.id
            and (self.control_id is None or bare(event.control_id) == bare(self.control_id))
        ]

    def _last(self) -> Event | None:
        own = self._own(self._events())
        return own[-1] if own else None

    def _end(self, events: list[Event]) -> Event | None:
        """Return the first event that ends it; one with a result comes before a bare end."""
        ends = Command.ends_of(self.operation or Command.catalogue[self.exchange.command].method())
        over = [event for event in self._own(events) if event.state in ends]
        over = [event for event in over if event.params.get("final") is not False]
        return next((event for event in over if event.result), over[0] if over else None)
