"""The fields of forms: what is typed into their widgets, and what can be read from them."""

import json

import ipywidgets
import pytest

from swnb.commands import COMMANDS, Dial, Play, Stream
from swnb.commands.schema import Parameter, Shape, parameters
from swnb.notebook.fields.base import UNSET, FormWidgets, UnsupportedValue, parse_path
from swnb.notebook.fields.factory import make_field
from swnb.notebook.fields.free_json import JsonField
from swnb.notebook.fields.lists import ChecksField, ListField
from swnb.notebook.fields.objects import ObjectField
from swnb.notebook.fields.scalars import EnumField, NumberField, SecretField, TextField
from swnb.notebook.fields.unions import ChoiceField

pytestmark = pytest.mark.sample(8)

CANARY = "canary-7f3a91"
TREE = {name: parameters(model) for name, model in COMMANDS.items()}


@pytest.fixture
def edits():
    return []


@pytest.fixture
def reported():
    return []


@pytest.fixture
def builder(edits, reported):
    return FormWidgets(make_field, lambda: edits.append(1), reported.append)


@pytest.fixture
def field(builder):
    def field(command, name, example=None):
        return builder.make_field(TREE[command][name], name, example)

    return field


def typed(field, text):
    """Type into an input as a front end does."""
    field.input.set_state({"value": text})
    return field.read()


def chosen(field, label):
    labels = [label for label, _ in field.input.options]
    field.input.set_state({"index": labels.index(label)})
    return field.read()


def press(box, label):
    (button,) = [each for each in widgets(box) if getattr(each, "description", "") == label]
    button.click()


def widgets(box):
    yield box
    for child in getattr(box, "children", ()):
        yield from widgets(child)


def saved(box):
    return json.dumps(
        ipywidgets.Widget.get_manager_state(widgets=list(widgets(box))), ensure_ascii=False
    )


def parameter(**shape):
    return Parameter("name", required=False, description="", shapes=(Shape(source=None, **shape),))


@pytest.mark.parametrize(
    ("command", "name", "kind"),
    [
        ("play", "volume", NumberField),
        ("play", "loop", NumberField),
        ("play", "gender", EnumField),
        ("play", "voice", TextField),
        ("play", "play", ListField),
        ("collect", "continuous", EnumField),
        ("collect", "digits", ObjectField),
        ("user_event", "event", JsonField),
        ("dial", "password", SecretField),
        ("dial", "status_events", ChecksField),
        ("dial", "to_script", ChoiceField),
        ("stream", "authorization_bearer_token", SecretField),
        ("detect", "detect", ChoiceField),
        ("live_transcribe", "action", ChoiceField),
    ],
)
def test_the_tree_says_which_field_a_parameter_gets(field, command, name, kind):
    assert type(field(command, name)) is kind


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5", 5),
        ("5.0", 5.0),
        ("-6.5", -6.5),
        ("1e3", 1000.0),
        (" 7 ", 7),
        ("", UNSET),
        ("05", "05"),
        ("loud", "loud"),
        ("NaN", "NaN"),
        ("true", "true"),
    ],
)
def test_a_number_is_typed_as_json(field, text, value):
    found = typed(field("play", "volume"), text)
    assert (found, type(found)) == (value, type(value))


def test_a_text_that_looks_like_a_number_stays_a_text(field):
    assert typed(field("ai_hold", "timeout"), "300") == "300"


def test_an_empty_text_can_be_written_and_is_not_the_same_as_none(field):
    name = field("stream", "name")
    name.write("")
    assert name.read() == ""
    name.write(UNSET)
    assert name.read() is UNSET


def test_what_is_typed_is_told_to_the_form(field, edits):
    name = field("stream", "name")
    typed(name, "mine")
    assert (edits, name.touched) == ([1], True)


def test_what_is_written_is_not_told_to_the_form(field, edits):
    field("stream", "name").write("mine")
    assert edits == []


def test_an_enum_keeps_the_types_of_its_values(builder):
    mixed = builder.make_field(parameter(kind="enum", values=(1, True, "1", 1.0)), "name", None)
    assert [label for label, _ in mixed.input.options] == ["—", "1", "true", "1", "1.0"]
    for place, value in enumerate((1, True, "1", 1.0), 1):
        mixed.input.set_state({"index": place})
        assert (mixed.read(), type(mixed.read())) == (value, type(value))
        mixed.write(UNSET)
        assert mixed.read() is UNSET
        mixed.write(value)
        assert (mixed.read(), type(mixed.read())) == (value, type(value))


@pytest.mark.parametrize(("label", "value"), [("—", UNSET), ("true", True), ("false", False)])
def test_a_boolean_has_three_states(field, label, value):
    assert chosen(field("collect", "continuous"), label) is value


def test_an_enum_takes_none_but_its_values(field):
    with pytest.raises(UnsupportedValue):
        field("play", "gender").write("robot")


def test_a_secret_is_nowhere_in_the_state_of_its_widgets(field):
    password = field("dial", "password")
    assert typed(password, CANARY) == CANARY
    assert CANARY not in saved(password.box)
    assert "hidden" in password.input.placeholder
    assert str(len(CANARY)) not in password.input.placeholder


def test_a_secret_that_is_written_is_nowhere_in_the_state_of_its_widgets(field):
    password = field("dial", "password")
    password.write(CANARY)
    assert password.read() == CANARY
    assert CANARY not in saved(password.box)


def test_a_secret_stays_until_it_is_replaced_or_unset(field):
    password = field("dial", "password")
    typed(password, "first")
    assert typed(password, "second") == "second"
    press(password.box, "Unset")
    assert password.read() is UNSET


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        (
            "fallback_url",
            f"https://user:{CANARY}@example.com/x",
            "https://user:[redacted]@example.com/x",
        ),
        (
            "fallback_url",
            f"https://example.com/?api_key={CANARY}",
            "https://example.com/?api_key=[redacted]",
        ),
        ("swml", f'{{"password": "{CANARY}"}}', '{\n  "password": "[redacted]"\n}'),
        ("swml", f'{{"headers": {{"Authorization": "Bearer {CANARY}"}}, torn', None),
    ],
)
def test_a_secret_within_a_text_is_nowhere_in_the_state_of_its_widgets(field, name, text, shown):
    holder = field("dial", name)
    typed(holder, text)
    assert CANARY not in saved(holder.box)
    if shown is not None:
        assert holder.input.value == shown
        assert CANARY in json.dumps(holder.read())


def test_a_text_can_be_edited_around_its_secret(field):
    url = field("dial", "fallback_url")
    typed(url, f"https://user:{CANARY}@example.com/x")
    assert (
        typed(url, "https://user:[redacted]@example.org/y")
        == f"https://user:{CANARY}@example.org/y"
    )


def test_json_can_be_edited_around_its_secret(field):
    swml = field("dial", "swml")
    typed(swml, f'{{"password":"{CANARY}","a":1}}')
    edited = swml.input.value.replace('"a": 1', '"a": 2')
    assert typed(swml, edited) == {"password": CANARY, "a": 2}


def test_what_stands_for_a_secret_is_never_taken_for_one(field):
    url = field("dial", "fallback_url")
    typed(url, "https://user:[redacted]@example.com/x")
    (problem,) = url.unreadable("fallback_url")
    assert "type it again" in problem.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1,\n "b": }', "is not valid JSON: expecting value at line 2, column 7"),
        ('{"a": NaN}', "contains NaN, which is not valid JSON"),
        ("[" * 100_000, "is nested too deeply"),
    ],
)
def test_json_says_where_it_is_wrong(field, text, said):
    event = field("user_event", "event")
    assert typed(event, text) is UNSET
    assert [problem.message for problem in event.unreadable("event")] == [said]


def test_json_keeps_null_order_and_types(field):
    text = '{"z": null, "a": [1, 1.0, {"n": null}]}'
    found = typed(field("user_event", "event"), text)
    assert json.dumps(found) == text


def test_json_that_was_written_is_a_copy(field):
    event, given = field("user_event", "event"), {"a": [1]}
    event.write(given)
    given["a"].append(2)
    event.read()["a"].append(3)
    assert event.read() == {"a": [1]}


def test_format_lays_json_out(field):
    event = field("user_event", "event")
    typed(event, '{"a":1}')
    press(event.box, "Format")
    assert event.input.value == '{\n  "a": 1\n}'


def test_insert_example_fills_json_in(field):
    event = field("user_event", "event", {"action": "order.confirmed"})
    press(event.box, "Insert example")
    assert event.read() == {"action": "order.confirmed"}


def test_a_union_keeps_what_was_typed_in_each_branch(field):
    detect = field("detect", "detect")
    chosen(detect, "machine")
    detect.branch.write({"type": "machine", "params": {"initial_timeout": 4.5}})
    assert chosen(detect, "fax") == {"type": "fax"}
    assert chosen(detect, "machine") == {"type": "machine", "params": {"initial_timeout": 4.5}}
    assert chosen(detect, "—") is UNSET


@pytest.mark.parametrize(
    ("command", "name", "labels"),
    [
        ("play", "play", None),
        ("live_translate", "action", ["—", "start", "summarize", "inject", "stop"]),
        ("ai_sidecar", "prompt", ["—", "plain", "text", "pom", "file"]),
        ("tap", "device", ["—", "rtp", "ws"]),
        ("transfer", "dest", ["—", "text", "document"]),
    ],
)
def test_branches_are_named_by_tag_or_key(field, command, name, labels):
    found = field(command, name)
    if labels is None:
        found.add()
        found, labels = found.entries[0].field, ["—", "audio", "tts", "silence", "ringtone"]
    assert [label for label, _ in found.input.options] == labels


def test_a_constant_branch_is_its_value(field):
    assert chosen(field("live_translate", "action"), "stop") == "stop"


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("live_translate", "action", {"inject": {"message": "Hi", "direction": "local-caller"}}),
        ("ai_sidecar", "prompt", {"pom": [{"title": "A", "subsections": [{"body": "B"}]}]}),
        ("ai_sidecar", "prompt", "plain"),
        ("dial", "codecs", "PCMU,OPUS"),
        ("dial", "codecs", ["PCMA", "PCMU"]),
        ("dial", "region", []),
        ("transfer", "dest", {"sections": {"main": [None]}}),
        ("tap", "device", {"params": {"uri": "wss://example.com"}, "type": "ws"}),
        ("record", "record", {"audio": {}}),
        (
            "ai_sidecar",
            "SWAIG",
            {"mcp_servers": [{"url": "x", "headers": {"a": "b"}}], "functions": []},
        ),
    ],
)
def test_what_is_written_comes_out_identical(field, command, name, value):
    found = field(command, name)
    found.write(value)
    assert json.dumps(found.read()) == json.dumps(value)
    found.write(UNSET)
    assert found.read() is UNSET


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("play", "play", "text"),
        ("play", "voice", ["text"]),
        ("detect", "detect", {"type": "unicorn"}),
        ("collect", "digits", 5),
        ("dial", "status_events", ["answered", "answered"]),
        ("dial", "status_events", "answered"),
        ("user_event", "event", "text"),
        ("user_event", "event", {"a": object()}),
        ("collect", "digits", {"max": 4, "unknown": 1}),
    ],
)
def test_what_cannot_be_shown_is_refused(field, command, name, value):
    with pytest.raises(UnsupportedValue):
        field(command, name).write(value)


def test_an_optional_object_is_absent_until_it_is_added(field):
    digits = field("collect", "digits")
    assert digits.read() is UNSET
    press(digits.box, "Add digits")
    assert digits.read() == {}
    typed(digits.group.fields["max"], "4")
    assert digits.read() == {"max": 4}
    press(digits.box, "Remove digits")
    assert digits.read() is UNSET


def test_an_object_of_options_only_opens_them_when_it_is_added(field):
    record = field("record", "record")
    press(record.box, "Add audio")
    typed(record.group.fields["audio"].group.fields["max_length"], "5")
    assert record.read() == {"audio": {"max_length": 5}}


def entries(field):
    return [entry.field.read() for entry in field.entries]


def acts(field, place):
    return {button.description: button for button in widgets(field.entries[place].box)
            if isinstance(button, ipywidgets.Button)}  # fmt: skip


@pytest.mark.parametrize(
    ("place", "act", "expected"),
    [
        (1, "Up", ["b", "a", "c"]),
        (0, "Up", ["a", "b", "c"]),
        (1, "Down", ["a", "c", "b"]),
        (2, "Down", ["a", "b", "c"]),
        (0, "Duplicate", ["a", "a", "b", "c"]),
        (1, "Remove", ["a", "c"]),
    ],
)
def test_the_entries_of_a_list_can_be_moved_duplicated_and_removed(field, place, act, expected):
    hints = field("ai_sidecar", "hints")
    hints.write(["a", "b", "c"])
    acts(hints, place)[act].click()
    assert hints.read() == expected
    labels = [entry.field.label for entry in hints.entries]
    assert labels == [f"hints[{number}]" for number in range(len(expected))]


def test_an_entry_that_was_duplicated_leads_its_own_life(field):
    play = field("play", "play")
    play.write([{"type": "silence", "params": {"duration": 1}}])
    acts(play, 0)["Duplicate"].click()
    typed(play.find(parse_path("[1].params.duration"))[0], "2")
    assert [item["params"]["duration"] for item in play.read()] == [1, 2]


def test_a_list_whose_entries_are_all_removed_is_absent(field):
    hints = field("ai_sidecar", "hints")
    hints.write(["a"])
    acts(hints, 0)["Remove"].click()
    assert hints.read() is UNSET


def test_ticks_come_in_the_order_of_the_catalogue(field):
    events = field("dial", "status_events")
    for place in (2, 0):
        events.inputs[place].set_state({"value": True})
    assert events.read() == ["created", "answered"]


def test_ticks_keep_the_order_that_was_written(field):
    events = field("dial", "status_events")
    events.write(["ended", "answered"])
    events.inputs[0].set_state({"value": True})
    assert events.read() == ["ended", "answered", "created"]


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("[0].params.text", "text"),
        ("[0].params", "params"),
        ("[0].type", "play[0]"),
        ("[0]", "play[0]"),
        ("[7].params", "play"),
        ("", "play"),
    ],
)
def test_a_path_leads_to_its_field(field, path, label):
    play = field("play", "play")
    play.write([{"type": "tts", "params": {"text": "Hello"}}])
    assert play.find(parse_path(path))[0].label == label


def test_messages_are_read_out_and_escaped(field):
    name = field("stream", "name")
    name.show(["must be <b>bold</b>"])
    alert = name.box.children[-1].value
    assert 'role="alert"' in alert
    assert "must be &lt;b&gt;bold&lt;/b&gt;" in alert
    name.show([])
    assert not any('role="alert"' in getattr(each, "value", "") for each in widgets(name.box))


def test_what_is_required_is_said_in_words(builder):
    found = builder.make_field(parameters(Dial)["from"], "from", None)
    assert found.input.description == "from (required)"


def test_unit_help_bounds_and_assumption_are_visible(builder):
    volume = builder.make_field(parameters(Play)["volume"], "volume", 3)
    shown = volume.box.children[1].value
    assert volume.input.description == "volume (dB)"
    assert volume.input.placeholder == "e.g. 3"
    assert "Must be at least -40 and at most 40." in shown
    assert "The platform assumes 0." in shown


def test_an_assumed_value_is_not_a_value(builder):
    assert builder.make_field(parameters(Stream)["track"], "track", None).read() is UNSET


def test_an_exception_in_a_callback_is_reported(builder, reported):
    def fail():
        raise RuntimeError("no")

    builder.button("Press", fail).click()
    assert [str(error) for error in reported] == ["no"]
