"""How long playbacks and recordings last on a simulated call, and what ends them."""

from __future__ import annotations

import pytest
from support.simulated_space import Line, Remote

from swnb.simulator import FarEnd
from swnb.simulator.operations.playing import AUDIO_SECONDS, VOICE_SECONDS

pytestmark = pytest.mark.sample(4)


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.fixture
def line(remote):
    return Line(remote)


def tts(text="x" * 30):
    return {"type": "tts", "params": {"text": text}}


def silence(seconds):
    return {"type": "silence", "params": {"duration": seconds}}


def ringtone(**params):
    return {"type": "ringtone", "params": {"name": "us", **params}}


AUDIO = {"type": "audio", "params": {"url": "https://example.com/a.mp3"}}


@pytest.mark.parametrize(
    ("play", "loop", "seconds"),
    [
        ([], 1, 0),
        ([silence(2.5)], 1, 2.5),
        ([silence(2.5)], 4, 10),
        ([tts()], 1, VOICE_SECONDS + 2),
        ([tts(), tts()], 2, VOICE_SECONDS + 8),
        ([AUDIO, silence(1)], 1, AUDIO_SECONDS + 1),
        ([ringtone(duration=7)], 1, 7),
        ([ringtone(duration=-7)], 1, 0),
        ([ringtone()], 1, None),
        ([silence(1), ringtone()], 1, None),
        ([silence(1)], 0, None),
        pytest.param([silence(10**300)], 10**300, None, id="longer than a calendar"),
    ],
)
def test_a_playback_takes_as_long_as_what_is_played(line, play, loop, seconds):
    line.send("calling.play", control_id="p", play=play, loop=loop)
    line.space.advance(86_400)
    ended = [it.at - line.seen[0].at for it in line.seen if it.state == "finished"]
    assert [each.total_seconds() for each in ended] == ([] if seconds is None else [seconds])


def test_a_pause_does_not_count(line):
    line.send("calling.play", control_id="p", play=[silence(5)])
    line.send("calling.play.pause", control_id="p")
    line.send("calling.play.pause", control_id="p")
    line.space.advance(60)
    line.send("calling.play.resume", control_id="p")
    line.send("calling.play.resume", control_id="p")
    line.space.advance(2.5)
    assert line.states("play") == ["playing", "paused", "playing"]
    line.space.advance(0.5)
    assert line.states("play")[-1] == "finished"


def test_a_playback_that_has_ended_frees_its_control_id_and_cannot_be_paused(line):
    line.send("calling.play", control_id="p", play=[silence(0.5)])
    reply = line.remote.send("calling.play.pause", line.id, control_id="p")
    assert reply.status_code == 422
    line.send("calling.play", control_id="p", play=[silence(0.5)])


# Recording


def record(line, **audio):
    line.send("calling.record", control_id="r", record={"audio": audio})


def test_a_recording_without_a_script_runs_until_it_is_stopped(line):
    record(line)
    line.space.advance(600)
    line.send("calling.record.stop", control_id="r")
    state, params = line.told("record")[-1]
    assert (state, params["duration"], params["format"]) == ("finished", 601.0, "mp3")
    assert params["url"] == params["record"]["url"]
    assert line.lines("calling_record_stop")[0]["url"] == params["url"]


def test_nobody_speaks_and_the_recording_ends_without_input(remote):
    line = Line(remote, FarEnd())
    record(line, initial_timeout=2.5)
    line.space.advance(2.5)
    assert line.told("record")[-1] == ("no_input", {"control_id": "r", "state": "no_input"})
    assert line.lines("calling_call_record") == [{"control_id": "r", "state": "no_input"}]


def test_a_recording_ends_by_silence_after_speech(remote):
    line = Line(
        remote,
        FarEnd(
            says=[
                {"what": "hello", "on": "record", "after": 1, "lasts": 2},
                {"what": "there", "on": "record", "after": 3.2, "lasts": 1},
            ]
        ),
    )
    record(line, end_silence_timeout=0.5)
    line.space.advance(60)
    assert line.told("record")[-1][1]["duration"] == 4.7


def test_a_recording_that_begins_while_somebody_speaks_waits_for_no_first_word(remote):
    line = Line(remote, FarEnd(says=[{"what": "hello", "lasts": 30}]))
    line.space.advance(1)
    record(line)
    line.space.advance(60)
    assert line.states("record") == ["recording", "finished"]


@pytest.mark.parametrize(
    ("audio", "digit", "ends"),
    [
        ({}, "#", True),
        ({}, "1", False),
        ({"terminators": ""}, "#", False),
        ({"terminators": "a1"}, "A", True),
    ],
)
def test_a_recording_ends_by_its_digits(line, audio, digit, ends):
    record(line, **audio)
    line.space.press(line.id, digit)
    assert (line.states("record")[-1] == "finished") is ends


def test_a_recording_ends_at_its_longest(line):
    record(line, max_length=20, format="wav", stereo=True)
    line.space.advance(60)
    params = line.told("record")[-1][1]
    assert (params["duration"], params["size"]) == (20.0, 640_000)
    assert params["url"].endswith(".wav")


@pytest.mark.parametrize(("behavior", "duration"), [("skip", 3.0), ("silence", 13.0)])
def test_what_is_skipped_does_not_count(line, behavior, duration):
    record(line)
    for _ in range(2):
        line.send("calling.record.pause", control_id="r", behavior=behavior)
        line.space.advance(4)
        line.send("calling.record.resume", control_id="r")
    line.send("calling.record.stop", control_id="r")
    states = ["recording", "paused", "recording", "paused", "recording", "finished"]
    assert line.states("record") == states
    assert line.told("record")[-1][1]["duration"] == duration


def test_a_recording_that_ended_by_itself_is_billed_to_its_end(remote):
    line = Line(remote, FarEnd())
    record(line)
    line.space.advance(600)
    details = line.send("calling.end")["charge_details"]
    assert {"description": "Recording", "charge": 0.002} in details


def test_recordings_of_a_space_have_urls_of_their_own(remote):
    urls = set()
    for _ in range(2):
        line = Line(remote)
        for _ in range(2):
            record(line, max_length=1)
            line.space.advance(1)
        urls |= {params["url"] for state, params in line.told("record") if state == "finished"}
    assert len(urls) == 4
