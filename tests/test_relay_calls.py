"""Calls over RELAY: dialed by the session, or offered to it and answered."""

import threading

import pytest
from support.relay_platform import Platform

import swnb
from swnb.cards import reply_card
from swnb.errors import (
    ApiError,
    BudgetExceeded,
    ConnectionFailed,
    InvalidCommand,
    OutcomeUnknown,
    SwnbError,
    WaitTimeout,
)
from swnb.events.relay import carrier

pytestmark = pytest.mark.sample(3)

ENDS = {"from_": "+15550100", "to": "+15550101"}
CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite", relay_hears="owner") as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


@pytest.fixture
def platform():
    with Platform() as running:
        yield running


@pytest.fixture
def far(platform, tmp_path):
    """A client that listens at a scripted platform."""
    client = swnb.Client(
        "p" * 36, "PTcanary-token", platform.host, log=tmp_path / "far.sqlite", timeout=1
    )
    with client:
        yield client


def test_the_session_that_dials_owns_the_call_and_hears_it(sw):
    with sw.listen() as inbox:
        foreign = sw.dial(**ENDS, url="https://example.com/swml")
        call = inbox.dial(**ENDS, timeout=20)
        assert (inbox.owns(call.id), inbox.owns(foreign.id)) == (True, False)
        call.wait_until("answered").user_event({"number": 1})
        event = inbox.wait_for("user_event", call=call)
        assert event.payload == {"number": 1}
        assert not [event for event in inbox if event.call_id == foreign.id]
    row = sw.log.df.iloc[1]
    assert (row.command, row.outcome, row.call_id) == ("calling.dial", "accepted", call.id)
    assert (row["from"], row.to) == (ENDS["from_"], ENDS["to"])
    sent = {"from": "+15550100", "to": "+15550101", "timeout": 20}
    assert sw.log.get(2).request == {"command": "calling.dial", "params": sent}


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"url": "https://example.com/swml"}, "url"),
        ({"status_url": "https://example.com"}, "status_url"),
        ({"to": "+1"}, "to"),
        ({"timeout": 0}, "timeout"),
        ({"tag": "mine"}, "tag"),
        ({"to": None}, "to"),
    ],
)
def test_what_relay_does_not_take_is_refused(sw, space, params, path):
    with sw.listen() as inbox, pytest.raises(InvalidCommand) as error:
        inbox.dial(**ENDS | params)
    assert [problem.path for problem in error.value.problems] == [path]
    assert sw.log.df.outcome.tolist() == ["refused"]
    assert not space.calls


def test_the_tag_is_known_before_the_dial_is_sent(platform, far):
    """The call is told of before the answer to the dial comes."""

    def dialed(connection, frame):
        call = {"call_id": CALL, "node_id": "node-1", "tag": frame["params"]["tag"]}
        told = {"event_type": "calling.call.state", "params": call | {"call_state": "ringing"}}
        connection.send({"id": "e", "method": "signalwire.event", "params": told})
        connection.send({"id": frame["id"], "result": {"code": "200", "message": "Dialing"}})

    platform.on["calling.dial"] = dialed
    with far.listen(host=platform.host) as inbox:
        call = inbox.dial(from_="sip:a@example.com", to="sip:b@example.com", timeout=9)
        assert (call.id, call.status, inbox.owns(CALL)) == (CALL, "ringing", True)
    (frame,) = platform.asked("calling.dial")
    (device,) = frame["params"]["devices"][0]
    ends = {"from": "sip:a@example.com", "to": "sip:b@example.com", "timeout": 9}
    assert device == {"type": "sip", "params": ends}


@pytest.mark.slow
def test_a_dial_after_whose_sending_the_connection_breaks_is_unknown_and_not_repeated(
    platform, far, monkeypatch
):
    monkeypatch.setattr(carrier, "NAMED", 0.2)
    platform.on["calling.dial"] = lambda connection, _: connection.cut()
    with far.listen(host=platform.host) as inbox:
        with pytest.raises(OutcomeUnknown):
            inbox.dial(**ENDS)
        platform.until(lambda _: platform.greetings == 2)
    assert len(platform.asked("calling.dial")) == 1
    assert far.log.df.outcome.tolist() == ["unknown"]


def test_a_call_that_is_never_told_of_is_unknown(platform, far, monkeypatch):
    monkeypatch.setattr(carrier, "NAMED", 0.2)
    with far.listen(host=platform.host) as inbox, pytest.raises(OutcomeUnknown):
        inbox.dial(**ENDS)
    assert len(platform.asked("calling.dial")) == 1


def test_what_the_platform_rejects_is_rejected(platform, far):
    refusal = {"code": "402", "message": "Payment required"}
    platform.on["calling.dial"] = lambda connection, frame: connection.send(
        {"id": frame["id"], "result": refusal}
    )
    with far.listen(host=platform.host) as inbox:
        with pytest.raises(ApiError, match="Payment required") as error:
            inbox.dial(**ENDS)
        failed = {"error": {"code": -32601, "message": "no method"}}
        platform.on["calling.dial"] = lambda connection, frame: connection.send(
            {"id": frame["id"], **failed}
        )
        with pytest.raises(ApiError, match="no method"):
            inbox.dial(**ENDS)
    assert error.value.exchange.http_status == 402
    assert far.log.df.outcome.tolist() == ["rejected", "rejected"]


def test_without_a_connection_nothing_is_sent(platform, far):
    with far.listen(host=platform.host) as inbox:
        inbox._listener.state = "waiting"
        with pytest.raises(ConnectionFailed, match="did not reach"):
            inbox.dial(**ENDS)
        inbox._listener.state = "listening"
    assert far.log.df.outcome.tolist() == ["failed"]
    with pytest.raises(SwnbError, match="closed"):
        inbox.dial(**ENDS)
    assert not platform.asked("calling.dial")


def test_the_row_is_there_before_the_dial_leaves(platform, far, monkeypatch):
    monkeypatch.setattr(carrier, "NAMED", 0.2)
    seen = []
    platform.on["calling.dial"] = lambda connection, _: (
        seen.append(far.log.df.outcome.tolist()),
        connection.cut(),
    )
    with far.listen(host=platform.host) as inbox, pytest.raises(OutcomeUnknown):
        inbox.dial(**ENDS)
    assert seen == [["sent"]]


def test_a_budget_holds_over_relay_too(tmp_path):
    budget = swnb.Budget(0.10, per_minute=0.01, minutes=10)
    with swnb.simulate(log=tmp_path / "log.sqlite", budget=budget) as sw, sw.listen() as inbox:
        inbox.dial(**ENDS)
        with pytest.raises(BudgetExceeded):
            inbox.dial(**ENDS)
        assert len(sw.simulated_space.calls) == 1
        assert sw.log.df.outcome.tolist() == ["accepted", "refused"]
        assert sw.log.get(1).request["params"]["max_price_per_minute"] == 0.01


def test_a_status_url_is_not_added(sw):
    with sw.listen() as inbox, sw.callbacks():
        inbox.dial(**ENDS)
    assert set(sw.log.get(1).request["params"]) == {"from", "to"}


def test_an_offered_call_is_waited_for_and_answered(sw, space):
    with sw.listen(contexts=["office"]) as inbox:
        call_id = space.inbound(context="office", after=5)
        call = inbox.calls.wait()
        assert call.id == call_id
        assert inbox.owns(call_id)
        assert call.answer() is call
        assert call.wait_until("answered").status == "answered"
        with pytest.raises(ApiError):
            call.answer()
        assert "passed on" not in inbox.counts
    assert sw.log.df.command.tolist()[0] == "calling.answer"


def test_what_nobody_waits_for_any_more_is_passed_on(sw, space):
    with sw.listen(contexts=["office"]) as inbox:
        with pytest.raises(WaitTimeout):
            inbox.calls.wait(timeout=3)
        space.inbound(context="office")
        space.settle()
        first = space.inbound(context="office", after=5)
        space.inbound(context="office", after=5)
        assert inbox.calls.wait().id == first
        space.settle()
        assert inbox.counts["passed on"] == 2


def test_two_that_wait_get_two_calls(platform, far):
    found = []
    with far.listen(["office"], host=platform.host) as inbox:
        waiting = [
            threading.Thread(target=lambda: found.append(inbox.calls.wait(timeout=10).id))
            for _ in range(2)
        ]
        for thread in waiting:
            thread.start()
        while inbox.calls._wanted < 2:
            pass
        ids = [CALL, CALL.replace("3f", "4f"), CALL.replace("3f", "5f")]
        for number, call_id in enumerate(ids):
            params = {"call_id": call_id, "node_id": "n", "call_state": "created"}
            platform.event({"event_type": "calling.call.receive", "params": params}, str(number))
        for thread in waiting:
            thread.join(10)
        platform.until(lambda _: platform.asked("calling.pass"))
        assert len(found) == 2
        assert set(found) <= set(ids)


def test_a_call_over_relay_is_replayed(sw, space, tmp_path, monkeypatch):
    def cells(client):
        with client.listen(contexts=["office"]) as inbox:
            call = inbox.dial(**ENDS)
            call.wait_until("answered")
            offered = inbox.calls.wait()
            offered.answer()
            return call.id, offered.id, inbox.state

    space.inbound(context="office", after=60)
    with sw.run("r"):
        first = cells(sw)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("it connected"))
    with swnb.replay(path, log=tmp_path / "again.sqlite") as again:
        assert cells(again)[:2] == first[:2]
        assert again.unused() == []


def test_a_rehearsal_sends_nothing(tmp_path):
    with (
        swnb.simulate(dry_run=True, log=tmp_path / "log.sqlite") as sw,
        sw.listen(["office"]) as inbox,
    ):
        call = inbox.dial(**ENDS)
        assert call.id.startswith("00000000")
        assert inbox.calls.wait().id == call.id
        assert sw.log.df.outcome.tolist() == ["dry_run"]
        assert not sw.simulated_space.calls


def test_how_a_dial_over_relay_is_copied(sw):
    with sw.listen() as inbox:
        inbox.dial(**ENDS)
    html = reply_card({}, sw.log.get(1))
    assert "inbox.dial(" in html
    assert "curl" not in html
