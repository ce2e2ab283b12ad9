"""What runs on a call: operations by control id, and the sessions of which a call has one."""

from __future__ import annotations

import pytest
from support.simulated_space import Remote, errors

from swnb.commands import COMMANDS

pytestmark = pytest.mark.sample(4)

STARTERS = [model for model in COMMANDS.values() if model.starts]
CONTROLLERS = [
    model
    for model in COMMANDS.values()
    if model.controls in {starter.starts for starter in STARTERS}
]


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.fixture
def call_id(remote):
    return remote.space.inbound(from_="sip:a@example.com")


def named(model):
    return model.method()


def start(remote, call_id, model, control_id="one"):
    return remote.send(model.wire, call_id, **{**model.example, "control_id": control_id})


def starter_of(model):
    return next(starter for starter in STARTERS if starter.starts == model.controls)


@pytest.mark.parametrize("model", STARTERS, ids=named)
def test_an_active_control_id_cannot_start_another(remote, call_id, model):
    assert start(remote, call_id, model).status_code == 200
    again = start(remote, call_id, model)
    assert again.status_code in {409, 422}
    assert again.json()["errors"]


def test_a_second_transcription_is_a_conflict_whatever_its_control_id(remote, call_id):
    model = COMMANDS["transcribe"]
    start(remote, call_id, model, "one")
    assert start(remote, call_id, model, "two").status_code == 409


def test_a_second_play_under_another_control_id_is_welcome(remote, call_id):
    model = COMMANDS["play"]
    start(remote, call_id, model, "one")
    assert start(remote, call_id, model, "two").status_code == 200


def test_a_control_id_is_free_again_once_its_operation_is_finished(remote, call_id):
    model = COMMANDS["play"]
    start(remote, call_id, model)
    remote.send("calling.play.stop", call_id, control_id="one")
    assert start(remote, call_id, model).status_code == 200


@pytest.mark.parametrize("model", CONTROLLERS, ids=named)
def test_an_active_operation_can_be_controlled(remote, call_id, model):
    start(remote, call_id, starter_of(model))
    reply = remote.send(model.wire, call_id, **{**model.example, "control_id": "one"})
    assert reply.status_code == 200


@pytest.mark.parametrize("model", CONTROLLERS, ids=named)
def test_an_unknown_control_id_is_refused(remote, call_id, model):
    start(remote, call_id, starter_of(model))
    reply = remote.send(model.wire, call_id, **{**model.example, "control_id": "other"})
    assert errors(reply) == {("control_id", "does_not_exist")}


@pytest.mark.parametrize("model", CONTROLLERS, ids=named)
def test_a_finished_operation_can_be_stopped_again_and_nothing_else(remote, call_id, model):
    start(remote, call_id, starter_of(model))
    remote.send(f"calling.{model.controls}.stop", call_id, control_id="one")
    reply = remote.send(model.wire, call_id, **{**model.example, "control_id": "one"})
    if model.wire.endswith(".stop"):
        assert reply.status_code == 200
    else:
        assert errors(reply) == {("control_id", "invalid_state")}


def test_events_tell_the_state_of_an_operation(remote, call_id):
    start(remote, call_id, COMMANDS["play"])
    for verb in ("pause", "resume", "stop"):
        remote.send(f"calling.play.{verb}", call_id, control_id="one")
    events = remote.logs(f"/{call_id}/events").json()["data"]
    assert [event["details"]["state"] for event in events if "play" in event["name"]] == [
        "running",
        "paused",
        "running",
        "finished",
    ]


@pytest.mark.parametrize("command", ["calling.send_fax.stop", "calling.receive_fax.stop"])
def test_a_fax_that_began_elsewhere_is_taken_on_trust(remote, call_id, command):
    assert remote.send(command, call_id, control_id="fax").status_code == 200


def test_only_a_sip_call_can_be_referred(remote):
    reply = remote.send("calling.refer", remote.space.inbound(), **COMMANDS["refer"].example)
    assert errors(reply) == {(None, "invalid_for_type")}


@pytest.mark.parametrize("command", ["calling.ai_sidecar.poke", "calling.ai_sidecar.ask"])
def test_a_sidecar_that_is_not_there_cannot_be_spoken_to(remote, call_id, command):
    assert errors(remote.send(command, call_id, text="x")) == {(None, "invalid_state")}


def test_a_call_has_one_sidecar(remote, call_id):
    example = COMMANDS["ai_sidecar"].example
    assert remote.send("calling.ai_sidecar", call_id, **example).status_code == 200
    assert errors(remote.send("calling.ai_sidecar", call_id, **example)) == {
        (None, "invalid_state")
    }


def test_a_question_to_the_sidecar_gets_an_id_of_its_own(remote, call_id):
    remote.send("calling.ai_sidecar", call_id, **COMMANDS["ai_sidecar"].example)
    ids = {
        remote.send("calling.ai_sidecar.ask", call_id, text="x").json()["ask_id"] for _ in range(3)
    }
    assert len(ids) == 3


def test_the_status_of_a_sidecar_is_a_line_of_counters(remote, call_id):
    remote.send("calling.ai_sidecar", call_id, **COMMANDS["ai_sidecar"].example)
    remote.send("calling.ai_sidecar.poke", call_id, text="x")
    reply = remote.send("calling.ai_sidecar.status", call_id)
    assert reply.headers["content-type"].startswith("text/plain")
    mark, *counters = reply.text.split(" ")
    assert mark == "+OK"
    assert dict(each.split("=") for each in counters) == {
        "running": "1",
        "ticks": "1",
        "insights": "1",
        "skips": "0",
        "tools": "0",
        "errors": "0",
        "in_tokens": "0",
        "out_tokens": "0",
        "history_size": "1",
        "event_log_bytes": "0",
    }


def test_a_stopped_sidecar_counts_as_not_running(remote, call_id):
    remote.send("calling.ai_sidecar", call_id, **COMMANDS["ai_sidecar"].example)
    remote.send("calling.ai_sidecar.stop", call_id)
    assert remote.send("calling.ai_sidecar.status", call_id).text.startswith("+OK running=0 ")


def test_words_can_be_injected_only_into_a_running_translation(remote, call_id):
    inject = {"inject": {"message": "Hello", "direction": "remote-caller"}}
    reply = remote.send("calling.live_translate", call_id, action=inject)
    assert errors(reply) == {("action", "invalid_state")}
    start = {"start": {"from_lang": "en-US", "to_lang": "es-ES", "direction": ["local-caller"]}}
    remote.send("calling.live_translate", call_id, action=start)
    assert remote.send("calling.live_translate", call_id, action=inject).status_code == 200
