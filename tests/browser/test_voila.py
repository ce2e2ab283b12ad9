"""A notebook with a form, as a page that Voila serves."""

import json

from browser.desk import SETUP, WatchedSpace, form_of, leave_credentials
from swnb.simulator import serve

EVENT = {"action": "order.confirmed"}


def test_a_form_sends_from_a_page(voila, page):
    space = WatchedSpace(seed=7)
    with serve(space) as server:
        path = voila.write("form.ipynb", SETUP, form_of("user_event"))
        leave_credentials(voila.files, space, server.host)
        page.goto(voila.address(path))
        page.get_by_label("event").fill(json.dumps(EVENT))
        page.get_by_role("button", name="Send").click()
        page.get_by_text("calling.user_event", exact=True).first.wait_for()
    assert space.bodies[-1]["params"] == {"event": EVENT}
