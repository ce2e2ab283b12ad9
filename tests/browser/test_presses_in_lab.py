"""One press, one request: double clicks, presses during a slow answer, and clicks that wait."""

import json
import re

import pytest

from browser.contrast import texts
from browser.desk import SETUP, WatchedSpace
from browser.lab import THEMES

pytestmark = pytest.mark.browser

EVENT = {"action": "order.confirmed"}
SLOW = 5  # seconds
TEXT = 4.5  # the least contrast that WCAG AA asks of texts
SEEN = 1500  # milliseconds after which a person presses again
URL = "https://example.com/swml"
LIVE = f"{SETUP}sw._session.transport.space = 'live'  # a simulated one is dialled without a question\n"
KERNELS = "@jupyterlab/apputils-extension/kernels-settings"
CLICKING = """button => new Promise(done => {
  const { x, y } = button.getBoundingClientRect();
  const timer = setInterval(() => {
    document.elementFromPoint(x + 9, y + 9).click();
    if (document.querySelector(".jp-Notebook").innerText.includes("Request as Python")) {
      clearInterval(timer);
      done();
    }
  }, 50);
})"""


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture(params=["perCommTarget", "disabled"])
def clicks_handled(lab, request):
    """Handle clicks in a thread beside the cells', as JupyterLab does at first, or with the cells."""
    lab.set(KERNELS, commsOverSubshells=request.param)
    yield
    lab.set(KERNELS)


@pytest.fixture
def event(open_form, clicks_handled):
    """A form whose event is filled in."""
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    return desk


def settled(desk):
    """Wait until every click so far was handled: a later one is handled after them."""
    desk.form.get_by_role("button", name="Send", exact=True).and_(
        desk.page.locator("button:enabled")
    ).wait_for()
    desk.press("Paste JSON")
    desk.form.get_by_role("button", name="Fill in").wait_for()
    desk.press("Close paste")
    desk.form.get_by_role("button", name="Fill in").wait_for(state="detached")
    return [each["command"] for each in desk.space.bodies]


def test_a_press_during_a_slow_answer_sends_nothing(event):
    event.space.misbehave("slow", seconds=SLOW)
    event.press("Send")
    event.page.wait_for_timeout(SEEN)
    sending = event.form.get_by_role("button", name=re.compile(r"Sending … [1-5] s"))
    sending.wait_for()
    assert sending.is_disabled()
    sending.click(force=True)
    event.card.locator("b").first.wait_for()
    assert settled(event) == ["calling.user_event"]
    event.press("Send")
    event.card.locator("b").first.wait_for()
    assert len(settled(event)) == 2


def test_a_button_that_counts_is_readable(open_form):
    desk = open_form("user_event")
    desk.fill("event", json.dumps(EVENT))
    desk.space.misbehave("slow", seconds=60)
    desk.press("Send")
    desk.form.get_by_text("Sending … 1 s").wait_for()
    for theme in THEMES:
        desk.notebook.theme(theme)
        desk.notebook.picture(f"sending-{theme}")
        shown = [each.contrast for each in texts(desk.form) if "Sending" in each.text]
        assert shown
        assert min(shown) >= TEXT


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_a_double_click_sends_once(event, seconds):
    event.space.misbehave("slow", seconds=seconds)
    event.button("Send").dblclick(delay=50)
    event.card.locator("b").first.wait_for()
    assert settled(event) == ["calling.user_event"]


def test_clicking_until_the_answer_shows_sends_once(event):
    """The answer is there before the second half of a double click."""
    event.button("Send").evaluate(CLICKING)
    assert settled(event) == ["calling.user_event"]


def test_clicks_that_waited_send_nothing(event):
    """A page that has not heard yet that its button is disabled sends them all."""
    event.space.misbehave("slow", seconds=1)
    event.button("Send").evaluate("button => { for (const _ of 'abcd') button.click() }")
    event.card.locator("b").first.wait_for()
    assert settled(event) == ["calling.user_event"]


@pytest.mark.parametrize("seconds", [0, SLOW])
def test_a_double_click_on_the_confirmation_of_a_dial_dials_once(
    open_form, clicks_handled, seconds
):
    desk = open_form("dial", setup=LIVE)
    desk.fill("from", "+15550100")
    desk.fill("to", "+15550101")
    desk.choose("url or swml", "url")
    desk.fill("url", URL)
    desk.press("Send")
    desk.alerts.get_by_text("Dial +15550101 from +15550100, at any price").wait_for()
    desk.notebook.pictures("dial-confirmation")
    desk.space.misbehave("slow", seconds=seconds)
    desk.button("Send it").dblclick(delay=50)
    desk.card.get_by_text("dial", exact=True).first.wait_for()
    assert settled(desk) == ["dial"]
