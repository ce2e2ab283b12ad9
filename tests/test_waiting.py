"""Waiting in real time and from what was recorded: graces, interrupts, once-runs, old logs."""

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.errors import ApiError, SwnbError, WaitTimeout
from swnb.events.waiting import calls, waiter
from swnb.log.writing.migrations import MIGRATIONS
from swnb.simulator import FarEnd, Space, serve

pytestmark = pytest.mark.sample(3)

TAPPED = {"type": "rtp", "params": {"addr": "203.0.113.7", "port": 40000}}
PLAY = [{"type": "silence", "params": {"duration": 1}}]


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


@pytest.fixture
def far(tmp_path):
    """A client of a space whose clock it does not move: waits take real time."""
    space = Space(seed=7)
    with (
        serve(space) as server,
        swnb.Client(space.project, space.token, server.host, log=tmp_path / "far.sqlite") as sw,
    ):
        yield sw, space


def test_a_wait_in_real_time_hears_what_comes_meanwhile(far):
    sw, space = far
    with sw.listen(host=space.relay_url.removeprefix("ws://")) as inbox:
        call = sw.dial(**DIAL)
        timer = threading.Timer(0.3, lambda: (space.advance(10), call.user_event({"n": 1})))
        timer.start()
        began = time.monotonic()
        event = inbox.wait_for("user_event", call=call, timeout=10)
        assert event.payload == {"n": 1}
        assert time.monotonic() - began < 2
        timer.join()


def test_a_wait_in_real_time_ends_in_time_and_lists_what_came(far):
    sw, space = far
    with sw.listen(host=space.relay_url.removeprefix("ws://")) as inbox:
        sw.dial(**DIAL)
        began = time.monotonic()
        with pytest.raises(WaitTimeout, match="state created"):
            inbox.wait_for("user_event", timeout=0.6)
        assert 0.5 < time.monotonic() - began < 3


def test_a_call_that_was_just_dialed_may_be_missing_for_a_while(far, monkeypatch):
    sw, space = far
    monkeypatch.setattr(waiter, "_LOOKS", (0.05,))
    call = sw.dial(**DIAL)
    hidden = space._board.calls.pop(call.id)
    back = threading.Timer(0.2, space._board.calls.__setitem__, (call.id, hidden))
    back.start()
    call.wait_until("answered", timeout=2000)
    back.join()
    asked = [seen.status for seen in space.requests if seen.command == "voice_log"]
    assert asked[:3] == [404, 404, 404]
    assert asked[-1] == 200


def test_a_call_that_is_missing_for_longer_is_an_error(far, monkeypatch):
    sw, space = far
    monkeypatch.setattr(waiter, "_LOOKS", (0.05,))
    monkeypatch.setattr(calls, "GRACE", 0.0)
    call = sw.dial(**DIAL)
    del space._board.calls[call.id]
    with pytest.raises(ApiError):
        call.wait_until("answered", timeout=5)


def test_a_fabric_leg_is_waited_for_by_its_events_or_not_at_all(sw):
    call = sw.dial(from_="+15550100", to="/public/support", url="https://example.com/swml")
    with pytest.raises(SwnbError, match="no status of a Fabric leg"):
        call.wait_until("answered")
    with sw.listen():
        other = sw.dial(from_="+15550100", to="/public/support", url="https://example.com/swml")
        other.wait_until("answered")
        assert sw.log.heard("state", call=other, state="answered")


STARTED = {
    "play": {"play": PLAY},
    "record": {"record": {"audio": {"format": "mp3"}}},
    "collect": {"digits": {"max": 4}},
    "detect": {"detect": {"type": "machine", "params": {}}},
    "tap": {"tap": {"type": "audio", "params": {"direction": "both"}}, "device": TAPPED},
    "stream": {"url": "wss://example.com/audio"},
    "transcribe": {},
    "refer": {"device": {"type": "sip", "params": {"to": "sip:support@example.com"}}},
}


@pytest.mark.parametrize("means", ["relay", "callbacks", "neither"])
@pytest.mark.parametrize("name", STARTED)
def test_every_operation_is_waited_for_by_every_means(sw, name, means):
    far_end = FarEnd(is_a="human", says=[("hello", 3)], presses=[("1234", 8)])
    sw.simulated_space.far_end("+15550101", far_end)
    with contextlib.ExitStack() as stack:
        if means == "relay":
            stack.enter_context(sw.listen())
        if means == "callbacks":
            stack.enter_context(sw.callbacks())
        to = "sip:a@example.com" if name == "refer" else "+15550101"
        call = sw.dial(**DIAL | {"to": to}).wait_until("answered")
        operation = getattr(call, name)(**STARTED[name])
        if name in ("record", "tap", "stream", "transcribe"):
            sw.simulated_space.advance(5)
            operation.stop()
        end = operation.wait()
        assert operation.ended
        assert operation.state in (end.state, "finished")
        assert end.call_id == call.id
        if means != "neither":
            assert end.source == {"relay": "relay", "callbacks": "callback"}[means]
        if name == "collect":
            assert operation.result["digits"] == "1234"
        if name == "detect":
            assert end.state == "HUMAN"
        if name == "record":
            assert operation.result["url"].startswith("http")
        if name == "transcribe" and means != "neither":
            assert "hello" in str(operation.result)


def test_an_operation_without_a_listener_ends_by_the_voice_log(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    end = call.play(play=PLAY).wait()
    assert (end.source, end.state) == ("voice_log", "finished")


def test_an_interrupt_in_a_wait_ends_it_cleanly(far):
    sw, space = far
    with sw.listen(host=space.relay_url.removeprefix("ws://")) as inbox:
        call = sw.dial(**DIAL)
        timer = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))
        timer.start()
        with pytest.raises(KeyboardInterrupt) as stop:
            inbox.wait_for("user_event", call=call, timeout=30)
        timer.join()
        assert "wait_for" in "".join(getattr(stop.value, "__notes__", [])) + str(stop.value)
        assert inbox.state == "listening"
        call.user_event({"n": 1})
        assert inbox.wait_for("user_event", timeout=5).payload == {"n": 1}
    ended = sw.log.events(kind="wait").state.tolist()
    assert ended == ["interrupted", "event"]


def test_a_wait_that_timed_out_times_out_at_once_in_a_replay(sw, tmp_path):
    def cells(client):
        with client.listen() as inbox:
            call = client.dial(**DIAL).wait_until("answered")
            with pytest.raises(WaitTimeout):
                inbox.wait_for("user_event", call=call, timeout=30)
            call.user_event({"n": 1})
            return inbox.wait_for("user_event", call=call).payload

    with sw.run("r"):
        cells(sw)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")
    began = time.monotonic()
    with swnb.replay(path, log=tmp_path / "again.sqlite") as again:
        assert cells(again) == {"n": 1}
    assert time.monotonic() - began < 2


def test_a_run_that_goes_on_once_waits_for_nothing_again(sw):
    def cells():
        sw.simulated_space.far_end("+15550101", FarEnd(presses=[("1234", 8)]))
        with sw.run("r", once=True), sw.listen() as inbox:
            call = sw.dial(**DIAL).wait_until("answered")
            call.user_event({"n": 1})
            event = inbox.wait_for("user_event", call=call)
            digits = call.collect(digits={"max": 4}).wait().result["digits"]
            return call.id, event.payload, digits

    first = cells()
    asked, now = len(sw.simulated_space.requests), sw.simulated_space.now
    assert cells() == first
    assert len(sw.simulated_space.requests) == asked
    assert sw.simulated_space.now == now


def test_a_log_from_before_there_were_events_takes_them(tmp_path):
    with swnb.simulate(log=tmp_path / "new.sqlite") as sw:
        sw.dial(**DIAL)
    with contextlib.closing(sqlite3.connect(tmp_path / "new.sqlite")) as file, file:
        for table in ("event_repeats", "event_bodies", "events"):
            file.execute(f"DROP TABLE {table}")
        file.execute("ALTER TABLE sent DROP COLUMN what")
        file.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 2}")
    with swnb.simulate(seed=2, log=tmp_path / "new.sqlite") as sw, sw.listen():
        call = sw.dial(**DIAL).wait_until("answered")
        assert sw.log.heard("state", call=call, state="answered")
        assert len(sw.log.calls()) == 2


MIGRATE = "import sys, swnb; log = swnb.Log(sys.argv[1]); print(len(log.events()))"


@pytest.mark.slow
def test_several_processes_may_migrate_one_log_at_once(tmp_path):
    with swnb.Log(tmp_path / "log.sqlite") as log:
        log.events()
    with contextlib.closing(sqlite3.connect(tmp_path / "log.sqlite")) as file, file:
        for table in ("event_repeats", "event_bodies", "events"):
            file.execute(f"DROP TABLE IF EXISTS {table}")
        file.execute("ALTER TABLE sent DROP COLUMN what")
        file.execute(f"PRAGMA user_version = {len(MIGRATIONS) - 2}")
    words = [sys.executable, "-c", MIGRATE, str(tmp_path / "log.sqlite")]
    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [child.communicate(timeout=60)[0] for child in running] == ["0\n"] * 3
    assert [child.returncode for child in running] == [0] * 3
