"""A simulated SignalWire space without its sockets: HTTP requests in, HTTP answers out.

`Space.handle` is a function of the space's state and one request: it moves the virtual clock one
second, carries the command out and answers. Nothing in it reads a real clock or a random number, so
one seed and one sequence of requests give the same bytes again.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple

from swnb.errors import ConfigurationError
from swnb.simulator.answers import Answer, Refusal, plain_error
from swnb.simulator.calls import Moment
from swnb.simulator.faults import Fault, Kind
from swnb.simulator.rates import RateCard
from swnb.simulator.requests import Arrival, read_arrival
from swnb.simulator.switchboard import Switchboard, made_id

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_TICK = timedelta(seconds=1)
_SIMULATED = {"x-simulated": "swnb"}


class Seen(NamedTuple):
    """One request that arrived; `status` is None where the connection was reset instead."""

    method: str
    path: str
    command: str | None
    call_id: str | None
    status: int | None


class Space:
    """A simulated space: calls, voice logs, a virtual clock, a rate card.

    `seed` decides every id, the token and (unless given) the project. `rate_card` may be replaced
    at any time; what has been billed stays. With `history`, the space has a past: so many calls,
    all over, in the `days` before its clock starts (docs/simulated-space.md). Raises
    `ConfigurationError` for a history below 0 or less than a day long.
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
    ) -> None:
        self.seed = seed
        self.project = project or made_id(seed, "project", 0)
        self.token = token or f"PTsimulated{made_id(seed, 'token', 0).replace('-', '')}"
        self.rate_card = rate_card or RateCard()
        pair = f"{self.project}:{self.token}".encode()
        self._credentials = base64.b64encode(pair).decode()
        self._now = START
        self._board = Switchboard(seed, self.project)
        if history < 0 or days < 1:
            raise ConfigurationError("history must be at least 0 calls, and days at least 1")
        self._board.remember(history, days, Moment(self._now, self.rate_card))
        self._faults: list[Fault] = []
        self._requests: list[Seen] = []
        self._lock = threading.RLock()

    def distinguish(self, claim: Callable[[], str]) -> None:
        """Let `claim` say which of the spaces of its seed this is, when its first call is made.

        Spaces of one seed make the same ids of calls, but for what `claim` returns. The past of a
        space, its project and its token stay those of the seed.
        """
        self._board.claim = claim

    def __repr__(self) -> str:
        return f"Space(seed={self.seed!r}, simulated, {len(self._board.order)} calls)"

    @property
    def now(self) -> datetime:
        """The time on the virtual clock, in UTC."""
        return self._now

    @property
    def requests(self) -> list[Seen]:
        """Everything that arrived, oldest first."""
        with self._lock:
            return list(self._requests)

    @property
    def calls(self) -> Mapping[str, str]:
        """The state that each call is in now, by id, oldest first."""
        with self._lock:
            return MappingProxyType(self._board.states(self._now))

    def advance(self, seconds: float) -> datetime:
        """Move the virtual clock on, and give the time it then shows."""
        if not seconds >= 0:
            raise ValueError("seconds: must be at least 0; time does not run backwards")
        with self._lock:
            self._now += timedelta(seconds=seconds)
            return self._now

    def inbound(
        self, from_: str = "+15550110", to: str = "+15550120", *, answered: bool = True
    ) -> str:
        """Make a call that nobody dialled, and give its id; not answered, it rings."""
        with self._lock:
            return self._board.inbound(from_, to, self._now, answered=answered).id

    def discard(self, call_id: str) -> None:
        """Delete a call's voice log: lists then show it only with `include_deleted`."""
        with self._lock:
            self._board.calls[call_id].discarded_at = self._now

    def misbehave(
        self,
        kind: Kind,
        times: int = 1,
        *,
        after_acting: bool = False,
        command: str | None = None,
        **options: Any,
    ) -> None:
        """Answer wrongly to the next `times` requests, or to those of one command.

        `kind` is an error status, `slow` (`seconds=`), `reset`, `truncated`, `html`, `empty` (204)
        or `redirect` (`to=`); the error statuses take `retry_after=` in seconds or as a datetime.
        `command` is a name on the wire, or `voice_logs`, `voice_log`, `voice_log_events`.
        """
        fault = Fault(kind, times, after_acting, command, **options)
        with self._lock:
            self._faults.append(fault)

    def handle(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer one HTTP request; `path` includes the query, header names are in lower case."""
        with self._lock:
            self._now += _TICK
            arrival = read_arrival(method, path, body)
            answer = self._perhaps_faulty(arrival, headers)
            status = None if answer.cut == "reset" else answer.status
            self._requests.append(Seen(method, path, arrival.command, arrival.call_id, status))
            request_id = made_id(self.seed, "request", len(self._requests))
            stamped = {**answer.headers, "x-request-id": request_id, **_SIMULATED}
            return replace(answer, headers=stamped)

    def _perhaps_faulty(self, arrival: Arrival, headers: Mapping[str, str]) -> Answer:
        fault = next((each for each in self._faults if each.meets(arrival.command)), None)
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
        moment = Moment(self._now, self.rate_card)
        try:
            if arrival.route == "commands":
                return self._board.command(arrival, moment)
            return self._board.reading(arrival, moment, headers.get("host", "127.0.0.1"))
        except Refusal as refusal:
            return refusal.answer
