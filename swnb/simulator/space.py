"""A simulated SignalWire space without its sockets: HTTP requests in, HTTP answers out.

`Space.handle` is a function of the space's state and one request: it moves the virtual clock one
second, carries the command out and answers. Nothing in it reads a real clock or a random number, so
one seed and one sequence of requests give the same bytes again.
"""

from __future__ import annotations

import base64
import hashlib
import threading
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from swnb.simulator import voice_logs
from swnb.simulator.acts import Scene, carry_out, sidecar_counters
from swnb.simulator.answers import Answer, Refusal, json_answer, plain_error, refuse
from swnb.simulator.arrivals import Arrival, checked, model_of, read_arrival
from swnb.simulator.calls import RING_TIMEOUT, Call, leg, leg_type, plan_of_dial, rate_of
from swnb.simulator.faults import Fault, Kind
from swnb.simulator.rates import RateCard

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
    at any time; what has been billed stays.
    """

    def __init__(
        self,
        seed: int = 1,
        *,
        project: str | None = None,
        token: str | None = None,
        rate_card: RateCard | None = None,
    ) -> None:
        self.seed = seed
        self.project = project or made_id(seed, "project", 0)
        self.token = token or f"PTsimulated{made_id(seed, 'token', 0).replace('-', '')}"
        self.rate_card = rate_card or RateCard()
        pair = f"{self.project}:{self.token}".encode()
        self._authorization = f"Basic {base64.b64encode(pair).decode()}"
        self._now = START
        self._calls: dict[str, Call] = {}
        self._order: list[Call] = []
        self._faults: list[Fault] = []
        self._requests: list[Seen] = []
        self._asked = 0
        self._lock = threading.RLock()

    def __repr__(self) -> str:
        return f"Space(seed={self.seed!r}, simulated, {len(self._order)} calls)"

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
            for call in self._order:
                call.settle(self._now)
            return MappingProxyType({call.id: call.status for call in self._order})

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
            call = self._new_call(from_, to, "inbound")
            call.become("answered" if answered else "ringing", self._now)
            if not answered:
                call.plan = [(self._now + RING_TIMEOUT, "no-answer")]
            return call.id

    def discard(self, call_id: str) -> None:
        """Delete a call's voice log: lists then show it only with `include_deleted`."""
        with self._lock:
            self._calls[call_id].discarded_at = self._now

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
        if headers.get("authorization") != self._authorization:
            return plain_error(401)
        try:
            if arrival.route is None:
                return plain_error(404)
            if arrival.route == "commands":
                return self._command(arrival)
            return self._reading(arrival, f"http://{headers.get('host', '127.0.0.1')}")
        except Refusal as refusal:
            return refusal.answer

    def _command(self, arrival: Arrival) -> Answer:
        if arrival.document is None:
            return plain_error(400)
        model = model_of(arrival.document)
        call = self._find(arrival.call_id) if arrival.call_id is not None else None
        command = checked(model, arrival.document)
        if call is None:
            call = self._dial(command.params)
        else:
            carry_out(command, Scene(call, self._now, self.rate_card))
        if command.wire == "calling.ai_sidecar.status":
            line = sidecar_counters(call).encode()
            return Answer(200, {"content-type": "text/plain; charset=utf-8"}, line)
        reply = leg(call, self._now, self.rate_card)
        if command.wire == "calling.ai_sidecar.ask":
            self._asked += 1
            reply["ask_id"] = made_id(self.seed, "ask", self._asked)
        return json_answer(200, reply)

    def _reading(self, arrival: Arrival, base: str) -> Answer:
        if arrival.route == "voice_logs":
            query = voice_logs.read_query(arrival.query or {}, self.seed)
            found, links = voice_logs.page(self._order, query, base, self.seed)
            data = [self._entry(call) for call in found]
            return json_answer(200, {"links": links, "data": data})
        call = self._find(arrival.call_id)
        if call.discarded_at is not None:
            return plain_error(404)
        if arrival.route == "voice_log_events":
            return json_answer(200, {"data": voice_logs.events(call, self.project)})
        return json_answer(200, self._entry(call))

    def _entry(self, call: Call) -> dict[str, Any]:
        call.settle(self._now)
        return voice_logs.entry(call, self._now, self.rate_card)

    def _find(self, call_id: str | None) -> Call:
        call = self._calls.get(call_id or "")
        if call is None:
            raise Refusal(plain_error(404))
        call.settle(self._now)
        return call

    def _dial(self, params: Mapping[str, Any]) -> Call:
        to = params.get("to", "")
        most = params.get("max_price_per_minute")
        rate = rate_of(leg_type(to or params["from"]), "outbound")
        if most is not None and getattr(self.rate_card, rate) > most:
            raise refuse("not_routable", "is less than the call would cost", "max_price_per_minute")
        call = self._new_call(params["from"], to, "outbound-api")
        call.url = params.get("url")
        timeout = timedelta(seconds=params.get("timeout", RING_TIMEOUT.total_seconds()))
        call.plan = plan_of_dial(to, self._now, timeout)
        call.note(self._now, "calling_call_created", {})
        return call

    def _new_call(self, from_: str, to: str, direction: Literal["inbound", "outbound-api"]) -> Call:
        number = len(self._order)
        call = Call(made_id(self.seed, "call", number), number, from_, to, direction, self._now)
        self._calls[call.id] = call
        self._order.append(call)
        return call


def made_id(seed: int, kind: str, number: int) -> str:
    """Make an id in the shape of a random UUID from a seed."""
    digest = hashlib.sha256(f"{seed}/{kind}/{number}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
