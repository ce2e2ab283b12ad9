"""What `sw.log.show()` shows: in a notebook, in a terminal, and of what was asked."""

import re
import subprocess
import sys
from html import unescape

import pandas as pd
import pytest
from support.dialing import DIAL
from support.log_exchanges import EPOCH, accepted, logged, started

import swnb
from swnb.log import Log
from swnb.views import sorting
from swnb.views.rows import aligned

NASTY = '<script>alert("1")</script>\u202e\x1b[31m'


@pytest.fixture
def log():
    with Log(":memory:") as log:
        yield log


def say(log, number=0, text="Hello", **fields):
    body = {
        "command": "calling.play",
        "params": {"play": [{"type": "tts", "params": {"text": text}}]},
    }
    exchange = started(number, command="calling.play", request=body)
    log.start(exchange)
    log.finish(accepted(exchange, **fields))


def words(view):
    """Give the lines that are left of a page without its tags: a row is a line."""
    flat = re.sub(r"</(div|tr)>", "\n", view._repr_html_())
    flat = re.sub(r"</t[dh]>", "|", flat)
    return [
        line.strip() for line in unescape(re.sub(r"<[^>]+>", "", flat)).splitlines() if line.strip()
    ]


def test_a_page_shows_time_mark_payload_money_and_short_ids(log):
    say(log, charge_nano=8_000_000)
    caption, head, row, *_ = words(log.show())
    assert caption == f"1 exchange · {pd.Timestamp(EPOCH, unit='us'):%Y-%m-%d} UTC"
    assert head == "time|command|outcome|what|status|charge|ms|call|id|"
    time = f"{pd.Timestamp(EPOCH, unit='us'):%H:%M:%S}"
    assert row == f"{time}|play|✓ accepted|“Hello”|answered|$0.008|12|00000000…|1|"


def test_an_error_stands_whole_below_what_was_said(log):
    message = "a reason of many words " * 20
    say(log, outcome="rejected", error_message=message)
    assert f"✗ {message.strip()}" in words(log.show())
    text = repr(log.show())
    assert text.count("reason") == 20
    assert "…" not in text.replace("00000000…", "")


def test_a_thousand_rows_take_one_box_whose_head_stays(log):
    for number in range(1001):
        logged(log, number)
    page = log.show()._repr_html_()
    assert page.count("<tr>") == 1001
    assert "max-height:400px;overflow:auto" in page
    assert page.count("position:sticky;top:0") == 9
    assert "the latest 1,000; .df has the 1 before them too" in page
    assert len(page) < 1_200_000
    assert len(log.show()) == len(log.show().df) == 1001
    assert log.show(most=3)._repr_html_().count("<tr>") == 4


def test_a_page_needs_no_script_and_has_no_way_out(log):
    say(log, text=NASTY, error_message=NASTY, outcome="rejected")
    page = log.show()._repr_html_()
    assert not re.search(r"<(script|style|link|img|iframe)|http", page)
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "\x1b" not in repr(log.show())
    assert set(re.findall(r" (\w+)=\"", page)) <= {"style", "scope", "colspan"}


def test_the_head_has_both_colours_or_none(log):
    logged(log)
    heads = re.findall(r"<th [^>]*>", log.show()._repr_html_())
    assert len(heads) == 9
    assert all("background:var(" in head and ";color:var(" in head for head in heads)


def test_charges_are_aligned_on_their_points(log):
    for number, nano in enumerate((0, 8_000_000, 12_345_678_900, None)):
        logged(log, number, charge_nano=nano)
    assert aligned(["$0", "$1.25", "", "$10.5"]) == ["$0   ", "$1.25", "", "$10.5 "]
    cells = re.findall(r"white-space:pre\">(\$[^<]*)<", log.show()._repr_html_())
    assert len(cells) == 3
    ends = {len(cell) - (cell.rstrip() + ".").index(".") for cell in cells}
    assert len(ends) == 1
    points = {line.index(".", 30) for line in repr(log.show()).splitlines()[3:5]}
    assert len(points) == 1


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_the_text_fits_the_terminal(log, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    say(log, text="word " * 40)
    say(log, 1, text="x" * 150, outcome="rejected", error_message="no " * 60)
    logged(log, 2)
    lines = repr(log.show()).splitlines()
    assert max(map(len, lines)) <= min(width, 160)
    assert lines[1].split()[:4] == ["time", "command", "outcome", "what"]
    assert (lines[1].split()[-1] == "id") is (width >= 80)
    assert "".join(repr(log.show()).split()).count("x") >= 140
    assert ("status" in lines[1]) is (width >= 120)


def test_a_terminal_shows_the_latest_sixty(log):
    for number in range(70):
        logged(log, number)
    lines = repr(log.show()).splitlines()
    assert len(lines) < 70
    assert lines[-1] == "the latest 60; .df has the 10 before them too"
    assert lines[-2].endswith("70")


def test_a_new_day_is_named(log):
    logged(log, 0)
    logged(log, 100_000)
    day = f"{pd.Timestamp(EPOCH + 100_000_000_000, unit='us'):%Y-%m-%d}"
    assert day in repr(log.show()).splitlines()
    assert f"{day}|" in words(log.show())


@pytest.mark.parametrize(
    ("asked", "ids"),
    [
        ({"command": "play"}, [1]),
        ({"command": "calling.play"}, [1]),
        ({"command": ["play", "user_event"]}, [1, 2, 3]),
        ({"outcome": "rejected"}, [3]),
        ({"outcome": ("accepted", "rejected")}, [1, 2, 3]),
        ({"text": "hELLO"}, [1]),
        ({"text": "broken"}, [3]),
        ({"text": "00000001-0000"}, [3]),
        ({"text": "(.*"}, []),
        ({"command": "user_event", "outcome": "accepted"}, [2]),
        ({"call": "00000001-0000-4000-8000-000000000000"}, [3]),
        ({}, [1, 2, 3]),
    ],
)
def test_a_filter_leaves_what_fits(log, asked, ids):
    say(log)
    logged(log, 1)
    logged(log, 3, outcome="rejected", error_message="It is broken")
    assert log.show(**asked).df["id"].tolist() == ids


def test_a_filter_is_named_and_what_there_is_where_nothing_fits(log):
    logged(log)
    lines = repr(log.show("plya", outcome="rejected")).splitlines()
    assert lines == [
        "0 of 1 exchanges with command 'plya' and outcome 'rejected'",
        "there are user_event",
    ]
    assert words(log.show("plya", outcome="rejected")) == lines
    with Log(":memory:") as empty:
        assert repr(empty.show()).splitlines() == ["0 exchanges", "nothing was sent yet"]


def test_an_unknown_outcome_or_table_is_refused(log):
    with pytest.raises(swnb.ConfigurationError, match="did you mean 'accepted'"):
        log.show(outcome="acepted")
    with pytest.raises(swnb.ConfigurationError, match="there is no table 'event'"):
        log.show(table="event")


def test_events_show_what_was_sent_and_heard():
    with swnb.simulate() as sw, sw.listen():
        call = sw.dial(**DIAL).wait_until("answered")
        call.user_event(event={"action": "order.confirmed"})
        sw.log.heard("user_event", call=call)
        view = sw.log.show(table="events", call=call)
        assert {"sent", "heard"} == set(view.df["direction"])
        assert any(
            '→ user_event|✓ accepted|{"action":"order.confirmed"}|command|' in row
            for row in words(view)
        )
        assert set(sw.log.show("state", "answered", table="events").df["state"]) == {"answered"}
        assert len(sw.log.show(text="ORDER.confirmed", table="events")) >= 1
        assert "with text 'order'" in repr(call.events().sw.show(text="order"))


def test_a_part_of_the_columns_can_be_shown(log):
    logged(log)
    assert "user_event" in repr(log.df[["sent_at", "command", "outcome", "id"]].sw.show())


def test_a_frame_of_something_else_is_refused(log):
    logged(log)
    with pytest.raises(swnb.errors.ConfigurationError, match="not a frame of exchanges or events"):
        log.calls().sw.show()
    with pytest.raises(swnb.errors.ConfigurationError, match="did you mean 'rejected'"):
        log.df.sw.show(outcome="rejcted")


@pytest.mark.slow
def test_a_frame_of_the_log_can_be_shown_without_an_import_of_costs():
    code = """
import swnb
with swnb.simulate() as sw:
    call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    call.user_event(event={"a": 1})
    print(call.events().sw.show("user_event"))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert '{"a":1}' in done.stdout


def test_a_table_to_sort_has_all_rows_and_no_network(log, monkeypatch):
    itables = pytest.importorskip("itables")
    shown, modes = [], []
    monkeypatch.setattr(sorting, "_LOADED", [])
    monkeypatch.setattr(itables, "show", lambda frame, **options: shown.append((frame, options)))
    monkeypatch.setattr(itables, "init_notebook_mode", lambda **options: modes.append(options))
    for number, nano in enumerate((8_000_000, None, 12_000_000_000)):
        logged(log, number, charge_nano=nano)
    log.show().to_itables(paging=True)
    log.show().to_itables()
    assert modes == [{"all_interactive": False, "connected": False}]
    (frame, options), _ = shown
    assert frame["charge"].fillna(-1).tolist() == [0.008, -1, 12]
    assert frame["id"].tolist() == [1, 2, 3]
    assert options["paging"] is True
    html = itables.to_html_datatable(frame, **options, connected=False)
    assert html.count("user_event") >= 3


def test_without_itables_it_says_how_to_have_it(log, monkeypatch):
    monkeypatch.setattr(sorting, "find_spec", lambda _: None)
    with pytest.raises(swnb.ConfigurationError, match=r"swnb\[tables\]"):
        log.show().to_itables()
