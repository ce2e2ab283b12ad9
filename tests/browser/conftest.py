"""One JupyterLab and one Chromium for the tests of this folder, and a fresh page for each.

They last as long as the package, not the session: Playwright keeps an event loop running in this
thread, in which tests that run notebooks themselves could not start theirs.
"""

import os
import re

import pytest

from browser.desk import SETUP, Desk, form_of, leave_credentials
from browser.lab import Lab
from browser.server import CHROMIUM_FLAGS, Voila, chromium, missing

TIMEOUT = 30_000  # milliseconds; two busy cores take their time


@pytest.fixture(scope="package")
def _possible():
    reason = missing()
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="package")
def browser(_possible):
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - may be missing

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=CHROMIUM_FLAGS, timeout=TIMEOUT
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def lab(_possible, tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="package")
def voila(_possible, tmp_path_factory):
    with Voila(tmp_path_factory.mktemp("voila")) as voila:
        yield voila


@pytest.fixture
def page(browser):
    """A page of a fresh profile."""
    context = browser.new_context(viewport={"width": 1100, "height": 1400})
    context.set_default_timeout(TIMEOUT)
    page = context.new_page()
    yield page
    context.close()


@pytest.fixture
def open_form(lab, page, space, server, request):
    """Open the form of a command on an answered call, in a notebook of the test's own."""
    opened = []

    def open_form(command, *, setup=SETUP, cell=None, **options):
        name = re.sub(r"\W+", "-", request.node.name).strip("-")
        path = lab.write(f"{name}/form.ipynb", setup, cell or form_of(command))
        leave_credentials(path.parent, space, server.host)
        opened.append(lab.open(page, path, **options))
        return Desk(opened[-1].run_all(), space)

    yield open_form
    for notebook in opened:
        notebook.shut_down()
