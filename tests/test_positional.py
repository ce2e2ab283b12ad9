"""One main parameter by position, pasted bodies, and names that people try: all say what to type."""

from __future__ import annotations

import inspect
import types

import pytest
from support.canned_server import CALL_ID
from support.dialing import DIAL

import swnb
from swnb.commands import COMMANDS

pytestmark = pytest.mark.sample(6)

SECRET = "Passw0rd-of-a-sip-phone"
MAIN = {
    "user_event": ("event", {"action": "order.confirmed", "note": None}),
    "transfer": ("dest", "https://example.com/swml/next"),
    "end": ("reason", "busy"),
    "ai_sidecar_ask": ("text", "Which objections were raised so far?"),
    "ai_sidecar_poke": ("text", "The customer asked for a refund."),
}


@pytest.fixture(scope="module")
def dry():
    with swnb.simulate(dry_run=True) as client:
        yield client


def last(client):
    """The last row of the log, with its request."""
    return client.log.exchanges(bodies=True).iloc[-1]


def refused(client, send):
    """Send what is refused, and return the message and the row that the log has of it."""
    before = len(client.log.exchanges())
    with pytest.raises(swnb.InvalidCommand) as caught:
        send()
    assert len(client.log.exchanges()) == before + 1
    row = last(client)
    assert row.outcome == "refused"
    assert row.error_message == str(caught.value)
    return str(caught.value), row


# By position


def test_these_commands_have_one_main_parameter():
    mains = {name: model.main_parameter() for name, model in COMMANDS.items()}
    assert {name: main for name, main in mains.items() if main} == {
        name: main for name, (main, _) in MAIN.items()
    }


@pytest.mark.parametrize("command", MAIN)
def test_the_main_parameter_may_come_by_position(dry, command):
    name, value = MAIN[command]
    by_position = getattr(dry.call(CALL_ID), command)(value)
    assert by_position["params"] == {name: value}
    assert getattr(dry.call(CALL_ID), command)(**{name: value}) == by_position
    assert getattr(dry.calling, command)(CALL_ID, value) == by_position
    assert getattr(dry.calling, command)(call_id=CALL_ID, **{name: value}) == by_position


def test_a_live_call_takes_it_as_well(call, sw, space):
    call.user_event({"a": None})
    call.end("busy")
    assert [seen.command for seen in space.requests[-2:]] == ["calling.user_event", "calling.end"]
    assert [request["params"] for request in sw.log.exchanges(bodies=True).request[-2:]] == [
        {"event": {"a": None}}, {"reason": "busy"},
    ]  # fmt: skip


@pytest.mark.parametrize("command", MAIN)
def test_by_position_and_by_keyword_at_once_is_refused(dry, command):
    name, value = MAIN[command]
    message, _ = refused(dry, lambda: getattr(dry.call(CALL_ID), command)(value, **{name: value}))
    assert message == f"{command}.{name}: is given both by position and by keyword"


OTHERS = {
    "no main parameter": (lambda sw: sw.call(CALL_ID).play([]), "write play(play=…)"),
    "nor on the wire": (lambda sw: sw.calling.play(CALL_ID, []), "write play(play=…)"),
    "two values": (lambda sw: sw.call(CALL_ID).user_event({}, {}), "write user_event(event=…)"),
    "no parameter": (lambda sw: sw.call(CALL_ID).ai_unhold(1), "it has none"),
    "dial": (lambda sw: sw.dial("+15550100", "+15550101"), "write dial(from_=…)"),
    "dial on the wire": (lambda sw: sw.calling.dial("+15550100"), "write dial(from_=…)"),
    "update": (lambda sw: sw.calling.update(CALL_ID), "write update(id=…)"),
    "update of a call": (lambda sw: sw.call(CALL_ID).update("completed"), "write update(status=…)"),
}


@pytest.mark.parametrize("use", OTHERS)
def test_other_values_by_position_name_the_keyword(dry, use):
    send, hint = OTHERS[use]
    message, _ = refused(dry, lambda: send(dry))
    assert f"takes its parameters by keyword; {hint}" in message


# Pasted bodies


def test_the_body_of_a_page_is_sent_as_it_is(sw, space):
    started = sw.send({"command": "dial", "params": {"from": "+15550100", **_wire(DIAL)}})
    body = {"command": "calling.end", "id": started["id"], "params": {"reason": "busy"}}
    sw.send(body)
    assert [seen.command for seen in space.requests] == ["dial", "calling.end"]
    assert last(sw).request == body
    assert list(sw.log.df.outcome) == ["accepted", "accepted"]


def _wire(params):
    return {name: value for name, value in params.items() if name != "from_"}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_example_may_be_pasted(dry, command):
    model = COMMANDS[command]
    body = {"command": model.wire, "params": model.example}
    body |= {"id": CALL_ID} if model.on_call else {}
    assert dry.send(body) == body


def test_params_may_be_left_out(dry):
    assert dry.send({"command": "calling.denoise", "id": CALL_ID})["params"] == {}


WRONG = {
    "no command": ({"id": CALL_ID, "params": {}}, ["send.command: is required"]),
    "a command that is no string": ({"command": 7}, ["send.command: is required"]),
    "unknown command": (
        {"command": "calling.plya", "id": CALL_ID},
        ["there is no such command; did you mean 'play'?"],
    ),
    "unknown keys": (
        {"command": "calling.end", "id": CALL_ID, "parms": {}},
        ["send.parms: is not part of a request body; its parts are command, id, params"],
    ),
    "params no object": (
        {"command": "calling.end", "id": CALL_ID, "params": ["busy"]},
        ["send.params: must be an object (a dict)"],
    ),
    "params null": (
        {"command": "calling.end", "id": CALL_ID, "params": None},
        ["send.params: must be an object (a dict)"],
    ),
    "an id beside dial": (
        {"command": "dial", "id": CALL_ID, "params": {}},
        ["send.id: is not part of this command's body"],
    ),
    "all at once": (
        {"params": 1, "parms": 2},
        ["send.command: is", "send.params: must", "send.parms: is not"],
    ),
    "no body": ("calling.end", ["send: must be a dict: send({"]),
    "nothing": (None, ["send: must be a dict: send({"]),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_body_is_refused_and_logged(dry, case):
    body, expected = WRONG[case]
    message, row = refused(dry, lambda: dry.send(body))
    lines = message.split("\n")
    assert len(lines) == len(expected)
    assert all(line.startswith(start) for line, start in zip(lines, expected, strict=True))
    assert row.command == "send"


def test_wrong_parameters_of_a_body_are_those_of_the_command(sw, space):
    body = {"command": "calling.end", "id": "call-1", "params": {"reason": "tired", "resaon": 1}}
    message, row = refused(sw, lambda: sw.send(body))
    assert {line.partition(":")[0] for line in message.split("\n")} == {
        "end.call_id", "end.reason", "end.resaon",
    }  # fmt: skip
    assert row.command == "calling.end"
    assert space.requests == []
    message, _ = refused(sw, lambda: sw.send({"command": "calling.end"}))
    assert message.startswith("end.call_id: is required")


def test_a_wrong_body_is_logged_without_its_secrets(sw, tmp_path):
    body = {"command": "dial", "params": {"password": SECRET}, "password": SECRET, "id": SECRET}
    message, row = refused(sw, lambda: sw.send(body))
    assert SECRET not in message
    assert SECRET not in repr(row.request)
    sw.close()
    assert not [path for path in tmp_path.iterdir() if SECRET.encode() in path.read_bytes()]


# Names that people try

TRIED = {
    "price": "charge",
    "cost": "charge",
    "hangup": "end",
    "hang_up": "end",
    "wait": "wait_until",
    "state": "status",
    "pley": "play",
    "frm_": "from_",
    "directon": "direction",
    "usr_event": "user_event",
    "refesh": "refresh",
}


@pytest.mark.parametrize("name", TRIED)
def test_a_name_that_a_call_has_not_names_the_nearest(dry, name):
    with pytest.raises(AttributeError) as caught:
        getattr(dry.call(CALL_ID), name)
    assert str(caught.value) == f"there is no {name!r} here; did you mean {TRIED[name]!r}?"


@pytest.mark.parametrize("of", ["call", "sw", "sw.calling"])
def test_a_name_like_nothing_points_to_the_reference(call, sw, of):
    target = {"call": call, "sw": sw, "sw.calling": sw.calling}[of]
    with pytest.raises(AttributeError) as caught:
        target.zzzzzz  # noqa: B018 - the access is the test
    assert str(caught.value) == ("there is no 'zzzzzz' here; docs/reference.md lists what there is")


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "dial"])
def test_a_command_on_the_client_points_to_where_it_is(dry, name):
    with pytest.raises(AttributeError) as caught:
        getattr(dry, name)
    assert f"call.{name}(…)" in str(caught.value)
    assert f"sw.calling.{name}(" in str(caught.value)


def test_a_call_has_its_facts_under_their_usual_names(sw):
    call = sw.dial(**DIAL)
    assert (call.from_, call.to) == (DIAL["from_"], DIAL["to"])
    assert call.direction == call.last["direction"]
    assert call.type == call.last["type"]
    call.wait_until("answered").end()
    call.refresh()
    assert call.duration == call.last["duration_ms"] / 1000
    assert call.duration > 0
    assert call.created == call.last["created_at"]
    assert "in seconds" in inspect.getdoc(type(call).duration)


def test_a_call_that_was_not_asked_about_knows_no_facts(sw):
    call = sw.call(CALL_ID)
    facts = ("status", "charge", "duration", "from_", "to", "direction", "type", "created")
    assert {name: getattr(call, name) for name in facts} == dict.fromkeys(facts)


# What completion offers


@pytest.mark.parametrize("of", ["call", "sw", "sw.calling"])
def test_completion_offers_nothing_that_was_imported(call, sw, of):
    target = {"call": call, "sw": sw, "sw.calling": sw.calling}[of]
    offered = [name for name in dir(target) if not name.startswith("_")]
    assert len(offered) > 10
    values = {name: getattr(target, name) for name in offered}
    assert [name for name, value in values.items() if isinstance(value, types.ModuleType)] == []


def test_the_package_shows_its_public_names_alone():
    assert dir(swnb) == sorted(swnb.__all__)
