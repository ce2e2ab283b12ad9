"""Notebooks with forms, as pages that Voila serves."""

import json
import shutil

import pytest

from browser.desk import SETUP, WatchedSpace, form_of, leave_credentials
from browser.server import ROOT
from swnb.simulator import serve

pytestmark = pytest.mark.browser

EVENT = {"action": "order.confirmed"}
NOTEBOOK = ROOT / "notebooks" / "02-forms-and-magics.ipynb"


def test_a_form_sends_from_a_page(voila, page):
    space = WatchedSpace(seed=7)
    with serve(space) as server:
        path = voila.write("form.ipynb", SETUP, form_of("user_event"))
        leave_credentials(voila.files, space, server.host)
        page.goto(voila.address(path))
        page.locator(".swnb-live").wait_for()  # Voila has the module, too
        page.get_by_role("textbox", name="event").fill(json.dumps(EVENT))
        page.get_by_role("button", name="Send").click()
        page.get_by_text("✓ accepted", exact=True).first.wait_for()
        page.get_by_text("calling.user_event", exact=True).first.wait_for()
        assert page.get_by_text("nothing has been sent").count() == 0
    assert space.bodies[-1]["params"] == {"event": EVENT}


def test_the_committed_notebook_is_a_page(voila, page):
    page.goto(voila.address(shutil.copy(NOTEBOOK, voila.files / NOTEBOOK.name)))
    page.get_by_role("heading", name="Hang up").wait_for()
    page.get_by_label("command").first.wait_for()
    assert page.get_by_role("button", name="Send").count() >= 2
    import nbformat  # noqa: PLC0415 - takes seconds to load

    cells = nbformat.read(NOTEBOOK, as_version=4).cells
    on_purpose = [
        output
        for cell in cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    assert page.get_by_text("There was an error when executing cell").count() == len(on_purpose)
