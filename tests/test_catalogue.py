"""What holds for every command, walked over the catalogue's own tree of parameters.

`valid` makes a value for a parameter and `broken` makes every value that must be refused: a wrong
kind, an unknown enum value, each bound crossed, each required field missing, an unknown key.
"""

from __future__ import annotations

import json
import pickle
from typing import TYPE_CHECKING, Any, get_args

import pytest
from typing_extensions import TypedDict

from swnb.commands import COMMANDS, AiMessage, AiSidecar, Command, Dial, UserEvent, find
from swnb.commands.codes import CODES, explain
from swnb.commands.schema import Parameter, Shape, parameters
from swnb.errors import InvalidCommand, UnknownCommand

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = {"version": "1.0.0", "sections": {"main": [{"play": {"url": None}}, "hangup"]}}
# A text that keeps each rule, by how the rule begins; any other rule is kept by a plain word.
TEXTS = {
    "an http": "https://user:word@example.com/path?a=b",
    "a ws:// or": "ws://example.com/audio",
    "a wss://": "wss://example.com/audio",
    "DTMF": "0aD*#",
    "made of": "12w,",
    "a public": "203.0.113.7",
    "a URI": "sip:someone@example.com",
    "a whole number": "300",
    "codec names": "PCMU,OPUS@8000H@20I",
}
WRONG_KINDS: list[tuple[set[str], Any]] = [
    ({"number", "integer"}, 7),
    ({"boolean"}, True),
    ({"list"}, []),
    ({"object", "json"}, {"unknown": 1}),
]


def entry(shape: Shape) -> Parameter | None:
    """Give what the values of a dict with free keys are, or None where they are free JSON."""
    hint = get_args(shape.source)[1] if get_args(shape.source) else Any
    if hint is Any:
        return None
    return Shape("object", TypedDict("Entry", {"value": hint})).fields["value"]


def valid(shape: Shape, within: tuple[Any, ...] = ()) -> Any:
    if shape.kind == "enum":
        return shape.values[-1]
    if shape.kind == "string":
        if shape.bounds.get("pattern"):
            return "prompt:as it is"
        rule = shape.rule or ""
        return next((text for begin, text in TEXTS.items() if rule.startswith(begin)), "a-word")
    if shape.kind in {"number", "integer"}:
        low = shape.bounds.get("ge", shape.bounds.get("gt", 0) + 1)
        return float(low) if shape.kind == "number" else low
    if shape.kind == "list":
        return [each for inner in shape.item.shapes for each in [valid(inner, within)]]
    if shape.kind == "object":
        return {
            name: valid(field.shapes[0], (*within, shape.source))
            for name, field in shape.fields.items()
            if shape.source not in within or not recurs(field, shape)
        }
    if shape.kind == "json":
        value = entry(shape)
        return {"some_name": valid(value.shapes[0], within)} if value else {"any": [None, 1.0]}
    return False


def recurs(field: Parameter, shape: Shape) -> bool:
    """Say whether a field is a list of what it is a field of."""
    return any(each.item and each.item.shapes[0].source is shape.source for each in field.shapes)


def fitting(parameter: Parameter, shape: Shape) -> Any:
    swml = parameter.name in {"swml", "dest", "to_script"} and shape.kind == "json"
    return DOCUMENT if swml else valid(shape)


def full(model: type[Command]) -> dict[str, Any]:
    """Give every parameter of a command a value, less the one that excludes another."""
    made = {name: fitting(each, each.shapes[0]) for name, each in parameters(model).items()}
    if "swml" in made:
        del made["swml"]
    if "direction" in made and model is AiSidecar:
        made["direction"] = ["remote-caller", "local-caller"]
    if model.method() == "update":
        made["id"] = model.example["id"]
    return made


def beyond(bounds: dict[str, Any], shape: Shape) -> Iterator[tuple[str, Any]]:
    """Give a value beyond each bound."""
    steps = {"ge": -1, "gt": 0, "le": 1, "lt": 0}
    for name, limit in bounds.items():
        if name in steps:
            yield name, limit + steps[name]
        elif name == "pattern":
            yield name, "prompt:"
        elif shape.kind == "json":
            yield name, {f"name_{count}": "text" for count in range(limit + 1)}
        elif name == "min_length":
            yield name, shape.kind == "list" and [] or ""


def broken(
    parameter: Parameter, path: str, within: tuple[Any, ...] = ()
) -> Iterator[tuple[str, str, Any]]:
    """Give (what is wrong, path of the problem, value) for all that must be refused."""
    kinds = {shape.kind for shape in parameter.shapes}
    # One value of each wrong kind; a whole number is a number, and an enum's kind is its values'.
    enums = {type(value) for shape in parameter.shapes for value in shape.values}
    for names, value in WRONG_KINDS:
        if not names & kinds and type(value) not in enums:
            yield f"a {type(value).__name__}", path, value
    if not kinds & {"string", "enum"}:
        yield "a text", path, "1"
    for shape in parameter.shapes:
        for name, value in beyond(shape.bounds, shape):
            yield f"beyond {name}", path, value
        if shape.kind == "enum" and "string" not in kinds:
            yield "an unknown value", path, "no such value"
        if shape.kind == "list":
            for what, where, value in broken(shape.item, f"{path}[0]", within):
                yield what, where, [value]
        if shape.kind == "number":
            yield "not a number", path, float("nan")
            yield "infinity", path, float("-inf")
        if shape.kind == "object" and shape.source not in within:
            yield from broken_object(shape, path, (*within, shape.source))
        if shape.kind == "json" and (value := entry(shape)):
            for what, where, wrong in broken(value, f"{path}.some_name", within):
                yield what, where, {"some_name": wrong}


def broken_object(
    shape: Shape, path: str, within: tuple[Any, ...]
) -> Iterator[tuple[str, str, Any]]:
    whole = valid(shape)
    yield "an unknown key", f"{path}.unknown", {**whole, "unknown": 1}
    for name, field in shape.fields.items():
        if field.required and name != "type" and len(shape.fields) > 1:
            without = {key: item for key, item in whole.items() if key != name}
            yield f"no {name}", f"{path}.{name}", without
        tells_branch = name == "type" or (len(shape.fields) == 1 and shape.tag)
        for what, where, value in broken(field, f"{path}.{name}", within):
            if not (tells_branch and name == "type" and not isinstance(value, str)):
                yield what, where, {**whole, name: value}


def all_broken() -> Iterator[Any]:
    for method, model in COMMANDS.items():
        for name, parameter in parameters(model).items():
            for count, (what, path, value) in enumerate(broken(parameter, name)):
                yield pytest.param(model, name, path, value, id=f"{method}-{count}-{path}-{what}")


every_command = pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)


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


@every_command
def test_every_form_of_every_parameter_is_accepted(model):
    for name, parameter in parameters(model).items():
        for shape in parameter.shapes:
            params = full(model)
            params[name] = fitting(parameter, shape)
            if name == "swml":
                del params["url"]
            if name == "direction" and model is AiSidecar:
                params[name] = ["local-caller", "remote-caller"]
            if name == "id":
                params[name] = model.example["id"]
            assert json.dumps(model(**params).params) == json.dumps(params)


@every_command
def test_each_missing_required_parameter_is_refused(model):
    needed = [name for name, each in parameters(model).items() if each.required]
    for name in needed:
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
def test_everything_is_described(model):
    assert model.__doc__
    assert model.group
    for name, parameter in parameters(model).items():
        for path, each in described(parameter, name):
            assert each.description.endswith((".", ":")), path


def described(parameter, path, within=()):
    yield path, parameter
    for shape in parameter.shapes:
        if shape.source not in within:
            for name, field in shape.fields.items():
                yield from described(field, f"{path}.{name}", (*within, shape.source))


@pytest.mark.parametrize(("model", "name", "path", "value"), list(all_broken()))
def test_a_wrong_value_is_refused_at_its_place(model, name, path, value):
    params = full(model)
    params[name] = value
    if name == "swml":
        del params["url"]
    found = problems(model, params)
    assert path in found


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


@pytest.mark.parametrize(
    "number", [5, 5.0, 0, -0.0, 1e3, 0.1, -40], ids=lambda number: repr(number)
)
def test_a_number_goes_out_as_it_was_typed(number):
    command = COMMANDS["play_volume"](control_id="a", volume=min(number, 40))
    assert json.dumps(command.params["volume"]) == json.dumps(min(number, 40))


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
    assert "event" in problems(UserEvent, {"event": {"deep": [value]}})


def test_free_json_that_holds_itself_is_refused():
    event: dict[str, Any] = {}
    event["again"] = event
    assert problems(UserEvent, {"event": event}) == {
        "event": "is nested too deeply, or holds itself"
    }


SECRET = "canary-7d1f"


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
