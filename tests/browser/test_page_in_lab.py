"""The browser's side of a form: what it keeps out of the page, and what it adds for people."""

import json

import pytest

import swnb
from browser.contrast import texts
from browser.desk import SETUP, WatchedSpace
from browser.lab import THEMES

pytestmark = pytest.mark.browser

CANARY = "canary-7f3a91"
URL = f"https://user:{CANARY}@example.com/swml"
DIAL = {"from": "+15550100", "to": "+15550101"}
EVENT = {"action": "order.confirmed"}
PLAIN = f"import sys\nsys.modules['anywidget'] = None  # as if it were not installed\n{SETUP}"
KERNELS = "@jupyterlab/apputils-extension/kernels-settings"
_BUSY = """jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.requestExecute(
  { code: "import time; time.sleep(%s)" })"""
TEXT = 4.5  # the least contrast that WCAG AA asks of texts
_DESCRIBED = """input => (input.getAttribute("aria-describedby") ?? "").split(" ")
  .map(id => document.getElementById(id)?.innerText ?? "").join(" ")"""

# Opens all that a form has, twice where there can be any number, and the ids to be typed.
OPENED = """
from swnb.notebook.fields.lists import ListField
from swnb.notebook.fields.objects import ObjectField
from swnb.notebook.fields.unions import ChoiceField

def opened(form):
    entries = form._form.entries
    entries.group.open()
    for _ in range(5):
        for field in list(entries.walk()):
            if isinstance(field, ListField) and not field.entries:
                field.add(), field.add()
            elif isinstance(field, ChoiceField) and not field.input.index:
                field.input.index = len(field.input.options) - 1
            elif isinstance(field, ObjectField):
                if field._addable and not field._here:
                    field._add()
                field.group.open()
    return form
"""


def names_of_buttons(desk):
    """Give the name of each button of the form, as Chromium gives it to a screen reader."""
    protocol = desk.page.context.new_cdp_session(desk.page)
    root = protocol.send("DOM.getDocument")["root"]["nodeId"]
    form = protocol.send("DOM.querySelector", {"nodeId": root, "selector": ".swnb-form"})
    found = protocol.send("Accessibility.queryAXTree", {**form, "role": "button"})
    return [node["name"]["value"] for node in found["nodes"] if not node["ignored"]]


def keep_busy(desk, seconds):
    """Keep the kernel from handling what the form says."""
    desk.page.evaluate(f"() => {{ {_BUSY % seconds} }}")


@pytest.fixture
def one_queue(lab):
    """Handle a form's messages after the cells that run, as Notebook 7 and older kernels do."""
    lab.set(KERNELS, commsOverSubshells="disabled")
    yield
    lab.set(KERNELS)


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture
def frames(page):
    """All texts that go between the page and its server, with their direction."""
    seen = []

    def text(payload):
        return payload if isinstance(payload, str) else payload.decode("utf-8", "replace")

    def watch(socket):
        socket.on("framesent", lambda payload: seen.append(("sent", text(payload))))
        socket.on("framereceived", lambda payload: seen.append(("received", text(payload))))

    page.on("websocket", watch)
    return seen


def type_password(desk):
    for label, text in DIAL.items():
        desk.fill(label, text)
    desk.choose("url or swml", "url")
    desk.fill("url", "https://example.com/swml")
    desk.more()
    desk.fill("password", CANARY)
    desk.form.get_by_placeholder("set and hidden").wait_for()


def type_url(desk):
    for label, text in DIAL.items():
        desk.fill(label, text)
    desk.choose("url or swml", "url")
    desk.fill("url", URL)
    desk.notebook.wait_for("document.querySelector('.swnb-form').innerText.includes('[redacted]')")


def type_json(desk):
    desk.fill("event", json.dumps({"password": CANARY}))
    desk.form.get_by_text('"password": "[redacted]"').first.wait_for()


def paste(desk):
    desk.press("Paste JSON")
    desk.fill("Parameters, or a whole request, as JSON", json.dumps({"event": {"token": CANARY}}))
    desk.form.get_by_text('"token": "[redacted]"').first.wait_for()


SECRETS = {
    "a password": ("dial", type_password),
    "a URL with credentials": ("dial", type_url),
    "free JSON": ("user_event", type_json),
    "pasted JSON": ("user_event", paste),
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_is_in_no_widget_state(open_form, frames, kind):
    """It leaves the page once, as a message to the form; nothing that comes back contains it."""
    command, type_it = SECRETS[kind]
    desk = open_form(command, save_state=True)
    type_it(desk)
    assert CANARY not in desk.notebook.save()
    desk.send()
    assert CANARY in json.dumps(desk.space.bodies[-1])
    with_secret = [(way, text) for way, text in frames if CANARY in text]
    assert [way for way, _ in with_secret] == ["sent"]
    assert '"method":"custom"' in with_secret[0][1]


def test_ctrl_enter_in_a_field_sends_what_is_typed(open_form):
    desk = open_form("user_event")
    desk.field("event").click()
    desk.page.keyboard.type(json.dumps(EVENT))
    desk.page.keyboard.press("Control+Enter")
    desk.card.get_by_text("order.confirmed").first.wait_for()
    assert [body["params"] for body in desk.space.bodies] == [{"event": EVENT}]


def test_ctrl_enter_on_a_dropdown_sends(open_form):
    desk = open_form("end")
    desk.more()
    desk.choose("reason", "busy")
    desk.field("reason").press("Control+Enter")
    desk.card.locator("b").first.wait_for()  # the card of the reply
    assert [body["params"]["reason"] for body in desk.space.bodies] == ["busy"]


def test_what_is_typed_while_an_answer_comes_is_kept(one_queue, open_form):
    """The kernel's answer to the first part arrives while the second one is typed."""
    desk = open_form("user_event")
    keep_busy(desk, 2)
    field = desk.field("event")
    field.fill('{"action":')
    field.blur()
    field.focus()
    field.press("End")
    desk.page.keyboard.type(' "order.confirmed"}')
    desk.alerts.filter(has_text="line 1").first.wait_for()  # the first part was heard
    assert field.input_value() == '{"action": "order.confirmed"}'
    field.blur()
    desk.form.get_by_text("Valid.", exact=True).wait_for()
    desk.send()
    assert desk.space.bodies[-1]["params"] == {"event": EVENT}


def test_send_is_disabled_in_the_page_at_the_first_press(one_queue, open_form):
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    desk.form.get_by_text("Valid.", exact=True).wait_for()
    keep_busy(desk, 3)
    send = desk.button("Send")
    send.click()
    desk.page.wait_for_function("button => button.disabled", arg=send.element_handle())
    assert desk.space.bodies == []  # the kernel has not heard of it yet
    desk.card.locator("b").first.wait_for()
    assert len(desk.space.bodies) == 1


def test_send_can_be_pressed_again_after_a_refusal(open_form):
    desk = open_form("user_event")
    desk.press("Send")
    desk.alerts.first.wait_for()
    desk.fill("event", json.dumps(EVENT))
    desk.send()
    assert len(desk.space.bodies) == 1


def test_the_new_send_has_the_focus_that_the_old_one_had(open_form):
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    desk.button("Send").focus()
    desk.page.keyboard.press("Enter")
    desk.card.locator("b").first.wait_for()
    desk.notebook.wait_for(
        "document.activeElement.innerText === 'Send' && !document.activeElement.disabled"
    )


def test_the_request_is_copied_as_it_is_shown(open_form):
    desk = open_form("user_event")
    desk.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    desk.fill("event", json.dumps(EVENT))
    desk.form.get_by_text("Valid.", exact=True).wait_for()
    desk.press("Copy")
    desk.form.get_by_role("button", name="Copied").wait_for()
    copied = json.loads(desk.page.evaluate("navigator.clipboard.readText()"))
    assert copied["params"] == {"event": EVENT}
    desk.form.get_by_role("button", name="Copy", exact=True).wait_for()


def test_a_screen_reader_hears_what_is_required_and_what_is_wrong(open_form):
    desk = open_form("play_volume")
    volume = desk.field("volume")
    desk.notebook.wait_for("document.querySelector('.swnb-live [aria-required]')")
    assert volume.get_attribute("aria-required") == "true"
    assert volume.get_attribute("aria-invalid") is None
    assert "louder" in volume.evaluate(_DESCRIBED)
    desk.fill("volume", "loud")
    desk.notebook.wait_for("document.querySelector('[aria-invalid]')")
    assert volume.get_attribute("aria-invalid") == "true"
    assert "must be a number" in volume.evaluate(_DESCRIBED)
    assert desk.field("Call id").get_attribute("aria-invalid") is None
    desk.fill("volume", "4")
    desk.notebook.wait_for("!document.querySelector('[aria-invalid]')")
    assert "must be a number" not in volume.evaluate(_DESCRIBED)


@pytest.mark.parametrize(
    ("command", "least"),
    [("play", 18), ("dial", 20), ("collect", 20), ("ai_sidecar", 70), ("user_event", 9)],
)
def test_each_button_has_a_name_of_its_own(open_form, command, least):
    call = ", call_id" if swnb.COMMANDS[command].on_call else ""
    cell = f"{OPENED}\nopened(sw.form({command!r}{call}))"
    desk = open_form(command, cell=cell)
    desk.press("Paste JSON")
    desk.button("Fill in").wait_for()
    desk.notebook.wait_for("document.querySelector('.swnb-live [aria-required]')")
    names = names_of_buttons(desk)
    assert len(names) > least
    assert "" not in names
    assert {name: names.count(name) for name in names if names.count(name) > 1} == {}


def test_each_list_and_entry_has_a_name(open_form):
    desk = open_form("play")
    for place in range(2):
        desk.press("Add to play")
        desk.choose(f"play[{place}]", "tts")
    desk.form.get_by_role("button", name="Remove play[1]", exact=True).wait_for()
    desk.form.get_by_role("button", name="More of params (3), params (required), play[1]").click()
    desk.form.get_by_role("button", name="Fewer of params (3)", exact=True).wait_for()
    desk.form.get_by_role("button", name="More of params (3)", exact=True).wait_for()
    assert desk.form.get_by_role("group", name="play[1]", exact=True).count() == 1
    assert desk.form.get_by_role("group", name="play (required)").count() == 1
    assert desk.form.get_by_role("group", name="tts").count() == 0  # a branch is no list


def test_the_second_half_of_a_double_click_removes_no_other_entry(open_form):
    desk = open_form("play")
    for place in range(3):
        desk.press("Add to play")
        desk.field(f"play[{place}]").wait_for()
    remove = desk.form.get_by_role("button", name="Remove play[0]", exact=True)
    place = remove.bounding_box()
    mouse = desk.page.mouse
    mouse.move(place["x"] + 5, place["y"] + 5)
    mouse.down(), mouse.up()
    desk.field("play[2]").wait_for(state="detached")
    mouse.down(click_count=2), mouse.up(click_count=2)
    desk.press("Add to play")
    desk.field("play[2]").wait_for()  # two were left
    remove.click()
    desk.field("play[2]").wait_for(state="detached")


def test_a_toggle_says_whether_it_is_pressed(open_form):
    desk = open_form("user_event")
    views = ("JSON", "Python", "curl")

    def pressed():
        buttons = [desk.form.get_by_role("button", name=name, exact=True) for name in views]
        return [button.get_attribute("aria-pressed") for button in buttons]

    desk.form.get_by_role("button", name="JSON", exact=True, pressed=True).wait_for()
    assert pressed() == ["true", "false", "false"]
    desk.press("curl")
    desk.form.get_by_role("button", name="curl", exact=True, pressed=True).wait_for()
    assert pressed() == ["false", "false", "true"]


@pytest.mark.parametrize("theme", THEMES)
def test_a_form_whose_module_is_missing_says_so_and_works(open_form, page, theme):
    """As where the server has no anywidget and no way to a network."""
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    desk = open_form("user_event")
    note = desk.form.get_by_text("has not loaded anywidget")
    desk.notebook.wait_for("document.querySelector('.swnb-unloaded').offsetHeight > 10")
    desk.notebook.theme(theme)
    assert [each for each in texts(note) if each.contrast < TEXT] == []
    desk.notebook.picture(f"unloaded-{theme}")
    desk.fill("event", json.dumps(EVENT))
    desk.send()
    assert [body["params"] for body in desk.space.bodies] == [{"event": EVENT}]


def test_a_form_without_anywidget_sends_and_keeps_its_keys(open_form):
    desk = open_form("play", setup=PLAIN)
    desk.press("Add to play")
    desk.choose("play[0]", "silence")
    before = desk.notebook.cells
    for key in ("b", "a", "d", "d", "x"):
        desk.field("play[0]").press(key)
    assert desk.notebook.cells == before
    desk.fill("duration", "1")
    desk.send()
    assert desk.form.locator(".swnb-unloaded").count() == 0
    assert len(desk.space.bodies) == 1
