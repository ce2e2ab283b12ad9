"""Listening at a simulated space, over real WebSockets: nothing lost, nothing doubled, gaps shown."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.errors import ConfigurationError, SwnbError
from swnb.events.hub import hub_of
from swnb.events.relay.wire import Wire
from swnb.session.session import session_of

pytestmark = pytest.mark.sample(1)


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def numbers(events):
    return [event.payload["number"] for event in events if event.kind == "user_event"]


def answered(sw):
    return sw.dial(**DIAL).wait_until("answered")


def test_a_user_event_is_heard_and_logged(sw, space, capsys):
    with sw.listen() as inbox:
        assert inbox.state == "listening"
        call = answered(sw)
        sent = {"action": "order.confirmed"}
        call.user_event(sent)
        event = inbox.wait_for("user_event", call=call, where=sent)
        assert (event.payload, event.call_id, event.source) == (sent, call.id, "relay")
        assert space.settle()
        assert space.deliveries.settle(0)
    assert inbox.state == "closed"
    assert capsys.readouterr().err == "swnb: listening on the simulated space\n"
    heard = sw.log.heard("user_event", event=sent)
    assert [item.id for item in heard] == [event.id]
    assert sw.log.user_events()["heard_at"].notna().all()


def test_listening_twice_is_one_inbox(sw):
    inbox = sw.listen()
    assert sw.listen() is inbox
    inbox.close()
    inbox.close()
    again = sw.listen()
    assert again is not inbox
    assert again.state == "listening"


def test_a_wrong_token_is_refused_at_once_and_says_what_to_check(sw, capsys):
    session_of(sw).login["token"] = "PTwrong-canary"
    with pytest.raises(SwnbError, match="refused") as error:
        sw.listen()
    assert "token" in error.value.advice
    assert "canary" not in str(error.value) + capsys.readouterr().err
    kinds = [event.kind for event in sw.log.heard_after(0)]
    assert "refused" in kinds
    assert "listening" not in kinds


def test_a_host_that_is_not_there_is_an_error_that_says_so(tmp_path):
    before = threading.active_count()
    sw = swnb.Client("p" * 8, "t" * 8, "127.0.0.1:9", log=tmp_path / "log.sqlite")
    with sw, pytest.raises(SwnbError, match="not connected within"):
        sw.listen(timeout=0.5)
    assert threading.active_count() == before


def test_contexts_are_names(sw):
    with pytest.raises(ConfigurationError, match="list of names"):
        sw.listen(contexts="office")
    with pytest.raises(ConfigurationError, match="bare host name"):
        swnb.Client("p" * 8, "t" * 8, "example.signalwire.com", log=":memory:").listen(
            host="wss://x/y"
        )


def test_an_offered_call_is_passed_on(sw, space):
    inbox = sw.listen(contexts=["office"])
    call_id = space.inbound(context="office")
    until(lambda: inbox.counts.get("passed on"))
    until(lambda: any(seen.command == "calling.pass" for seen in space.requests))
    assert space.calls[call_id] == "ringing"
    assert [event.call_id for event in inbox if event.kind == "receive"] == [call_id]


def test_without_a_context_no_call_is_offered(sw, space):
    inbox = sw.listen()
    space.inbound(context="office")
    space.settle()
    assert [event.kind for event in inbox if event.kind == "receive"] == []
    inbox = sw.listen(contexts=["office"])  # the same, which subscribes it now
    space.inbound(context="office")
    until(lambda: [event.kind for event in inbox if event.kind == "receive"])


@contextmanager
def burst(sw, count, rate):
    """Send user events to a call from another thread, at a rate a second."""
    call = answered(sw)
    world, number = sw.simulated_space._board.world, 0
    scene = sw.simulated_space._board.scene(call.id)

    def send():
        nonlocal number
        began = time.monotonic()
        while number < count:
            while number < count and number <= (time.monotonic() - began) * rate:
                with sw.simulated_space._lock:
                    world.clock.run(world.clock.now)
                    scene.tell("user_event", None, {"event": {"number": number}})
                number += 1
            time.sleep(0.002)

    sending = threading.Thread(target=send)
    sending.start()
    yield call
    sending.join()


@pytest.mark.slow
def test_ten_thousand_events_are_heard_once_and_in_order(sw, space):
    inbox = sw.listen()
    with burst(sw, 10_000, 1_000):
        pass
    assert space.settle(30)
    stored = [event for event in sw.log.heard_after(0, most=20_000) if event.kind == "user_event"]
    assert numbers(stored) == list(range(10_000))
    assert inbox.counts["heard"] >= 10_000
    assert "repeated" not in inbox.counts


@pytest.mark.parametrize(("kind", "restored"), [("cut", True), ("forget", False)])
def test_a_cut_in_the_middle_is_a_gap(sw, space, kind, restored, capsys):
    inbox = sw.listen()
    with burst(sw, 300, 600):
        until(lambda: len(numbers(inbox)) > 50)
        space.misbehave(kind)
    until(lambda: inbox.gaps)
    assert space.settle()
    (gap,) = inbox.gaps
    assert gap.params["restored"] is restored
    assert gap.params["to"] > gap.params["from"]
    heard = numbers(inbox)
    assert heard == sorted(set(heard))
    assert (heard == list(range(300))) is restored
    told = capsys.readouterr().err
    assert "next attempt in" in told
    assert ("not restored" in told) is not restored
    assert ("the session is forgotten there" in told) is not restored


def test_what_comes_again_is_counted_and_stored_once(sw, space):
    inbox = sw.listen()
    call = answered(sw)
    space.misbehave("repeat", 2)
    call.user_event({"number": 1})
    call.user_event({"number": 2})
    assert space.settle()
    until(lambda: inbox.counts.get("repeated") == 2)
    assert numbers(inbox) == [1, 2]
    repeats = sw.log.events(kind="user_event", call=call.id)["repeats"]
    assert sorted(repeats) == [0, 0, 1, 1]


def test_the_platform_asks_to_go_and_is_found_again(sw, space):
    inbox = sw.listen()
    space.relay_disconnect(restart=True)
    until(lambda: inbox.gaps)
    assert inbox.state == "listening"
    assert inbox.gaps[0].state == "not restored"


@pytest.mark.slow
def test_an_event_that_cannot_be_written_is_not_acknowledged(sw, space, monkeypatch):
    inbox = sw.listen()
    call = answered(sw)
    assert space.settle()
    hear, failing = sw.log.hear, threading.Event()

    def hear_perhaps(events):
        if failing.is_set():
            raise swnb.LogError("the disk is full")
        return hear(events)

    monkeypatch.setattr(sw.log, "hear", hear_perhaps)
    failing.set()
    call.user_event({"number": 1})
    until(lambda: inbox.counts.get("not written"))
    assert not space.settle(0.2)
    failing.clear()
    assert space.settle()
    until(lambda: numbers(inbox) == [1])


def test_a_replay_opens_nothing(sw, tmp_path, monkeypatch, capsys):
    with sw.run("r"), sw.listen() as inbox:
        call = answered(sw)
        call.user_event({"number": 1})
        inbox.wait_for("user_event", call=call)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")

    def refuse(*_):
        raise AssertionError("a replay opens nothing")

    monkeypatch.setattr("socket.socket.connect", refuse)
    with swnb.replay(path) as again, again.listen() as inbox:
        assert inbox.state == "replayed"
        call = answered(again)
        assert call.status == "answered"
        call.user_event({"number": 1})
        assert inbox.wait_for("user_event", call=call).payload == {"number": 1}
        assert numbers(inbox) == [1]
        assert again.unused() == []
        with pytest.raises(swnb.NoRecording, match="no such event"):
            inbox.wait_for("user_event", where={"number": 2})
    assert "no connection is opened" in capsys.readouterr().err


def test_a_dry_run_opens_nothing():
    with swnb.simulate(dry_run=True) as sw, sw.listen() as inbox:
        assert inbox.state == "dry run"
        assert sw.simulated_space.requests == []


def test_nothing_is_left_after_the_client(tmp_path):
    before = threading.active_count()
    sw = swnb.simulate(log=tmp_path / "log.sqlite")
    inbox = sw.listen()
    sw.close()
    assert inbox.state == "closed"
    assert threading.active_count() == before
    with pytest.raises(SwnbError, match="closed"):
        sw.listen()
    with pytest.raises(SwnbError, match="closed"):
        inbox.wait_for("user_event")


def test_closing_while_it_connects_again_leaves_nothing(sw, space):
    before = threading.active_count()
    inbox = sw.listen()
    space.misbehave("cut")
    sw.dial(**DIAL)
    until(lambda: inbox.state != "listening")
    inbox.close()
    session_of(sw).companion(type(hub_of(session_of(sw))), lambda: None).close()
    assert threading.active_count() == before


def test_what_is_canceled_while_a_frame_comes_is_canceled():
    """`asyncio.wait_for` of Python 3.11 hides it then, and closing an inbox waited for 75 seconds."""

    async def cancel():
        frame = asyncio.get_running_loop().create_future()
        reading = asyncio.ensure_future(Wire(SimpleNamespace(read_message=lambda: frame)).read(75))
        await asyncio.sleep(0)
        frame.set_result("a frame")
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading

    asyncio.run(cancel())


def test_what_a_call_does_last_is_heard_before_the_inbox_closes(sw):
    for _ in range(5):
        with sw.listen(), sw.dial(**DIAL).wait_until("answered") as call:
            pass
        assert sw.log.heard("state", call=call, state="ended")


def test_no_secret_is_kept_of_a_session(sw):
    sw.listen().close()
    token = sw.simulated_space.token
    kept = json.dumps([event.body for event in sw.log.heard_after(0)])
    assert token not in kept
    assert "authorization_state" not in kept


def test_how_an_inbox_shows(sw):
    inbox = sw.listen()
    answered(sw)
    assert repr(inbox).startswith("<swnb.Inbox listening")
    assert "listening" in inbox._repr_html_()
    inbox.close()
    assert "closed" in inbox._repr_html_()
