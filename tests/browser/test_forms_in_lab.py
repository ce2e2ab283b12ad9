"""Forms in JupyterLab, used as a person uses them: by keyboard, by mouse, and after reopening."""

import json

import pytest

from browser.contrast import contrast, parse, texts
from browser.desk import SETUP, WatchedSpace
from browser.lab import THEMES

pytestmark = pytest.mark.browser

TEXT = 4.5  # the least contrast that WCAG AA asks of texts
MARK = 3.0  # and of graphical marks
SHORTEST, TALLEST = 24, 40  # pixels of a dropdown, which has one line
EVENT = {"action": "order.confirmed", "amount": 49.99}
WIDGET = "application/vnd.jupyter.widget-view+json"
CANARY = "canary-7f3a91"
DIAL = {"from": "+15550100", "to": "+15550101"}
URL = "https://example.com/swml"


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


def test_user_event_is_sent_with_the_keyboard_alone(open_form):
    desk = open_form("user_event")
    desk.notebook.pictures("user-event")
    on_the_way = desk.tab_to("event")
    desk.page.keyboard.type(json.dumps(EVENT))
    on_the_way += desk.tab_to("Send")
    desk.page.keyboard.press("Enter")
    desk.card.get_by_text("calling.user_event").first.wait_for()
    (sent,) = desk.log().itertuples()
    assert (sent.command, sent.outcome) == ("calling.user_event", "accepted")
    assert desk.space.bodies[-1]["params"] == {"event": EVENT}
    places = [
        next(place for place, label in enumerate(on_the_way) if label.startswith(name))
        for name in ("Call", "event", "Send")
    ]
    assert places == sorted(places)


def test_a_tts_and_a_silence_are_added_to_play(open_form):
    desk = open_form("play")
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
    params = desk.space.bodies[-1]["params"]
    assert params == {
        "control_id": "play-1",
        "play": [
            {"type": "tts", "params": {"text": "Hello"}},
            {"type": "silence", "params": {"duration": 0.5}},
        ],
    }


def more_and_fill(label, text):
    def mistake(desk):
        desk.more()
        desk.fill(label, text)

    return mistake


def item_of_speech_without_text(desk):
    desk.press("Add to play")
    desk.choose("play[0]", "tts")
    desk.field("text").wait_for()
    desk.press("Send")


def digits_without_their_number(desk):
    desk.more()
    desk.press("Add digits")
    desk.fill("max", "0")


# The kind of field, its command, what is done wrong, the field's label, what is said at it.
MISTAKES = {
    "text": ("stream", lambda desk: desk.fill("url", "stream.me"), "url", "wss:// URL"),
    "id": ("play_stop", lambda desk: desk.fill("Call id", "call-1"), "Call id", "UUID"),
    "number": ("play", more_and_fill("volume", "99"), "volume", "must be at most 40 (dB)"),
    "no number": ("play", more_and_fill("volume", "loud"), "volume", "must be a number"),
    "JSON": ("user_event", lambda desk: desk.fill("event", '{"a": 1,\n"b": }'), "event", "line 2"),
    "required": ("user_event", lambda desk: desk.press("Send"), "event", "is required"),
    "list": ("play", lambda desk: desk.press("Send"), "Add to play", "is required"),
    "in a list": ("play", item_of_speech_without_text, "text", "is required"),
    "in an object": ("collect", digits_without_their_number, "max", "more than 0"),
    "either": ("dial", lambda desk: desk.press("Send"), "url or swml", "is required"),
}


@pytest.mark.parametrize("kind", MISTAKES)
def test_a_mistake_is_said_at_its_field(open_form, kind):
    command, mistake, label, words = MISTAKES[kind]
    desk = open_form(command)
    mistake(desk)
    alerts = desk.alerts.filter(has_text=words)
    alerts.first.wait_for()
    if kind == "either":
        desk.notebook.pictures("errors")
    beside = [
        alert.evaluate("alert => alert.closest('.widget-vbox').innerText") for alert in alerts.all()
    ]
    assert any(label in words for words in beside)
    assert all(len(words) < 400 for words in beside)  # the box of one field, not of the form
    assert desk.space.bodies == []


def test_send_puts_the_focus_on_the_first_field_that_is_wrong(open_form):
    desk = open_form("user_event")
    desk.press("Send")
    desk.alerts.first.wait_for()
    desk.notebook.wait_for("document.activeElement.labels[0].innerText.startsWith('event')")


@pytest.mark.parametrize("where", ["dropdown", "button"])
def test_single_keys_leave_the_cells_alone(open_form, where):
    desk = open_form("play")
    desk.press("Add to play")
    desk.field("play[0]").wait_for()
    before = desk.notebook.cells
    (desk.field("play[0]") if where == "dropdown" else desk.button("Send")).focus()
    for key in ("b", "a", "d", "d", "x"):
        desk.page.keyboard.press(key)
    assert desk.notebook.cells == before


def test_the_same_keys_do_act_on_cells_outside_of_a_form(open_form):
    """Else the test above would hold of a page in which shortcuts never work."""
    notebook = open_form("play").notebook
    before = len(notebook.cells)
    notebook.page.locator(".jp-InputPrompt").first.click()
    notebook.page.keyboard.press("b")
    notebook.wait_for(f"jupyterapp.shell.currentWidget.content.widgets.length === {before + 1}")


def type_password(desk):
    for label, text in DIAL.items():
        desk.fill(label, text)
    desk.choose("url or swml", "url")
    desk.fill("url", URL)
    desk.more()
    desk.fill("password", CANARY)


def type_bearer_token(desk):
    desk.fill("url", "wss://example.com/audio")
    desk.more()
    desk.fill("authorization_bearer_token", CANARY)


SECRETS = {
    "password": ("dial", type_password),
    "authorization_bearer_token": ("stream", type_bearer_token),
}


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_arrives_and_is_not_in_the_notebook(open_form, name):
    command, type_it = SECRETS[name]
    desk = open_form(command, save_state=True)
    type_it(desk)
    desk.form.get_by_placeholder("set and hidden").wait_for()  # the kernel has taken it
    saved = [desk.notebook.save()]
    if command == "dial":
        desk.notebook.pictures("dial")
    desk.send()
    saved.append(desk.notebook.save())
    assert desk.space.bodies[-1]["params"][name] == CANARY
    for text in saved:
        assert "application/vnd.jupyter.widget-state+json" in text
        assert CANARY not in text
    assert CANARY.encode() not in desk.log_bytes()


def test_the_reply_is_readable_without_a_kernel(open_form, lab):
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    desk.send()
    desk.notebook.save()
    desk.notebook.shut_down()
    reopened = lab.reopen(desk.page, desk.notebook.path)
    card = reopened.outputs.filter(has_text="calling.user_event")
    card.get_by_text("Request as Python").click()
    card.get_by_text('event={"action": "order.confirmed", "amount": 49.99}').wait_for()
    assert reopened.kernel is None
    reopened.pictures("reopened")


def test_readers_without_widgets_see_the_last_request(open_form):
    """What viewers of a notebook show that cannot draw a widget, as text and as HTML."""
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    desk.send()
    outputs = json.loads(desk.notebook.save())["cells"][-1]["outputs"]
    assert any(WIDGET in output["data"] for output in outputs)
    for kind in ("text/plain", "text/html"):
        seen = "".join(line for output in outputs for line in output["data"][kind])
        assert "order.confirmed" in seen
        assert "nothing has been sent" not in seen


@pytest.mark.parametrize("theme", THEMES)
def test_a_form_is_readable(open_form, theme):
    desk = open_form("play")
    desk.press("Add to play")
    desk.press("Send")
    desk.alerts.first.wait_for()
    desk.notebook.theme(theme)
    seen = texts(desk.form)
    assert "Send" in {each.text for each in seen}
    assert not [each for each in seen if each.contrast < (MARK if each.mark else TEXT)]


def test_nothing_in_a_form_is_cut_off_or_swollen(open_form):
    desk = open_form("dial")
    desk.more()
    desk.field("codecs").first.wait_for()
    cut = desk.form.locator("label, button").evaluate_all(
        "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.innerText)"
    )
    assert cut == []
    heights = desk.form.locator("select").evaluate_all("all => all.map(each => each.clientHeight)")
    assert heights
    assert [each for each in heights if not SHORTEST <= each <= TALLEST] == []


def test_a_call_is_picked_from_a_list_or_typed(open_form):
    desk = open_form("end", setup=f"{SETUP}_ = sw.sync()\n")
    calls = desk.field("Call")
    assert "inbound" in calls.locator("option:checked").inner_text()
    calls.select_option(label="other …")
    desk.notebook.wait_for("document.activeElement.labels[0].innerText.startsWith('Call id')")
    desk.page.keyboard.type("call-1")
    desk.press("Send")
    desk.alerts.filter(has_text="UUID").first.wait_for()
    desk.notebook.pictures("other-call")
    calls.select_option(index=1)
    desk.field("Call id").wait_for(state="detached")
    desk.send()
    assert desk.space.bodies[-1]["command"] == "calling.end"


@pytest.mark.parametrize("width", [1100, 480])
def test_send_stands_beside_the_fields_where_there_is_room(open_form, width):
    desk = open_form("dial")
    desk.page.set_viewport_size({"width": width, "height": 1400})
    desk.press("Example")
    desk.form.get_by_text("Valid.", exact=True).wait_for()
    send, first = desk.button("Send").bounding_box(), desk.field("from").bounding_box()
    form = desk.form.bounding_box()
    assert (send["x"] > first["x"] + first["width"]) == (width == 1100)
    assert send["x"] + send["width"] < form["x"] + form["width"]
    assert desk.form.evaluate("form => form.scrollWidth <= form.clientWidth")


def test_send_stays_in_sight_beside_a_long_form(open_form):
    desk = open_form("dial")
    desk.page.set_viewport_size({"width": 1400, "height": 800})
    desk.more()
    desk.field("codecs").first.wait_for()
    desk.field("extras").scroll_into_view_if_needed()
    desk.notebook.pictures("dial-scrolled")
    first, send = desk.field("from").bounding_box(), desk.button("Send").bounding_box()
    assert first["y"] < 0
    assert 0 < send["y"] < 400
    desk.press("Example")  # which scrolls up again
    assert desk.button("Send").bounding_box()["y"] > desk.field("from").bounding_box()["y"] - 40


ARROW = """select => getComputedStyle(select).backgroundImage.match(/stroke='%23(\\w{6})'/)[1]"""


@pytest.mark.parametrize("theme", THEMES)
def test_the_arrow_of_a_dropdown_is_seen(open_form, theme):
    desk = open_form(None)
    desk.notebook.theme(theme)
    select = desk.field("command")
    stroke = "rgb({}, {}, {})".format(*bytes.fromhex(select.evaluate(ARROW)))
    *behind, alpha = parse(select.evaluate("select => getComputedStyle(select).backgroundColor"))
    assert alpha == 1
    assert contrast(parse(stroke)[:3], tuple(behind)) >= MARK


def test_the_picker_opens_the_form_of_what_is_picked(open_form):
    desk = open_form(None)
    desk.notebook.pictures("picker")
    desk.choose("command", "user_event")
    desk.field("event").wait_for()
