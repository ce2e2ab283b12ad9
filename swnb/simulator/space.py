"""A simulated SignalWire space without its sockets: HTTP requests in, HTTP answers out.

`Space.handle` is a function of the space's state and one request: it moves the virtual clock one
second, lets happen what is due, carries the command out and answers. Nothing in it reads a real
clock or a random number, so one seed and one sequence of requests give the same bytes again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from swnb.errors import ConfigurationError
from swnb.redact import redact
from swnb.simulator.answers import Answer, Rejection, plain_error
from swnb.simulator.faults import Fault, Kind
from swnb.simulator.rates import RateCard
from swnb.simulator.relay.mischief import EVENT_FAULTS, EventFault
from swnb.simulator.relay.side import RelaySide
from swnb.simulator.requests import Arrival, Seen, read_arrival
from swnb.simulator.stage.clock import Clock, later
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.occurrences import Listener
from swnb.simulator.stage.scene import World
from swnb.simulator.switchboard import Switchboard

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_SIMULATED = {"x-simulated": "swnb"}


class Space(RelaySide):
    """A simulated space: calls and their far ends, voice logs, a virtual clock, a rate card.

    Parameters
    ----------
    seed : int, default 1
        Decides every id, the token and the project.
    project, token : str, optional
        The credentials, instead of those of the seed.
    rate_card : RateCard, optional
        The prices. `space.rate_card` may be replaced at any time; what has been billed stays.
    history : int, default 0
        How many calls, all of them over, the space has had before its clock starts.
    days : int, default 90
        In how many days these calls were.
    relay_hears : {"project", "owner"}, default "project"
        Whether a RELAY session hears the events of all calls, or only those of the calls that it
        dialed or was offered: which of them the platform does, no source tells.
    callback_form : {"envelope", "flat"}, default "envelope"
        What the status callbacks of a call's states look like; no source tells that either.

    Raises
    ------
    ConfigurationError
        If `relay_hears` is neither, or the history is below 0 calls or less than a day long.

    Examples
    --------
    >>> space = Space(seed=7)
    >>> call_id = space.inbound()
    >>> space.hang_up(call_id)
    >>> space.calls[call_id]
    'ended'

    """

    def __init__(
        self,
        seed: int = 1,
        *,
        project: str | None = None,
        token: str | None = None,
        rate_card: RateCard | None = None,
        history: int = 0,
        days: int = 90,
        relay_hears: str = "project",
        callback_form: str = "envelope",
    ) -> None:
        self.seed = seed
        self.project = project or seeded_id(seed, "project", 0)
        self.token = token or f"PTsimulated{seeded_id(seed, 'token', 0).replace('-', '')}"
        pair = f"{self.project}:{self.token}".encode()
        self._credentials = base64.b64encode(pair).decode()
        self._clock = Clock(START)
        self._world = World(seed, self.project, self._clock, rate_card or RateCard())
        super().__init__(Switchboard(self._world), self.token, relay_hears, callback_form)
        if history < 0 or days < 1:
            raise ConfigurationError("history must be at least 0 calls, and days at least 1")
        self._board.remember(history, days)
        self._faults: list[Fault] = []

    @property
    def rate_card(self) -> RateCard:
        """The prices that hold now."""
        return self._world.card

    @rate_card.setter
    def rate_card(self, card: RateCard) -> None:
        with self._lock:
            self._world.card = card

    def distinguish(self, claim: Callable[[], str]) -> None:
        """Ask `claim` which of the spaces of its seed this is when its first call is made.

        Spaces of one seed make the same ids of calls, but for what `claim` returns. The past of a
        space, its project and its token stay those of the seed.
        """
        self._board.claim = claim

    def __repr__(self) -> str:
        return f"Space(seed={self.seed!r}, simulated, {len(self._board.order)} calls)"

    @property
    def now(self) -> datetime:
        """The time on the virtual clock, in UTC."""
        return self._clock.now

    @property
    def requests(self) -> list[Seen]:
        """Everything that arrived, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def calls(self) -> Mapping[str, str]:
        """The state that each call is in now, by id, oldest first."""
        with self._lock:
            return MappingProxyType(self._board.states())

    def advance(self, seconds: float = 0.0, *, to: datetime | None = None) -> datetime:
        """Move the virtual clock on, and let everything happen that is due on the way.

        Parameters
        ----------
        seconds : float, default 0
            How many virtual seconds pass.
        to : datetime, optional
            The later time to move to instead; one without a zone is UTC.

        Returns
        -------
        datetime
            The time that the clock then shows, in UTC.

        Raises
        ------
        ValueError
            If the time would run backwards, or past the last year that a date can have.

        """
        with self._lock:
            self._clock.run(later(self._clock.now, seconds, to))
            return self._clock.now

    def skip(self, until: datetime) -> datetime | None:
        """Move the clock on to the next thing due, or to `until` if that is earlier.

        A client that waits calls this instead of sleeping, and looks again. Returns the time that
        the clock then shows, or None if nothing is due and nothing depends on further looks at
        voice logs: then waiting is in vain, and the clock stays.
        """
        with self._lock:
            due = self._clock.next()
            if due is not None:
                self._clock.run(max(self._clock.now, min(due, until)))
            elif not self._board.waits_for_looks:
                return None
            return self._clock.now

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hand every `Occurrence` to a listener, in order; return what ends that.

        It is called on whatever thread the space acts, with the space locked: a listener that has
        more to do than to take the occurrence does it elsewhere.
        """
        with self._lock:
            self._world.listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._world.listeners:
                    self._world.listeners.remove(listener)

        return unsubscribe

    def inbound(
        self,
        from_: str = "+15550110",
        to: str = "+15550120",
        *,
        answered: bool = True,
        context: str | None = None,
        after: float = 0.0,
    ) -> str:
        """Make a call that nobody dialed.

        Parameters
        ----------
        from_, to : str
            The numbers or addresses of the caller, who is the far end, and of this side.
        answered : bool, default True
            Whether it is answered at once; else it rings for 30 virtual seconds.
        context : str, optional
            The context that its number points at: one RELAY session that subscribed it is offered
            the call, which then rings.
        after : float, default 0.0
            In how many virtual seconds it comes: a cell that waits for it moves the clock that far.

        Returns
        -------
        str
            The call's id.

        """
        with self._lock:
            call_id = self._board.inbound_id()
            come = partial(self._come, call_id, from_, to, answered, context)
            if after > 0:
                self._clock.after(after, come)
            else:
                come()
            self._work_off()
            return call_id

    def discard(self, call_id: str) -> None:
        """Delete a call's voice log: lists then show it only with `include_deleted`."""
        with self._lock:
            self._board.calls[call_id].discarded_at = self._clock.now

    def misbehave(
        self,
        kind: Kind | EventFault,
        times: int = 1,
        *,
        after_acting: bool = False,
        command: str | None = None,
        **options: Any,
    ) -> None:
        """Answer the next requests wrongly, or those of one command; or lose the next events.

        Parameters
        ----------
        kind : str
            An error status (`"429"`, `"500"`, `"502"`, `"503"`, `"504"`), `"slow"`, `"reset"`,
            `"truncated"`, `"html"`, `"empty"` (204) or `"redirect"`.
        times : int, default 1
            How many requests.
        after_acting : bool, default False
            Whether the command is carried out first.
        command : str, optional
            Only requests of this command, by its name on the wire, or of a reading: `voice_logs`,
            `voice_log`, `voice_log_events`.
        **options
            `retry_after`, in seconds or as a datetime, for an error status; `seconds` for `"slow"`;
            `to`, a URL, for `"redirect"`. With events: `channel`, `"relay"` or `"callbacks"`, and
            `seconds` (virtual, 5 by default) for `"late"`.

        Raises
        ------
        ConfigurationError
            If there is no such kind or command, or a number is out of range.

        """
        if kind in EVENT_FAULTS:
            with self._lock:
                self._mischief.add(kind, times, **options)
            return
        fault = Fault(kind, times, after_acting, command, **options)
        with self._lock:
            self._faults.append(fault)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request; `path` includes the query, header names are in lower case."""
        with self._lock:
            self._pass_second()
            arrival = read_arrival(method, path, body)
            answer = self._perhaps_faulty(arrival, headers)
            self._work_off()
            status = None if answer.cut == "reset" else answer.status
            self._requests.append(
                Seen(
                    method,
                    path,
                    arrival.command,
                    arrival.call_id,
                    status,
                    redact(arrival.document),
                )
            )
            request_id = seeded_id(self.seed, "request", len(self._requests))
            stamped = {**answer.headers, "x-request-id": request_id, **_SIMULATED}
            return replace(answer, headers=stamped)

    def _perhaps_faulty(self, arrival: Arrival, headers: Mapping[str, str]) -> Answer:
        fault = next((fault for fault in self._faults if fault.meets(arrival.command)), None)
        if fault is None:
            return self._answer(arrival, headers)
        fault.left -= 1
        if not fault.left:
            self._faults.remove(fault)
        return fault.answer(self._answer(arrival, headers) if fault.acts else None)

    def _answer(self, arrival: Arrival, headers: Mapping[str, str]) -> Answer:
        scheme, _, credentials = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "basic" or credentials != self._credentials:
            return plain_error(401)
        if arrival.route is None:
            return plain_error(404)
        try:
            if arrival.route == "commands":
                return self._board.command(arrival)
            return self._board.reading(arrival, headers.get("host", "127.0.0.1"))
        except Rejection as rejection:
            return rejection.answer
