"""Forms over all commands: what goes in, what comes out, what is sent, and what is never shown."""

import json
from threading import Event, Thread

import comm
import ipywidgets
import pytest
from comm.base_comm import BaseComm

import swnb
from swnb.client import Call
from swnb.commands import COMMANDS
from swnb.errors import (
    ApiError,
    ApiProblem,
    ConfigurationError,
    InvalidCommand,
    LogError,
    UnknownCommand,
)
from swnb.notebook.fields.base import UNSET, parse_path
from swnb.notebook.forms import busy_button, command_form

pytestmark = pytest.mark.sample(3)

CANARY = "canary-7f3a91"
MOST_WIDGETS = 60
VIEW = "application/vnd.jupyter.widget-view+json"
DIAL = {"from": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


@pytest.fixture(params=COMMANDS, ids=str)
def name(request):
    return request.param


@pytest.fixture
def event_form(sw, call):
    return sw.form("user_event", call)


def made():
    return set(ipywidgets.widgets.widget._instances)


def all_widgets(box):
    yield box
    for child in getattr(box, "children", ()):
        yield from all_widgets(child)


def html_of(form):
    return "".join(
        each.value for each in all_widgets(form.box) if isinstance(each, ipywidgets.HTML)
    )


def alerts(form):
    return [
        each.value
        for each in all_widgets(form.box)
        if isinstance(each, ipywidgets.HTML) and 'role="alert"' in each.value
    ]


def pressable(form, label):
    """Return a button as the page of somebody who is about to press it holds it."""
    named = (each for each in all_widgets(form.box) if getattr(each, "description", "") == label)
    return next(named)


def press(form, label):
    pressable(form, label).click()


def field(form, path):
    """Find the field at a path, opening what has to be opened for it."""
    found, rest = form._form.entries.group.find(parse_path(path))
    assert not rest
    return found


def type_in(form, path, text):
    field(form, path).input.set_state({"value": text})


def last_row(sw):
    return sw.log.df.iloc[-1]


def test_the_example_goes_in_and_comes_out_identical_and_valid(sw, call, name):
    form, example = sw.form(name, call), COMMANDS[name].example
    form.value = example
    assert json.dumps(form.value) == json.dumps(example)
    COMMANDS[name](**form.value)


def test_an_untouched_form_yields_nothing(sw, name):
    assert sw.form(name).value == {}


def test_a_form_with_all_options_open_yields_nothing(sw, name):
    form = sw.form(name)
    form._form.entries.group.open()
    assert form.value == {}


def test_a_form_is_light(sw, call, name):
    before = made()
    form = sw.form(name, call)
    assert 0 < len(made() - before) <= MOST_WIDGETS
    assert form.command is COMMANDS[name]


def test_a_form_asks_for_what_is_required_and_no_more(sw, name):
    form = sw.form(name)
    built = form._form.entries.group.fields
    required = {field for field, each in built.items() if each.parameter.required}
    wanted = {
        field.removesuffix("_")
        for field, info in COMMANDS[name].parameters().items()
        if info.is_required()
    }
    assert required == wanted
    assert len(built) <= len(wanted) + 3


def test_a_command_is_found_by_its_wire_name(sw):
    assert sw.form("calling.play.pause").command is COMMANDS["play_pause"]


def test_an_unknown_command_gets_the_closest(sw):
    with pytest.raises(UnknownCommand, match="did you mean 'play_pause'"):
        sw.form("play_paus")


@pytest.mark.parametrize("value", [{"from_": "+15550100"}, {"from": "+15550100"}])
def test_python_and_wire_names_are_taken(sw, value):
    form = sw.form("dial")
    form.value = value
    assert form.value == {"from": "+15550100"}


def test_the_order_of_keys_is_that_of_the_value(sw):
    form, value = sw.form("play"), {"volume": 5, "control_id": "a", "loop": 2.0}
    form.value = value
    assert json.dumps(form.value) == json.dumps(value)
    form.value = {"loop": 1}
    assert form.value == {"loop": 1}


def test_a_typed_null_is_no_value_and_a_free_one_is(sw):
    form = sw.form("user_event")
    form.value = {"event": {"a": None}, "extras": None}
    assert form.value == {"event": {"a": None}}


def test_a_value_that_cannot_be_shown_is_refused_and_changes_nothing(sw):
    form = sw.form("dial")
    form.value = DIAL
    with pytest.raises(
        InvalidCommand, match=r"dial\.timout: is not a parameter; did you mean 'timeout'"
    ):
        form.value = {**DIAL, "timout": 5}
    with pytest.raises(InvalidCommand, match="must not be given together with swml"):
        form.value = {**DIAL, "swml": {"sections": {"main": []}}}
    assert form.value == DIAL


def test_url_and_swml_keep_what_was_typed_while_the_other_is_chosen(sw):
    form = sw.form("dial")
    form.value = DIAL
    choice = form._form.entries.group.alternatives
    choice.input.set_state({"index": 2})
    assert "url" not in form.value
    type_in(form, "swml", '{"sections": {"main": []}}')
    assert form.value["swml"] == {"sections": {"main": []}}
    choice.input.set_state({"index": 1})
    assert form.value == DIAL


def test_a_form_on_a_call_has_its_id(sw, call):
    assert sw.form("play", call).call_id == call.id
    assert sw.form("play", call.id).call_id == call.id
    assert sw.form("update", call).value == {"id": call.id}


def test_send_sends_what_was_typed(sw, call, event_form):
    type_in(event_form, "event", '{"action": "order.confirmed", "note": null}')
    press(event_form, "Send")
    exchange = sw.log.get(int(last_row(sw)["id"]))
    assert exchange.request == {
        "command": "calling.user_event",
        "id": call.id,
        "params": {"event": {"action": "order.confirmed", "note": None}},
    }
    assert event_form.reply.status == "answered"


def test_send_gives_the_reply(event_form):
    event_form.value = {"event": {}}
    assert event_form.send() is event_form.reply is not None


def test_a_control_id_is_proposed_and_sent_but_is_no_value(sw, call):
    form = sw.form("play", call)
    form.value = {"play": [{"type": "silence", "params": {"duration": 1}}]}
    assert field(form, "control_id").input.placeholder == "play-1, if left empty"
    assert form.send().control_id == "play-1"
    assert "control_id" not in form.value
    assert field(form, "control_id").input.placeholder == "play-2, if left empty"
    assert call.operations() == {"play": ["play-1"]}


def offered(field):
    """Give what a field offers to pick, without the choice of none."""
    return [label for label, _ in field.picker.options[1:]]


def pick(field, word):
    """Pick what a field offers, as a page does, by a word of its label."""
    (place,) = [place for place, label in enumerate(offered(field)) if word in label]
    field.picker.set_state({"index": place + 1})


def test_open_operations_are_offered_to_what_controls_them(sw, call):
    call.play(play=[{"type": "silence", "params": {"duration": 9}}])
    call.play(play=[{"type": "silence", "params": {"duration": 9}}])
    form = sw.form("play_stop", call)
    operation = field(form, "control_id")
    assert operation.picker.options[0][0] == "— (play-2, if left empty)"
    assert offered(operation) == ["play-2", "play-1", "other …"]
    assert form.send().control_id == "play-2"
    assert offered(operation) == ["play-1", "other …"]
    pick(operation, "play-1")
    assert form.value == {"control_id": "play-1"}


def test_where_nothing_is_open_only_a_text_field_is_there(sw, call):
    form = sw.form("play_stop", call)
    operation = field(form, "control_id")
    assert operation.input in operation.box.children
    assert operation.picker not in operation.box.children
    assert "none is open" in operation.input.placeholder


def test_open_calls_are_offered_newest_first_with_what_is_known_of_them(sw, call):
    other = sw.dial(**swnb_dial("+15550102"))
    calls = sw.form("end")._form.entries.call_field
    assert calls.picker in calls.box.children
    assert calls.input not in calls.box.children
    assert [label.split(" · ") for label in offered(calls)] == [
        ["… queued", "outbound-api", "+15550100 → +15550102", "now", f"{other.id[:8]}…"],
        ["✓ answered", "outbound-api", "+15550100 → +15550101", "now", f"{call.id[:8]}…"],
        ["other …"],
    ]


def test_the_only_open_call_is_chosen_by_itself(sw, call):
    form = sw.form("end")
    assert form.call_id == call.id
    assert form.send().status == "ended"
    assert form.call_id == call.id  # for its voice log, and to see what was sent
    other = sw.dial(**swnb_dial("+15550102"))
    form.refresh()
    assert form.call_id == other.id
    sw.dial(**swnb_dial("+15550103"))
    form.refresh()
    assert form.call_id == other.id


def test_a_send_that_ends_its_call_moves_the_form_to_no_other(sw, call):
    form = sw.form("end")
    assert form.call_id == call.id
    other = sw.dial(**swnb_dial("+15550102"))
    assert form.send().status == "ended"
    assert form.call_id == call.id
    form.send()
    assert other.refresh().status != "ended"
    form.refresh()
    assert form.call_id == other.id


def test_none_is_chosen_where_several_are_open_or_one_was_taken_away(sw, call):
    form = sw.form("end")
    form._form.entries.call_field.picker.set_state({"index": 0})
    form.refresh()
    assert form.call_id is None
    sw.dial(**swnb_dial("+15550102"))
    assert sw.form("end").call_id is None


def test_an_inbound_call_that_only_the_voice_logs_know_is_offered(sw, space):
    inbound = space.inbound()
    sw.sync()
    form = sw.form("play")
    assert form.call_id == inbound
    assert "inbound" in offered(form._form.entries.call_field)[0]


def test_ended_calls_are_behind_other(sw, call):
    call.end()
    calls = sw.form("play")._form.entries.call_field
    assert offered(calls) == ["other … (1 more)"]
    pick(calls, "other")
    assert calls.read() is UNSET
    *_, ended = (each for each in calls.box.children if isinstance(each, ipywidgets.Dropdown))
    assert ended.description == "Ended calls"
    ended.set_state({"index": 1})
    assert calls.read() == call.id == calls.input.value


def test_an_id_that_no_list_has_is_shown_as_typed(sw, call):
    other = "11111111-2222-4333-8444-555555555555"
    form = sw.form("end", other)
    calls = form._form.entries.call_field
    assert form.call_id == other == calls.input.value
    assert calls.input in calls.box.children
    form.refresh()
    assert form.call_id == other
    pick(calls, "answered")
    assert form.call_id == call.id
    assert calls.input not in calls.box.children
    pick(calls, "other")
    assert form.call_id is None
    calls.input.set_state({"value": call.id})
    assert form.call_id == call.id


def test_a_typed_id_is_taken_without_the_spaces_around_it(sw, call):
    calls = sw.form("end")._form.entries.call_field
    pick(calls, "other")
    other = "11111111-2222-4333-8444-555555555555"
    calls.input.set_state({"value": f"  {other}\n"})
    assert calls.read() == other == calls.input.value


def test_other_stays_open_when_the_log_is_read_again(sw, call):
    form = sw.form("end")
    calls = form._form.entries.call_field
    pick(calls, "other")
    form.refresh()
    assert calls.input in calls.box.children
    assert form.call_id is None


def test_an_empty_call_field_stays_empty_after_a_send(sw, call):
    form = sw.form("end")
    form._form.entries.call_field.picker.set_state({"index": 0})
    form._form._offer(keep=True)
    assert form.call_id is None


@pytest.mark.parametrize(("exchanges", "offers"), [(0, "other … (1 more)"), (1, "status unknown")])
def test_a_leg_without_a_status_is_open_only_if_it_was_sent_something(
    sw, call, monkeypatch, exchanges, offers
):
    """The voice logs have legs of a kind that never has one, once they are over."""
    frame = sw.log.calls().assign(exchanges=exchanges)
    frame["status"] = None
    monkeypatch.setattr(sw.log, "calls", lambda: frame)
    assert offered(sw.form("end")._form.entries.call_field)[0].startswith(offers)


def test_of_many_calls_the_newest_are_offered_and_the_others_counted(sw, call):
    for number in range(52):
        sw.dial(**swnb_dial(f"+1555020{number:04}"))
    calls = sw.form("end")._form.entries.call_field
    assert len(offered(calls)) == 51
    assert offered(calls)[-1] == "other … (3 more)"
    assert "0051" in offered(calls)[0]


def test_of_many_ended_calls_the_newest_are_offered_and_the_others_counted(sw, call):
    for number in range(52):
        sw.dial(**swnb_dial(f"+1555020{number:04}")).end()
    calls = sw.form("end")._form.entries.call_field
    assert offered(calls)[-1] == "other … (52 more)"
    pick(calls, "other")
    *_, ended = (each for each in calls.box.children if isinstance(each, ipywidgets.Dropdown))
    assert ended.description == "Ended calls (the newest 50 of 52)"
    assert len(ended.options) == 51
    assert "0051" in ended.options[1][0]


def swnb_dial(to):
    return {"from_": "+15550100", "to": to, "url": "https://example.com/swml"}


def test_what_is_wrong_keeps_silent_until_it_is_touched(sw):
    form = sw.form("play")
    assert alerts(form) == []
    type_in(form, "volume", "99")
    (alert,) = alerts(form)
    assert "must be at most 40 (dB)" in alert
    type_in(form, "volume", "9")
    assert alerts(form) == []


def test_send_says_all_that_is_wrong_in_the_words_of_the_python_api(sw):
    form = sw.form("play")
    type_in(form, "volume", "loud")
    assert form.send() is None
    with pytest.raises(InvalidCommand) as raised:
        sw.calling.play(None, control_id="play-1", volume="loud")
    words = [problem.message for problem in raised.value.problems]
    assert len(words) == len(alerts(form)) == 3
    assert all(any(word in alert for alert in alerts(form)) for word in words)


def test_a_refused_send_is_logged_as_refused_and_reaches_nobody(sw, event_form):
    event_form.send()
    row = last_row(sw)
    assert (row["outcome"], row["command"]) == ("refused", "calling.user_event")


def test_send_goes_to_the_first_that_is_wrong(sw, call, messages):
    form = sw.form("collect", call)
    form.value = {"digits": {"max": 0}, "initial_timeout": 0}
    messages.clear()
    form.send()
    focused = [
        comm_id for comm_id, data in messages if data.get("content", {}).get("do") == "focus"
    ]
    assert focused == [field(form, "digits.max").input.model_id]


def test_a_problem_without_a_field_stands_at_the_top(sw, call):
    form = sw.form("update", call)
    form.send()
    (alert,) = alerts(form)
    assert "needs one of status, url and swml" in alert


def test_broken_json_is_said_once_and_keeps_the_value_from_being_read(event_form):
    type_in(event_form, "event", '{"a": }')
    (alert,) = alerts(event_form)
    assert "line 1, column 7" in alert
    with pytest.raises(InvalidCommand, match="event: is not valid JSON"):
        _ = event_form.value


def test_the_preview_is_what_is_sent(event_form, call):
    event_form.value = {"event": {"action": "x", "n": 5.0}}
    texts = event_form._form.preview.texts()
    assert json.loads(texts["JSON"]) == {
        "command": "calling.user_event",
        "id": call.id,
        "params": {"event": {"action": "x", "n": 5.0}},
    }
    assert texts["Python"].startswith("sw.calling.user_event(")
    assert texts["curl"].startswith("curl -X POST")
    assert "Valid." in html_of(event_form)


def test_extras_are_previewed_and_sent_among_the_parameters(sw, event_form):
    event_form.value = {"event": {}, "extras": {"newer": 1}}
    assert json.loads(event_form._form.preview.texts()["JSON"])["params"] == {
        "event": {},
        "newer": 1,
    }
    event_form.send()
    assert sw.log.get(int(last_row(sw)["id"])).request["params"] == {"event": {}, "newer": 1}


@pytest.fixture
def messages(monkeypatch):
    """Every message from the kernel to its front ends, as (widget, data)."""
    sent = []

    class Recorded(BaseComm):
        def publish_msg(self, msg_type, data=None, **_):
            sent.append((self.comm_id, data or {}))

    monkeypatch.setattr(comm, "create_comm", Recorded)
    return sent


SECRETS = {
    "dial": [("password", CANARY), ("fallback_url", f"https://me:{CANARY}@example.com/")],
    "stream": [
        ("authorization_bearer_token", CANARY),
        ("custom_parameters", f'{{"token": "{CANARY}"}}'),
    ],
    "user_event": [("event", f'{{"api_key": "{CANARY}", "again": "{CANARY}"}}')],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", SECRETS)
def test_no_secret_comes_back_from_the_kernel(sw, call, messages, name):
    form = sw.form(name, call)
    form.value = {key: item for key, item in COMMANDS[name].example.items() if key != "event"}
    for path, text in SECRETS[name]:
        type_in(form, path, text)
    assert CANARY in json.dumps(form.value)
    form.send()
    shown = [*(data for _, data in messages), form._repr_mimebundle_()]
    assert CANARY not in json.dumps(shown)
    assert CANARY not in json.dumps(ipywidgets.Widget.get_manager_state())
    assert CANARY not in repr(form)


def test_messages_are_recorded(sw, call, messages):
    sw.form("stream", call).value = {"name": "a plain name"}
    assert "a plain name" in json.dumps([data for _, data in messages])


def test_a_secret_that_was_typed_is_sent(space, sw, monkeypatch):
    bodies = []
    handle = space.handle
    monkeypatch.setattr(
        space, "handle", lambda *request: bodies.append(request[-1]) or handle(*request)
    )
    form = sw.form("dial")
    form.value = DIAL
    type_in(form, "password", CANARY)
    form.send()
    assert json.loads(bodies[-1])["params"]["password"] == CANARY


def test_example_fills_the_form_and_keeps_the_call(event_form, call):
    press(event_form, "Example")
    assert event_form.value == COMMANDS["user_event"].example
    assert event_form.call_id == call.id


def test_last_sent_fills_the_form_without_secrets(sw, call):
    sw.calling.dial(
        **swnb_dial("+15550103"), password=CANARY, custom_variables={"token": CANARY, "a": "b"}
    )
    form = sw.form("dial")
    press(form, "Last sent")
    assert form.value == {**DIAL, "to": "+15550103", "custom_variables": {"a": "b"}}


def test_last_sent_cannot_be_pressed_before_there_is_one(event_form):
    assert pressable(event_form, "Last sent").disabled
    with pytest.raises(ConfigurationError, match="has no request of this command yet"):
        event_form._form.fill_last_sent()
    event_form.value = {"event": {"a": 1}}
    press(event_form, "Send")
    assert not pressable(event_form, "Last sent").disabled


def test_example_opens_only_what_it_fills(sw, call):
    form = sw.form("live_transcribe", call)
    group = form._form.entries.group
    press(form, "Example")
    assert set(group.fields) >= set(COMMANDS["live_transcribe"].example)
    form = sw.form("dial")
    group = form._form.entries.group
    rest = len(group._rest)
    form.value = {**DIAL, "timeout": 20}
    assert group._more.description == f"+ {rest - 1} more options"
    assert "max_duration" not in group.fields
    press(form, f"+ {rest - 1} more options")
    assert group._more.description == f"Fewer options ({rest})"
    press(form, f"Fewer options ({rest})")
    assert group._more.description == f"More options ({rest})"
    assert form.value == {**DIAL, "timeout": 20}


def test_what_is_needed_together_is_in_sight(sw, call):
    form = sw.form("collect", call)
    assert {"digits", "speech"} <= set(form._form.entries.group.fields)
    assert "Not valid yet: needs digits, speech, or both." in html_of(form)


def test_not_valid_yet_says_which_fields(sw):
    form = sw.form("dial")
    form.value = {"from": "5550100", "to": "5550101"}
    named = html_of(form).split("Not valid yet: ")[1].split("<")[0]
    assert named == "from, to, url."
    form.value = DIAL
    assert "Valid." in html_of(form)


def test_a_rejection_stands_at_the_fields_that_it_names_until_they_change(sw):
    form = sw.form("dial")
    form.value = DIAL | {"to": "12345", "url": "http://", "unchecked": True}
    assert form.send() is None
    for name in ("to", "url"):
        (message,) = field(form, name).messages
        assert message.startswith("rejected: must be a ")
    type_in(form, "to", "+15550101")
    assert not field(form, "to").messages
    assert field(form, "from").messages == []


def test_a_rejection_may_name_a_field_within_params(sw, call):
    form = sw.form("user_event", call)
    error = ApiError(
        "rejected",
        exchange=call.last.exchange,
        errors=[ApiProblem("invalid", "is too long", "params.event")],
    )
    form._form._show_rejected(error)
    assert field(form, "event").messages == ["rejected: is too long"]


@pytest.mark.parametrize(
    "text",
    [
        '{"event": {"a": 1.0}}',
        '{"command": "calling.user_event", "id": "CALL", "params": {"event": {"a": 1.0}}}',
    ],
)
def test_pasted_json_fills_the_form(sw, call, text):
    form = sw.form("user_event", call)
    paste(form, text.replace("CALL", call.id))
    assert json.dumps(form.value) == '{"event": {"a": 1.0}}'
    assert form.call_id == call.id


def test_the_paste_area_is_opened_and_closed_by_two_buttons(event_form):
    opens = pressable(event_form, "Paste JSON")
    opens.click()
    opens.click()
    assert [each for each in all_widgets(event_form.box) if each is opens] == []
    area = pressable(event_form, "Parameters, or a whole request, as JSON")
    closes = pressable(event_form, "Close paste")
    area.set_state({"value": '{"event": {"a": 1}}'})  # the area loses the focus to the button
    closes.click()
    assert event_form.value == {"event": {"a": 1}}
    assert area not in all_widgets(event_form.box)
    assert closes not in all_widgets(event_form.box)
    assert pressable(event_form, "Paste JSON") is opens
    opens.click()
    assert area.value == ""


def paste(form, text):
    press(form, "Paste JSON")
    areas = (each for each in all_widgets(form.box) if isinstance(each, ipywidgets.Textarea))
    next(areas).set_state({"value": text})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "the pasted text is not valid JSON"),
        ("[]", "must be a JSON object"),
        (
            '{"command": "calling.end", "params": {}}',
            "is for another command, not calling.user_event",
        ),
        ('{"evnt": {}}', "did you mean &#x27;event&#x27;"),
    ],
)
def test_what_is_wrong_with_pasted_json_is_said(event_form, text, said):
    paste(event_form, text)
    assert said in html_of(event_form)
    assert event_form.value == {}


def test_an_exception_in_a_callback_shows_in_the_form(event_form, monkeypatch):
    def fail(*_):
        raise RuntimeError(f"password={CANARY} was wrong")

    monkeypatch.setattr(command_form.prefill, "last_sent", fail)
    press(event_form, "Last sent")
    (alert,) = alerts(event_form)
    assert "RuntimeError" in alert
    assert CANARY not in alert


PRESSED_TWICE = [
    "Example",
    "Last sent",
    "Up",
    "Down",
    "Duplicate",
    "Remove",
    "Add to play",
    "+ 2 more of params",
    "more options",
    "Send",
]


@pytest.mark.parametrize("label", PRESSED_TWICE)
def test_a_button_that_is_pressed_twice_does_nothing_bad(sw, call, space, label):
    call.play(play=COMMANDS["play"].example["play"])
    form = sw.form("play", call)
    press(form, "Example")
    before = len(form.value["play"])
    sent = len(space.requests)
    button = next(
        each
        for each in all_widgets(form.box)
        if isinstance(each, ipywidgets.Button) and label in each.description
    )
    button.click()
    button.click()
    assert alerts(form) == []
    assert len(form.value["play"]) - before == {"Duplicate": 2, "Remove": -1, "Add to play": 2}.get(
        label, 0
    )
    assert len(space.requests) - sent == (label == "Send")


def test_a_platform_error_shows_as_its_card(sw, call):
    call.end()
    form = sw.form("user_event", call)
    form.value = {"event": {}}
    assert form.send() is None
    shown = form._repr_mimebundle_()
    assert "ApiError" in shown["text/html"]
    assert "sw.calling.user_event(" in shown["text/plain"]


def test_the_static_fallback_shows_the_last_request_escaped(event_form):
    assert "nothing has been sent" in event_form._repr_mimebundle_()["text/plain"]
    event_form.value = {"event": {"a": "<script>"}}
    event_form.send()
    shown = event_form._repr_mimebundle_()
    assert shown[VIEW]["model_id"] == event_form.box.model_id
    assert "<script>" not in shown["text/html"]
    assert "&lt;script&gt;" in shown["text/html"]
    assert 'event={"a": "<script>"}' in shown["text/plain"]


@pytest.mark.kernel
def test_a_form_is_displayed_with_a_plain_output_that_send_replaces(tmp_path):
    cells = [
        "import swnb; from swnb.notebook.forms.form import Form; sw = swnb.simulate()",
        "call = sw.dial(from_='+15550100', to='+15550101', url='https://example.com').wait_until('answered')",
        "form = sw.form('user_event', call)\nform",
        "form.value = {'event': {'a': 1}}\nreply = form.send()",
    ]
    widget, plain = run(tmp_path, cells)[2].outputs
    assert VIEW in widget.data
    assert set(plain.data) == {"text/html", "text/plain"}
    assert "sw.calling.user_event(" in plain.data["text/plain"]
    assert "# accepted" in plain.data["text/plain"]


def run(folder, cells):
    import nbformat  # noqa: PLC0415 - needed here alone
    from nbclient import NotebookClient  # noqa: PLC0415 - the same

    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, resources={"metadata": {"path": folder}}).execute()
    return notebook.cells


def test_a_form_without_a_command_has_a_picker_of_all(sw, call):
    form = sw.form(call=call)
    labels = [label for label, _ in form._picker.options]
    assert len(labels) == 43
    groups = [label.split(":")[0] for label in labels[1:]]
    assert len(list(dict.fromkeys(groups))) == sum(
        a != b for a, b in zip(groups, ["", *groups], strict=False)
    )
    assert (form.command, form.value) == (None, {})
    form._picker.set_state({"index": labels.index("Events: user_event")})
    assert (form.command, form.call_id) == (COMMANDS["user_event"], call.id)


def test_the_picker_is_searched_by_name_and_meaning(sw):
    form = sw.form()
    form._search.set_state({"value": "STOP playing"})
    assert [label for label, _ in form._picker.options] == [
        "— (1 command found)",
        "Playing: play_stop",
    ]
    assert form.command is COMMANDS["play_stop"]
    form.value = {"control_id": "a"}
    form._search.set_state({"value": ""})
    assert len(form._picker.options) == 43
    assert form._picker.options[0][0] == "— (42 commands)"
    assert (form.command, form.value) == (COMMANDS["play_stop"], {"control_id": "a"})
    form._search.set_state({"value": "no such thing"})
    assert (form.command, len(form._picker.options)) == (None, 1)


def test_the_picker_keeps_what_was_typed_for_each_command(sw):
    form = sw.form()
    labels = [label for label, _ in form._picker.options]
    form._picker.set_state({"index": labels.index("Calls: end")})
    form.value = {"reason": "busy"}
    form._picker.set_state({"index": labels.index("Playing: play")})
    assert form.value == {}
    form._picker.set_state({"index": labels.index("Calls: end")})
    assert form.value == {"reason": "busy"}


def test_a_form_opens_though_the_log_cannot_be_read(sw, call, monkeypatch):
    def fail(*_, **__):
        raise LogError("log: damaged")

    for name in ("exchanges", "calls"):
        monkeypatch.setattr(sw.log, name, fail)
    form = sw.form("end", call)
    calls = form._form.entries.call_field
    assert (form.call_id, calls.input.value) == (call.id, call.id)
    assert calls.picker not in calls.box.children


@pytest.fixture
def live(space, server, tmp_path, monkeypatch):
    """A client that takes the simulated space for a live one."""
    client = swnb.Client(space.project, space.token, server.host, log=tmp_path / "live.sqlite")
    monkeypatch.setattr(client._session.transport, "space", "live")
    with client:
        yield client


@pytest.mark.parametrize(("name", "asks"), [("dial", True), ("end", True), ("user_event", False)])
def test_a_live_space_is_asked_for_once_more(live, call, name, asks):
    form = live.form(name, call.id)
    form.value = COMMANDS[name].example
    assert (form.send() is None) is asks
    assert len(live.log.df) == (0 if asks else 1)


def test_a_live_dial_is_sent_once_it_is_confirmed(live):
    form = live.form("dial")
    form.value = DIAL
    form.send()
    press(form, "Send it")
    assert list(live.log.df["outcome"]) == ["accepted"]


def test_a_live_dial_is_not_sent_when_it_is_declined(live):
    form = live.form("dial")
    form.value = DIAL
    form.send()
    press(form, "Do not send")
    assert len(live.log.df) == 0
    assert alerts(form) == []


def test_a_dry_run_says_so_and_sends_nothing(space, server, tmp_path):
    with swnb.Client(
        space.project, space.token, server.host, log=":memory:", dry_run=True
    ) as client:
        form = client.form("dial")
        form.value = DIAL
        form.send()
        assert list(client.log.df["outcome"]) == ["dry_run"]
        assert "dry run" in html_of(form)


def test_clicks_that_waited_for_the_answer_send_nothing(event_form, space):
    event_form.value = {"event": {"a": 1}}
    send, before = pressable(event_form, "Send"), len(space.requests)
    for _ in range(3):
        send.click()
    assert len(space.requests) == before + 1
    pressable(event_form, "Send").click()
    assert len(space.requests) == before + 2


def test_clicks_on_a_button_that_was_pressed_reach_no_widget(event_form):
    """What a page still sends to it finds nothing, not a widget that might listen again."""
    event_form.value = {"event": {"a": 1}}
    send = pressable(event_form, "Send")
    send.click()
    assert send.comm is None
    assert send not in made()


def test_one_confirmation_sends_once(live):
    form = live.form("dial")
    form.value = DIAL
    form.send()
    sure = pressable(form, "Send it")
    sure.click()
    sure.click()
    assert list(live.log.df["outcome"]) == ["accepted"]


@pytest.mark.parametrize("label", ["Send", "Send it"])
def test_a_press_during_a_send_is_dropped(live, label, monkeypatch):
    """Pages may have each button's clicks handled in a thread of its own."""
    form = live.form("dial")
    form.value = DIAL
    form.send()
    button, send = pressable(form, label), live._session.command
    asked = []

    def slow(*args):
        thread = Thread(target=button.click)
        thread.start()
        thread.join()
        asked.append(args)
        return send(*args)

    monkeypatch.setattr(live._session, "command", slow)
    press(form, "Send it")
    assert len(asked) == 1
    assert list(live.log.df["outcome"]) == ["accepted"]
    assert "Send it" not in {getattr(each, "description", "") for each in all_widgets(form.box)}


def test_a_send_shows_for_how_long_it_goes_on(event_form, sw, monkeypatch):
    event_form.value = {"event": {"a": 1}}
    button, send, seen = pressable(event_form, "Send"), Call.command, []
    monkeypatch.setattr(busy_button, "_TICK", 0.01)

    def slow(*args):
        seen.append((button.disabled, button.description))
        counted = Event()
        button.observe(lambda change: counted.set(), "description")
        assert counted.wait(10)
        seen.append((button.disabled, button.description))
        return send(*args)

    monkeypatch.setattr(Call, "command", slow)
    button.click()
    assert seen == [(True, "Sending …"), (True, "Sending … 0 s")]
    assert event_form.reply is not None
    assert (pressable(event_form, "Send").disabled) is False


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "dial",
            DIAL | {"max_price_per_minute": 0.05},
            "Dial +15550101 from +15550100, at most $0.05 a minute, on 127.0.0.1",
        ),
        (
            "dial",
            DIAL,
            "Dial +15550101 from +15550100, at any price (no max_price_per_minute is set), on 127.0.0.1",
        ),
        (
            "dial",
            {"from": "+15550100", "to_script": "https://example.com/to", "url": DIAL["url"]},
            "Dial the number that to_script returns from +15550100, at any price",
        ),
        ("end", {}, "End call {call} on 127.0.0.1"),
    ],
)
def test_the_question_says_what_will_be_done(live, call, name, value, said):
    form = live.form(name, call.id)
    form.value = value
    form.send()
    assert said.format(call=call.id) in "".join(alerts(form))


def test_the_question_names_the_price_that_the_budget_adds(live):
    live.budget = swnb.Budget(5, per_minute=0.02)
    form = live.form("dial")
    form.value = DIAL
    form.send()
    assert "at most $0.02 a minute" in "".join(alerts(form))


def test_the_question_shows_no_secret(live):
    form = live.form("dial")
    form.value = DIAL | {"to": f"sip:user:{CANARY}@example.com"}
    form.send()
    assert "Dial sip:" in "".join(alerts(form))
    assert CANARY not in "".join(alerts(form))


def test_a_question_is_taken_back_when_what_it_is_about_changes(live):
    form = live.form("dial")
    form.value = DIAL
    form.send()
    sure = pressable(form, "Send it")
    type_in(form, "to", "+15550999")
    sure.click()
    assert len(live.log.df) == 0
    assert alerts(form) == []


def test_checkboxes_that_were_emptied_by_hand_are_not_sent(sw):
    form = sw.form("dial")
    form.value = DIAL | {"status_url": "https://example.com/status", "status_events": ["answered"]}
    boxes = field(form, "status_events")
    boxes.inputs[boxes.values.index("answered")].set_state({"value": False})
    assert form.send() is not None
    assert "status_events" not in form.reply.exchange.request["params"]
    form.value = {**form.value, "status_events": []}
    assert form.send() is not None
    assert form.reply.exchange.request["params"]["status_events"] == []


def test_a_form_says_what_was_likely_meant(sw, call):
    form = sw.form("dial")
    form.value = DIAL | {"to": "+1 (555) 0101", "url": "ivr.yaml"}
    form.send()
    shown = "".join(alerts(form))
    assert "did you mean &#x27;+15550101&#x27;?" in shown
    assert "cannot read your local files" in shown
    assert last_row(sw).outcome == "refused"


def test_a_form_takes_no_half_a_character(sw, event_form):
    type_in(event_form, "event", '{"name": "caf\\u00e9 \\ud83c"}')
    event_form.send()
    assert "contains half a character" in "".join(alerts(event_form))
