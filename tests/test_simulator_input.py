"""What collections and detections find on a simulated call, and when."""

from __future__ import annotations

import pytest
from support.simulated_space import Line, Remote

from swnb.simulator import FarEnd

pytestmark = pytest.mark.sample(4)


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.fixture
def line(remote):
    return Line(remote)


# Collecting


def collect(line, **params):
    line.send("calling.collect", **{"control_id": "c"} | params)


def results(line):
    return [params["result"] for _, params in line.told("collect")]


def digits(text, terminator=""):
    return {"type": "digit", "params": {"digits": text, "terminator": terminator}}


def speech(text, confidence=0.9):
    return {"type": "speech", "params": {"text": text, "confidence": confidence}}


@pytest.mark.parametrize(
    ("wanted", "keys", "result"),
    [
        ({"max": 4}, "12345", digits("1234")),
        ({"max": 4, "terminators": "#"}, "12#4", digits("12", "#")),
        ({"max": 4, "terminators": "*#"}, "12*4", digits("12", "*")),
        ({"max": 4, "terminators": "a"}, "12A", digits("12", "A")),
        ({"max": 4, "terminators": "#"}, "#", {"type": "no_match"}),
        ({"max": 4, "terminators": ""}, "1#23", digits("1#23")),
        ({"max": 1}, "7", digits("7")),
    ],
)
def test_digits_end_a_collection(line, wanted, keys, result):
    collect(line, digits=wanted)
    line.space.press(line.id, keys)
    assert results(line) == [result]
    line.space.advance(3600)
    assert results(line) == [result]
    assert line.lines("calling_call_collect")[-1]["result"] == result


def test_the_time_between_digits_ends_a_collection(line):
    collect(line, digits={"max": 4, "digit_timeout": 2})
    line.space.press(line.id, "1")
    line.space.advance(1.9)
    line.space.press(line.id, "2")
    line.space.advance(1.9)
    assert results(line) == []
    line.space.advance(0.1)
    assert results(line) == [digits("12")]


def test_speech_ends_a_collection_after_its_silence(line):
    collect(line, speech={"end_silence_timeout": 2})
    line.space.say(line.id, "yes", lasts=1)
    line.space.advance(2)
    line.space.say(line.id, "please", lasts=1, confidence=0.5)
    line.space.advance(2.9)
    assert results(line) == []
    line.space.advance(0.1)
    assert results(line) == [speech("yes please", 0.5)]
    assert line.told("collect")[0][1]["final"] is True


def test_speech_may_take_only_so_long(line):
    collect(line, speech={"speech_timeout": 5})
    line.space.say(line.id, "hello", lasts=3)
    line.space.advance(3.5)
    line.space.say(line.id, "endless", lasts=100)
    line.space.advance(1.5)
    assert results(line) == [speech("hello")]


def test_speech_that_is_not_understood_is_no_match(line):
    collect(line, speech={})
    line.space.say(line.id, "mumble", confidence=0)
    line.space.advance(10)
    assert results(line) == [{"type": "no_match"}]


@pytest.mark.parametrize(
    ("wanted", "act"), [("digits", "say"), ("speech", "press")], ids=["say", "press"]
)
def test_a_collection_hears_only_what_it_is_for(line, wanted, act):
    collect(line, **{wanted: {"max": 4} if wanted == "digits" else {}})
    getattr(line.space, act)(line.id, "1")
    line.space.advance(3600)
    assert results(line) == []


@pytest.mark.parametrize("how", ["from the start", "by command"])
def test_a_collection_ends_without_input_once_its_timer_runs(line, how):
    collect(line, digits={"max": 4}, initial_timeout=7, start_input_timers=how != "by command")
    if how == "by command":
        line.space.advance(3600)
        assert results(line) == []
        line.send("calling.collect.start_input_timers", control_id="c")
    line.space.advance(6.9)
    assert results(line) == []
    line.space.advance(0.1)
    assert results(line) == [{"type": "no_input"}]


def test_a_first_input_stops_the_timer_and_is_told_if_asked_for(line):
    collect(
        line,
        digits={"max": 2, "digit_timeout": 50},
        start_input_timers=True,
        initial_timeout=3,
        send_start_of_input=True,
        partial_results=True,
    )
    line.space.press(line.id, "1")
    line.send("calling.collect.start_input_timers", control_id="c")
    line.space.advance(20)
    line.space.press(line.id, "2")
    assert results(line) == [{"type": "start_of_input"}, digits("1"), digits("12")]
    assert [params["final"] for _, params in line.told("collect")] == [False, False, True]


def test_a_continuous_collection_goes_on_after_each_result(line):
    collect(line, digits={"max": 2}, continuous=True)
    line.space.press(line.id, "123")
    line.space.press(line.id, "4")
    line.send("calling.collect.stop", control_id="c")
    assert results(line) == [digits("12"), digits("34"), {"type": "finished"}]
    assert [params.get("state") for _, params in line.told("collect")] == [
        "collecting",
        "collecting",
        "finished",
    ]
    assert [entry["result"] for entry in line.lines("calling_call_collect")] == [
        digits("12"),
        digits("34"),
    ]


def test_digits_and_speech_together_end_by_whichever_comes_first(line):
    collect(line, digits={"max": 1}, speech={})
    line.space.say(line.id, "well", lasts=5)
    line.space.press(line.id, "3")
    line.space.advance(60)
    assert results(line) == [digits("3")]


# Detecting


def detect(line, kind="machine", timeout=30, **params):
    line.send(
        "calling.detect",
        control_id="d",
        detect={"type": kind, "params": params} if params else {"type": kind},
        timeout=timeout,
    )
    line.space.advance(60)
    return [params["detect"]["params"]["event"] for _, params in line.told("detect")]


@pytest.mark.parametrize(
    ("is_a", "kind", "params", "events"),
    [
        ("human", "machine", {}, ["HUMAN", "finished"]),
        ("machine", "machine", {}, ["MACHINE", "READY", "finished"]),
        (
            "machine",
            "machine",
            {"detect_message_end": False},
            ["MACHINE", "finished"],
        ),
        ("fax", "machine", {}, ["UNKNOWN", "finished"]),
        ("human", "fax", {}, ["finished"]),
        ("fax", "fax", {}, ["CNG", "finished"]),
        ("fax", "fax", {"tone": "cng"}, ["CNG", "finished"]),
        ("fax", "fax", {"tone": "CED"}, ["finished"]),
    ],
)
def test_a_detection_finds_what_the_far_end_is(remote, is_a, kind, params, events):
    line = Line(remote, FarEnd(is_a=is_a))
    assert detect(line, kind, **params) == events
    assert [entry["state"] for entry in line.lines("calling_call_detect")] == events


def test_a_fax_that_is_called_answers_with_the_other_tone(remote):
    line = Line(remote, FarEnd(is_a="fax"))
    line.id = remote.answered()
    assert detect(line, "fax") == ["CED", "finished"]


def test_a_detection_without_a_script_finds_a_human(line):
    assert detect(line) == ["HUMAN", "finished"]


@pytest.mark.parametrize("timeout", [0, 1])
def test_a_detection_takes_no_longer_than_it_may(line, timeout):
    assert detect(line, timeout=timeout) == ["finished"]
    assert (line.seen[-1].at - line.space.now).total_seconds() == timeout - 60


def test_a_machine_is_ready_when_its_greeting_is_over(remote):
    line = Line(remote, FarEnd(is_a="machine", says=[{"what": "leave a message", "lasts": 12}]))
    began = line.space.now
    detect(line)
    at = {it.state: (it.at - began).total_seconds() for it in line.seen if it.kind == "detect"}
    assert at == {"MACHINE": 2.25, "READY": 13.0, "finished": 13.0}


def test_a_machine_that_goes_on_after_a_breath_is_not_ready_yet(remote):
    parts = [{"what": "a", "lasts": 4}, {"what": "b", "after": 4.5, "lasts": 3}]
    line = Line(remote, FarEnd(is_a="machine", says=parts))
    began = line.space.now
    detect(line)
    at = {it.state: (it.at - began).total_seconds() for it in line.seen if it.kind == "detect"}
    assert at["READY"] == 8.5


@pytest.mark.parametrize(("wanted", "found"), [({}, "1"), ({"digits": "2"}, "2")])
def test_a_detection_finds_digits(line, wanted, found):
    line.send(
        "calling.detect", control_id="d", detect={"type": "digit", "params": wanted}, timeout=5
    )
    line.space.press(line.id, "12")
    assert line.states("detect") == [found, "finished"]
