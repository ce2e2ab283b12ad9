"""The far end of simulated calls: a script as data, and what it does when."""

from __future__ import annotations

import pytest
from support.simulated_space import Remote

import swnb
from swnb.simulator import FarEnd, Space

pytestmark = pytest.mark.sample(6)

PLAY = [{"type": "silence", "params": {"duration": 5}}]
DIGITS = {"max": 4, "terminators": "#"}


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


def heard(space):
    seen = []
    space.subscribe(seen.append)
    return seen


def test_it_rings_as_long_as_the_script_says(remote):
    remote.space.far_end("+15550101", FarEnd(rings=3))
    call_id = remote.dial()
    seen = []
    for _ in range(5):
        seen.append(remote.space.calls[call_id])
        remote.space.advance(1)
    assert seen == ["queued", "ringing", "ringing", "ringing", "answered"]


@pytest.mark.parametrize("because", ["no-answer", "busy", "failed"])
def test_it_does_not_answer_for_the_reason_that_the_script_gives(remote, because):
    remote.space.far_end("*", FarEnd(answers=False, because=because))
    call_id = remote.dial(timeout=10)
    remote.space.advance(11)
    assert remote.space.calls[call_id] == because


def test_it_does_not_answer_if_it_rings_for_longer_than_the_dial_waits(remote):
    remote.space.far_end("*", FarEnd(rings=10))
    call_id = remote.dial(timeout=5)
    remote.space.advance(5)
    assert remote.space.calls[call_id] == "ringing"
    remote.space.advance(1)
    assert remote.space.calls[call_id] == "no-answer"
    remote.space.advance(60)
    assert remote.space.calls[call_id] == "no-answer"


def test_it_answers_at_a_look(remote):
    remote.space.far_end("*", FarEnd(polls=3))
    call_id = remote.dial()
    seen = [
        remote.logs(f"/{call_id}").json()["status"],
        remote.logs().json()["data"][0]["status"],
        remote.logs(f"/{call_id}/events").json() and remote.space.calls[call_id],
    ]
    assert seen == ["ringing", "ringing", "answered"]


def test_the_most_exact_far_end_counts_and_a_script_goes_before_a_special_ending(remote):
    space = remote.space
    space.far_end("*", FarEnd(answers=False, because="busy"))
    space.far_end("+1555*", FarEnd(answers=False, because="failed"))
    space.far_end("+15550*", FarEnd(answers=False, because="no-answer"))
    space.far_end("+15550486*", FarEnd(answers=False, because="busy"))
    space.far_end("+15550486", FarEnd())
    numbers = ["+442079460000", "+15559999", "+15550999", "+15550486"]
    calls = [remote.dial(number) for number in numbers]
    space.advance(40)
    assert [space.calls[call] for call in calls] == ["busy", "failed", "no-answer", "answered"]


def test_the_far_end_of_an_inbound_call_is_who_calls(remote):
    remote.space.far_end("+15550110", FarEnd(hangs_up_after=3))
    call_id = remote.space.inbound("+15550110", "+15550120")
    other = remote.space.inbound("+15550111", "+15550110")
    remote.space.advance(3)
    assert dict(remote.space.calls) == {call_id: "ended", other: "answered"}


def test_a_far_end_that_is_set_later_is_that_of_later_calls(remote):
    call_id = remote.dial()
    remote.space.far_end("*", {"answers": False, "because": "busy"})
    later = remote.dial()
    remote.space.advance(5)
    assert dict(remote.space.calls) == {call_id: "answered", later: "busy"}


def test_it_hangs_up_and_the_call_is_billed_up_to_then(remote):
    remote.space.far_end("*", FarEnd(hangs_up_after=61.5))
    call_id = remote.answered()
    remote.space.advance(3600)
    log = remote.logs(f"/{call_id}").json()
    assert (log["status"], log["duration_ms"], log["billing_ms"]) == ("ended", 61_500, 120_000)
    event = remote.logs(f"/{call_id}/events").json()["data"][-1]
    assert event["details"] == {"reason": "hangup", "by": "far end"}


def collect(remote, call_id, control_id="c", **params):
    reply = remote.send(
        "calling.collect", call_id, **{"control_id": control_id, "digits": DIGITS} | params
    )
    assert reply.status_code == 200, reply.text


def collected(seen):
    return [(it.control_id, it.params["result"]) for it in seen if it.kind == "collect"]


def pressed(digits, terminator=""):
    return {"type": "digit", "params": {"digits": digits, "terminator": terminator}}


def test_it_presses_after_the_answer_what_is_then_collected(remote):
    remote.space.far_end("*", FarEnd(presses=[("12#", 2)]))
    call_id = remote.answered()
    seen = heard(remote.space)
    collect(remote, call_id)
    remote.space.advance(1)
    assert collected(seen) == [("c", pressed("12", "#"))]


def test_what_is_pressed_before_anything_listens_is_lost(remote):
    remote.space.far_end("*", FarEnd(presses=["12#"]))
    call_id = remote.answered()
    seen = heard(remote.space)
    collect(remote, call_id)
    remote.space.advance(60)
    assert collected(seen) == []


def test_an_entry_waits_for_what_the_other_side_sent(remote):
    cues = [
        {"what": "1#", "on": "collect", "after": 1},
        {"what": "2#", "on": "collect", "nth": 2},
        {"what": "3#", "on": "play.finished", "after": 0.5},
    ]
    remote.space.far_end("*", FarEnd(presses=cues))
    call_id = remote.answered()
    seen = heard(remote.space)
    collect(remote, call_id, "one")
    remote.space.advance(60)
    collect(remote, call_id, "two")
    remote.send("calling.play", call_id, control_id="p", play=PLAY)
    collect(remote, call_id, "three")
    remote.space.advance(60)
    assert collected(seen) == [
        ("one", pressed("1", "#")),
        ("two", pressed("2", "#")),
        ("three", pressed("3", "#")),
    ]


def test_it_hangs_up_when_it_has_heard_enough(remote):
    remote.space.far_end("*", FarEnd(hangs_up_after={"on": "play.finished", "after": 2}))
    call_id = remote.answered()
    remote.send("calling.play", call_id, control_id="p", play=PLAY)
    remote.space.advance(6)
    assert remote.space.calls[call_id] == "answered"
    remote.space.advance(1)
    assert remote.space.calls[call_id] == "ended"


def test_what_fails_by_hand_is_reacted_to_at_once(remote):
    remote.space.far_end("*", FarEnd(hangs_up_after={"on": "play.error"}))
    call_id = remote.answered()
    remote.send("calling.play", call_id, control_id="p", play=PLAY)
    remote.space.fail("p")
    assert remote.space.calls[call_id] == "ended"


def test_a_user_event_can_be_waited_for(remote):
    remote.space.far_end("*", FarEnd(hangs_up_after={"on": "user_event", "nth": 2}))
    call_id = remote.answered()
    for expected in ("answered", "ended"):
        remote.send("calling.user_event", call_id, event={})
        assert remote.space.calls[call_id] == expected


def test_what_waits_for_something_does_nothing_before_the_answer(remote):
    remote.space.far_end("*", FarEnd(rings=9, hangs_up_after={"on": "user_event"}))
    call_id = remote.dial()
    remote.send("calling.user_event", call_id, event={})
    remote.space.advance(60)
    assert remote.space.calls[call_id] == "answered"


@pytest.mark.parametrize("by", ["script", "hand"])
def test_when_a_call_is_answered_nothing_of_its_ringing_is_due(remote, by):
    remote.space.far_end("*", FarEnd())
    call_id = remote.dial() if by == "hand" else remote.answered()
    if by == "hand":
        remote.space.answer(call_id)
    inbound = remote.space.inbound(answered=False)
    remote.space.answer(inbound)
    assert remote.space.skip(remote.space.now.replace(year=2030)) is None
    assert set(remote.space.calls.values()) == {"answered"}


def test_a_look_after_the_ring_timeout_comes_too_late(remote):
    remote.space.far_end("*", FarEnd(polls=2))
    call_id = remote.dial(timeout=5)
    remote.logs(f"/{call_id}")
    remote.space.advance(10)
    assert remote.logs(f"/{call_id}").json()["status"] == "no-answer"


def test_an_answer_by_hand_goes_before_an_answer_at_a_look(remote):
    remote.space.far_end("*", FarEnd(polls=2))
    call_id = remote.dial()
    seen = heard(remote.space)
    remote.space.answer(call_id)
    for _ in range(3):
        remote.logs(f"/{call_id}")
    assert [it.state for it in seen] == ["answered"]


@pytest.mark.parametrize("ending", ["hang_up", "calling.end"])
def test_when_a_call_is_over_nothing_of_it_is_due(remote, ending):
    remote.space.far_end("*", FarEnd(hangs_up_after=40, presses=[("1", 20)], says=[("a", 30)]))
    call_id = remote.answered()
    remote.send("calling.play", call_id, control_id="p", play=PLAY)
    if ending == "hang_up":
        remote.space.hang_up(call_id)
    else:
        remote.send("calling.end", call_id)
    assert remote.space.skip(remote.space.now.replace(year=2030)) is None


def test_in_a_replay_what_is_done_by_hand_is_skipped(tmp_path, monkeypatch):
    def notebook(sw):
        call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        call.wait_until("answered")
        collected = call.collect(digits={"max": 2})
        space = sw.simulated_space
        space.press(call, "42")
        space.say(call, "yes")
        space.fail(call.play(play=PLAY))
        space.hang_up(call)
        return collected.control_id

    with swnb.simulate(run="first") as sw:
        first = notebook(sw)
        path = sw.log.export_run("first", tmp_path / "first.jsonl")
    monkeypatch.setenv("SWNB_REPLAY", str(path))
    with swnb.simulate(run="first") as sw:
        assert notebook(sw) == first
        assert sw.simulated_space.requests == []


def test_a_chance_comes_from_the_seed():
    def fates(seed):
        space = Space(seed)
        space.far_end("*", FarEnd(answers=0.5, because="busy"))
        with Remote(space) as remote:
            for _ in range(60):
                remote.dial()
            space.advance(5)
            return list(space.calls.values())

    first = fates(1)
    assert first == fates(1) != fates(2)
    assert 15 < first.count("answered") < 45


def test_a_chance_of_an_entry_comes_from_the_seed():
    def hung_up(seed):
        space = Space(seed)
        space.far_end("*", FarEnd(hangs_up_after={"after": 1, "chance": 0.5}))
        for _ in range(40):
            space.inbound()
        space.advance(2)
        return [state == "ended" for state in space.calls.values()]

    assert hung_up(3) == hung_up(3) != hung_up(4)
    assert 8 < sum(hung_up(3)) < 32


def test_by_hand_it_answers_and_hangs_up(remote):
    space = remote.space
    space.far_end("*", FarEnd(answers=False))
    call_id = remote.dial()
    space.answer(call_id)
    assert space.calls[call_id] == "answered"
    space.advance(120)
    assert space.calls[call_id] == "answered"
    space.hang_up(call_id)
    assert space.calls[call_id] == "ended"


def test_by_hand_a_call_that_rings_is_declined_or_given_up(remote):
    dialed, inbound = remote.dial(), remote.space.inbound(answered=False)
    remote.space.hang_up(dialed)
    remote.space.hang_up(inbound)
    assert list(remote.space.calls.values()) == ["busy", "canceled"]


def test_by_hand_it_presses_and_says_on_a_call_of_a_client():
    with swnb.simulate() as sw:
        call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        call.wait_until("answered")
        seen = heard(sw.simulated_space)
        call.collect(digits={"max": 2})
        sw.simulated_space.press(call, "42")
        call.collect(speech={})
        sw.simulated_space.say(call, "yes", confidence=0.5)
        sw.simulated_space.advance(10)
        assert [result for _, result in collected(seen)] == [
            pressed("42"),
            {"type": "speech", "params": {"text": "yes", "confidence": 0.5}},
        ]


@pytest.mark.parametrize("act", ["press", "say", "answer", "hang_up", "fax"])
def test_by_hand_nothing_is_done_on_a_call_that_is_over_or_unknown(act):
    space = Space()
    call_id = space.inbound()
    space.hang_up(call_id)
    arguments = ["1"] if act in ("press", "say") else []
    with pytest.raises(swnb.ConfigurationError, match=f"^{act}: the call is ended"):
        getattr(space, act)(call_id, *arguments)
    with pytest.raises(swnb.ConfigurationError, match=f"^{act}: this space has no such call"):
        getattr(space, act)("nothing", *arguments)


@pytest.mark.parametrize("act", ["press", "say", "fax"])
def test_by_hand_a_call_that_rings_hears_nothing(act):
    space = Space()
    call_id = space.inbound(answered=False)
    with pytest.raises(swnb.ConfigurationError, match=f"^{act}: the call is ringing"):
        getattr(space, act)(call_id, *(["1"] if act != "fax" else []))


def test_a_call_is_answered_once():
    space = Space()
    with pytest.raises(swnb.ConfigurationError, match="answered already"):
        space.answer(space.inbound())


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ({"rigns": 3}, "FarEnd.rigns: is not a key; did you mean 'rings'?"),
        ({"xyz": 3}, "FarEnd.xyz: is not a key; known are rings, "),
        ({"rings": -1}, "FarEnd.rings: must be at least 0"),
        ({"rings": float("nan")}, "FarEnd.rings: must be "),
        ({"rings": "3"}, "FarEnd.rings: must be a number"),
        ({"rings": 1e9}, "FarEnd.rings: must be at most 604800"),
        ({"polls": 0}, "FarEnd.polls: must be at least 1"),
        ({"polls": 1.5}, "FarEnd.polls: must be a whole number"),
        ({"answers": 1.5}, "FarEnd.answers: must be "),
        ({"answers": "no"}, "FarEnd.answers: must be "),
        ({"is_a": "dog"}, "FarEnd.is_a: must be one of 'human', 'machine' or 'fax'"),
        ({"because": "no"}, "FarEnd.because: must be one of"),
        ({"says": "yes"}, "FarEnd.says: must be a list"),
        ({"says": [""]}, "FarEnd.says[0].what: must be a non-empty string"),
        ({"says": [5]}, "FarEnd.says[0]: must be a string, a pair or a dict"),
        ({"says": [("a", 1, 2)]}, "FarEnd.says[0]: must be a pair"),
        ({"says": [{"text": "a"}]}, "FarEnd.says[0].what: is required"),
        ({"says": [{"what": "a", "wat": 1}]}, "says[0].wat: is not a key; did you mean 'what'?"),
        ({"says": [{"what": "a", "confidence": 2}]}, "says[0].confidence: must be at most 1"),
        ({"presses": ["12x"]}, "FarEnd.presses[0].what: must be DTMF digits"),
        ({"presses": [("1", -1)]}, "FarEnd.presses[0].after: must be at least 0"),
        ({"presses": [{"what": "1", "on": "plya"}]}, "presses[0].on: is not a command or the end"),
        ({"presses": [{"what": "1", "on": "plya"}]}, "did you mean 'play'?"),
        ({"presses": [{"what": "1", "on": "dial"}]}, "presses[0].on: is not a command"),
        ({"presses": [{"what": "1", "on": "tap.error"}]}, "presses[0].on: is not a command"),
        ({"presses": [{"what": "1", "nth": 0}]}, "presses[0].nth: must be at least 1"),
        ({"presses": [{"what": "1", "confidence": 1}]}, "presses[0].confidence: is not a key"),
        ({"presses": [{"what": "1", "after": 1, "polls": 1}]}, "takes after or polls, not both"),
        ({"hangs_up_after": -5}, "FarEnd.hangs_up_after.after: must be at least 0"),
        ({"hangs_up_after": {"afetr": 5}}, "hangs_up_after.afetr: is not a key; did you mean"),
    ],
)
def test_a_script_that_is_wrong_is_refused_by_name(script, message):
    for make in (lambda: FarEnd(**script), lambda: Space().far_end("*", script)):
        with pytest.raises(swnb.ConfigurationError) as caught:
            make()
        assert message in str(caught.value)
        assert caught.value.__cause__ is caught.value.__context__ is None


def test_every_problem_of_a_script_is_named_at_once():
    with pytest.raises(swnb.ConfigurationError) as caught:
        FarEnd(rings=-1, says=["", "fine"], on="x")
    assert len(str(caught.value).splitlines()) == 3


@pytest.mark.parametrize("number", ["", "+1*5", 5])
def test_a_number_that_is_none_is_refused(number):
    with pytest.raises(swnb.ConfigurationError, match=r"far_end\.number"):
        Space().far_end(number, FarEnd())


def test_a_far_end_shows_what_it_was_given_and_cannot_be_changed():
    far_end = FarEnd(rings=3, presses=[("1", 2)])
    assert repr(far_end) == "FarEnd(rings=3, presses=[('1', 2)])"
    assert repr(FarEnd()) == "FarEnd()"
    with pytest.raises(AttributeError):
        far_end.rings = 4


def test_by_hand_values_are_checked_too():
    space = Space()
    call_id = space.inbound()
    for act, message in [
        (lambda: space.press(call_id, "12x"), "press.what: must be DTMF digits"),
        (lambda: space.say(call_id, ""), "say.what: must be a non-empty string"),
        (lambda: space.say(call_id, "a", confidence=2), "say.confidence: must be at most 1"),
        (lambda: space.fax(call_id, pages=0), "fax.pages: must be at least 1"),
        (lambda: space.fax(call_id, direction="up"), "fax.direction: must be"),
    ]:
        with pytest.raises(swnb.ConfigurationError, match=message):
            act()
