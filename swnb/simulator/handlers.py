"""What each command does to a simulated call, and why it is rejected.

Most of it is read off the catalogue: a command that `starts` an operation, or `controls` one by its
control id. What is left are the commands that change the call itself, and the sessions of which a
call has one and that no control id names; they stand in `_SPECIAL`. Media, AI and carriers do not
exist here, so nothing that runs on a call ends before it is stopped or the call ends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from swnb.commands.base import Command
from swnb.simulator.answers import error, reject, reject_all
from swnb.simulator.calls import Call, Key
from swnb.simulator.operations import operation_of
from swnb.simulator.operations.carrying import Referral
from swnb.simulator.stage.scene import Scene

# Commands that make sense before a call is answered.
_ANY_TIME = frozenset({"update", "calling.end", "calling.user_event"})
# Operations that a call has at most one of, whatever their control ids; a second is a conflict.
_ONE_AT_A_TIME = frozenset({"transcribe"})
# The parameters that the line of a command in the voice log shows; none of them is for secrets.
_SHOWN = ("control_id", "event")


Act = Callable[[Scene, Mapping[str, Any]], None]


def carry_out(command: Command, scene: Scene) -> None:
    """Do to the call what the command asks for, or raise the `Rejection` that it gets instead."""
    _check_state(command, scene.call)
    special = _SPECIAL.get(command.wire)
    if special:
        special(scene, command.params)
    elif command.starts:
        _start(command.starts, command.params, scene)
    elif command.controls:
        _control(command, scene)
    if not scene.call.over:
        name = command.wire.replace(".", "_")
        scene.call.note(scene.moment.now, name, _details(command, scene.call))
        scene.call.party.notice(command.method())


def _details(command: Command, call: Call) -> dict[str, Any]:
    details = {name: command.params[name] for name in _SHOWN if name in command.params}
    kind = command.starts or command.controls
    if kind and "control_id" in details:
        key = Key(kind, details["control_id"])
        details["state"] = call.state_of(key)
        if command.wire.endswith(".stop"):
            details |= call.results.get(key, {})
    return details


def _check_state(command: Command, call: Call) -> None:
    if call.over:
        code = "cannot_update_completed" if command.wire == "update" else "invalid_state"
        raise reject(code, f"The call is over: it is {call.status}.")
    if command.wire not in _ANY_TIME and call.status != "answered":
        raise reject("invalid_state", f"The call is {call.status}; it has to be answered for this.")


def _start(kind: str, params: Mapping[str, Any], scene: Scene) -> None:
    key = Key(kind, params.get("control_id", ""))
    if kind in _ONE_AT_A_TIME and any(kind == other.kind for other in scene.call.running):
        raise reject("invalid_state", f"The call has an active {kind} already.", status=409)
    if key in scene.call.running:
        raise reject("value_not_unique", f"names an active {kind} on this call", "control_id")
    scene.start(key, operation_of(scene, key, params))
    spoken = [item for item in params.get("play", ()) if item["type"] == "tts"]
    if spoken:
        scene.call.spend("tts", sum(len(item["params"]["text"]) for item in spoken), scene.moment)


def _control(command: Command, scene: Scene) -> None:
    """Act on an operation by its control id; stopping what is stopped already is harmless."""
    kind, verb = str(command.controls), command.wire.rpartition(".")[2]
    key = Key(kind, command.params.get("control_id", ""))
    operation = scene.call.running.get(key)
    if operation is None:
        _check_absent(key, verb, scene.call)
    else:
        operation.control(verb, command.params)


def _check_absent(key: Key, verb: str, call: Call) -> None:
    if key in call.finished:
        if verb != "stop":
            raise reject("invalid_state", f"names a finished {key.kind}", "control_id")
    elif key.kind in _started_by_commands():
        raise reject("does_not_exist", f"names no {key.kind} on this call", "control_id")


def _started_by_commands() -> set[str]:
    """Return the operations that begin with a command; a fax begins in SWML, taken on trust."""
    return {model.starts for model in Command.catalogue.values() if model.starts}


def _update(scene: Scene, params: Mapping[str, Any]) -> None:
    call, status = scene.call, params.get("status")
    redirects = [name for name in ("url", "swml") if name in params]
    answered = call.status == "answered"
    broken = []
    if status == "canceled" and answered:
        broken.append(error("cannot_cancel_in_progress", "The call is answered.", "status"))
    if status == "completed" and not answered:
        broken.append(error("invalid_state", f"The call is {call.status}.", "status"))
    if redirects and not answered:
        message = f"The call is {call.status}; only an answered call can be redirected."
        broken.append(error("cannot_redirect_not_in_progress", message, redirects[0]))
    if broken:
        raise reject_all(broken)
    call.url = params.get("url", call.url)
    if "status_url" in params:
        call.given = {**call.given, "status_url": params["status_url"]}
    if status:
        scene.end(status)


def _end(scene: Scene, params: Mapping[str, Any]) -> None:
    scene.end("ended", **params)


def _user_event(scene: Scene, params: Mapping[str, Any]) -> None:
    scene.tell("user_event", None, {"event": params["event"]})


def _refer(scene: Scene, params: Mapping[str, Any]) -> None:
    if scene.call.type != "relay_sip_call":
        raise reject("invalid_for_type", "Only a SIP call can be referred.")
    key = Key("refer", str(scene.call.referrals))
    scene.call.referrals += 1
    scene.start(key, Referral(scene, key, params))


def _denoise(scene: Scene, _params: Mapping[str, Any]) -> None:
    scene.ensure(Key("denoise"))
    scene.tell("denoise", None, {"denoised": True})


def _denoise_stop(scene: Scene, _params: Mapping[str, Any]) -> None:
    scene.stop(Key("denoise"))
    scene.tell("denoise", None, {"denoised": False})


def _live(kind: str) -> Act:
    """Return the act of a command whose `action` is "stop" or an object keyed by the action."""
    key = Key(kind)

    def act(scene: Scene, params: Mapping[str, Any]) -> None:
        action = params["action"]
        if action == "stop":
            scene.stop(key)
        elif "start" in action:
            scene.ensure(key)
        elif "inject" in action and key not in scene.call.running:
            raise reject("invalid_state", f"No {kind} is active on the call.", "action")

    return act


def _begin(kind: str) -> Act:
    def act(scene: Scene, _params: Mapping[str, Any]) -> None:
        scene.ensure(Key(kind))

    return act


def _finish(kind: str) -> Act:
    def act(scene: Scene, _params: Mapping[str, Any]) -> None:
        scene.stop(Key(kind))

    return act


SIDECAR = Key("ai_sidecar")


def _sidecar(scene: Scene, params: Mapping[str, Any]) -> None:
    if isinstance(params.get("action"), Mapping) and "summarize" in params["action"]:
        return
    if SIDECAR in scene.call.running:
        raise reject("invalid_state", "The call has a sidecar already.")
    scene.start(SIDECAR)


def _to_sidecar(scene: Scene, _params: Mapping[str, Any]) -> None:
    if SIDECAR not in scene.call.running:
        raise reject("invalid_state", "The call has no sidecar.")
    scene.call.running[SIDECAR].count += 1


def sidecar_counters(call: Call) -> str:
    """Return the counters of a call's sidecar; it thinks nothing and answers whatever it gets."""
    sidecar = call.running.get(SIDECAR)
    count = sidecar.count if sidecar else 0
    counters = {
        "running": int(sidecar is not None),
        "ticks": count,
        "insights": count,
        "skips": 0,
        "tools": 0,
        "errors": 0,
        "in_tokens": 0,
        "out_tokens": 0,
        "history_size": count,
        "event_log_bytes": 0,
    }
    return "+OK " + " ".join(f"{name}={value}" for name, value in counters.items())


_SPECIAL: dict[str, Act] = {
    "update": _update,
    "calling.end": _end,
    "calling.refer": _refer,
    "calling.user_event": _user_event,
    "calling.denoise": _denoise,
    "calling.denoise.stop": _denoise_stop,
    "calling.live_transcribe": _live("live_transcribe"),
    "calling.live_translate": _live("live_translate"),
    "calling.ai_hold": _begin("ai"),
    "calling.ai_unhold": _begin("ai"),
    "calling.ai_message": _begin("ai"),
    "calling.ai.stop": _finish("ai"),
    "calling.ai_sidecar": _sidecar,
    "calling.ai_sidecar.poke": _to_sidecar,
    "calling.ai_sidecar.ask": _to_sidecar,
    "calling.ai_sidecar.stop": _finish("ai_sidecar"),
}
