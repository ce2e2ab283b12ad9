"""Who is let in, what is read as a command, and what is refused before a call is touched."""

from __future__ import annotations

import json
import threading

import pytest
import requests
from support.simulated_space import Remote, errors

from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.errors import Problem
from swnb.exchange import CALLS_PATH, VOICE_LOGS_PATH
from swnb.simulator import Space
from swnb.simulator.answers import error_of

pytestmark = pytest.mark.sample(4)

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_wrong_token_is_unauthorized(remote, token):
    reply = requests.get(
        remote.server.url + VOICE_LOGS_PATH, auth=(remote.space.project, token), timeout=10
    )
    assert (reply.status_code, reply.json()) == (401, {"error": "Unauthorized"})


def test_no_credentials_are_unauthorized(remote):
    reply = requests.post(remote.server.url + CALLS_PATH, json={}, timeout=10)
    assert reply.status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", CALLS_PATH),
        ("POST", VOICE_LOGS_PATH),
        ("PUT", CALLS_PATH),
        ("GET", f"{VOICE_LOGS_PATH}/{UNKNOWN}"),
        ("GET", f"{VOICE_LOGS_PATH}/{UNKNOWN}/events"),
        ("GET", f"{VOICE_LOGS_PATH}/{UNKNOWN}/other"),
    ],
)
def test_what_does_not_exist_is_not_found(remote, method, path):
    reply = remote.session.request(method, remote.server.url + path, timeout=10)
    assert (reply.status_code, reply.json()) == (404, {"error": "Not Found"})


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"dial"', b'{"command": NaN}', b"\xff", b"[" * 100_000]
)
def test_a_body_that_is_no_json_object_is_a_bad_request(remote, body):
    reply = remote.session.post(remote.server.url + CALLS_PATH, data=body, timeout=10)
    assert (reply.status_code, reply.json()) == (400, {"error": "Bad Request"})


def test_deeply_nested_parameters_are_a_bad_request():
    space = Space()
    call_id = space.inbound()
    deep = '{"a":' * 900 + "1" + "}" * 900
    body = f'{{"command": "calling.user_event", "id": "{call_id}", "params": {{"event": {deep}}}}}'
    credentials = {"authorization": f"Basic {space._credentials}"}
    depth = _nested(lambda: space.handle("POST", CALLS_PATH, credentials, body.encode()))
    assert depth.status == 400


def _nested(action, depth=700):
    return action() if depth == 0 else _nested(action, depth - 1)


@pytest.mark.parametrize(
    ("envelope", "reason"),
    [
        ({}, ("command", "missing_required_parameter")),
        ({"command": "calling.sing", "params": {}}, ("command", "invalid_command_attempted")),
        ({"command": 5, "params": {}}, ("command", "invalid_command_attempted")),
        ({"command": "calling.end", "params": {}}, ("id", "missing_required_parameter")),
        ({"command": "calling.end", "id": 5, "params": {}}, ("id", "not_a_string")),
        (
            {"command": "update", "params": {"status": "completed"}},
            ("id", "missing_required_parameter"),
        ),
        ({"command": "dial"}, ("params", "missing_required_parameter")),
        ({"command": "dial", "params": []}, ("params", "not_a_hash")),
        ({"command": "dial", "params": {}, "id": UNKNOWN}, ("id", "invalid_parameter")),
        ({"command": "dial", "params": {"id": UNKNOWN}}, ("id", "unsupported_option")),
    ],
)
def test_a_wrong_envelope_says_what_is_wrong(remote, envelope, reason):
    reply = remote.post(envelope)
    assert reply.status_code == 422
    assert reason in errors(reply)


@pytest.mark.parametrize("command", [name for name, model in COMMANDS.items() if name != "dial"])
def test_every_command_on_an_unknown_call_is_not_found(remote, command):
    model = COMMANDS[command]
    params = dict(model.example) | ({} if model.on_call else {"id": UNKNOWN})
    envelope = {"command": model.wire, "params": params} | (
        {"id": UNKNOWN} if model.on_call else {}
    )
    assert remote.post(envelope).status_code == 404


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (command, name)
        for command, model in COMMANDS.items()
        for name, parameter in parameters(model).items()
        if parameter.required and name != "id"
    ],
)
def test_every_required_parameter_is_asked_for(command, name):
    model = COMMANDS[command]
    space = Space()
    call_id = space.inbound()
    params = {key: value for key, value in model.example.items() if key != name}
    params |= {} if model.on_call or command == "dial" else {"id": call_id}
    envelope = {"command": model.wire, "params": params} | (
        {"id": call_id} if model.on_call else {}
    )
    answer = space.handle(
        "POST",
        CALLS_PATH,
        {"authorization": f"Basic {space._credentials}"},
        json.dumps(envelope).encode(),
    )
    found = {(each["attribute"], each["code"]) for each in json.loads(answer.body)["errors"]}
    assert (name, "missing_required_parameter") in found


def test_all_problems_come_at_once(remote):
    reply = remote.send("dial", from_=5, timeout=0, bogus=1, codecs="none")
    assert errors(reply) == {
        ("from", "not_a_string"),
        ("timeout", "invalid_parameter"),
        ("bogus", "unsupported_option"),
        ("codecs", "invalid_codecs_format"),
        ("url", "inline_swml_or_swml_webhook_required"),
        ("to", "missing_required_parameter"),
    }


def test_two_parameters_that_exclude_each_other_have_a_code_of_their_own(remote):
    swml = {"version": "1.0.0", "sections": {"main": []}}
    reply = remote.send(
        "dial", from_="+15550100", to="+15550101", url="https://example.com", swml=swml
    )
    assert {code for _, code in errors(reply)} == {"incompatible_parameters"}


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({f"key_{n}": "x" for n in range(21)}, ("custom_variables", "too_many_custom_variables")),
        ({"sw_x": "x"}, ("custom_variables.sw_x", "reserved_custom_variable_name")),
        ({"1x": "x"}, ("custom_variables.1x", "invalid_custom_variable_name")),
        ({"x": ""}, ("custom_variables.x", "invalid_custom_variable_value")),
        ([], ("custom_variables", "must_be_object")),
    ],
)
def test_custom_variables_get_the_platforms_own_codes(remote, variables, reason):
    reply = remote.send(
        "dial",
        from_="+15550100",
        to="+15550101",
        url="https://example.com",
        custom_variables=variables,
    )
    assert errors(reply) == {reason}


@pytest.mark.parametrize(
    ("problem", "given", "code"),
    [
        (Problem("url", "…"), {}, "inline_swml_or_swml_webhook_required"),
        (Problem("url", "…"), {"url": "x", "swml": {}}, "incompatible_parameters"),
        (Problem("url", "…"), {"url": "x"}, "invalid_parameter"),
        (Problem("to", "…"), {}, "missing_required_parameter"),
        (Problem("status_url", "…", "http_url"), {"status_url": "x"}, "not_an_http_url"),
        (Problem("swml", "…", "dict_type"), {"swml": 1}, "not_a_hash"),
    ],
)
def test_the_code_of_a_problem_does_not_hang_on_its_words(problem, given, code):
    assert error_of(problem, COMMANDS["dial"], given)["code"] == code


@pytest.mark.parametrize(
    ("params", "reason"),
    [
        ({"status_url": "ftp://x"}, ("status_url", "not_an_http_url")),
        ({"status_url": 5}, ("status_url", "not_a_string")),
        ({"fallback_url": "x"}, ("fallback_url", "invalid_parameter")),
    ],
)
def test_a_problem_of_one_parameter_gets_the_platforms_code(remote, params, reason):
    dial = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com"}
    assert errors(remote.send("dial", **dial | params)) == {reason}


@pytest.mark.parametrize("name", ["extras", "unchecked", "from_"])
def test_what_only_the_client_knows_is_no_parameter_on_the_wire(remote, name):
    params = {"from": "+15550100", "to": "+15550101", "url": "https://example.com", name: {}}
    reply = remote.post({"command": "dial", "params": params})
    assert errors(reply) == {(name, "unsupported_option")}


def test_null_is_not_taken_for_an_absent_parameter(remote):
    call_id = remote.space.inbound()
    item = {"type": "tts", "params": {"text": "Hello", "voice": None}}
    reply = remote.send("calling.play", call_id, control_id="p", play=[item], volume=None)
    assert errors(reply) == {
        ("volume", "invalid_parameter"),
        ("play[0].params.voice", "invalid_parameter"),
    }


def test_null_inside_an_event_is_data(remote):
    call_id = remote.space.inbound()
    assert remote.send("calling.user_event", call_id, event={"amount": None}).status_code == 200


def test_a_collect_of_nothing_is_a_bad_request(remote):
    reply = remote.send("calling.collect", remote.space.inbound(), control_id="c")
    assert (reply.status_code, reply.json()) == (400, {"error": "Bad Request"})


def test_every_answer_says_that_it_is_simulated_and_which_request_it_answers(remote):
    remote.space.misbehave("500")
    replies = [remote.logs(), remote.logs("/nothing"), remote.post([])]
    assert {reply.headers["x-simulated"] for reply in replies} == {"swnb"}
    assert len({reply.headers["x-request-id"] for reply in replies}) == 3


def test_everything_that_arrived_is_listed(remote):
    call_id = remote.space.inbound()
    remote.send("calling.end", call_id)
    remote.logs("/nothing")
    remote.post([])
    body = {"command": "calling.end", "params": {}, "id": call_id}
    assert [tuple(seen) for seen in remote.space.requests] == [
        ("POST", CALLS_PATH, "calling.end", call_id, 200, body),
        ("GET", f"{VOICE_LOGS_PATH}/nothing", "voice_log", "nothing", 404, None),
        ("POST", CALLS_PATH, None, None, 400, None),
    ]


def test_the_bodies_of_what_arrived_hold_no_secrets(remote):
    example = COMMANDS["stream"].example | {"authorization_bearer_token": "hush-hush"}
    remote.send("calling.stream", remote.space.inbound(), **example)
    (seen,) = remote.space.requests
    assert seen.body["params"]["url"] == example["url"]
    assert "hush" not in repr(seen)


def test_each_request_takes_a_virtual_second(remote):
    before = remote.space.now
    remote.logs()
    remote.logs("/nothing")
    assert (remote.space.now - before).total_seconds() == 2


def test_time_does_not_run_backwards():
    with pytest.raises(ValueError, match="at least 0"):
        Space().advance(-1)


def _session(seed):
    space = Space(seed)
    credentials = {"authorization": f"Basic {space._credentials}", "host": "simulated"}
    answers = []
    call_id = space.inbound()
    for name, model in COMMANDS.items():
        body = {"command": model.wire, "params": model.example, "id": call_id}
        answers.append(space.handle("POST", CALLS_PATH, credentials, json.dumps(body).encode()))
        assert answers[-1].status < 500, name
    answers.extend(
        space.handle("GET", f"{VOICE_LOGS_PATH}{tail}", credentials, b"")
        for tail in ("", "?page_size=1", f"/{call_id}", f"/{call_id}/events")
    )
    return answers


def test_the_same_seed_and_requests_give_the_same_bytes():
    assert _session(7) == _session(7)


def test_another_seed_gives_other_ids():
    first, second = Space(1), Space(2)
    assert first.inbound() != second.inbound()
    assert (first.project, first.token) != (second.project, second.token)


def test_the_project_and_the_token_can_be_chosen():
    space = Space(project="mine", token="secret")
    assert (space.project, space.token) == ("mine", "secret")
    assert "secret" not in repr(space)


def test_requests_from_many_threads_are_all_counted():
    with Remote() as remote:
        call_id = remote.space.inbound()

        def send():
            with requests.Session() as session:
                session.auth = remote.session.auth
                body = {"command": "calling.user_event", "id": call_id, "params": {"event": {}}}
                for _ in range(25):
                    session.post(remote.server.url + CALLS_PATH, json=body, timeout=10)

        threads = [threading.Thread(target=send) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [seen.status for seen in remote.space.requests] == [200] * 100


def test_the_id_of_an_inbound_call_does_not_depend_on_what_was_dialled(remote):
    other = Space(remote.space.seed)  # such as that of a replay, which dials nobody
    remote.dial()
    first = remote.space.inbound()
    assert other.inbound() == first
    assert other.inbound() != first
