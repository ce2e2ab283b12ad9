"""The calls of a simulated space, and what a command or a reading does with them.

It knows nothing of clocks, credentials or faults: each request comes with its moment.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from swnb.simulator import voice_logs
from swnb.simulator.answers import Answer, Refusal, json_answer, plain_error, refuse
from swnb.simulator.calls import (
    RING_TIMEOUT,
    Call,
    Direction,
    Moment,
    leg,
    leg_type,
    plan_of_dial,
    rate_of,
)
from swnb.simulator.handlers import Scene, carry_out, sidecar_counters
from swnb.simulator.history import history
from swnb.simulator.requests import Arrival, checked, model_of


class Switchboard:
    """All calls by id, and in the order in which they were made."""

    def __init__(self, seed: int, project: str) -> None:
        self.seed = seed
        self.project = project
        self.calls: dict[str, Call] = {}
        self.order: list[Call] = []
        self._asked = 0
        self._inbound = 0
        # Which of the spaces of this seed it is; asked when the first call is made.
        self.claim: Callable[[], str] = str
        self._which: str | None = None

    def states(self, now: datetime) -> dict[str, str]:
        """Give the state that each call is in, by id."""
        for call in self.order:
            call.settle(now)
        return {call.id: call.status for call in self.order}

    def inbound(self, from_: str, to: str, now: datetime, *, answered: bool) -> Call:
        """Make a call that nobody dialled."""
        # Counted apart: where what was dialled is replayed, this space has nothing but these.
        key = self._new_id("inbound", self._inbound)
        self._inbound += 1
        call = self._add(key, from_, to, "inbound", now)
        call.become("answered" if answered else "ringing", now)
        if not answered:
            call.plan = [(now + RING_TIMEOUT, "no-answer")]
        return call

    def remember(self, count: int, days: int, moment: Moment) -> None:
        """Take in a past; there must be no calls yet, for they are kept in their order."""
        ids = [made_id(self.seed, "history", number) for number in range(count)]
        self.order = history(count, days, moment, self.seed, ids)
        self.calls = {call.id: call for call in self.order}

    def command(self, arrival: Arrival, moment: Moment) -> Answer:
        """Carry out a command and reply with its call, or raise the `Refusal` it gets."""
        if arrival.document is None:
            return plain_error(400)
        model = model_of(arrival.document)
        call = None if arrival.call_id is None else self._find(arrival.call_id, moment)
        command = checked(model, arrival.document)
        if call is None:
            call = self._dial(command.params, moment)
        else:
            carry_out(command, Scene(call, moment))
        if command.wire == "calling.ai_sidecar.status":
            line = sidecar_counters(call).encode()
            return Answer(200, {"content-type": "text/plain; charset=utf-8"}, line)
        reply = leg(call, moment)
        if command.wire == "calling.ai_sidecar.ask":
            self._asked += 1
            reply["ask_id"] = made_id(self.seed, "ask", self._asked)
        return json_answer(200, reply)

    def reading(self, arrival: Arrival, moment: Moment, host: str) -> Answer:
        """Answer a voice-log request; links lead to `host`. May raise a `Refusal`."""
        if arrival.route == "voice_logs":
            query = voice_logs.read_query(arrival.query or {}, self.seed)
            found, links = voice_logs.page(self.order, query, f"http://{host}", self.seed)
            for call in found:
                call.settle(moment.now)
            data = [voice_logs.entry(call, moment) for call in found]
            return json_answer(200, {"links": links, "data": data})
        call = self._find(arrival.call_id, moment)
        if call.discarded_at is not None:
            return plain_error(404)
        if arrival.route == "voice_log_events":
            return json_answer(200, {"data": voice_logs.events(call, self.project)})
        return json_answer(200, voice_logs.entry(call, moment))

    def _find(self, call_id: str | None, moment: Moment) -> Call:
        call = self.calls.get(call_id or "")
        if call is None:
            raise Refusal(plain_error(404))
        call.settle(moment.now)
        return call

    def _dial(self, params: Mapping[str, Any], moment: Moment) -> Call:
        to = params.get("to", "")
        rate = rate_of(leg_type(to or params["from"]), "outbound")
        most = params.get("max_price_per_minute")
        if most is not None and getattr(moment.card, rate) > most:
            raise refuse("not_routable", "is less than the call would cost", "max_price_per_minute")
        key = self._new_id("call", len(self.order))
        call = self._add(key, params["from"], to, "outbound-api", moment.now)
        call.url = params.get("url")
        timeout = timedelta(seconds=params.get("timeout", RING_TIMEOUT.total_seconds()))
        call.plan = plan_of_dial(to, moment.now, timeout)
        return call

    def _new_id(self, kind: str, number: int) -> str:
        if self._which is None:
            self._which = self.claim()
        return made_id(self.seed, f"{kind}{self._which and '/'}{self._which}", number)

    def _add(self, key: str, from_: str, to: str, direction: Direction, now: datetime) -> Call:
        call = Call(key, len(self.order), from_, to, direction, now)
        call.note(now, "calling_call_created", {})
        self.calls[call.id] = call
        self.order.append(call)
        return call


def made_id(seed: int, kind: str, number: int) -> str:
    """Make an id in the shape of a random UUID from a seed."""
    digest = hashlib.sha256(f"{seed}/{kind}/{number}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
