"""Cards and errors as a reader sees them in JupyterLab, in its light and its dark theme."""

import pytest

from browser.contrast import contrast, painted, texts
from browser.lab import THEMES

pytestmark = pytest.mark.browser

TEXT, MARK = 4.5, 3.0  # the least contrasts that WCAG AA asks of texts and of graphical marks
SETUP = """
import swnb
sw = swnb.simulate(seed=7)
ends = {"from_": "+15550100", "url": "https://example.com/swml"}
call = sw.dial(to="+15550101", **ends)
"""
CARDS = [
    "sw",
    "call",
    'call.wait_until("answered").play(play=[{"type": "tts", "params": {"text": "Hello"}}])',
    'call.user_event(event={"action": "order.confirmed"})',
    "call.end(); call.refresh().last",
    'busy = sw.dial(to="+15550486", **ends).wait_until("busy"); busy',
    """
try:
    call.play(plai=[])
except swnb.InvalidCommand as error:
    display(error)
""",
]
# What runs show, each with how many marks it has.
RUNS = {
    """
def cells(amount):
    sw.dial(to="+15550101", **ends).user_event(event={"action": "paid", "amount": amount})
with sw.run("checkout", note="as agreed", parameters={"amount": 1}) as run:
    cells(1)
with sw.run("dearer"):
    cells(2)
run
""": 1,
    'swnb.compare("checkout", "dearer", log=sw.log)': 2,
    'swnb.compare("checkout", "checkout", log=sw.log)': 1,
    """
with sw.run("checkout", once=True):
    sent = sw.log.sent("user_event", event={"action": "canceled"})
sent
""": 0,
    "call.timeline()": 0,
}
RAISED = {
    "call.play(plai=[])": "InvalidCommand",
    'busy.play_stop(control_id="nothing")': "ApiError",
    "swnb.Client(host='https://example.com')": "ConfigurationError",
    'swnb.assert_same("checkout", "dearer", log=sw.log)': "RunsDiffer",
}
LONGEST_ERROR = 8  # lines


@pytest.fixture(scope="module")
def tour(lab, browser):
    """A notebook with a card of each kind, then an error of each kind."""
    context = browser.new_context(viewport={"width": 1100, "height": 2700})
    path = lab.write("cards/tour.ipynb", SETUP, *CARDS, *RUNS, *RAISED)
    tour = lab.open(context.new_page(), path).run_all(errors=len(RAISED))
    tour.pictures("cards")
    for folded in tour.outputs.locator("details").all():
        folded.evaluate("details => { details.open = true }")
    yield tour
    context.close()


@pytest.mark.parametrize("theme", THEMES)
def test_texts_of_cards_and_errors_are_readable(tour, theme):
    tour.theme(theme)
    seen = [each for output in tour.outputs.all() for each in texts(output)]
    assert {"swnb.Client", "✗ busy", "✓ answered", "• ended", "curl", "… changed"} <= {
        each.text for each in seen
    }
    faint = [each for each in seen if each.contrast < (MARK if each.mark else TEXT)]
    assert not faint


def test_status_marks_are_told_apart_from_texts(tour):
    marks = [each.text for output in tour.outputs.all() for each in texts(output) if each.mark]
    assert len(marks) == len(CARDS) + sum(RUNS.values())


@pytest.mark.parametrize("name", RAISED.values())
def test_an_error_prints_as_one_short_block(tour, name):
    block = tour.errors.nth(list(RAISED.values()).index(name)).inner_text()
    assert block.startswith(f"{name}: ")
    assert "Traceback" not in block
    assert len(block.splitlines()) <= LONGEST_ERROR


def test_a_card_in_a_notebook_of_somebody_else_is_still_a_card(tour, lab, page):
    """JupyterLab strips what it does not trust out of a notebook that was not run here."""
    text = tour.save()
    shared = tour.path.with_name("shared.ipynb")
    shared.write_text(text.replace('"sw"', '"sw  # another signature"'), encoding="utf-8")
    card = lab.reopen(page, shared).outputs.filter(has_text="swnb.Client").locator("b")
    border = card.locator("xpath=../..").evaluate("card => getComputedStyle(card).borderTopStyle")
    assert border == "solid"


@pytest.mark.parametrize(
    ("colour", "layers", "expected"),
    [
        ("rgb(0, 0, 0)", [("rgb(255, 255, 255)", 1)], 21),
        ("rgb(0, 0, 0)", [("rgba(0, 0, 0, 0)", 1)], 21),  # a page without a colour is white
        ("rgb(255, 255, 255)", [("rgb(255, 255, 255)", 1)], 1),
        ("rgb(0, 0, 0)", [("rgb(255, 255, 255)", 1), ("rgba(0, 0, 0, 0)", 0)], 1),
        ("rgb(119, 119, 119)", [("rgb(255, 255, 255)", 1)], 4.48),
    ],
)
def test_contrast_is_that_of_wcag(colour, layers, expected):
    stack = [{"background": background, "opacity": opacity} for background, opacity in layers]
    assert contrast(*painted(colour, stack)) == pytest.approx(expected, abs=0.005)
