"""A live timeline in JupyterLab: it grows by itself while the call runs."""

import pytest

from browser.desk import SETUP, WatchedSpace, leave_credentials
from swnb.simulator import serve

pytestmark = pytest.mark.browser


@pytest.fixture
def space():
    return WatchedSpace(seed=7)


@pytest.fixture
def notebook(lab, page, space):
    """An open notebook that listens and shows the timeline of a call."""
    with serve(space) as server:
        relay = space.relay_url.removeprefix("ws://")
        path = lab.write(
            "timeline.ipynb",
            SETUP,
            "import contextlib, io\n"
            "with contextlib.redirect_stderr(io.StringIO()):  # what it says is not shown here\n"
            f"    inbox = sw.listen(host={relay!r})\n"
            "call = sw.call(call_id)\n"
            "call.user_event({'step': 1})  # something to draw, however late the page came up",
            "panel = call.timeline(live=True); panel",
        )
        leave_credentials(path.parent, space, server.host)
        yield lab.open(page, path).run_all()


def test_a_live_timeline_grows_with_the_call(notebook, space):
    output = notebook.outputs.last
    output.get_by_text("us", exact=True).first.wait_for()
    call_id = next(iter(space.calls))
    space.hang_up(call_id)
    output.get_by_text("ended · hangup").first.wait_for()
    notebook.pictures("timeline")
    label = output.locator("svg[role=img]").get_attribute("aria-label")
    assert label.startswith("Timeline of ")
