"""What holds for every command of the catalogue, and what goes over the wire."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from support.catalogue_values import broken, full

from swnb.commands import COMMANDS, AiMessage, Command, Dial, UserEvent, find
from swnb.commands.codes import CODES, explain
from swnb.commands.schema import parameters
from swnb.errors import InvalidCommand, UnknownCommand

pytestmark = pytest.mark.sample(8)

SECRET = "canary-7d1f"


def all_broken():
    for method, model in COMMANDS.items():
        for name, parameter in parameters(model).items():
            for count, (what, path, value) in enumerate(broken(parameter, name)):
                yield pytest.param(model, name, path, value, id=f"{method}-{count}-{path}-{what}")


PARAMETERS = [(model, each) for model in COMMANDS.values() for each in parameters(model).values()]
every_command = pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
every_parameter = pytest.mark.parametrize(
    ("model", "parameter"),
    PARAMETERS,
    ids=lambda part: part.name if hasattr(part, "shapes") else part.method(),
)


def problems(model: type[Command], params: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(InvalidCommand) as refused:
        model(**params)
    return {problem.path: problem.message for problem in refused.value.problems}


def test_there_are_42_commands_each_with_its_own_wire_name():
    assert len(COMMANDS) == 42
    assert {model.wire: model for model in COMMANDS.values()} == Command.catalogue


@every_command
def test_the_example_is_sent_exactly(model):
    assert json.dumps(model(**model.example).params) == json.dumps(model.example)


@every_command
def test_the_envelope_is_the_platforms(model):
    call_id = "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21"
    expected = {"command": model.wire, "id": call_id, "params": model.example}
    if not model.on_call:
        del expected["id"]
    assert json.loads(model(**model.example).body(call_id)) == expected


@every_command
def test_every_parameter_can_be_given_at_once(model):
    params = full(model)
    assert json.dumps(model(**params).params) == json.dumps(params)


@every_parameter
def test_every_form_of_a_parameter_is_accepted(model, parameter):
    for shape in parameter.shapes:
        params = full(model, parameter.wire, shape)
        assert json.dumps(model(**params).params) == json.dumps(params)


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, each.wire) for model, each in PARAMETERS if each.required],
    ids=lambda part: part if isinstance(part, str) else part.method(),
)
def test_a_missing_required_parameter_is_refused(model, name):
    params = {key: item for key, item in model.example.items() if key != name}
    assert problems(model, params)[name] == "is required"


@every_command
def test_a_parameter_that_is_none_is_not_sent(model):
    optional = [name for name, each in parameters(model).items() if not each.required]
    params = {**dict.fromkeys(optional), **model.example}
    assert model(**params).params == model.example


@every_command
def test_an_unknown_parameter_is_refused_with_its_path(model):
    assert "unheard_of" in problems(model, {**model.example, "unheard_of": 1})


@every_command
def test_extras_go_out_unchecked(model):
    sent = model(**model.example, extras={"unheard_of": {"a": None}}).params
    assert sent == {**model.example, "unheard_of": {"a": None}}


@pytest.mark.parametrize(
    "model", [model for model in COMMANDS.values() if parameters(model)], ids=lambda m: m.method()
)
def test_all_problems_are_named_at_once(model):
    wrong = {name: object() for name in parameters(model)}
    assert set(problems(model, wrong)) >= set(wrong)


@every_command
def test_a_command_says_what_it_does_and_where_it_belongs(model):
    assert model.__doc__
    assert model.group


@every_parameter
def test_a_parameter_is_described_at_every_depth(model, parameter):
    for path, each in described(parameter, f"{model.method()}.{parameter.name}"):
        assert each.description.endswith("."), path


def described(parameter, path, within=()):
    yield path, parameter
    for shape in parameter.shapes:
        if shape.source not in within:
            for name, field in shape.fields.items():
                yield from described(field, f"{path}.{name}", (*within, shape.source))


@pytest.mark.parametrize(("model", "name", "path", "value"), list(all_broken()))
def test_a_wrong_value_is_refused_at_its_place(model, name, path, value):
    params = {**full(model, name, parameters(model)[name].shapes[0]), name: value}
    assert path in problems(model, params)


@every_command
def test_repeating_is_only_called_harmless_where_it_is(model):
    verbs = (
        "stop",
        "pause",
        "resume",
        "volume",
        "status",
        "unhold",
        "end",
        "disconnect",
        "denoise",
    )
    assert model.repeatable == (model.wire.split(".")[-1].removeprefix("ai_") in verbs)


@every_command
def test_what_controls_an_operation_asks_for_its_control_id(model):
    assert (model.starts or model.controls) is None or parameters(model)["control_id"].required
    started = {each.starts for each in COMMANDS.values() if each.starts}
    assert model.controls in {*started, None, "send_fax", "receive_fax"}


@pytest.mark.parametrize("number", [5, 5.0, 0, -0.0, 4e1, 0.1, -40], ids=repr)
def test_a_number_goes_out_as_it_was_typed(number):
    command = COMMANDS["play_volume"](control_id="a", volume=number)
    assert json.dumps(command.params["volume"]) == json.dumps(number)


def test_text_is_left_as_it_is():
    text = "  é\t\u200b 5 \n"
    assert COMMANDS["ai_sidecar_ask"](text=text).params == {"text": text}


def test_null_stays_in_free_json_and_goes_from_typed_fields_at_depth():
    command = AiMessage(
        reset={"full_reset": True, "user_prompt": None},
        global_data={"coupon": None, "deep": [{"x": None}]},
    )
    assert command.params == {
        "reset": {"full_reset": True},
        "global_data": {"coupon": None, "deep": [{"x": None}]},
    }


def test_keys_keep_their_order():
    event = {"z": 1, "a": {"y": 2, "b": 3}}
    command = Dial(timeout=3, url="https://example.com", to="+15550101", from_="+15550100")
    assert list(command.params) == ["timeout", "url", "to", "from"]
    assert json.dumps(UserEvent(event=event).params["event"]) == json.dumps(event)


def test_changing_what_was_passed_in_changes_nothing():
    event = {"items": [1]}
    command = UserEvent(event=event)
    event["items"].append(2)
    assert command.params == {"event": {"items": [1]}}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1, 2}, b"x", {3: 4}])
def test_free_json_refuses_what_json_cannot_hold(value):
    assert "event.deep[0]" in problems(UserEvent, {"event": {"deep": [value]}})


def test_free_json_that_holds_itself_is_refused():
    event: dict[str, Any] = {}
    event["again"] = event
    assert problems(UserEvent, {"event": event}) == {"event.again": "contains itself"}


@pytest.mark.parametrize(
    ("method", "params"),
    [
        ("dial", {"from": "a", "to": "b", "url": f"https://u:{SECRET}@x", "password": SECRET}),
        ("stream", {"control_id": "a", "url": "wss://x", "authorization_bearer_token": SECRET}),
        ("refer", {"device": {"type": "sip", "params": {"to": "sip:a", "password": SECRET}}}),
        (
            "ai_sidecar",
            {
                "lang": "en",
                "SWAIG": {
                    "defaults": {"web_hook_auth_password": SECRET},
                    "functions": [{"function": "f", "web_hook_auth_password": SECRET}],
                    "mcp_servers": [{"url": "x", "headers": {"Authorization": SECRET}}],
                },
            },
        ),
        ("user_event", {"event": {"api_token": SECRET}}),
    ],
)
def test_a_secret_is_in_no_repr(method, params):
    command = COMMANDS[method](**params)
    assert SECRET not in f"{command!r} {command}"
    assert SECRET in json.dumps(command.params)


@every_command
def test_no_error_echoes_what_was_typed(model):
    wrong = {name: [SECRET, {SECRET}] for name in parameters(model)}
    with pytest.raises(InvalidCommand) as refused:
        model(**{**wrong, "unheard_of": SECRET})
    assert SECRET not in f"{refused.value!r} {refused.value}"
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


@every_command
def test_a_command_can_be_pickled_and_compared(model):
    command = model(**model.example)
    assert pickle.loads(pickle.dumps(command)) == command


@pytest.mark.parametrize("name", ["play_pause", "calling.play.pause"])
def test_a_command_is_found_by_either_name(name):
    assert find(name) is COMMANDS["play_pause"]


def test_an_unknown_command_gets_the_closest_name():
    with pytest.raises(UnknownCommand, match=r"did you mean 'play_pause'\?"):
        find("play.pause")


def test_an_unknown_command_is_not_echoed():
    with pytest.raises(UnknownCommand) as refused:
        find("zzzzzz")
    assert "zzzzzz" not in str(refused.value)
    assert "user_event" in str(refused.value)


@pytest.mark.parametrize("code", CODES)
def test_an_explanation_is_one_short_sentence(code):
    assert explain(code).endswith(".")
    assert len(explain(code)) < 90


def test_an_unknown_code_has_no_explanation():
    assert explain("no_such_code") is None


@pytest.mark.parametrize(
    ("operation", "ends"),
    [
        ("play", {"finished", "error"}),
        ("record", {"finished", "no_input", "error"}),
        ("collect", {"digit", "speech", "no_input", "no_match", "finished", "error"}),
        ("detect", {"HUMAN", "MACHINE", "UNKNOWN", "CED", "CNG", *"0123456789ABCD*#", "finished"}),
        ("tap", {"finished"}),
        ("stream", {"finished"}),
        ("transcribe", {"finished", "failed"}),
        ("send_fax", {"finished", "error"}),
        ("receive_fax", {"finished", "error"}),
        ("refer", {"success", "error"}),
        ("user_event", set()),
    ],
)
def test_the_catalogue_says_how_an_operation_ends(operation, ends):
    assert Command.ends_of(operation) == ends


@pytest.mark.parametrize("name", COMMANDS)
def test_whatever_a_command_starts_has_an_end(name):
    model = COMMANDS[name]
    operation = model.starts or model.controls
    assert operation is None or Command.ends_of(operation)
