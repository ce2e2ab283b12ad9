"""`log.sent`: what a test expects to have been sent."""

import socket

import pytest
from support.recorded_run import DIAL, EVENT, checkout

import swnb


@pytest.fixture
def sw():
    with swnb.simulate(seed=7) as client:
        checkout(client)
        yield client


@pytest.mark.parametrize(
    ("params", "count"),
    [
        ({}, 1),
        ({"event": {"action": "order.confirmed"}}, 1),
        ({"event": EVENT}, 1),
        ({"event": {}}, 1),
        ({"event": {"action": "order.canceled"}}, 0),
        ({"event": {"action": "order.confirmed", "more": 1}}, 0),
        ({"event": {"amount": 49.990001}}, 0),
    ],
)
def test_objects_match_where_they_hold_what_is_asked_for(sw, params, count):
    assert len(sw.log.sent("user_event", **params)) == count


def test_a_list_must_be_equal(sw):
    play = {"type": "tts", "params": {"text": "Thank you."}}
    assert len(sw.log.sent("play", play=[play])) == 1
    assert len(sw.log.sent("play", play=[play, play])) == 0


def test_names_are_those_of_the_method_or_the_wire(sw):
    assert len(sw.log.sent("calling.play.stop")) == len(sw.log.sent("play_stop")) == 1
    assert len(sw.log.sent("dial", from_="+15550100")) == 1


def test_an_unknown_command_names_the_closest(sw):
    with pytest.raises(swnb.UnknownCommand, match="user_event"):
        sw.log.sent("user_evnt")


def test_only_the_present_run_is_looked_at(sw):
    with sw.run("other"):
        assert len(sw.log.sent("dial")) == 0
        sw.dial(**DIAL)
        assert len(sw.log.sent("dial")) == 1


def test_what_was_refused_or_rehearsed_was_not_sent():
    with swnb.simulate(dry_run=True) as sw:
        sw.dial(**DIAL)
        with pytest.raises(swnb.InvalidCommand):
            sw.dial(to="+15550101")
        assert len(sw.log.sent("dial")) == 0


def test_what_never_arrived_was_not_sent(make):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    client = make(host)
    with pytest.raises(swnb.ConnectionFailed):
        client.dial(**DIAL)
    assert len(client.log.sent("dial")) == 0


def test_the_exchanges_can_be_had(sw):
    sent = sw.log.sent("user_event")
    assert sent[0].request["params"]["event"] == EVENT
    assert [each.command for each in sent] == ["calling.user_event"]
    assert sent.df["params"].tolist() == [{"event": EVENT}]
    assert sent.df["call_id"].tolist() == [sent[0].call_id]


def test_a_failed_expectation_says_what_came_nearest(sw):
    shown = repr(sw.log.sent("user_event", event={"action": "order.canceled", "more": 1}))
    assert f"0 of 1 sent in run {sw.log.run!r} match calling.user_event" in shown
    assert "event.action was 'order.confirmed', event.more was not sent" in shown


def test_a_result_shows_itself_escaped(sw):
    sent = sw.log.sent("user_event", event={"action": "<b>"})
    assert "&lt;b&gt;" in sent._repr_html_()


def test_an_expectation_can_be_said_with_what_it_measured(sw):
    sent = sw.log.sent("user_event", event={"action": "order.canceled"})
    with pytest.raises(AssertionError, match=r"event\.action was 'order\.confirmed'"):
        assert len(sent) == 1, sent
