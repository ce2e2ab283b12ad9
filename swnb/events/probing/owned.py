"""What is asked of a call that the probe's own RELAY session dialed."""

from __future__ import annotations

from swnb.errors import ApiError, SwnbError
from swnb.events.calls.call import HeardCall
from swnb.events.hub import hub_of
from swnb.events.inbox import listener_of
from swnb.events.probing.calls import SOON, Probing
from swnb.events.probing.watching import Frame, shape

PART = "a call that this session dialed"
_CONNECTED = 30.0  # seconds to connect again
_SLICE = 0.3
_SAME = 0.5  # seconds by which clocks and lines may differ


def ask_owned(probing: Probing) -> None:
    """Dial over RELAY, and ask questions 1, 3, 4 and 7."""
    plan, say = probing.plan, probing.say
    say("dialing over RELAY")
    try:
        call = probing.inbox.dial(
            from_=plan.from_,
            to=plan.to,
            timeout=30,
            max_duration=plan.minutes[0],
            max_price_per_minute=plan.price,
        )
        with probing.up(call):
            call.wait_until("answered", timeout=45)
            _ask_rest(probing, call)
            for seconds in plan.cuts:
                _ask_cut(probing, call, seconds)
    except SwnbError as error:
        why = f"the call over RELAY: {error.message}"
        probing.findings.miss_rest((3, 4), why)
        if not any(finding.part == PART for finding in probing.findings.of(1)):
            probing.findings.miss(1, PART, why)
    if not plan.long:
        probing.findings.miss(4, "a cut of 600 s", "not tried: it takes --long")
    probing.findings.miss_rest((7,), "nothing that happened during a cut was sent later")


def _ask_rest(probing: Probing, call: HeardCall) -> None:
    """Ask whether REST commands the call, and how a user event arrives."""
    findings = probing.findings
    told = probing.tell(call, "owned")
    try:
        played = f"accepted (HTTP {probing.play(call).exchange.http_status})"
    except ApiError as error:
        played = f"rejected (HTTP {error.status})"
    findings.note(3, PART, f"user_event: {told}; play: {played}", user_event=told, play=played)
    note_user_event(probing, PART, "owned", told)


def note_user_event(probing: Probing, part: str, mark: str, told: str) -> None:
    """Note how a user event arrived that was sent over REST, or that it did not."""
    findings = probing.findings
    if not told.startswith("accepted"):
        findings.miss(1, part, f"REST did not take the user event: {told}")
        return
    frame = probing.heard(mark)
    if frame is None:
        findings.note(1, part, f"nothing arrived within {SOON:g} s", arrived=False)
        return
    form = "wrapped: {call_id, …, event}" if "event" in frame.params else "the bare payload"
    seen = {"event_type": frame.type, "params": shape(frame.params)}
    findings.note(1, part, f"{frame.type}, {form}", arrived=True, **seen)


def _ask_cut(probing: Probing, call: HeardCall, seconds: int) -> None:
    """Cut the connection, with one event that is not acknowledged and one that comes meanwhile."""
    listener, hub = listener_of(probing.inbox), hub_of(probing.session)
    if listener is None:
        return
    before, during, part = f"before-{seconds}", f"during-{seconds}", f"a cut of {seconds} s"
    probing.say(f"without connection for {seconds} s")
    listener.acknowledges = False
    probing.tell_anyhow(call, before)
    first = probing.heard(before)
    gaps = len(probing.inbox.gaps)
    hub.run(listener.leave)
    probing.pace.pause(seconds / 2)
    sent_at = probing.pace.now()
    told = probing.tell(call, during)
    probing.pace.pause(seconds / 2)
    listener.acknowledges = True
    back_at = probing.pace.now()
    hub.run(listener.come_back)
    if not _listens_again(probing, gaps):
        probing.findings.miss(4, part, f"no connection again within {_CONNECTED:g} s")
        return
    _note_cut(probing, part, gaps, first, told)
    _note_stamp(probing, seconds, sent_at, back_at)


def _listens_again(probing: Probing, gaps: int) -> bool:
    """Wait in slices of real time until it listens again, and has noted one more gap."""
    inbox = probing.inbox

    def back() -> bool:
        return inbox.state == "listening" and len(inbox.gaps) > gaps

    return any(probing.pace.until(back, _SLICE) for _ in range(int(_CONNECTED / _SLICE)))


def _note_cut(probing: Probing, part: str, gaps: int, first: Frame | None, told: str) -> None:
    restored = bool(probing.inbox.gaps[gaps].params["restored"])
    seconds = part.split()[-2]
    missed = probing.heard(f"during-{seconds}")
    seen: dict[str, object] = {"restored": restored, "told_meanwhile": told}
    words = ["restored" if restored else "not restored"]
    if first is not None:
        probing.pace.until(lambda: len(probing.frames.carrying(f"before-{seconds}")) > 1, SOON)
        again = probing.frames.carrying(f"before-{seconds}")[1:]
        seen["unacknowledged_sent_again"] = bool(again)
        words.append(
            "what was not acknowledged " + ("came again" if again else "did not come again")
        )
        if again:
            same = again[0].id == first.id
            seen["same_frame_id"] = same
            words.append(f"under {'the same' if same else 'another'} frame id")
    if told.startswith("accepted"):
        seen["missed_sent_later"] = missed is not None
        words.append("what was missed " + ("came" if missed else "did not come"))
    probing.findings.note(4, part, ", ".join(words), **seen)


def _note_stamp(probing: Probing, seconds: int, sent_at: float, back_at: float) -> None:
    """Note whose time an event carries that happened while there was no connection."""
    frame = next(iter(probing.frames.carrying(f"during-{seconds}")), None)
    if frame is None or frame.stamp is None or back_at - sent_at <= _SAME:
        return
    after = frame.stamp - sent_at
    is_of_event = abs(after) < abs(frame.stamp - back_at)
    whose = "of the event" if is_of_event else "of the sending"
    away = round(back_at - sent_at, 1)
    probing.findings.note(
        7,
        f"a cut of {seconds} s",
        f"that {whose}: {after:.1f} s after the command, which was sent {away:g} s before the connection came back",
        whose=whose,
        seconds_after_command=round(after, 1),
        seconds_until_connected=away,
    )
