"""Comparing what two runs heard: kinds, states, payloads, gaps and how waits ended."""

import json

import pytest
from click.testing import CliRunner
from support.recorded_run import DIAL

import swnb
from swnb.cli import main
from swnb.event import gap
from swnb.simulator import FarEnd

PROMPT = [{"type": "tts", "params": {"text": "Your number, please"}}]


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(seed=7, log=tmp_path / "log.sqlite") as client:
        yield client


def flow(sw, pressed="1234", event=1, *, patience=30.0):
    sw.simulated_space.far_end("+15550101", FarEnd(rings=2, presses=[(pressed, 10)]))
    return cells(sw, event=event, patience=patience)


def cells(sw, event=1, *, patience=30.0):
    with sw.listen() as inbox, sw.dial(**DIAL) as call:
        call.wait_until("answered")
        call.user_event({"number": event})
        inbox.wait_for("user_event", call=call)
        call.play(play=PROMPT).wait()
        try:
            digits = call.collect(
                digits={"max": 4}, initial_timeout=patience, start_input_timers=True
            ).wait(timeout=40)
        except swnb.WaitTimeout:
            return None
        return digits.result


def compared(sw, one, other, **options):
    comparison = swnb.compare(one, other, log=sw.log, **options)
    return [tuple(change)[0:2] + tuple(change)[4:] for change in comparison.changes]


def test_the_same_cells_heard_the_same(sw):
    for name in ("one", "other"):
        with sw.run(name):
            assert flow(sw)["digits"] == "1234"
    comparison = swnb.compare("one", "other", log=sw.log)
    assert compared(sw, "one", "other") == []
    assert comparison.events > 10
    assert f"and {comparison.events} events" in str(comparison)


def test_other_digits_are_a_change_at_their_path(sw):
    for name, pressed in (("one", "1234"), ("other", "5678")):
        with sw.run(name):
            flow(sw, pressed)
    changes = compared(sw, "one", "other")
    assert changes == [("changed", "heard collect", "body.result.params.digits", "1234", "5678")]
    text = str(swnb.compare("one", "other", log=sw.log))
    assert "heard collect #" in text
    assert 'was "1234", is "5678"' in text
    assert compared(sw, "one", "other", ignore="digits") == []


def test_an_event_with_another_payload_is_a_change(sw):
    for name, number in (("one", 1), ("other", 2)):
        with sw.run(name):
            flow(sw, event=number)
    assert ("changed", "heard user_event", "event.number", 1, 2) in compared(sw, "one", "other")


def test_another_state_and_other_ends_of_waits_are_told(sw):
    with sw.run("one"):
        flow(sw)
    with sw.run("other"):
        sw.simulated_space.far_end("+15550101", FarEnd(rings=2))
        assert cells(sw)["type"] == "no_input"
    changes = compared(sw, "one", "other")
    assert ("changed", "heard collect", "state", "digit", "no_input") in changes
    with sw.run("third"):
        sw.simulated_space.far_end("+15550101", FarEnd(rings=2))
        cells(sw, patience=600)
    changes = compared(sw, "one", "third", ignore="initial_timeout")
    assert ("changed", "wait for collect", "ended", "event", "timeout") in changes


def test_what_one_run_alone_heard_is_added_or_missing(sw):
    with sw.run("one"):
        sw.dial(**DIAL).wait_until("answered")
    with sw.run("other"), sw.listen():
        sw.dial(**DIAL).wait_until("answered")
    added = [change for change in compared(sw, "one", "other") if change[1] == "heard state"]
    assert [change[0] for change in added] == ["added"] * 3
    missing = [change for change in compared(sw, "other", "one") if change[1] == "heard state"]
    assert [change[0] for change in missing] == ["missing"] * 3
    assert swnb.compare("one", "other", log=sw.log).df.command.tolist().count("heard state") == 3


def test_gaps_are_named_and_their_length_does_not_count(sw):
    for name, seconds, restored in (("one", 1, True), ("other", 2, True), ("third", 1, False)):
        with sw.run(name):
            sw.dial(**DIAL)
            sw.log.hear([gap(0, seconds * 1_000_000, "simulated", restored=restored)])
    assert compared(sw, "one", "other") == []
    assert compared(sw, "one", "third") == [("changed", "gap", "restored", True, False)]


def test_a_run_and_its_replay_heard_the_same(sw, tmp_path):
    with sw.run("one"):
        flow(sw)
    path = sw.log.export_run("one", tmp_path / "one.jsonl")
    with swnb.replay(path, log=tmp_path / "again.sqlite") as again:
        cells(again)
        comparison = swnb.compare(path, again)
        assert not comparison, str(comparison)
        assert comparison.events > 10


def test_a_masked_recording_and_its_run_heard_the_same(sw, tmp_path):
    with sw.run("one"):
        flow(sw)
    path = sw.log.export_run("one", tmp_path / "one.jsonl", mask_numbers=True)
    assert "+15550101" not in path.read_text()
    swnb.assert_same(path, "one", log=sw.log)


def test_a_recording_without_events_says_nothing_of_them(sw, tmp_path):
    with sw.run("one"):
        flow(sw)
    path = sw.log.export_run("one", tmp_path / "one.jsonl")
    header, *lines = path.read_text().splitlines()
    header = json.loads(header) | {"format": 1}
    header.pop("events", None)
    kept = [line for line in lines if "event" not in json.loads(line)]
    old = tmp_path / "old.jsonl"
    old.write_text("\n".join([json.dumps(header), *kept]) + "\n")
    assert compared(sw, old, "one") == []


def test_the_command_names_them_and_exits_with_one(sw, tmp_path):
    paths = []
    for name, pressed in (("one", "1234"), ("other", "5678")):
        with sw.run(name):
            flow(sw, pressed)
        paths.append(str(sw.log.export_run(name, tmp_path / f"{name}.jsonl")))
    done = CliRunner().invoke(main, ["compare", *paths])
    assert done.exit_code == 1
    assert "heard collect" in done.output
    assert CliRunner().invoke(main, ["compare", paths[0], paths[0]]).exit_code == 0
