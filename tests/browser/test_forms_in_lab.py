"""Forms in JupyterLab, used as a person uses them: by keyboard, by mouse, and after reopening."""

import json

import pytest

from browser.contrast import texts
from browser.desk import SETUP, Desk, WatchedSpace, leave_credentials
from browser.lab import THEMES

TEXT = 4.5  # the least contrast that WCAG AA asks of texts
CANARY = "canary-7f3a91"
EVENT = {"action": "order.confirmed", "amount": 49.99}


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture
def open_form(lab, page, space, server, request):
    """Open a form in a notebook of the test's own."""

    def open_form(arguments, **options):
        folder = lab.files / request.node.name.replace("[", "-").strip("]")
        leave_credentials(folder, space, server.host)
        path = lab.write(f"{folder.name}/form.ipynb", SETUP, f"Form(sw, {arguments})")
        return Desk(lab.open(page, path, **options).run_all(), space)

    return open_form


def test_user_event_is_sent_with_the_keyboard_alone(open_form):
    desk = open_form('"user_event", call=call_id')
    on_the_way = desk.tab_to("event")
    desk.page.keyboard.type(json.dumps(EVENT))
    on_the_way += desk.tab_to("Send")
    desk.page.keyboard.press("Enter")
    desk.card.get_by_text("calling.user_event").first.wait_for()
    (sent,) = desk.log().itertuples()
    assert (sent.command, sent.outcome) == ("calling.user_event", "accepted")
    assert desk.space.bodies[-1]["params"] == {"event": EVENT}
    order = [next(i for i, label in enumerate(on_the_way) if label.startswith(name)) for name in ("Call", "event", "Send")]
    assert order == sorted(order)


def test_a_tts_and_a_silence_are_added_to_play(open_form):
    desk = open_form('"play", call=call_id')
    desk.press("Add to play")
    desk.choose("play[0]", "tts")
    desk.fill("text", "Hello")
    desk.press("Add to play")
    desk.choose("play[1]", "silence")
    desk.fill("duration", "0.5")
    desk.more()
    desk.field("volume").wait_for()
    desk.notebook.pictures("play-with-two-items")
    desk.send()
    assert desk.space.bodies[-1]["params"]["play"] == [
        {"type": "tts", "params": {"text": "Hello"}},
        {"type": "silence", "params": {"duration": 0.5}},
    ]
    assert set(desk.space.bodies[-1]["params"]) == {"play", "control_id"}


MISTAKES = {
    "text": ("dial", lambda desk: desk.fill("from", "555"), "from", "from"),
    "number": ("play", lambda desk: (desk.more(), desk.fill("volume", "99")), "volume", "volume"),
    "not a number": ("play", lambda desk: (desk.more(), desk.fill("volume", "loud")), "volume", "volume"),
    "JSON": ("user_event", lambda desk: desk.fill("event", '{"a": 1,\n"b": }'), "event", "line 2, column 6"),
    "choice": ("play", lambda desk: (desk.press("Add to play"), desk.press("Send")), "play[0]", "play"),
    "list": ("play", lambda desk: desk.press("Send"), "Add to play", "play"),
    "required": ("user_event", lambda desk: desk.press("Send"), "event", "required"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_said_at_its_field(open_form, kind):
    command, mistake, label, words = MISTAKES[kind]
    call = "" if command == "dial" else ", call=call_id"
    desk = open_form(f'"{command}"{call}')
    mistake(desk)
    alert = desk.alerts.filter(has_text=words).first
    alert.wait_for()
    field = alert.locator("xpath=ancestor::*[contains(@class, 'widget-vbox')][1]")
    assert field.get_by_label(label).or_(field.get_by_role("button", name=label)).count() >= 1
    assert desk.space.bodies == []
