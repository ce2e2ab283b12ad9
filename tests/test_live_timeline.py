"""The live timeline: it grows while a call runs, during waits too, and stops with the output."""

import asyncio

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.notebook.panels import live_timeline


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


@pytest.fixture
def call(sw):
    return sw.dial(**DIAL)


def test_it_is_drawn_again_on_demand(call):
    panel = call.timeline(live=True)
    assert "answered" not in panel._picture.value
    call.wait_until("answered")
    panel._refresh.click()
    assert "answered" in panel._picture.value
    panel.close()


@pytest.mark.slow
def test_it_is_drawn_between_the_slices_of_a_wait(call, monkeypatch):
    monkeypatch.setattr(live_timeline, "EVERY", 0.001)
    panel = call.timeline(live=True)
    call.wait_until("answered")
    assert "answered" in panel._picture.value
    panel.close()
    drawn = panel._picture.value
    call.user_event({"a": 1})
    with pytest.raises(swnb.WaitTimeout):
        call.wait_until("ended", timeout=2)
    assert panel._picture.value == drawn


def test_its_timer_stops_with_the_output_and_after_the_call(call, monkeypatch):
    monkeypatch.setattr(live_timeline, "EVERY", 0.02)

    async def watch():
        panel = call.timeline(live=True)
        assert panel.timer.value
        panel.box._view_count = 1
        panel.box._view_count = 0
        assert not panel.timer.value
        assert not panel._callback.is_running()
        panel.timer.value = True
        call.end()
        for _ in range(100):
            await asyncio.sleep(0.02)
            if not panel.timer.value:
                break
        assert not panel.timer.value
        assert "ended" in panel._picture.value
        panel.close()

    asyncio.run(watch())


def test_without_a_loop_it_has_no_timer(call):
    panel = call.timeline(live=True)
    assert not panel.timer.value
    panel.close()


def test_a_log_that_cannot_be_read_is_shown_and_stops_it(sw, call, monkeypatch):
    panel = call.timeline(live=True)

    def broken(*_):
        raise swnb.LogError("log: cannot be read")

    monkeypatch.setattr(type(sw.log), "timeline", broken)
    panel._refresh.click()
    assert "cannot be read" in panel._picture.value
    panel.close()


def test_readers_without_widgets_have_the_picture(call):
    panel = call.timeline(live=True)
    bundle = panel._repr_mimebundle_()
    assert "<svg" in bundle["text/html"]
    assert "us" in bundle["text/plain"]
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == panel.box.model_id
    panel.close()
