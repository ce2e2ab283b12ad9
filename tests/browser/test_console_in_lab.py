"""The console in JupyterLab: its table and its timeline by mouse and keyboard, and its timer stops."""

import pytest

from browser.contrast import texts
from browser.desk import SETUP, WatchedSpace, leave_credentials
from browser.lab import THEMES
from swnb.simulator import serve

pytestmark = pytest.mark.browser

SHOW = "console = sw.console(); console"
CLEAR = "jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"
TEXT, MARK = 4.5, 3.0
CALLS = """
call = sw.call(call_id)
call.user_event(event={'action': 'order.confirmed'})
for number in range(30):
    sw.dial(from_="+15550100", to=f"+155502{number:05}", url="https://example.com/swml")
"""


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture
def open_console(lab, page, space, request):
    """Open a notebook with a console, after some calls."""
    opened = []
    with serve(space) as server:

        def open_console(calls=CALLS, show=SHOW):
            path = lab.write(f"{request.node.name}/console.ipynb", SETUP, f"{calls}None", show)
            leave_credentials(path.parent, space, server.host)
            opened.append(lab.open(page, path))
            return opened[-1].run_all()

        yield open_console
        for notebook in opened:
            notebook.shut_down()


ONE = "call = sw.call(call_id); call.user_event(event={'action': 'order.confirmed'}); "


def rows(output):
    return output.locator("tbody tr")


def test_the_console_shows_the_call_and_refreshes_on_demand(open_console, space):
    notebook = open_console(ONE)
    output = notebook.outputs.last
    output.get_by_text("→ user_event").first.wait_for()
    arrived = len(space.requests)
    output.get_by_role("button", name="Refresh").click()
    output.get_by_text("→ voice_log").first.wait_for()
    assert len(space.requests) == arrived + 1
    notebook.pictures("console")


def test_the_timer_stops_when_the_output_is_gone(open_console, page, space):
    notebook = open_console(ONE)
    output = notebook.outputs.last
    output.get_by_role("button", name="Every 5 s").click()
    output.get_by_text("→ voice_log").first.wait_for()
    page.evaluate(CLEAR)
    output.wait_for(state="detached")
    page.wait_for_timeout(1000)  # a look that was already under way may still arrive
    arrived = len(space.requests)
    page.wait_for_timeout(7000)  # longer than the timer's five seconds
    assert len(space.requests) == arrived


def test_headings_rows_and_exchanges_are_clicked(open_console):
    notebook = open_console()
    output = notebook.outputs.last
    assert output.get_by_role("columnheader").all_inner_texts() == [
        "age ▾", "direction", "from → to", "status", "duration", "charge", "run",
    ]  # fmt: skip
    output.get_by_role("button", name="from → to").click()
    output.locator("[aria-sort=ascending]", has_text="from → to").wait_for()
    row = rows(output).filter(has_text="+15550200003")
    row.click()
    output.locator("[aria-selected=true]", has_text="+15550200003").wait_for()
    output.locator("summary", has_text="→ dial").click()
    output.get_by_role("button", name="Send again in the form").first.click()
    to = output.get_by_label("to", exact=True)
    to.wait_for()
    assert to.input_value() == "+15550200003"


def test_the_keyboard_sorts_by_a_heading(open_console):
    output = open_console().outputs.last
    output.get_by_role("button", name="status").focus()
    output.page.keyboard.press("Enter")
    output.locator("[aria-sort=ascending]", has_text="status").wait_for()


def test_the_plain_controls_filter_sort_and_turn_pages(open_console, page):
    page.route("**/extensions/anywidget/**", lambda route: route.abort())
    output = open_console().outputs.last
    assert rows(output).count() == 25
    output.get_by_role("button", name="Next page").click()
    output.get_by_text("26 to 31 of 31").wait_for()
    output.get_by_label("Filter").fill("020000")
    output.get_by_text("1 to 10 of 10 (of 31)").wait_for()
    output.get_by_label("Sort by").select_option("age")
    output.get_by_role("button", name="Descending").click()
    output.locator("[aria-sort=ascending]", has_text="age").wait_for()
    assert "+15550200000" in rows(output).first.inner_text()
    output.get_by_label("Call", exact=True).select_option(index=4)
    output.locator("[aria-selected=true]", has_text="+15550200003").wait_for()
    output.get_by_label("Exchange").wait_for()
    output.get_by_role("button", name="Send again in the form").last.click()
    output.get_by_label("to", exact=True).wait_for()


@pytest.mark.parametrize("theme", THEMES)
def test_a_console_is_readable_and_nothing_is_cut_at_any_width(open_console, page, theme):
    notebook = open_console()
    output = notebook.outputs.last
    output.locator("summary").first.click()
    notebook.theme(theme)
    seen = texts(output)
    assert {"from → to", "✓ answered"} & {each.text for each in seen}
    assert [each for each in seen if each.contrast < (MARK if each.mark else TEXT)] == []
    for width in (1400, 1100, 800, 480):
        page.set_viewport_size({"width": width, "height": 1600})
        page.wait_for_timeout(300)  # JupyterLab lays its panels out anew
        notebook.picture(f"console-{theme}-{width}")
        assert output.evaluate("box => box.scrollWidth <= box.clientWidth + 1")
        chooser = output.locator(".widget-dropdown", has=page.get_by_label("Call", exact=True))
        assert chooser.bounding_box()["height"] < 50
        table, story = (
            output.locator(each).first.bounding_box() for each in ("div:has(> table)", "summary")
        )
        assert (story["x"] > table["x"] + table["width"]) == (width >= 1100)
