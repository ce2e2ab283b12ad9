"""A call in one's hand: its control ids, and all commands as methods with their models' parameters."""

from __future__ import annotations

import inspect

import pytest
from support.canned_server import CALL_ID, LEG, said
from support.dialing import DIAL

import swnb
from swnb.commands import COMMANDS, ESCAPES, wire_name

pytestmark = pytest.mark.sample(4)

TTS = [{"type": "tts", "params": {"text": "Hello"}}]
ON_CALL = {method: model for method, model in COMMANDS.items() if model.on_call}
AUDIO = {"audio": {}}


@pytest.fixture
def recorder(replying):
    """A client on a server that takes everything, and the server."""
    return replying(said(LEG))


def sent(space):
    """Give the commands that arrived, wire names only, but not the readings."""
    return [seen.command for seen in space.requests if seen.method == "POST"]


def bodies(sw):
    """Give the parameters of what was sent, readings left out."""
    requests = sw.log.exchanges(bodies=True).request
    return [request["params"] for request in requests if "params" in request]


# Control ids


def test_control_ids_are_made_and_counted_by_operation(call, sw):
    replies = [
        call.play(play=TTS),
        call.play(play=TTS),
        call.record(record=AUDIO),
        call.play(play=TTS),
    ]
    assert [reply.control_id for reply in replies] == ["play-1", "play-2", "record-1", "play-3"]
    assert [params["control_id"] for params in bodies(sw)[-4:]] == [
        "play-1", "play-2", "record-1", "play-3",
    ]  # fmt: skip
    assert call.operations() == {"play": ["play-1", "play-2", "play-3"], "record": ["record-1"]}


def test_a_given_control_id_is_kept_and_counted(call):
    assert call.play(play=TTS, control_id="play-1").control_id == "play-1"
    assert call.play(play=TTS, control_id="music").control_id == "music"
    assert call.play(play=TTS).control_id == "play-2"
    assert call.operations() == {"play": ["play-1", "music", "play-2"]}


def test_a_stopped_operation_is_forgotten_but_its_id_is_not_used_again(call):
    call.play(play=TTS).stop()
    assert call.operations() == {}
    assert call.play(play=TTS).control_id == "play-2"


def test_what_a_reply_started_is_controlled_from_it(call, space):
    first, second = call.play(play=TTS), call.play(play=TTS)
    done = [first.pause(), first.resume(), first.volume(-3), first.stop()]
    assert {reply.control_id for reply in done} == {"play-1"}
    assert sent(space)[-4:] == [
        "calling.play.pause", "calling.play.resume", "calling.play.volume", "calling.play.stop",
    ]  # fmt: skip
    assert call.operations() == {"play": ["play-2"]}
    assert second.stop().control_id == "play-2"


def test_a_recording_is_paused_with_what_happens_meanwhile(call, sw):
    call.record(record=AUDIO).pause(behavior="silence")
    assert bodies(sw)[-1] == {"control_id": "record-1", "behavior": "silence"}


def test_a_stop_finds_the_latest_open_operation(call):
    call.play(play=TTS)
    call.play(play=TTS)
    assert call.stop("play").control_id == "play-2"
    assert call.stop("play").control_id == "play-1"


@pytest.mark.parametrize(
    "control",
    [
        lambda call: call.stop("play"),
        lambda call: call.play_pause(),
        lambda call: call.play_volume(volume=3),
    ],
)
def test_control_of_what_is_not_open_is_refused_and_logged(call, sw, space, control):
    before = len(space.requests)
    with pytest.raises(swnb.InvalidCommand, match="no play that was started on this call is open"):
        control(call)
    assert len(space.requests) == before
    row = sw.log.df.iloc[-1]
    assert (row.outcome, row.call_id) == ("refused", call.id)
    assert row.command.startswith("calling.play.")


def test_operations_without_a_control_id_are_stopped_from_their_reply(call, space):
    call.denoise().stop()
    call.ai_sidecar(lang="en-US").stop()
    call.stop("denoise")
    assert sent(space)[-5:] == [
        "calling.denoise", "calling.denoise.stop", "calling.ai_sidecar", "calling.ai_sidecar.stop",
        "calling.denoise.stop",
    ]  # fmt: skip


def test_control_that_there_is_not_names_the_closest(call, space):
    before = len(space.requests)
    with pytest.raises(swnb.UnknownCommand, match="did you mean"):
        call.stop("plya")
    with pytest.raises(swnb.UnknownCommand):
        call.user_event(event={}).stop()
    with pytest.raises(swnb.UnknownCommand, match="did you mean"):
        call.collect(digits={"max": 1}).volume(3)
    assert len(space.requests) == before + 2


def test_operations_are_found_again_by_another_client_on_the_log(space, server, tmp_path):
    def client():
        return swnb.Client(space.project, space.token, server.host, log=tmp_path / "log.sqlite")

    with client() as first:
        call = first.dial(**DIAL).wait_until("answered")
        call.play(play=TTS)
        call.play(play=TTS).stop()
    with client() as second:
        again = second.call(call.id)
        assert again.operations() == {"play": ["play-1"]}
        assert again.play(play=TTS).control_id == "play-3"
        assert again.record(record=AUDIO).control_id == "record-1"
        assert [again.stop("play").control_id for _ in range(2)] == ["play-3", "play-1"]


def test_what_did_not_reach_the_call_begins_no_operation(space, server, tmp_path):
    def client(**options):
        given = (space.project, space.token, server.host)
        return swnb.Client(*given, log=tmp_path / "log.sqlite", **options)

    with client() as first:
        call = first.dial(**DIAL).wait_until("answered")
        space.misbehave("503", times=3, retry_after=0)
        with pytest.raises(swnb.Unavailable):
            call.play(play=TTS)
        with pytest.raises(swnb.ApiError):
            first.calling.play_stop(call.id, control_id="play-1")
    with client(dry_run=True) as rehearsal:
        rehearsal.call(call.id).play(play=TTS)
    with client() as second:
        assert second.call(call.id).operations() == {}
        assert second.call(call.id).play(play=TTS).control_id == "play-1"


def test_a_play_whose_outcome_is_unknown_keeps_its_id_and_can_be_stopped(call, space):
    space.misbehave("500", after_acting=True)
    with pytest.raises(swnb.OutcomeUnknown):
        call.play(play=TTS)
    assert call.play(play=TTS).control_id == "play-2"
    call.stop("play")
    assert call.stop("play").control_id == "play-1"


def test_a_play_that_was_refused_leaves_its_id_free(call, space):
    space.misbehave("503", retry_after=0)
    with pytest.raises(swnb.Unavailable):
        call.play(play=TTS)
    assert call.operations() == {}
    assert call.play(play=TTS).control_id == "play-1"


# The call's state


def test_a_call_knows_what_the_latest_answer_said(sw):
    call = sw.dial(**DIAL)
    assert (call.status, call.ended) == ("queued", False)
    call.wait_until("answered")
    assert call.status == "answered"
    assert call.charge == call.last["charge"]
    call.end()
    assert (call.status, call.ended) == ("ended", True)


def test_a_wait_ends_with_the_call(sw):
    busy = sw.dial(**DIAL | {"to": "+15550486"})
    with pytest.raises(swnb.CallOver, match="it ended as busy") as over:
        busy.wait_until("answered")
    assert (over.value.status, busy.status) == ("busy", "busy")


def test_a_wait_has_an_end(sw, space):
    ringing = sw.call(space.inbound(answered=False))
    with pytest.raises(swnb.SwnbError, match="still ringing after 5 s"):
        ringing.wait_until("answered", timeout=5)


def test_update_fills_in_the_call(call, space):
    reply = call.update(status="completed")
    assert reply.status == "completed"
    assert (space.requests[-1].command, space.requests[-1].call_id) == ("update", call.id)


def test_update_of_another_call_is_refused_and_logged(call, sw, space):
    before = len(space.requests)
    with pytest.raises(swnb.InvalidCommand, match=r"^update\.id: is not a parameter here"):
        call.update(id=CALL_ID, status="completed")
    assert len(space.requests) == before
    assert sw.log.df.iloc[-1].outcome == "refused"


def test_a_call_that_was_taken_unchecked_sends_unchecked(recorder):
    client, server = recorder
    call = client.call("call-1", unchecked=True)
    call.user_event(event={})
    call.refresh()
    assert server.requests[0].json["id"] == "call-1"
    assert server.requests[1].line == "GET /api/voice/logs/call-1 HTTP/1.1"


# All commands as methods


def parameter_names(method):
    return list(inspect.signature(method).parameters)


def python_names(model, *, without=()):
    """Give the example of a model with the keywords of Python."""
    fields = {wire_name(name): name for name in model.model_fields}
    return {fields[name]: item for name, item in model.example.items() if name not in without}


@pytest.mark.parametrize("method", COMMANDS)
def test_the_wire_level_has_each_command(recorder, method):
    client, _ = recorder
    model, bound = COMMANDS[method], getattr(client.calling, method)
    expected = [*(["call_id"] if model.on_call else []), *model.model_fields]
    assert sorted(parameter_names(bound)) == sorted(expected)
    assert parameter_names(bound)[-2:] == list(ESCAPES)
    assert bound.__name__ == method
    assert bound.__doc__.startswith(inspect.getdoc(model))
    assert f"`{model.wire}`" in bound.__doc__


@pytest.mark.parametrize("method", ON_CALL)
def test_a_call_has_each_command_without_the_id(recorder, method):
    client, _ = recorder
    model, bound = COMMANDS[method], getattr(client.call(CALL_ID), method)
    assert sorted(parameter_names(bound)) == sorted(model.model_fields)
    assert bound.__doc__.startswith(inspect.getdoc(model))
    assert f"`{model.wire}`" in bound.__doc__


@pytest.mark.parametrize("method", COMMANDS)
def test_what_is_required_has_no_default(recorder, method):
    client, _ = recorder
    model = COMMANDS[method]
    parameters = inspect.signature(getattr(client.calling, method)).parameters
    required = {name for name, field in model.model_fields.items() if field.is_required()}
    assert {
        name for name, each in parameters.items() if each.default is inspect.Parameter.empty
    } - {"call_id"} == required


@pytest.mark.parametrize("method", COMMANDS)
def test_the_wire_level_sends_exactly_the_example(recorder, method):
    client, server = recorder
    model = COMMANDS[method]
    first = [CALL_ID] if model.on_call else []
    getattr(client.calling, method)(*first, **python_names(model))
    named = {"id": CALL_ID} if model.on_call else {}
    (request,) = server.requests
    assert request.json == {"command": model.wire, **named, "params": model.example}
    assert list(request.json["params"]) == list(model.example)


@pytest.mark.parametrize("method", ON_CALL)
def test_a_call_sends_exactly_the_example(recorder, method):
    client, server = recorder
    model = COMMANDS[method]
    getattr(client.call(CALL_ID), method)(**python_names(model))
    assert server.requests[0].json == {
        "command": model.wire, "id": CALL_ID, "params": model.example,
    }  # fmt: skip


STARTING = [method for method, model in ON_CALL.items() if model.starts]


@pytest.mark.parametrize("method", STARTING)
def test_a_call_makes_the_control_id_that_a_command_needs(recorder, method):
    client, server = recorder
    model = COMMANDS[method]
    getattr(client.call(CALL_ID), method)(**python_names(model, without={"control_id"}))
    required = model.model_fields["control_id"].is_required()
    made = server.requests[0].json["params"].get("control_id")
    assert made == (f"{model.starts}-1" if required else None)


def test_there_are_forty_on_a_call_and_forty_two_in_all():
    assert (len(ON_CALL), len(COMMANDS)) == (40, 42)


def test_dial_and_update_have_their_own_signatures(recorder):
    client, _ = recorder
    assert sorted(parameter_names(client.dial)) == sorted(COMMANDS["dial"].model_fields)
    own = set(parameter_names(client.call(CALL_ID).update))
    assert own == set(COMMANDS["update"].model_fields) - {"id"}


def test_completion_offers_the_commands(recorder):
    client, _ = recorder
    assert set(COMMANDS) <= set(dir(client.calling))
    assert {*ON_CALL, "update"} <= set(dir(client.call(CALL_ID)))


def test_a_call_asks_for_no_control_id_where_it_makes_one(call, sw):
    own = inspect.signature(call.play).parameters["control_id"]
    wire = inspect.signature(sw.calling.play).parameters["control_id"]
    assert own.default is None
    assert wire.default is inspect.Parameter.empty
