"""All RELAY sessions of a space: who connects, who commands what, and who hears what happens.

Whoever calls holds the space's lock. Which session hears of which calls is not known of the real
platform: `hears` is "project" for all calls, "owner" for those that a session dialed or was offered.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any, Literal, get_args

from swnb.errors import ConfigurationError
from swnb.simulator.calls import device
from swnb.simulator.relay import frames, methods
from swnb.simulator.relay.member import Line, Member
from swnb.simulator.relay.mischief import Mischief
from swnb.simulator.stage.deliveries import Deliveries
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.occurrences import Occurrence
from swnb.simulator.stage.scene import Scene
from swnb.simulator.switchboard import Switchboard

Hears = Literal["project", "owner"]


class Desk:
    """The sessions of one space."""

    def __init__(
        self,
        board: Switchboard,
        token: str,
        deliveries: Deliveries,
        mischief: Mischief,
        hears: str = "project",
    ) -> None:
        if hears not in get_args(Hears):
            raise ConfigurationError("relay_hears: must be 'project' or 'owner'")
        self._board = board
        self._world = board.world
        self._token = token
        self._deliveries = deliveries
        self._mischief = mischief
        self._hears = hears
        self._members: dict[str, Member] = {}
        self._numbers: dict[str, itertools.count[int]] = {}
        self._dialing: tuple[Member, str] | None = None
        self._offers: dict[str, tuple[str, list[Member]]] = {}  # by call: context, and who passed
        self._held: list[tuple[Member, dict[str, Any]]] = []  # events that are to be swapped
        self._forgets = False
        self._world.listeners.append(self.hear)

    def _new_id(self, kind: str) -> str:
        number = next(self._numbers.setdefault(kind, itertools.count()))
        return seeded_id(self._world.seed, f"relay/{kind}", number)

    @property
    def connected(self) -> list[Member]:
        """The sessions that are connected now."""
        return [member for member in self._members.values() if member.line]

    def connect(self, frame: Mapping[str, Any], line: Line) -> Member | None:
        """Answer `signalwire.connect`; return the session, None if it is refused."""
        params, id_ = frame.get("params"), frame.get("id")
        claims = params.get("authentication") if isinstance(params, Mapping) else None
        if not isinstance(params, Mapping) or not isinstance(claims, Mapping):
            line.send(frames.failure(id_, frames.INVALID_PARAMS, "authentication is required"))
            return None
        if (claims.get("project"), claims.get("token")) != (self._world.project, self._token):
            line.send(frames.failure(id_, frames.REFUSED, "Authentication failed (401)"))
            return None
        known = self._members.get(str(params.get("protocol")))
        if known and self._forgets:
            self._forgets = False
            del self._members[known.protocol]
            line.send(frames.failure(id_, frames.STALE, "Requester validation failed"))
            return None
        restored = known is not None and params.get("authorization_state") == known.state
        member = known if known and restored else self._new_member()
        member.acknowledges = params.get("event_acks") is True
        member.contexts |= _contexts(params)
        member.attach(line)
        reply = {"protocol": member.protocol, "identity": self._new_id("identity")}
        line.send(frames.result(id_, {**reply, "session_restored": restored}))
        state = {"authorization_state": member.state}
        self._send(member, "signalwire.authorization.state", state, quiet=True)
        if restored:
            member.resend()
        return member

    def _new_member(self) -> Member:
        protocol = f"signalwire_{self._new_id('protocol')}"
        member = Member(protocol, self._new_id("state"), self._deliveries)
        self._members[protocol] = member
        return member

    def receive(self, member: Member, frame: Mapping[str, Any]) -> None:
        """Take a frame of a connected session, and send what it gets for it."""
        id_, method = frame.get("id"), frame.get("method")
        if method is None:
            member.acknowledge(id_)
            return
        params = frame.get("params")
        params = params if isinstance(params, Mapping) else {}
        if member.line:
            member.line.send(self._reply(member, id_, str(method), params))
        if method == "calling.dial":
            self._dial(member, params)

    def _reply(self, member: Member, id_: Any, method: str, params: Mapping[str, Any]) -> str:
        if method == "signalwire.ping":
            return frames.result(id_, {"timestamp": params.get("timestamp")})
        if method in ("signalwire.receive", "signalwire.unreceive"):
            contexts = _contexts(params)
            if method == "signalwire.receive":
                member.contexts |= contexts
            else:
                member.contexts -= contexts
            return frames.result(id_, {"code": "200", "message": "OK"})
        if method == "calling.dial":
            code, message = methods.answer_to_dial(self._board, params)
        elif method == "calling.pass":
            code, message = self._pass(member, params)
        elif methods.is_known(method):
            code, message = methods.act(self._board, method, params)
            if method == "calling.answer" and code == "200":
                member.owned.add(str(params["call_id"]))
                self._offers.pop(str(params["call_id"]), None)
        else:
            return frames.failure(id_, frames.NO_METHOD, f"there is no method {method[:80]}")
        return frames.result(id_, {"code": code, "message": message})

    def _dial(self, member: Member, params: Mapping[str, Any]) -> None:
        wanted = methods.dialed(params)
        if wanted is None or methods.answer_to_dial(self._board, params)[0] != "200":
            return
        self._dialing = (member, str(params["tag"]))
        try:
            methods.limit(self._board.dial(wanted), params)
        finally:
            self._dialing = None

    def offer(self, scene: Scene, context: str) -> None:
        """Offer an inbound call to one session that subscribed its context."""
        self._offers[scene.call.id] = (context, [])
        self._offer_next(scene.call.id)

    def _offer_next(self, call_id: str) -> None:
        scene = self._board.scene(call_id)
        context, passed = self._offers[call_id]
        takers = (
            member
            for member in self.connected
            if context in member.contexts and member not in passed
        )
        member = next(takers, None)
        if member is None or scene is None:
            return
        passed.append(member)
        member.owned.add(call_id)
        told = {**_told(scene), "context": context, "direction": "inbound"}
        self._send(member, "calling.call.receive", told)

    def _pass(self, member: Member, params: Mapping[str, Any]) -> tuple[str, str]:
        call_id = str(params.get("call_id"))
        scene = self._board.scene(call_id)
        if scene is None or not methods.on_its_node(scene, params):
            return "404", "there is no such call on this node"
        if call_id not in self._offers or call_id not in member.owned:
            return "404", "no such call was offered"
        member.owned.discard(call_id)
        self._offer_next(call_id)
        return "200", "passed"

    def hear(self, occurrence: Occurrence) -> None:
        """Hand on what happens to the sessions that hear of its call."""
        if self._dialing and occurrence.kind == "state":
            member, tag = self._dialing
            member.owned.add(occurrence.call_id)
            member.tags[occurrence.call_id] = tag
            self._dialing = None
        for member in self._members.values():
            if self._hears == "project" or occurrence.call_id in member.owned:
                self._hand_on(member, occurrence)

    def _hand_on(self, member: Member, occurrence: Occurrence) -> None:
        tag = member.tags.get(occurrence.call_id)
        params = {**occurrence.params, **({"tag": tag} if tag else {})}
        self._deliver(member, occurrence.event_type, params)
        if tag and occurrence.kind == "state":
            self._tell_dial(member, occurrence, tag)

    def _tell_dial(self, member: Member, occurrence: Occurrence, tag: str) -> None:
        states = {"created": "dialing", "answered": "answered", "ended": "failed"}
        state = states.get(occurrence.state or "")
        if state is None or (state == "failed" and tag in member.answered):
            return
        if state == "answered":
            member.answered.add(tag)
        call = {
            "call_id": occurrence.call_id,
            "node_id": occurrence.params["node_id"],
            "tag": tag,
            "device": occurrence.params.get("device"),
            "dial_winner": state == "answered",
        }
        told = {"tag": tag, "dial_state": state, "call": call, "node_id": call["node_id"]}
        self._deliver(member, "calling.call.dial", told)

    def _deliver(self, member: Member, event_type: str, params: Mapping[str, Any]) -> None:
        """Send an event to a session, unless something is to go wrong with it."""
        trouble = self._mischief.take("relay")
        kind = trouble.kind if trouble else ""
        event = self._event(event_type, params)
        if kind == "drop":
            return
        if kind == "late" and trouble:
            self._world.clock.after(trouble.seconds, lambda: self._put(member, event))
            return
        if kind == "swap":
            self._held.append((member, event))
            return
        if kind in ("cut", "forget"):
            self._forgets = self._forgets or kind == "forget"
            line = member.detach()
            if line:
                line.cut()
        self._put(member, event)
        if kind == "repeat":
            self._put(member, event)
        held, self._held = self._held, []
        for other, earlier in held:
            self._put(other, earlier)

    def _put(self, member: Member, event: dict[str, Any]) -> None:
        member.event(self._new_id("frame"), event)

    def _send(
        self, member: Member, event_type: str, params: Mapping[str, Any], *, quiet: bool = False
    ) -> None:
        """Send an event that nothing goes wrong with; a `quiet` one is not kept."""
        event = self._event(event_type, params)
        if not quiet:
            self._put(member, event)
        elif member.line:
            channel = {"event_channel": member.protocol}
            id_ = self._new_id("frame")
            member.line.send(frames.request(id_, "signalwire.event", {**event, **channel}))

    def _event(self, event_type: str, params: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "event_type": event_type,
            "timestamp": self._world.clock.now.timestamp(),
            "project_id": self._world.project,
            "node_id": self._world.node_id,
            "params": dict(params),
        }

    def say_go(self, *, restart: bool) -> None:
        """Ask every connected session to go; with `restart` it must begin anew."""
        for member in self.connected:
            line = member.detach()
            if line:
                params = {"restart": restart}
                line.send(frames.request(self._new_id("go"), "signalwire.disconnect", params))
                line.close()
            if restart:
                del self._members[member.protocol]


def _contexts(params: Mapping[str, Any]) -> set[str]:
    named = params.get("contexts")
    return {name for name in named if isinstance(name, str)} if isinstance(named, list) else set()


def _told(scene: Scene) -> dict[str, Any]:
    return {
        "call_id": scene.call.id,
        "node_id": scene.world.node_id,
        "call_state": "created",
        "device": device(scene.call),
    }
