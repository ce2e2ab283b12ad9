"""The console: calls, the selected one's timeline and form, totals, and a timer that stops."""

import re
from datetime import datetime, timedelta
from html import unescape
from threading import Thread

import ipywidgets
import pandas as pd
import pytest
from support.dialing import DIAL

import swnb
from swnb.notebook.panels.calls_table import PAGE, SORTS, CallsTable


@pytest.fixture
def console(sw):
    made = sw.console()
    yield made
    made.close()


def rows(console):
    """Give the cells of the table's rows."""
    found = re.findall(r"<tr data.*?</tr>", console.table.value)
    return [
        [unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall("<td.*?</td>", row)]
        for row in found
    ]


def heads(console):
    """Give the names of the table's columns, with how they are sorted."""
    found = re.findall(
        r'<th scope="col"( aria-sort="\w+")?.*?<span[^>]*>(.*?)</span>', console.table.value
    )
    return [(unescape(name), sorted_.strip()) for sorted_, name in found]


def test_an_empty_log_says_so(console):
    assert console.selected is None
    assert "No call yet" in console.table.value
    assert "No call is selected" in console.timeline.value
    assert console.next.disabled
    assert console.previous.disabled
    assert console._again.disabled


def test_calls_are_a_table_newest_first_with_what_is_known_of_them(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    first.wait_until("answered")
    first.end()
    first.refresh()
    console.refresh()
    assert [name for name, _ in heads(console)] == [
        "age ▾", "direction", "from → to", "status", "duration", "charge", "run",
    ]  # fmt: skip
    assert dict(heads(console))["age ▾"] == 'aria-sort="descending"'
    newest, oldest = rows(console)
    assert [call_id for _, call_id in console.calls.options] == [second.id, first.id]
    assert newest[1:4] == ["out", "+15550100 → +15550101", "… queued"]
    assert oldest[3] == "• ended"
    assert oldest[5] == f"${sw.log.calls()['charge'].iloc[0]:g}"
    assert re.fullmatch(r"\d:\d\d", oldest[4])
    start, end = newest[6].split("…")
    assert sw.log.run.startswith(start)
    assert sw.log.run.endswith(end)
    assert f'title="{sw.log.run}"' in console.table.value


def test_the_selected_call_is_marked_by_more_than_color(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    console.refresh()
    console.selected = first.id
    (chosen,) = re.findall(
        r'<tr data-swnb-do="select:([^"]*)"[^>]*aria-selected="true"', console.table.value
    )
    assert chosen == first.id
    assert [row[0].startswith("▸") for row in rows(console)] == [False, True]
    assert console.calls.value == first.id != second.id


def test_refreshing_asks_about_the_selected_call_and_no_other(sw, space, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    console.refresh()
    console.selected = first.id
    space.advance(5)
    asked = len(space.requests)
    console.refresh()
    assert [request.path for request in space.requests[asked:]] == [f"/api/voice/logs/{first.id}"]
    assert console.selected == first.id
    assert [row[3] for row in rows(console)] == ["… queued", "✓ answered"]
    assert second.id in [call_id for _, call_id in console.calls.options]


def test_a_call_that_is_over_is_not_asked_about_again(sw, space, console):
    call = sw.dial(**DIAL)
    call.wait_until("answered").end()
    call.refresh()
    console.refresh()
    console.selected = call.id
    asked = len(space.requests)
    console.refresh()
    assert len(space.requests) == asked


def test_the_timeline_is_the_selected_calls(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    first.user_event(event={"a": 1})
    console.refresh()
    console.selected = second.id
    assert "user_event" not in console.timeline.value
    console.selected = first.id
    assert "→ user_event" in console.timeline.value
    assert first.id in console.timeline.value


def test_the_form_is_for_the_selected_call(sw, console):
    call = sw.dial(**DIAL)
    console.refresh()
    console.selected = call.id
    assert console.form.call_id == call.id


def test_totals_count_exchanges_errors_and_charge(sw, console):
    call = sw.dial(**DIAL).wait_until("answered")
    with pytest.raises(swnb.InvalidCommand):
        call.play(play=3)
    call.end()
    call.refresh()
    console.refresh()
    exchanges, calls = sw.log.exchanges(), sw.log.calls()
    both = f"1 call · {len(exchanges)} exchanges · 1 error · ${calls['charge'].sum():g}"
    assert console.totals.value.count(both) == 2  # of this run, and of the whole log


def test_a_refusal_shows_and_stops_the_timer(sw, space, console):
    sw.dial(**DIAL)
    console.refresh()
    console._callback = Ticking()
    console.timer.value = True
    space.misbehave("503")
    console.refresh()
    assert 'role="alert"' in console.error.value
    assert "Unavailable" in console.error.value
    assert not console.timer.value
    assert not console._callback.running


class Ticking:
    """What the console needs of a timer: whether it runs."""

    running = False

    def start(self):
        self.running = True

    def stop(self):
        self.running = False


def test_the_timer_stops_with_the_output(console):
    console._callback = Ticking()
    console.box._view_count = 1
    console.timer.value = True
    assert console._callback.running
    console.box._view_count = 0
    assert not console._callback.running
    assert not console.timer.value


def test_nothing_is_sent_by_making_or_showing_a_console(space, sw):
    console = sw.console()
    console._repr_mimebundle_()
    assert space.requests == []
    console.close()


def test_totals_tell_this_run_from_the_whole_log(server, space, tmp_path):
    path = tmp_path / "log.sqlite"
    with swnb.Client(space.project, space.token, server.host, log=path, run="first") as first:
        first.dial(**DIAL)
        first.dial(**DIAL)
    with swnb.Client(space.project, space.token, server.host, log=path, run="second") as second:
        second.dial(**DIAL)
        console = second.console()
        assert "<b>this run</b> 1 call · 1 exchange · 0 errors" in console.totals.value
        assert "<b>whole log</b> 3 calls · 3 exchanges · 0 errors" in console.totals.value
        assert [row[6] for row in rows(console)] == ["second", "first", "first"]
        console.close()


def test_script_in_the_log_is_escaped(sw, console):
    script = "<script>alert(1)</script>"
    sw.dial(from_=script, to="+15550101", url="https://example.com/swml")
    sw.dial(from_="+15550100", to=script, url="https://example.com/swml")
    console.refresh()
    for _, call_id in console.calls.options:
        console.selected = call_id
        shown = console.table.value + console.timeline.value + console.totals.value
        assert "alert(1)" in shown
        assert "<script" not in shown
        assert "<script" not in console._repr_mimebundle_()["text/html"]


def test_a_filter_shows_the_calls_that_contain_it(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL | {"to": "+15550177"})
    first.wait_until("answered")
    console.refresh()
    for text, calls in {
        "0177": [second],
        "ANSWERED": [first],
        first.id[:9]: [first],
        "  outbound ": [second, first],
        sw.log.run: [second, first],
    }.items():
        console.filter.value = text
        assert [id_ for _, id_ in console.calls.options][-len(calls) :] == [
            call.id for call in calls
        ]
        assert len(rows(console)) == len(calls)
    assert "(of 2)" not in console._where.value
    first.end()
    first.refresh()
    console.refresh()
    _, direction, ends, status, duration, charge, _ = rows(console)[1]
    for text in (ends, duration, charge, f"{status[2:]} {direction}"):  # words, in any order
        console.filter.value = text
        assert first.id in [id_ for _, id_ in console.calls.options], text
    console.filter.value = f"{charge} nobody"
    assert "0 of 2" in console._where.value
    console.filter.value = "0177"
    assert "1 to 1 of 1 (of 2)" in console._where.value
    console.filter.value = "<Nobody>"
    assert "No call matches “&lt;Nobody&gt;”" in console.table.value
    assert "0 of 2" in console._where.value


def test_a_call_that_the_filter_hides_stays_selected(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL | {"to": "+15550177"})
    console.refresh()
    console.selected = first.id
    console.filter.value = "0177"
    assert console.selected == first.id == console.calls.value
    assert console.calls.options[0] == (f"{first.id[:8]}…, not on this page", first.id)
    console.calls.value = second.id
    assert console.selected == second.id


def frame_of(number):
    """A log's calls as a frame, whose facts are in no order."""
    start = datetime(2026, 11, 27).astimezone()
    return pd.DataFrame(
        {
            "call_id": [f"{n:08}-0000-4000-8000-000000000000" for n in range(number)],
            "run": pd.Categorical([f"run-{n * 7 % number:05}" for n in range(number)]),
            "status": pd.Categorical([["queued", "answered", None][n % 3] for n in range(number)]),
            "direction": pd.Categorical(["outbound-api"] * number),
            "from": pd.Categorical([f"+1555{n * 3 % number:05}" for n in range(number)]),
            "to": pd.Categorical([None] * number),
            "type": pd.Categorical(["relay_pstn_call"] * number),
            "charge": [float(n * 5 % number) if n % 4 else float("nan") for n in range(number)],
            "duration_ms": pd.array(
                [n * 11 % number if n % 5 else None for n in range(number)], "Int64"
            ),
            "created": pd.to_datetime(
                [start + timedelta(seconds=n) for n in range(number)], utc=True
            ),
        }
    )


@pytest.mark.parametrize("key", SORTS)
def test_a_table_is_sorted_by_each_of_its_columns(key):
    table = CallsTable()
    table.read(frame_of(23))
    if table.key != key:
        table.sort(key)

    def values():
        found = [row[SORTS[key][0]] for row in table.page()]
        assert None not in found[: len([each for each in found if each is not None])]  # none: last
        return [each for each in found if each is not None]

    falling = key in ("age", "duration", "charge")
    assert table.falling == falling
    assert values() == sorted(values(), reverse=falling)
    first = values()
    table.turn()
    assert values() == sorted(first, reverse=not falling)
    assert len({*values()}) > 1 or key == "direction"


def test_a_filter_finds_calls_whose_status_is_not_known_as_they_are_shown():
    table = CallsTable()
    table.read(frame_of(9))
    table.filter("unknown")
    assert [row["status"] for row in table.page()] == [None] * 3


def test_calls_from_one_number_are_sorted_by_who_is_called(sw, console):
    for to in ("+15550103", "+15550101", "+15550102"):
        sw.dial(**DIAL | {"to": to})
    console.refresh()
    console._do("sort:from → to")
    assert [row[2][-3:] for row in rows(console)] == ["101", "102", "103"]


def test_a_click_on_a_heading_sorts_by_it_and_turns_the_order(sw, console):
    sw.dial(**DIAL)
    console.refresh()
    console._do("sort:charge")
    assert (console.sort.value, console.falling.value) == ("charge", True)
    assert ("charge ▾", 'aria-sort="descending"') in heads(console)
    console._do("sort:charge")
    assert (console.falling.value, console.falling.description) == (False, "Ascending")
    assert ("charge ▴", 'aria-sort="ascending"') in heads(console)
    console.falling.value = True
    assert ("charge ▾", 'aria-sort="descending"') in heads(console)
    console.sort.value = "run"
    assert ("run ▴", 'aria-sort="ascending"') in heads(console)


def test_many_calls_are_shown_by_pages(sw, console, monkeypatch):
    calls = frame_of(2 * PAGE + 1)
    monkeypatch.setattr(sw.log, "calls", lambda: calls)
    console._show()
    assert "1 to 25 of 51" in console._where.value
    assert (console.previous.disabled, console.next.disabled) == (True, False)
    for expected in ("26 to 50 of 51", "51 to 51 of 51", "51 to 51 of 51"):
        console.next.click()
        assert expected in console._where.value
    assert len(rows(console)) == 1
    assert (console.previous.disabled, console.next.disabled) == (False, True)
    newest = calls["call_id"].iloc[-1]
    console.selected = newest
    assert "1 to 25 of 51" in console._where.value
    console.next.click()
    assert console.selected == newest
    assert console.calls.options[0][1] == newest


def test_the_console_follows_what_its_form_sends(sw, console):
    console.form._open(swnb.COMMANDS["dial"])
    console.form.value = DIAL
    reply = console.form.send()
    assert console.selected == reply.exchange.call_id
    assert len(rows(console)) == 1
    assert "1 exchange" in console.totals.value
    console.form._open(swnb.COMMANDS["user_event"])
    console.form.call_id = reply.exchange.call_id
    console.form.value = {"event": {"action": "order.confirmed"}}
    console.form.send()
    assert "2 exchanges" in console.totals.value
    assert "order.confirmed" in console.timeline.value


def test_the_call_that_was_sent_to_is_selected_and_on_the_page(sw, console):
    first, *others = [sw.dial(**DIAL) for _ in range(PAGE + 1)]
    console.refresh()
    console.selected = others[-1].id
    console.form._open(swnb.COMMANDS["user_event"])
    console.form.value = {"event": {"action": "order.confirmed"}}
    console.form.call_id = first.id
    console.form.send()
    assert console.selected == first.id
    assert f"select:{first.id}" in console.table.value
    assert "order.confirmed" in console.timeline.value


def test_a_dial_that_fails_selects_no_earlier_call(sw, space, console):
    console.form._open(swnb.COMMANDS["dial"])
    console.form.value = DIAL
    console.form.send()
    other = sw.dial(**DIAL)
    console.refresh()
    console.selected = other.id
    space.misbehave("503")
    assert console.form.send() is None
    assert console.selected == other.id
    assert "1 error" in console.totals.value


def test_a_send_that_is_refused_is_counted_at_once(sw, console):
    call = sw.dial(**DIAL)
    console.refresh()
    console.form._open(swnb.COMMANDS["play"])
    console.form.send()
    assert "2 exchanges · 1 error" in console.totals.value
    assert "✗ refused" in console.timeline.value
    assert console.selected == call.id


def test_the_newest_is_on_top_and_opens_into_its_request(sw, console):
    call = sw.dial(**DIAL)
    call.user_event(event={"action": "order.confirmed", "token": "canary"})
    console.refresh()
    story = console.timeline.value
    assert story.index("→ user_event") < story.index("→ dial")
    assert "+0 s" in story
    assert "<details" in story
    opened = unescape(re.sub("<[^>]+>", "", story))
    assert '"action": "order.confirmed"' in opened
    assert "Response" in opened
    assert "canary" not in opened
    assert 'data-swnb-do="again:2"' in story


def test_an_exchange_is_filled_into_the_form_without_its_secrets(sw, console):
    call = sw.dial(**DIAL)
    call.user_event(event={"action": "order.confirmed", "token": "canary"})
    console.refresh()
    labels = [label for label, _ in console.exchanges.options]
    assert [label.split()[2] for label in labels[:1]] == ["user_event"]
    console._again.click()
    assert console.form.command is swnb.COMMANDS["user_event"]
    assert console.form.value == {"event": {"action": "order.confirmed"}}
    assert console.form.call_id == call.id
    console._do("again:1")
    assert console.form.command is swnb.COMMANDS["dial"]
    assert console.form.value["to"] == "+15550101"


def test_a_word_that_means_nothing_does_nothing(sw, console):
    call = sw.dial(**DIAL)
    console.refresh()
    for word in ("", "sort:colour", "dance:now", "select:", "select:nobody", "again:", "again:²"):
        console._do(word)
    assert console.selected == call.id
    assert console.sort.value == "age"


def test_an_exchange_that_was_picked_stays_so_until_another_call_is_selected(sw, console):
    call, other = sw.dial(**DIAL), sw.dial(**DIAL)
    for number in range(2):
        call.user_event(event={"number": number})
    console.refresh()
    console.selected = call.id
    console.exchanges.index = 1
    picked = console.exchanges.value
    call.user_event(event={"number": 2})
    console.refresh()
    assert console.exchanges.index == 2
    assert console.exchanges.value == picked
    console.exchanges.index = 0
    newest = call.user_event(event={"number": 3}).exchange.id
    console.refresh()
    assert console.exchanges.value == newest
    console.selected = other.id
    assert console.exchanges.index == 0


def test_filter_and_order_do_not_read_the_timeline_again(sw, console, monkeypatch):
    sw.dial(**DIAL)
    console.refresh()
    shown = console.timeline.value
    monkeypatch.delattr("swnb.notebook.panels.console.story")
    console.filter.value = "+1555"
    console.sort.value = "charge"
    console.falling.value = False
    assert console.error.value == ""
    assert console.timeline.value == shown


def test_all_calls_are_reconciled_with_one_press(sw, space, console):
    calls = [sw.dial(**DIAL) for _ in range(3)]
    console.refresh()
    space.advance(60)
    asked = len(space.requests)
    button = console._reconciling.button
    button.click()
    button.click()
    assert sorted(request.path for request in space.requests[asked:]) == sorted(
        f"/api/voice/logs/{call.id}" for call in calls
    )
    shown = re.sub("<[^>]+>", "", console.error.value)
    assert 'role="status"' in console.error.value
    assert shown.startswith("reconcile · ✓ done")
    assert "calls 3" in shown


def test_a_log_that_cannot_be_read_is_said_and_the_console_stays(sw, console, monkeypatch):
    def fail():
        raise swnb.errors.LogError("log: damaged")

    sw.dial(**DIAL)
    console.refresh()
    monkeypatch.setattr(sw.log, "calls", fail)
    console._sent()
    assert "damaged" in console.error.value
    assert len(rows(console)) == 1


def test_a_log_that_cannot_be_read_is_said_to_readers_without_widgets(sw, console, monkeypatch):
    def fail():
        raise swnb.errors.LogError("log: damaged")

    monkeypatch.setattr(sw.log, "calls", fail)
    shown = console._repr_mimebundle_()
    assert "damaged" in shown["text/html"]
    assert "damaged" in shown["text/plain"]


def test_a_call_whose_time_cannot_be_read_is_shown_and_offered(sw, console):
    sw.dial(**DIAL)
    frame = sw.log.calls().assign(created=pd.Series([pd.NaT], dtype="datetime64[us, UTC]"))
    sw.log.calls = lambda: frame
    console.refresh()
    assert rows(console)[0][0] == "▸ ?"
    assert 'title="time unknown"' in console.table.value
    assert " · ? · " in console.calls.options[0][0]
    assert "time unknown" in console._repr_mimebundle_()["text/html"]


def test_a_call_with_long_facts_has_a_short_label(sw, console):
    sw.dial(**DIAL)
    frame = sw.log.calls()
    for name in ("status", "direction", "from", "to"):
        frame[name] = name * 1000
    sw.log.calls = lambda: frame
    console.refresh()
    assert len(console.calls.options[0][0]) < 220


def test_readers_without_widgets_see_the_calls_and_the_timeline(sw, console):
    call = sw.dial(**DIAL)
    console.refresh()
    shown = unescape(re.sub("<[^>]+>", "", console._repr_mimebundle_()["text/html"]))
    assert "+15550100 → +15550101" in shown
    assert call.id in shown
    assert "→ dial" in shown
    assert re.search(r"began ▾.*\d\d:\d\d:\d\d", shown)
    assert "now" not in shown  # which would not stay true
    assert "has not loaded anywidget" not in shown
    assert "Copy" not in shown
    assert "Send again" not in shown


def test_each_control_has_a_name(console):
    controls = [console.filter, console.sort, console.calls, console.exchanges]
    buttons = [console.previous, console.next, console._again, console._press.button]
    assert all(
        isinstance(each, ipywidgets.Widget) and each.description for each in controls + buttons
    )


def test_refresh_that_is_pressed_twice_asks_once(sw, space, console):
    call = sw.dial(**DIAL)
    console.refresh()
    assert console.selected == call.id
    refresh, asked = console._press.button, len(space.requests)
    refresh.click()
    refresh.click()
    assert len(space.requests) == asked + 1
    console._press.button.click()
    assert len(space.requests) == asked + 2


def test_the_timer_asks_nothing_while_a_press_is_carried_out(sw, space, console, monkeypatch):
    sw.dial(**DIAL)
    console.refresh()
    asked, ticked = len(space.requests), []

    def tick(*_):
        monkeypatch.undo()
        thread = Thread(target=console._callback.callback)
        thread.start()
        thread.join()
        ticked.append(len(space.requests))

    monkeypatch.setattr(console, "_status_of", tick)
    console._press.button.click()
    assert ticked == [asked]
    assert len(space.requests) == asked + 1
