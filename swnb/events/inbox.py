"""`Inbox`: what a listening client hears, as people hold it in their hands."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Self

from swnb import html
from swnb.errors import ConfigurationError, SwnbError
from swnb.events.calls.call import refuse_closed
from swnb.events.calls.dial import dial
from swnb.events.calls.dialing import note_late
from swnb.events.calls.offers import OfferedCalls
from swnb.events.hub import Hub
from swnb.events.relay.carrier import Absent, Carrier
from swnb.events.relay.listener import Listener
from swnb.events.relay.session import RelaySession
from swnb.events.relay.wire import address_of_relay, tls
from swnb.events.waiting.cursor import Cursor
from swnb.events.waiting.events import wait_for
from swnb.session.session import Session
from swnb.visible import visible

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.event import Event
    from swnb.exchange import Transport
    from swnb.session.calling import CallId


class Inbox:
    """What a client hears on RELAY while it listens; `sw.listen()` makes it.

    Everything heard is in the log before it is acknowledged. Iterating gives the events so far.

    Attributes
    ----------
    contexts : set of str
        The contexts whose inbound calls this client takes part in.
    calls : OfferedCalls
        The inbound calls that it is offered: `inbox.calls.wait().answer()`.

    """

    dial = dial

    def __init__(self, session: Session, hub: Hub) -> None:
        self.contexts: set[str] = set()
        self._session = session
        self._hub = hub
        self._since = hub.latest
        self._listener: Listener | None = None
        self._cursor = Cursor(self._since)
        self._closed = False
        self.calls = OfferedCalls(
            session,
            contexts=self.contexts,
            is_open=lambda: not self._closed,
            pass_on=self._pass_on,
        )

    @property
    def state(self) -> str:
        """`listening`, `connecting`, `waiting` (to connect again), `closed`, `replayed` or `dry run`."""
        if self._closed or (self._listener is not None and self._hub.forked):  # its parent's, then
            return "closed"
        if self._listener is None:
            return "dry run" if self._session.dry_run else "replayed"
        return self._listener.state

    @property
    def events(self) -> list[Event]:
        """The events that were heard since this inbox was opened, in order."""
        heard = ("relay", "callback")
        return [event for event in self._hub.after(self._since) if event.source in heard]

    @property
    def gaps(self) -> list[Event]:
        """The times without connection since this inbox was opened."""
        return [event for event in self._hub.after(self._since) if event.kind == "gap"]

    @property
    def counts(self) -> dict[str, int]:
        """How many events were heard, repeated, unknown, unreadable; how many calls were passed on."""
        return dict(self._listener.counts) if self._listener else {}

    @property
    def df(self) -> DataFrame:
        """What was sent and heard in this run, as `sw.log.events()`."""
        return self._session.log.events()

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def wait_for(
        self,
        kind: str,
        *,
        call: CallId | None = None,
        where: Any = None,
        timeout: float = 60.0,
        since: float | None = None,
    ) -> Event:
        """Wait for an event, and return the earliest that this inbox has not yet returned.

        One that came before the call is found too, so that a loop goes from event to event. In a
        simulated space the clock is moved instead of sleeping.

        Parameters
        ----------
        kind : str
            What it is about: `user_event`, `state`, `play`, `collect` …
        call : Call, Reply or str, optional
            Only events of this call.
        where : optional
            What a user event must carry, or the body of another event: objects match if they contain
            these values, at any depth.
        timeout : float, default 60.0
            Seconds of the space's time after which to give up.
        since : float, optional
            Only events heard after this Unix time, in seconds, also those returned before.

        Returns
        -------
        Event

        Raises
        ------
        WaitTimeout
            If none came in time; it lists what came instead, and what gaps there were.
        InvalidCommand
            If there is no such kind; the message names the closest.

        Examples
        --------
        >>> inbox.wait_for("user_event", call=call, where={"action": "order.confirmed"})

        """
        if self.state == "closed":
            raise refuse_closed("inbox.wait_for")
        return wait_for(
            self._session, self._cursor, kind, call=call, where=where, timeout=timeout, since=since
        )

    def owns(self, call_id: str) -> bool:
        """Return whether the call was dialed over this connection, or offered to it.

        Parameters
        ----------
        call_id : str
            The call.

        """
        return self._listener is not None and self._listener.legs.owns(call_id)

    def carrier(self) -> Transport:
        """Return what carries commands over this connection; a replay has none."""
        space, host = self._session.transport.space, self._session.host
        if self._listener is None or self._closed:
            return Absent(space, host)
        return Carrier(self._hub, self._listener, space, host)

    def _pass_on(self, call_id: str) -> None:
        async def pass_on(listener: Listener) -> None:
            listener.pass_on(call_id)

        if self._listener and self._listener.state == "listening":
            self._hub.run(pass_on, self._listener)

    def subscribe(self, contexts: Collection[str]) -> None:
        """Subscribe more contexts. A subscriber takes their inbound calls away from production.

        Parameters
        ----------
        contexts : collection of str
            Their names.

        Raises
        ------
        ConfigurationError
            If they are not names.
        SwnbError
            If the platform does not answer, or refuses it.

        """
        if isinstance(contexts, str) or not all(
            isinstance(name, str) and name for name in contexts
        ):
            raise ConfigurationError('contexts: must be a list of names, such as ["office"]')
        new = sorted(set(contexts) - self.contexts)
        self.contexts |= set(new)
        if new and self._listener and self._listener.state == "listening":
            answer = self._hub.run(self._listener.ask, "signalwire.receive", {"contexts": new})
            if not str(answer.get("code", "")).startswith("2"):
                raise SwnbError(f"listen: contexts {new}: {answer.get('message', 'refused')}")

    def open(self, contexts: Collection[str], host: str | None, timeout: float) -> None:
        """Connect, unless the client sends nothing anyway; return once the platform listens.

        Parameters
        ----------
        contexts : collection of str
            The contexts to subscribe.
        host : str, optional
            Where RELAY is reached instead of the client's own host.
        timeout : float
            Seconds for the first connection.

        """
        self.subscribe(contexts)
        session = self._session
        if session.dry_run or session.space == "replayed":
            self._say(f"{self.state}: no connection is opened")
            return
        relay = RelaySession(session.login, self.contexts)
        self._listener = Listener(
            self._hub,
            relay,
            address=address_of_relay(session, host),
            context=tls(),
            space=session.transport.space,
            say=self._say,
        )
        self._listener.offered = self.calls.take
        self._listener.late = lambda call_id: note_late(session, call_id)
        self._hub.run(self._listener.start, timeout=timeout)
        self._say(f"listening on {self._listener.shown}")

    def _say(self, line: str) -> None:
        print(visible(f"swnb: {line}"), file=sys.stderr, flush=True)  # noqa: T201 - lines for a person

    def close(self) -> None:
        """Stop listening; closing twice is harmless."""
        if self.state == "closed":
            return
        if self._listener and self._session.embedded is not None:
            self._session.embedded.settle()  # what is under way to it is heard
        self._closed = True
        if self._listener and self._listener.state != "closed":
            self._hub.run(self._listener.stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _facts(self) -> list[tuple[str, object]]:
        counts = [(name, f"{count:,}") for name, count in self.counts.items()]
        return [*counts, ("contexts", ", ".join(sorted(self.contexts)))]

    def __repr__(self) -> str:
        facts = " · ".join(f"{name} {value}" for name, value in self._facts() if value)
        return visible(f"<swnb.Inbox {self.state}{' · ' if facts else ''}{facts}>")

    def _repr_html_(self) -> str:
        tone: html.Tone = "good" if self.state == "listening" else "wait"
        tone = "quiet" if self._listener is None or self.state == "closed" else tone
        lines = list(self._listener.lines)[-5:] if self._listener else []
        parts = [html.facts(self._facts()), *(html.line(line) for line in lines)]
        return html.card("swnb.Inbox", html.badge(self.state, tone), parts)


def listener_of(inbox: Inbox) -> Listener | None:
    """Return the listener of an inbox; None where nothing is opened."""
    return inbox._listener  # noqa: SLF001 - the class is defined here
