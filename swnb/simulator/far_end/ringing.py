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
    end = _end(scene.call, scripted)
    if end == "failed":
        settle_after(scene, RINGS_AFTER, end)
        return
    settle_after(scene, RINGS_AFTER, "ringing")
    if scripted or end == "no-answer":
        settle_after(scene, RINGS_AFTER + timeout, "no-answer")
    if end == "no-answer":
        return
    if scripted and scripted.script.polls:
        scripted.wait_for_looks(scripted.script.polls, partial(_settle, scene, end))
    else:
        settle_after(scene, RINGS_AFTER + (scripted.script.rings if scripted else _RINGS), end)


def settle_after(scene: Scene, seconds: float, status: Status) -> None:
    """Let a call take on a state on the way to its answer, unless it is answered by then."""
    scene.call.ringing.append(scene.after(seconds, partial(_settle, scene, status)))


def _end(call: Call, party: ScriptedParty | None) -> Status:
    if party is None:
        pstn = leg_type(call.to) == "relay_pstn_call"
        return FATES.get(call.to[-3:], "answered") if pstn else "answered"
    script = party.script
    answers = float(script.answers)
    return "answered" if party.chance(answers) else script.because


def _settle(scene: Scene, status: Status) -> None:
    if scene.call.status not in ("queued", "ringing"):  # a look came too late
        return
    if status in ("ringing", "answered"):
        scene.become(status)
    else:
        scene.end(status)
