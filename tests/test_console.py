"""The console: calls, the selected one's timeline and form, totals, and a timer that stops."""

from threading import Thread

import pytest
from support.dialing import DIAL

import swnb
from swnb.notebook.panels.console import label, timeline, totals


@pytest.fixture
def console(sw):
    made = sw.console()
    yield made
    made.close()


def shown(console):
    return [text for text, _ in console.calls.options]


def test_an_empty_log_says_so(console):
    assert shown(console) == []
    assert "No call yet" in console.timeline.value


def test_calls_are_listed_newest_first_with_their_status(sw, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    console.refresh()
    assert [call_id for _, call_id in console.calls.options] == [second.id, first.id]
    assert all("+15550101" in text for text in shown(console))
    assert shown(console)[0].startswith("queued")


def test_refreshing_asks_about_the_selected_call_and_no_other(sw, space, console):
    first, second = sw.dial(**DIAL), sw.dial(**DIAL)
    console.refresh()
    console.selected = first.id
    space.advance(5)
    asked = len(space.requests)
    console.refresh()
    assert [request.path for request in space.requests[asked:]] == [f"/api/voice/logs/{first.id}"]
    assert console.selected == first.id
    assert [text.split(" ")[0] for text in shown(console)] == ["queued", "answered"]
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
    assert "calling.user_event" not in console.timeline.value
    console.selected = first.id
    assert "calling.user_event" in console.timeline.value
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
    assert f"exchanges</span> {len(exchanges)}<" in console.totals.value
    assert "errors</span> 1<" in console.totals.value
    assert f"${calls['charge'].sum():g}" in console.totals.value


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


def test_script_in_the_log_is_escaped(sw):
    sw.dial(from_="<script>alert(1)</script>", to="+15550101", url="https://example.com/swml")
    sw.dial(from_="+15550100", to="<script>alert(1)</script>", url="https://example.com/swml")
    exchanges, calls = sw.log.exchanges(), sw.log.calls()
    for call_id in calls["call_id"]:
        assert "<script" not in timeline(exchanges, call_id)
    assert "<script" not in totals(sw, exchanges, calls)


def test_a_call_of_unknown_status_has_a_label():
    assert (
        label({"status": None, "to": None, "call_id": "3f2504e0-4f89"}) == "unknown · ? · 3f2504e0"
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
