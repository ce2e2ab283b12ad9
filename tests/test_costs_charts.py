"""Charts say in words what they show, stand out in both themes, and survive an empty account."""

import base64
import re
import subprocess
import sys
from html import unescape
from xml.etree import ElementTree as ET

import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text
from support import cost_accounts as accounts

from swnb.costs import Tables, charts, drawing

pytestmark = pytest.mark.sample(2)

TABLES = accounts.small()
EMPTY = Tables(TABLES.calls.head(0), TABLES.charges.head(0))
EXCHANGES = accounts.exchanges()
DRAWN = {
    "charges": charts.charges,
    "by_day": charts.by_day,
    "by_day direction": lambda tables: charts.by_day(tables, "direction"),
    "by_day country": lambda tables: charts.by_day(tables, "country", n=1),
    "answer_funnel": charts.answer_funnel,
    "rounding": charts.rounding,
    "timeline": lambda tables: charts.timeline(EXCHANGES, "a" if len(tables.calls) else "none"),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_shows_itself_as_a_picture_with_its_alt_text(name):
    chart = DRAWN[name](TABLES)
    bundle = chart._repr_mimebundle_()
    assert bundle["text/plain"] == chart.alt
    found = re.fullmatch(
        r'<img src="data:image/png;base64,([^"]+)" alt="([^"]+)" style="[^"]+">',
        bundle["text/html"],
    )
    assert base64.b64decode(found[1]).startswith(b"\x89PNG")
    assert unescape(found[2]) == chart.alt


@pytest.mark.parametrize("name", DRAWN)
def test_a_chart_of_nothing_says_so(name):
    assert DRAWN[name](EMPTY).png.startswith(b"\x89PNG")


@pytest.mark.slow
def test_charts_are_loaded_when_they_are_first_asked_for():
    code = (
        "import sys; from swnb import costs; print('matplotlib' in sys.modules);"
        "costs.charts; print('matplotlib' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_words_of_the_charges():
    assert charts.charges(TABLES).alt == (
        "Charges by description, $0.3500 in all: "
        "PSTN $0.2600 (74%), SIP $0.0500 (14%), Recording $0.0400 (12%)."
    )


def test_what_is_not_among_the_dearest_is_one_bar():
    assert charts.charges(TABLES, n=1).alt.endswith("PSTN $0.2600 (74%), others (2) $0.0900 (26%).")


def test_the_words_of_the_days():
    assert charts.by_day(TABLES, "type").alt == (
        "Charges by day and type, 2026-01-31 to 2026-02-02, $0.3500 in all: "
        "pstn $0.3000, sip $0.0500, fabric $0.0000."
    )


def test_the_words_of_the_funnel():
    assert charts.answer_funnel(TABLES).alt == (
        "From call to answer: calls 6 (100%), settled 5 (83%), answered 3 (50%)."
    )


def test_the_words_of_the_rounding():
    assert charts.rounding(TABLES, "type").alt == (
        "Billing in whole increments cost $0.0625: pstn $0.0500 not used, sip $0.0125 not used."
    )


def test_the_others_of_the_rounding_are_one_bar_too():
    assert charts.rounding(TABLES, "type", n=1).alt == (
        "Billing in whole increments cost $0.0625: "
        "pstn $0.0500 not used, others (1) $0.0125 not used."
    )


@pytest.mark.parametrize(
    ("amounts", "shown", "total"),
    [
        ([1.004, 1.004, 1.004], ["$1.01", "$1.00", "$1.00"], "$3.01"),
        ([0.00004, 0.00004, 0.00004], ["$0.0001", "$0.0000", "$0.0000"], "$0.0001"),
        ([1234.5, 0.005], ["$1,234.5000", "$0.0050"], "$1,234.5050"),
        ([2, -1], ["$2.00", "$-1.00"], "$1.00"),
        ([0.0, 0.0], ["$0.0000", "$0.0000"], "$0.0000"),
        ([], [], "$0.0000"),
    ],
)
def test_amounts_that_are_shown_add_up(amounts, shown, total):
    assert drawing.tied(amounts) == (shown, total)


def test_shares_that_are_shown_add_up():
    assert drawing.shared([1, 1, 1], 100) == [34, 33, 33]
    assert drawing.shared([0, 0], 100) == [0, 0]


@pytest.mark.parametrize("name", DRAWN)
def test_all_text_of_all_charts_is_equally_large(name):
    chart = DRAWN[name](TABLES)
    texts = [text for text in chart.figure.findobj(Text) if text.get_text()]
    assert {text.get_fontsize() for text in texts} == {drawing.SIZE}
    shown = float(re.search(r"width:([\d.]+)em", chart._repr_mimebundle_()["text/html"])[1])
    pixels = int.from_bytes(chart.png[16:20], "big")
    assert pixels / shown == pytest.approx(24.4, abs=0.2)


def test_the_words_of_a_call():
    assert charts.timeline(EXCHANGES, "d").alt == (
        "What was sent to the call: calling.play at 0 s (rejected)."
    )


def test_a_label_that_looks_like_html_stays_text():
    charges = TABLES.charges.assign(description='<b onload="x">')
    html = charts.charges(Tables(charges=charges))._repr_mimebundle_()["text/html"]
    assert "<b" not in html


def luminance(colour):
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in to_rgb(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", ["#ffffff", "#111111"])
def test_text_and_bars_stand_out_in_both_themes(paper):
    assert contrast(drawing.INK, paper) > 4
    assert all(contrast(tone, paper) >= 3 for tone in (*drawing.TONES, drawing.REST))


def test_a_saved_chart_has_no_background(tmp_path):
    charts.charges(TABLES).save(tmp_path / "chart.svg")
    root = ET.parse(tmp_path / "chart.svg").getroot()
    styles = " ".join(element.get("style", "") for element in root.iter())
    assert "fill: #ffffff" not in styles
