"""The calls of a simulated space, and what a command or a reading does with them.

It knows nothing of credentials or faults.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from swnb.simulator import voice_logs
from swnb.simulator.answers import Answer, Rejection, json_answer, plain_error, reject
from swnb.simulator.calls import RING_TIMEOUT, Call, leg_type, rate_of
from swnb.simulator.far_end.acting import ScriptedParty
from swnb.simulator.far_end.directory import Directory
from swnb.simulator.far_end.ringing import ring, settle_after
from swnb.simulator.handlers import carry_out, sidecar_counters
from swnb.simulator.history import history
from swnb.simulator.legs import leg
from swnb.simulator.requests import Arrival, checked, model_of
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.scene import Scene, World


class Switchboard:
    """All calls, by id and in the order of their creation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seed = world.seed
        self.directory = Directory()
        self.calls: dict[str, Call] = {}
        self.order: list[Call] = []
        self._scripted: list[ScriptedParty] = []
        self._questions = 0
        self._inbound = 0
        # Returns which of the spaces of this seed it is; called when the first call is made.
        self.claim: Callable[[], str] = str
        self._which: str | None = None

    def states(self) -> dict[str, str]:
        """Return the state that each call is in, by id."""
        return {call.id: call.status for call in self.order}

    def scene(self, call_id: str) -> Scene | None:
        """Return a call in its space, None if there is no such call."""
        call = self.calls.get(call_id)
        return None if call is None else Scene(call, self.world)

    @property
    def waits_for_looks(self) -> bool:
        """Whether something will happen after more looks at voice logs, whatever the time."""
        return any(party.waits_for_looks for party in self._scripted)

    def inbound_id(self) -> str:
        """Return the id of the next call that nobody dials."""
        # Counted apart: in a replay of what was dialed, this space has only these.
        key = self._new_id("inbound", self._inbound)
        self._inbound += 1
        return key

    def inbound(self, key: str, from_: str, to: str, *, answered: bool) -> Scene:
        """Make a call that nobody dialed."""
        scene = self._add(Call(key, len(self.order), from_, to, "inbound", self.world.clock.now))
        scene.become("answered" if answered else "ringing")
        if not answered:
            settle_after(scene, RING_TIMEOUT.total_seconds(), "no-answer")
        return scene

    def remember(self, count: int, days: int) -> None:
        """Begin with a past; there must be no calls yet."""
        ids = [seeded_id(self.seed, "history", number) for number in range(count)]
        self.order = history(count, days, self.world.moment, self.seed, ids)
        self.calls = {call.id: call for call in self.order}

    def command(self, arrival: Arrival) -> Answer:
        """Carry out a command and reply with its call, or raise the `Rejection` it gets."""
        if arrival.document is None:
            return plain_error(400)
        model = model_of(arrival.document)
        scene = None if arrival.call_id is None else self._find(arrival.call_id)
        command = checked(model, arrival.document)
        if scene is None:
            scene = self.dial(command.params)
        else:
            carry_out(command, scene)
        if command.wire == "calling.ai_sidecar.status":
            line = sidecar_counters(scene.call).encode()
            return Answer(200, {"content-type": "text/plain; charset=utf-8"}, line)
        reply = leg(scene.call, scene.moment)
        if command.wire == "calling.ai_sidecar.ask":
            self._questions += 1
            reply["ask_id"] = seeded_id(self.seed, "ask", self._questions)
        return json_answer(200, reply)

    def reading(self, arrival: Arrival, host: str) -> Answer:
        """Answer a voice-log request; links lead to `host`. May raise a `Rejection`."""
        moment = self.world.moment
        if arrival.route == "voice_logs":
            query = voice_logs.read_query(arrival.query or {}, self.seed)
            calls, links = voice_logs.page(self.order, query, f"http://{host}", self.seed)
            for call in calls:
                call.party.look()
            data = [voice_logs.entry(call, moment) for call in calls]
            return json_answer(200, {"links": links, "data": data})
        call = self._find(arrival.call_id).call
        if call.discarded_at is not None:
            return plain_error(404)
        call.party.look()
        if arrival.route == "voice_log_events":
            return json_answer(200, {"data": voice_logs.events(call, self.world.project)})
        return json_answer(200, voice_logs.entry(call, moment))

    def _find(self, call_id: str | None) -> Scene:
        scene = self.scene(call_id or "")
        if scene is None:
            raise Rejection(plain_error(404))
        return scene

    def check_price(self, params: Mapping[str, Any]) -> None:
        """Raise the `Rejection` that a dial gets if it costs more than it may."""
        rate = rate_of(leg_type(params.get("to") or params["from"]), "outbound")
        most = params.get("max_price_per_minute")
        if most is not None and getattr(self.world.card, rate) > most:
            raise reject("not_routable", "is less than the call would cost", "max_price_per_minute")

    def dial(self, params: Mapping[str, Any]) -> Scene:
        """Make a call and let it ring, or raise the `Rejection` it gets."""
        self.check_price(params)
        to = params.get("to", "")
        key = self._new_id("call", len(self.order))
        now = self.world.clock.now
        call = Call(
            key, len(self.order), params["from"], to, "outbound-api", now, params.get("url")
        )
        call.given = params
        scene = self._add(call)
        ring(scene, params.get("timeout", RING_TIMEOUT.total_seconds()))
        return scene

    def _new_id(self, kind: str, number: int) -> str:
        if self._which is None:
            self._which = self.claim()
        return seeded_id(self.seed, f"{kind}{self._which and '/'}{self._which}", number)

    def _add(self, call: Call) -> Scene:
        scene = Scene(call, self.world)
        script = self.directory.find(call.from_ if call.direction == "inbound" else call.to)
        if script:
            call.party = ScriptedParty(scene, script)
            self._scripted.append(call.party)
        self.calls[call.id] = call
        self.order.append(call)
        call.note(call.created_at, "calling_call_created", {})
        scene.tell_state()
        return scene
