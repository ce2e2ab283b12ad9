"""What a RELAY method does to a call: most are the commands of REST under other names."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from swnb.commands.base import Command
from swnb.simulator.answers import Rejection
from swnb.simulator.handlers import carry_out
from swnb.simulator.requests import checked
from swnb.simulator.stage.scene import Scene
from swnb.simulator.switchboard import Switchboard

# What a method has beside the parameters of its command.
_ADDRESS = ("node_id", "call_id", "tag")
_GONE = ("410", "the call has ended")
_DEVICES = {"phone": ("from_number", "to_number"), "sip": ("from", "to"), "webrtc": ("from", "to")}
_PRICE = "max_price_per_minute"
Result = tuple[str, str]


def is_known(method: str) -> bool:
    """Return whether there is such a method."""
    model = Command.catalogue.get(method)
    return method in ("calling.answer", "calling.pass") or (model is not None and model.on_call)


def act(board: Switchboard, method: str, params: Mapping[str, Any]) -> Result:
    """Carry out a method on a call; return the code and message of its result."""
    scene = board.scene(str(params.get("call_id")))
    if scene is None:
        return "404", "there is no such call"
    if scene.call.over:
        return _GONE
    if method == "calling.answer":
        return _answer(scene, params)
    document = {
        "command": method,
        "id": scene.call.id,
        "params": {name: item for name, item in params.items() if name not in _ADDRESS},
    }
    try:
        carry_out(checked(Command.catalogue[method], document), scene)
    except Rejection as rejection:
        return str(rejection.answer.status), _reason(rejection)
    return "200", "OK"


def dialed(params: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the parameters of `dial` for the first device that a session dials, None if none."""
    devices = params.get("devices")
    while isinstance(devices, list) and devices:
        devices = devices[0]
    if not isinstance(devices, Mapping) or not isinstance(devices.get("params"), Mapping):
        return None
    device = devices["params"]
    origin, target = _DEVICES.get(str(devices.get("type")), ("", ""))
    ends = {"from": device.get(origin), "to": device.get(target)}
    if not all(isinstance(end, str) and end for end in ends.values()):
        return None
    limits = {"timeout": device.get("timeout"), _PRICE: params.get(_PRICE)}
    return {
        **ends,
        **{name: item for name, item in limits.items() if isinstance(item, int | float)},
    }


def answer_to_dial(board: Switchboard, params: Mapping[str, Any]) -> Result:
    """Return the code and message that a dial gets."""
    wanted = dialed(params)
    if wanted is None or not isinstance(params.get("tag"), str):
        return "400", "devices and a tag are required"
    try:
        board.check_price(wanted)
    except Rejection as rejection:
        return str(rejection.answer.status), _reason(rejection)
    return "200", "Dialing"


def limit(scene: Scene, params: Mapping[str, Any]) -> None:
    """End a call that a session dialed once it has lasted as long as it may."""
    minutes = params.get("max_duration")
    if isinstance(minutes, int | float) and minutes > 0:
        scene.after(minutes * 60, lambda: scene.end("ended", reason="max_duration"))


def _answer(scene: Scene, params: Mapping[str, Any]) -> Result:
    if not on_its_node(scene, params):
        return "404", "there is no such call on this node"
    if scene.call.direction != "inbound" or scene.call.status not in ("queued", "ringing"):
        return "409", "the call is not ringing here"
    scene.become("answered")
    return "200", "answered"


def on_its_node(scene: Scene, params: Mapping[str, Any]) -> bool:
    """Return whether a method names the node that its call is on."""
    return bool(params.get("node_id") == scene.world.node_id)


def _reason(rejection: Rejection) -> str:
    body = json.loads(rejection.answer.body)
    if "errors" not in body:
        return str(body.get("error"))
    reasons = (f"{error['attribute'] or ''} {error['message']}" for error in body["errors"])
    return "; ".join(reason.strip() for reason in reasons)
