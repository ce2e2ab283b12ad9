"""Inbound calls that are offered to a client: taken while it waits for one, passed on otherwise."""

import threading
import time

import pytest

import swnb
from swnb.events.hub import Hub, hub_of
from swnb.events.inbox import listener_of
from swnb.session.session import session_of
from swnb.simulator import serve


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite", relay_hears="owner") as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


@pytest.fixture
def inbox(sw):
    return sw.listen(contexts=["office"])


def until(true, seconds=10):
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def commands(space):
    return [seen.command for seen in space.requests if seen.method == "RELAY"]


def test_an_offered_call_is_taken_and_answered(sw, space, inbox):
    call_id = space.inbound(from_="+15550111", context="office", after=5)
    call = inbox.calls.wait()
    assert isinstance(call, swnb.Call)
    assert (call.id, call.from_, call.direction) == (call_id, "+15550111", "inbound")
    assert inbox.owns(call.id)
    assert space.calls[call.id] == "ringing"
    assert call.answer() is call
    assert space.calls[call.id] == "answered"
    call.wait_until("answered")
    call.user_event({"number": 1})
    assert inbox.wait_for("user_event", call=call).payload == {"number": 1}
    answered = next(seen for seen in space.requests if seen.command == "calling.answer")
    assert answered.body == {"node_id": space._world.node_id, "call_id": call.id}
    assert commands(space) == ["calling.answer"]
    row = sw.log.df[sw.log.df["command"] == "calling.answer"].iloc[0]
    assert (row["outcome"], row["call_id"]) == ("accepted", call.id)


def test_while_nobody_waits_a_call_is_passed_on_to_its_node(space, inbox):
    call_id = space.inbound(context="office")
    until(lambda: "calling.pass" in commands(space))
    passed = next(seen for seen in space.requests if seen.command == "calling.pass")
    assert passed.body == {"node_id": space._world.node_id, "call_id": call_id}
    assert not inbox.owns(call_id)
    with pytest.raises(swnb.WaitTimeout):
        inbox.calls.wait(timeout=5)  # it is not offered any more


def test_nothing_offered_is_a_time_out_that_ends_at_once(space, inbox):
    began = time.monotonic()
    with pytest.raises(swnb.WaitTimeout, match="30 s"):
        inbox.calls.wait(timeout=30)
    assert time.monotonic() - began < 5
    space.inbound(context="office")
    until(lambda: "calling.pass" in commands(space))


def test_a_loop_takes_one_call_after_the_other_and_ends(space, inbox):
    ids = [space.inbound(context="office", after=seconds) for seconds in (5, 30)]
    taken = [call.answer().id for call in inbox.calls]
    assert taken == ids
    assert "2 taken" in repr(inbox.calls)


def test_the_second_of_two_calls_is_passed_on(space, inbox):
    first, second = (space.inbound(context="office", after=5) for _ in range(2))
    assert inbox.calls.wait().id == first
    until(lambda: "calling.pass" in commands(space))
    assert inbox.owns(first)
    assert not inbox.owns(second)


def test_a_call_that_is_offered_by_another_thread_is_taken(tmp_path):
    """At a space in another process the wait takes real time."""
    space = swnb.Space(3)
    with (
        serve(space) as server,
        swnb.Client(space.project, space.token, server.host, log=tmp_path / "log.sqlite") as sw,
    ):
        inbox = sw.listen(contexts=["office"])
        offering = threading.Timer(0.5, lambda: space.inbound(context="office"))
        offering.start()
        call = inbox.calls.wait(timeout=10).answer()
        assert space.calls[call.id] == "answered"


@pytest.mark.slow
def test_an_offer_that_comes_again_is_not_passed_on(sw, space, inbox):
    """The platform sends again what was not acknowledged, once the session is restored."""
    listener, hub = listener_of(inbox), hub_of(session_of(sw))
    listener.acknowledges = False
    space.inbound(context="office", after=1)
    call = inbox.calls.wait()
    hub.run(listener.leave)
    listener.acknowledges = True
    hub.run(listener.come_back)
    until(lambda: inbox.counts.get("repeated"))
    assert space.settle()
    call.answer()
    assert commands(space) == ["calling.answer"]


def test_an_offer_that_an_interrupt_loses_is_passed_on(space, inbox, monkeypatch):
    seen = []

    def interrupt(self):
        if inbox.calls._taken:
            seen.extend(event.call_id for event in inbox.calls._taken.values())
            raise KeyboardInterrupt

    space.inbound(context="office", after=1)
    with monkeypatch.context() as patch:
        patch.setattr(Hub, "watch", interrupt)
        with pytest.raises(KeyboardInterrupt):
            inbox.calls.wait()
    until(lambda: commands(space) == ["calling.pass"])
    assert not inbox.owns(seen[0])
    call_id = space.inbound(context="office", after=1)
    assert inbox.calls.wait().id == call_id


def test_only_what_was_offered_can_be_answered(sw, space, inbox):
    call_id = space.inbound(answered=False)
    with pytest.raises(swnb.SwnbError, match="not offered to this client"):
        sw.call(call_id).answer()
    space.inbound(context="office", after=1)
    call = inbox.calls.wait().answer()
    with pytest.raises(swnb.ApiError, match="RELAY 409"):
        call.answer()


def test_without_a_context_there_is_nothing_to_wait_for(sw):
    with pytest.raises(swnb.SwnbError, match="no context"):
        sw.listen().calls.wait()


def test_a_closed_inbox_waits_for_nothing(inbox):
    inbox.close()
    with pytest.raises(swnb.SwnbError, match="closed"):
        inbox.calls.wait()


def test_a_replay_gives_the_recorded_offer(sw, space, tmp_path, monkeypatch):
    with sw.run("r"), sw.listen(contexts=["office"]) as inbox:
        space.inbound(context="office")  # passed on, and no part of what the cells did
        until(lambda: "calling.pass" in commands(space))
        space.inbound(context="office", after=3)
        call = inbox.calls.wait().answer()
        call.end()
        with pytest.raises(swnb.WaitTimeout):
            inbox.calls.wait(timeout=5)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")

    def refuse(*_):
        raise AssertionError("a replay opens nothing")

    monkeypatch.setattr("socket.socket.connect", refuse)
    with swnb.replay(path) as again, again.listen(contexts=["office"]) as inbox:
        same = inbox.calls.wait()
        assert same.id == call.id
        same.answer().end()
        with pytest.raises(swnb.WaitTimeout):
            inbox.calls.wait(timeout=5)
        assert again.unused() == []


def test_a_run_that_goes_on_once_answers_nobody_again(sw, space):
    ids = []
    for _ in range(2):
        with sw.run("r", once=True), sw.listen(contexts=["office"]) as inbox:
            if not ids:
                space.inbound(context="office", after=3)
            ids.append(inbox.calls.wait().answer().id)
    assert ids[0] == ids[1]
    assert commands(space) == ["calling.answer"]


def test_a_dry_run_is_offered_nothing():
    with swnb.simulate(dry_run=True) as sw, sw.listen(contexts=["office"]) as inbox:
        assert [call.answer().id for call in inbox.calls]
        assert sw.simulated_space.requests == []


def test_an_answer_can_be_expected(sw, space, inbox):
    space.inbound(context="office", after=1)
    call = inbox.calls.wait().answer()
    assert len(sw.log.sent("answer", call=call)) == 1
