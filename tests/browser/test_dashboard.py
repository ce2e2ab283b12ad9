"""The dashboard as a page that Voila serves: a filter is changed, and the chart follows."""

import shutil

import pytest

from browser.lab import SCREENSHOTS
from browser.server import ROOT

pytestmark = pytest.mark.browser

DASHBOARD = ROOT / "notebooks" / "dashboard.ipynb"


def test_a_filter_changes_the_chart_and_the_table(voila, page):
    path = voila.files / "dashboard.ipynb"
    shutil.copy(DASHBOARD, path)
    page.goto(voila.address(path))
    chart = page.locator('img[alt^="Charges by description"]')
    chart.wait_for()
    before = chart.get_attribute("src")
    assert "Outbound PSTN call" in chart.get_attribute("alt")
    assert page.get_by_role("cell", name="Outbound PSTN call", exact=True).is_visible()

    page.get_by_label("Direction").select_option("inbound")
    page.get_by_text('direction="inbound"').wait_for()
    assert "Outbound PSTN call" not in chart.get_attribute("alt")
    assert "Inbound PSTN call" in chart.get_attribute("alt")
    assert chart.get_attribute("src") != before
    assert page.get_by_role("cell", name="Outbound PSTN call", exact=True).count() == 0

    page.get_by_label("Group by").select_option("month")
    page.locator('img[alt^="Charges by month"]').wait_for()
    assert page.get_by_role("cell", name="2025-12", exact=True).is_visible()
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "dashboard.png", full_page=True)
