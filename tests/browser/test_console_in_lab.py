"""The console in JupyterLab: it lists calls, shows what happens on one, and its timer stops."""

import pytest

from browser.desk import SETUP, WatchedSpace, leave_credentials
from swnb.simulator import serve

pytestmark = pytest.mark.browser

SHOW = "console = sw.console(); console"
CLEAR = "jupyterapp.commands.execute('notebook:clear-all-cell-outputs')"


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture
def notebook(lab, page, space):
    """An open notebook with a console on a call that had one event."""
    with serve(space) as server:
        path = lab.write(
            "console.ipynb",
            SETUP,
            "call = sw.call(call_id); call.user_event(event={'action': 'order.confirmed'}); None",
            SHOW,
        )
        leave_credentials(path.parent, space, server.host)
        yield lab.open(page, path).run_all()


def test_the_console_shows_the_call_and_refreshes_on_demand(notebook, space):
    output = notebook.outputs.last
    output.get_by_text("calling.user_event").first.wait_for()
    arrived = len(space.requests)
    output.get_by_role("button", name="Refresh").click()
    output.get_by_text("voice_log", exact=True).first.wait_for()
    assert len(space.requests) == arrived + 1
    notebook.pictures("console")


def test_the_timer_stops_when_the_output_is_gone(notebook, page, space):
    output = notebook.outputs.last
    output.get_by_role("button", name="Every 5 s").click()
    output.get_by_text("voice_log", exact=True).first.wait_for()
    page.evaluate(CLEAR)
    output.wait_for(state="detached")
    page.wait_for_timeout(1000)  # a look that was already under way may still arrive
    arrived = len(space.requests)
    page.wait_for_timeout(7000)  # longer than the timer's five seconds
    assert len(space.requests) == arrived
