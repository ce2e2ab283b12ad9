"""Dialing over RELAY: the session owns the call; one dial, one call; logged and replayed as any other."""

import time

import pytest

import swnb
from swnb.events.relay import carrier
from swnb.session.session import session_of
from swnb.simulator import switchboard
from swnb.simulator.answers import Rejection, plain_error

pytestmark = pytest.mark.sample(3)

ENDS = {"from_": "+15550100", "to": "+15550101"}


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite", relay_hears="owner") as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


def dials(space):
    return [seen for seen in space.requests if seen.command == "calling.dial"]


def test_a_dialed_call_is_owned_and_heard(sw, space):
    with sw.listen() as inbox:
        call = inbox.dial(**ENDS, timeout=20, max_price_per_minute=0.05)
        assert isinstance(call, swnb.Call)
        assert inbox.owns(call.id)
        assert space.calls[call.id] in ("queued", "ringing")
        assert (call.status, call.from_, call.to) == ("created", *ENDS.values())
        call.wait_until("answered")
        call.user_event({"number": 1})
        assert inbox.wait_for("user_event", call=call).payload == {"number": 1}
        call.end()
        other = sw.dial(**ENDS, url="https://example.com/swml")
        assert not inbox.owns(other.id)
    (seen,) = dials(space)
    assert seen.body["devices"] == [
        [
            {
                "type": "phone",
                "params": {"from_number": ENDS["from_"], "to_number": ENDS["to"], "timeout": 20},
            }
        ]
    ]
    assert seen.body["max_price_per_minute"] == 0.05
    assert seen.body["tag"]


def test_waits_ask_no_voice_log_for_a_call_that_is_owned(sw, space):
    inbox = sw.listen()
    inbox.dial(**ENDS).wait_until("answered")
    assert not [seen for seen in space.requests if seen.command == "voice_log"]


def test_it_is_logged_before_it_leaves_and_when_it_ended(sw):
    inbox = sw.listen()
    call = inbox.dial(**ENDS)
    row = sw.log.df.iloc[-1]
    assert (row["command"], row["outcome"], row["call_id"]) == ("calling.dial", "accepted", call.id)
    assert (row["from"], row["to"], row["call_status"]) == (*ENDS.values(), "created")
    assert call.last.exchange.request == {
        "command": "calling.dial",
        "params": {"from": ENDS["from_"], "to": ENDS["to"]},
    }
    assert call.id in set(sw.log.calls()["call_id"])
    assert "inbox.dial(" in call.last._repr_html_()


def test_an_invalid_dial_is_refused_before_anything_is_sent(sw, space):
    inbox = sw.listen()
    with pytest.raises(swnb.InvalidCommand) as error:
        inbox.dial(from_="+15550100", to="555-0101 ext. 4", timeout=700)
    assert [problem.path for problem in error.value.problems] == ["to", "timeout"]
    assert dials(space) == []
    assert sw.log.df["outcome"].tolist() == ["refused"]


def test_the_platform_can_reject_it(sw, space):
    inbox = sw.listen()
    with pytest.raises(swnb.ApiError, match="RELAY 422") as error:
        inbox.dial(**ENDS, max_price_per_minute=0.000001)
    assert "max_price_per_minute" in error.value.exchange.error_message
    assert sw.log.df["outcome"].tolist() == ["rejected"]
    assert space.calls == {}


def test_a_budget_holds_for_it(sw, space):
    inbox = sw.listen()
    sw.budget = swnb.Budget(1.00, per_minute=0.02, minutes=20)
    inbox.dial(**ENDS)
    sw.dial(**ENDS, url="https://example.com/swml")
    with pytest.raises(swnb.BudgetExceeded, match="2 open calls"):
        inbox.dial(**ENDS)
    (seen,) = dials(space)
    assert seen.body["max_price_per_minute"] == 0.02


def test_a_dry_run_sends_nothing():
    with swnb.simulate(dry_run=True) as sw, sw.listen() as inbox:
        call = inbox.dial(**ENDS).wait_until("answered")
        assert isinstance(call.last, swnb.DryRun)
        assert sw.simulated_space.requests == []
        assert sw.log.df["outcome"].tolist() == ["dry_run"]


def test_without_a_connection_nothing_is_sent_and_that_is_known(sw, space, monkeypatch):
    inbox = sw.listen()
    monkeypatch.setattr(inbox._listener, "state", "waiting")
    with pytest.raises(swnb.ConnectionFailed, match="did not reach"):
        inbox.dial(**ENDS)
    assert dials(space) == []
    assert sw.log.df["outcome"].tolist() == ["failed"]
    inbox.close()
    with pytest.raises(swnb.SwnbError, match="closed"):
        inbox.dial(**ENDS)


@pytest.mark.slow
def test_a_dial_that_left_before_the_cut_is_never_sent_twice(sw, space, monkeypatch):
    """The server takes the request, the socket breaks, and the session is not restored."""
    monkeypatch.setattr(carrier, "NAMED", 3.0)
    inbox = sw.listen()
    space.misbehave("forget")
    with pytest.raises(swnb.OutcomeUnknown):
        inbox.dial(**ENDS)
    assert len(dials(space)) == 1
    assert len(space.calls) == 1
    assert sw.log.df["outcome"].tolist() == ["unknown"]


def test_a_restored_session_still_tells_which_call_was_started(sw, space):
    inbox = sw.listen()
    space.misbehave("cut")
    call = inbox.dial(**ENDS)
    assert list(space.calls) == [call.id]
    assert len(dials(space)) == 1
    assert sw.log.df["outcome"].tolist() == ["accepted"]


def test_a_call_that_is_named_too_late_is_told(sw, space, monkeypatch, capsys):
    monkeypatch.setattr(carrier, "NAMED", 0.2)
    inbox = sw.listen()
    space.misbehave("late", 2, seconds=1)
    with pytest.raises(swnb.OutcomeUnknown, match="no event named its call"):
        inbox.dial(**ENDS)
    space.advance(2)
    (call_id,) = space.calls
    deadline = time.monotonic() + 5
    while not inbox.owns(call_id):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert space.settle()
    assert f"did start a call: {call_id}" in capsys.readouterr().err
    assert sw.end_all() == [call_id]


def test_a_replay_dials_nothing(sw, tmp_path, monkeypatch):
    with sw.run("r"), sw.listen() as inbox, inbox.dial(**ENDS) as call:
        call.wait_until("answered")
        call.user_event({"number": 1})
        inbox.wait_for("user_event", call=call)
    path = sw.log.export_run("r", tmp_path / "r.jsonl")

    def refuse(*_):
        raise AssertionError("a replay opens nothing")

    monkeypatch.setattr("socket.socket.connect", refuse)
    with swnb.replay(path) as again, again.listen() as inbox:
        assert again.invalid() == []
        with inbox.dial(**ENDS) as same:
            assert same.id == call.id
            same.wait_until("answered")
            same.user_event({"number": 1})
            assert inbox.wait_for("user_event", call=same).payload == {"number": 1}
        assert again.unused() == []
        with pytest.raises(swnb.NoRecording):
            inbox.dial(**ENDS)


def test_a_run_that_goes_on_once_dials_nobody_again(sw, space):
    for _ in range(2):
        with sw.run("r", once=True), sw.listen() as inbox:
            call = inbox.dial(**ENDS).wait_until("answered")
    assert len(dials(space)) == 1
    assert list(space.calls) == [call.id]


def test_an_unknown_outcome_is_not_dialed_again_by_its_run(sw, space, monkeypatch):
    monkeypatch.setattr(carrier, "NAMED", 0.2)
    for _ in range(2):
        space.misbehave("drop", 2)
        with sw.run("r", once=True), sw.listen() as inbox, pytest.raises(swnb.OutcomeUnknown):
            inbox.dial(**ENDS)
    assert len(dials(space)) == 1


def test_what_was_dialed_is_ended_with_the_rest(sw, space):
    inbox = sw.listen()
    call = inbox.dial(**ENDS).wait_until("answered")
    assert sw.end_all() == [call.id]
    assert session_of(sw).dialed[0] is call
    assert space.calls[call.id] == "ended"


def test_a_sip_address_is_a_sip_device(sw, space):
    inbox = sw.listen()
    inbox.dial(from_="sip:me@example.com", to="sip:you@example.com", max_duration=1)
    (seen,) = dials(space)
    assert seen.body["devices"] == [
        [{"type": "sip", "params": {"from": "sip:me@example.com", "to": "sip:you@example.com"}}]
    ]
    assert seen.body["max_duration"] == 1


def test_a_call_that_rest_may_not_end_is_ended_over_relay(sw, space, tmp_path, monkeypatch):
    def rejected(*_):
        raise Rejection(plain_error(409))

    monkeypatch.setattr(switchboard, "carry_out", rejected)
    with sw.run("r"), sw.listen() as inbox:
        with inbox.dial(**ENDS) as call:
            call.wait_until("answered")
        assert space.calls[call.id] == "ended"
        assert call.ended
    ways = [seen.method for seen in space.requests if seen.command == "calling.end"]
    assert ways == ["POST", "RELAY"]
    path = sw.log.export_run("r", tmp_path / "r.jsonl")
    with swnb.replay(path) as again, again.listen() as inbox:
        with inbox.dial(**ENDS) as same:
            same.wait_until("answered")
        assert same.ended
        assert again.unused() == []


def test_a_call_that_only_rest_knows_is_not(sw, monkeypatch):
    def rejected(*_):
        raise Rejection(plain_error(409))

    sw.listen()
    call = sw.dial(**ENDS, url="https://example.com/swml").wait_until("answered")
    monkeypatch.setattr(switchboard, "carry_out", rejected)
    with pytest.raises(swnb.ApiError, match="409"):
        call.end()


def test_two_runs_that_dial_over_relay_are_the_same(sw):
    for name in ("one", "two"):
        with sw.run(name), sw.listen() as inbox, inbox.dial(**ENDS) as call:
            call.wait_until("answered")
        inbox.close()
    swnb.assert_same("one", "two", log=sw.log)
    with sw.run("three"), sw.listen() as inbox:
        inbox.dial(**ENDS, timeout=10)
    assert len(sw.log.sent("calling.dial", run="one", **{"from": ENDS["from_"]})) == 1
    assert len(sw.log.sent("calling.dial", run="three", timeout=10)) == 1


def test_an_interrupted_dial_says_that_a_call_may_be_up(sw, space, monkeypatch):
    inbox = sw.listen()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(carrier.Carrier, "send", interrupt)
    with pytest.raises(KeyboardInterrupt, match=r"calling\.dial was interrupted") as stop:
        inbox.dial(**ENDS)
    assert "may be up" in "".join(stop.value.__notes__)
    assert sw.log.df["outcome"].tolist() == ["unknown"]
