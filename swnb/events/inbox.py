"""`Inbox`: what a listening client hears, as people hold it in their hands."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Any, Self

from swnb import html
from swnb.errors import ConfigurationError, SwnbError
from swnb.events.hub import Hub
from swnb.events.offers import Offers
from swnb.events.relay.carrier import RelayCarrier
from swnb.events.relay.listener import Listener
from swnb.events.relay.session import RelaySession
from swnb.events.relay.wire import address_of_relay, tls
from swnb.events.waiting.cursor import Cursor
from swnb.session.session import Session
from swnb.visible import visible

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.event import Event
    from swnb.session.answers.replies import Reply
    from swnb.session.call import Call
    from swnb.session.calling import CallId


class Inbox:
    """What a client hears on RELAY while it listens; `sw.listen()` makes it.

    Everything heard is in the log before it is acknowledged. Iterating gives the events so far.

    Attributes
    ----------
    contexts : set of str
        The contexts whose inbound calls this client takes part in.

    """

    def __init__(self, session: Session, hub: Hub) -> None:
        self.contexts: set[str] = set()
        self._session = session
        self._hub = hub
        self._since = hub.latest
        self._listener: Listener | None = None
        self._cursor = Cursor(self._since)
        self._calls = Offers(session, hub)
        self._closed = False

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
        from swnb.events.waiting.events import wait_for  # noqa: PLC0415 - what only listens needs none

        if self.state == "closed":
            raise SwnbError(
                "inbox.wait_for: this inbox is closed", advice="Listen again: sw.listen()"
            )
        return wait_for(
            self._session, self._cursor, kind, call=call, where=where, timeout=timeout, since=since
        )

    @property
    def calls(self) -> Offers:
        """Inbound calls that are offered: `call = inbox.calls.wait()`, then `inbox.answer(call)`."""
        return self._calls

    def dial(self, **params: Any) -> Call:
        """Dial over RELAY, so that this session owns the call, hears it and handles it.

        It is checked, logged, priced and replayed as every `dial`, and never sent twice. Commands of
        the call go over REST; whether the platform takes them there, no source tells.

        Parameters
        ----------
        **params
            Those of `sw.dial` that RELAY takes: `from_` and `to`, `timeout` (seconds), `codecs`,
            `region` and `max_price_per_minute` (US dollars).

        Returns
        -------
        Call

        Raises
        ------
        InvalidCommand
            Before anything is sent, with every problem.
        SendError
            If it was rejected, or no call was told of in 20 seconds.

        Examples
        --------
        >>> call = inbox.dial(from_="+15550100", to="+15550101")

        """
        from swnb.events.dialing import dial  # noqa: PLC0415 - what only listens needs none

        return dial(self._session, self._carrier("inbox.dial"), params)

    def answer(self, call: CallId) -> Reply:
        """Answer an inbound call that was offered to this session.

        Parameters
        ----------
        call : Call, Reply or str
            The call, from `inbox.calls.wait()`.

        Raises
        ------
        SendError
            If the platform rejected it, or did not answer.

        Examples
        --------
        >>> inbox.answer(inbox.calls.wait())

        """
        from swnb.events.dialing import answer  # noqa: PLC0415 - as above

        return answer(self._session, self._carrier("inbox.answer"), call)

    def _carrier(self, what: str) -> RelayCarrier | None:
        """Return what carries commands over this connection, None if nothing is to be sent."""
        if self.state == "closed":
            raise SwnbError(f"{what}: this inbox is closed", advice="Listen again: sw.listen()")
        if self._listener is None:
            return None
        session = self._session
        return RelayCarrier(self._hub, self._listener, session.transport.space, session.host)

    def owns(self, call_id: str) -> bool:
        """Return whether the call was dialed over this connection, or offered to it.

        Parameters
        ----------
        call_id : str
            The call.

        """
        return self._listener is not None and call_id in self._listener.nodes

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
        self._listener.offered = self._calls.take
        try:
            self._hub.run(self._listener.start, timeout=timeout)
        except BaseException:
            self.close()
            raise
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


def listener_of(inbox: Inbox) -> Listener:
    """Return what listens for an inbox. Raises `SwnbError` if nothing does."""
    listener = inbox._listener  # noqa: SLF001 - the class is defined here
    if listener is None:
        raise SwnbError("nothing listens: no connection was opened")
    return listener
