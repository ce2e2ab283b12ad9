"""The thread on which a client hears, and the batches in which it writes."""

import asyncio
import os
import threading

import pytest

import swnb
from swnb.errors import LogError, SwnbError
from swnb.event import Event, key_of
from swnb.events.hub import hub_of
from swnb.session.session import session_of


@pytest.fixture
def sw():
    with swnb.simulate() as client:
        yield client


def an_event(number, kind="user_event"):
    body = {"event": {"number": number}}
    return Event("relay", kind, 1_000_000 + number, key_of("relay", kind, number, body), body=body)


def number_of(event):
    return event.body["event"]["number"]


def threads():
    return {thread.name for thread in threading.enumerate()}


def test_nothing_starts_before_it_is_needed(sw):
    hub = hub_of(session_of(sw))
    hub.note(an_event(1))
    assert "swnb" not in threads()


def test_a_burst_is_written_and_told_in_order(sw):
    hub = hub_of(session_of(sw))

    async def burst():
        return await asyncio.gather(*(hub.write(an_event(number)) for number in range(500)))

    assert hub.run(burst) == [True] * 500
    assert [event.body["event"]["number"] for event in hub.after()] == list(range(500))
    assert [event.id for event in sw.log.heard_after(0)] == list(range(1, 501))


def test_what_comes_again_is_counted_and_not_told(sw):
    hub = hub_of(session_of(sw))
    assert hub.note(an_event(1), an_event(2), an_event(1)) == [True, True, False]
    assert hub.note(an_event(2)) == [False]
    assert len(hub.after()) == len(sw.log.heard_after(0)) == 2


def test_older_events_come_from_the_log(sw):
    hub = hub_of(session_of(sw))
    hub.note(*(an_event(number) for number in range(10_050)))
    assert [event.id for event in hub.after(45)][:2] == [46, 47]
    assert [event.id for event in hub.after(10_048)] == [10_049, 10_050]


def test_an_event_that_cannot_be_written_is_an_error_for_its_writer(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw:
        hub = hub_of(session_of(sw))
        sw.log.close()

        async def one():
            return await hub.write(an_event(1))

        with pytest.raises(LogError, match="closed"):
            hub.run(one)
        assert hub.after() == []


def test_no_thread_is_left_after_the_client(sw):
    hub = hub_of(session_of(sw))
    assert hub.run(asyncio.sleep, 0, "done") == "done"
    assert "swnb" in threads()
    sw.close()
    assert "swnb" not in threads()
    with pytest.raises(SwnbError, match="closed"):
        hub_of(session_of(sw))


def test_what_runs_is_canceled_when_the_client_closes(sw):
    hub = hub_of(session_of(sw))
    begun, ended = threading.Event(), []

    async def forever():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("canceled")

    def wait():
        with pytest.raises(SwnbError, match="was closed"):
            hub.run(forever)
        ended.append("told")

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(5)
    sw.close()
    waiting.join(5)
    assert ended == ["canceled", "told"]


def test_a_forked_child_has_a_hub_of_its_own(sw):
    hub = hub_of(session_of(sw))
    hub.run(asyncio.sleep, 0)
    child = os.fork()
    if child == 0:
        own = hub_of(session_of(sw))
        os._exit(0 if own is not hub and own.run(asyncio.sleep, 0, 7) == 7 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert hub_of(session_of(sw)) is hub


def test_what_is_not_in_memory_any_more_is_waited_for_too(monkeypatch, tmp_path):
    monkeypatch.setattr("swnb.events.hub._KEPT", 20)
    with swnb.simulate(log=tmp_path / "log.sqlite") as sw, sw.listen() as inbox:
        hub = hub_of(session_of(sw))
        hub._heard = type(hub._heard)(hub._heard, maxlen=20)
        hub.note(*(an_event(number) for number in range(105)))
        assert [number_of(event) for event in hub.after() if event.payload] == [*range(105)]
        later = inbox.wait_for("user_event", where={"event": {"number": 50}})
        found = [number_of(inbox.wait_for("user_event")) for _ in range(104)]
        assert number_of(later) == 50
        assert found == [number for number in range(105) if number != 50]
        with pytest.raises(swnb.WaitTimeout):
            inbox.wait_for("user_event", timeout=1)
        again = inbox.wait_for("user_event", since=0)
        assert number_of(again) == 0


def test_events_of_a_call_are_read_alone(sw):
    hub = hub_of(session_of(sw))
    events = [an_event(number) for number in range(10_010)]
    events[3].call_id = events[10_005].call_id = "a"
    hub.note(*events)
    assert [event.id for event in hub.after(call_id="a")] == [4, 10_006]
