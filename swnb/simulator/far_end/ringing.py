"""How a dialed call comes to be answered, or not."""

from __future__ import annotations

from functools import partial

from swnb.simulator.calls import Call, Status, leg_type
from swnb.simulator.far_end.acting import ScriptedParty
from swnb.simulator.stage.scene import Scene

RINGS_AFTER = 1.0
_RINGS = 1.0  # how long, without a script

# A dialed phone number that ends like this fails like this; the digits are SIP's own codes.
FATES: dict[str, Status] = {"486": "busy", "480": "no-answer", "404": "failed"}


def ring(scene: Scene, timeout: float) -> None:
    """Let a call that was just dialed ring, and let the far end do what it will about it."""
    party = scene.call.party
    scripted = party if isinstance(party, ScriptedParty) else None
    script = scripted.script if scripted else None
    end = _end(scene.call, scripted)
    if end == "failed":
        scene.after(RINGS_AFTER, partial(settle, scene, "failed"))
        return
    scene.after(RINGS_AFTER, partial(settle, scene, "ringing"))
    rings = script.rings if script else _RINGS
    if script or end == "no-answer":
        scene.after(RINGS_AFTER + timeout, partial(settle, scene, "no-answer"))
    if end == "no-answer":
        return
    if scripted and scripted.script.polls:
        scripted.wait_for_looks(scripted.script.polls, partial(settle, scene, end))
    else:
        scene.after(RINGS_AFTER + rings, partial(settle, scene, end))


def _end(call: Call, party: ScriptedParty | None) -> Status:
    if party is None:
        pstn = leg_type(call.to) == "relay_pstn_call"
        return FATES.get(call.to[-3:], "answered") if pstn else "answered"
    script = party.script
    answers = float(script.answers)
    return "answered" if party.chance(answers) else script.because


def settle(scene: Scene, status: Status) -> None:
    """Let a call take on a state on the way to its answer, unless it has been answered or ended."""
    if scene.call.status not in ("queued", "ringing"):
        return
    if status in ("ringing", "answered"):
        scene.become(status)
    else:
        scene.end(status)
