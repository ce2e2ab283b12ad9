"""What a client sends, and what it refuses before anything is sent; each refusal is logged."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.canned_server import CALL_ID, TOKEN
from support.dialing import DIAL

import swnb
from swnb.simulator.http import Server

pytestmark = pytest.mark.sample(6)

EVENT = {"action": "order.confirmed", "order_id": "ORD-12345", "amount": 49.99}
NIL = "00000000-0000-0000-0000-000000000000"


def refused(client, send, space=None):
    """Send what is refused; give the error and its row. Nothing reaches the space."""
    before = len(space.requests) if space else 0
    with pytest.raises(swnb.InvalidCommand) as caught:
        send()
    if space:
        assert len(space.requests) == before
    row = client.log.exchanges(bodies=True).iloc[-1]
    assert row.outcome == "refused"
    assert row.isna().attempts or row.attempts == 0
    assert row.error_message == str(caught.value)
    return caught.value, row


# Call ids


BAD_IDS = [
    "", "call-1", CALL_ID[:-1], f"{CALL_ID}\n", f" {CALL_ID}", CALL_ID.replace("-", ""), 7, {}, object(),
]  # fmt: skip


@pytest.mark.parametrize("call_id", BAD_IDS, ids=lambda value: repr(value)[:12])
def test_a_call_id_that_is_no_uuid_is_refused_and_logged(sw, space, call_id):
    error, row = refused(sw, lambda: sw.calling.user_event(call_id, event=EVENT), space)
    assert [problem.path for problem in error.problems] == ["call_id"]
    assert "UUID" in str(error)
    assert row.command == "calling.user_event"
    assert row.request["params"] == {"event": EVENT}


def test_a_missing_call_id_is_refused_and_logged(sw, space):
    error, _ = refused(sw, sw.calling.end, space)
    assert str(error).startswith("end.call_id: is required")
    refused(sw, lambda: sw.calling.end(None), space)
    refused(sw, lambda: sw.calling.end(None, unchecked=True), space)


def test_an_unchecked_call_id_is_sent_as_it_is(sw, space):
    with pytest.raises(swnb.ApiError):
        sw.calling.end("call-1", unchecked=True)
    assert [(seen.command, seen.call_id) for seen in space.requests] == [("calling.end", "call-1")]
    assert list(sw.log.df.outcome) == ["rejected"]


def test_an_unchecked_call_id_has_to_be_text(sw, space):
    error, _ = refused(sw, lambda: sw.calling.end(7, unchecked=True), space)
    assert str(error) == "end.call_id: must be a string"


def test_an_update_of_what_is_no_call_is_refused(sw, space):
    refused(sw, lambda: sw.calling.update(id="call-1", status="canceled"), space)
    with pytest.raises(swnb.ApiError):
        sw.calling.update(id="call-1", status="canceled", unchecked=True)
    assert len(space.requests) == 1


def test_the_call_id_comes_by_position_or_by_keyword(sw, space):
    call_id = space.inbound()
    sw.calling.user_event(call_id, event=EVENT)
    sw.calling.user_event(call_id=call_id, event=EVENT)
    assert [seen.call_id for seen in space.requests] == [call_id, call_id]


def test_a_call_and_a_reply_stand_for_their_call(sw, space):
    call = sw.dial(**DIAL).wait_until("answered")
    sw.calling.user_event(call, event=EVENT)
    sw.calling.user_event(call.last, event=EVENT)
    sw.calling.ai_sidecar(call, lang="en-US")
    counters = sw.calling.ai_sidecar_status(call)
    sw.calling.user_event(counters, event=EVENT)
    assert {seen.call_id for seen in space.requests if seen.command == "calling.user_event"} == {
        call.id
    }
    assert sw.call(call).id == call.id


def test_a_call_in_hand_needs_a_uuid(sw, space):
    with pytest.raises(swnb.InvalidCommand, match=r"^call\.call_id: must be a UUID"):
        sw.call("call-1")
    assert sw.call("call-1", unchecked=True).id == "call-1"
    assert space.requests == []


# What is refused


def test_an_unknown_keyword_names_the_closest(sw, space):
    error, row = refused(sw, lambda: sw.calling.play(CALL_ID, play=[], volum=3), space)
    assert "play.volum: is not a parameter; did you mean 'volume'?" in str(error).split("\n")
    assert row.request["params"] == {"play": [], "volum": 3}


def test_an_unknown_command_names_the_closest(sw, space):
    call = sw.call(CALL_ID)
    with pytest.raises(AttributeError, match="did you mean 'play'"):
        sw.calling.plya()
    with pytest.raises(AttributeError, match="did you mean 'play'"):
        call.plya()
    with pytest.raises(AttributeError, match="there is no 'dial' here"):
        call.dial()
    assert not hasattr(sw.calling, "_repr_html_")
    assert space.requests == []


def test_all_problems_come_at_once(sw, space):
    error, row = refused(
        sw,
        lambda: sw.calling.play(
            "call-1", play=[{"type": "tts", "params": {}}], volume=41, control_id=3, colour="red"
        ),
        space,
    )
    assert {problem.path for problem in error.problems} == {
        "call_id", "play[0].params.text", "volume", "control_id", "colour",
    }  # fmt: skip
    assert len(str(error).split("\n")) == 5
    assert "play.volume: must be at most 40 (dB)" in str(error)
    assert row.call_id == "call-1"


def test_what_json_has_no_form_for_is_refused_and_logged(sw, space):
    _, row = refused(sw, lambda: sw.calling.user_event(CALL_ID, event={"at": object()}), space)
    assert row.request["params"]["event"] == {"at": "(object)"}


@pytest.mark.parametrize("reading", ["voice_log", "voice_log_events"])
def test_a_reading_of_what_is_no_call_is_refused_and_logged(sw, space, reading):
    _, row = refused(sw, lambda: getattr(sw, reading)("call-1"), space)
    assert (row.command, row.call_id) == (reading, "call-1")


def test_a_listing_with_wrong_filters_is_refused_and_logged(sw, space):
    error, row = refused(
        sw,
        lambda: sw.voice_logs(page_size=0, include_deleted="yes", created_on=5),
        space,
    )
    assert {problem.path for problem in error.problems} == {
        "page_size", "include_deleted", "created_on",
    }  # fmt: skip
    assert row.command == "voice_logs"


# The client itself


def test_a_client_shows_where_it_sends_but_not_with_what(make):
    client = make("127.0.0.1:9", run="tonight")
    shown = repr(client) + client._repr_html_() + repr(client.calling) + repr(vars(client.calling))
    assert "127.0.0.1:9" in shown
    assert "tonight" in repr(client)
    assert TOKEN not in shown


def test_a_simulated_client_that_cannot_be_made_leaves_no_server(monkeypatch):
    closed, close = [], Server.close

    def note(server):
        closed.append(server.host)
        close(server)

    monkeypatch.setattr(Server, "close", note)
    with pytest.raises(swnb.ConfigurationError):
        swnb.simulate(timeout=0)
    assert len(closed) == 1


def test_times_are_in_utc_and_in_order(sw, space):
    before = datetime.now(UTC)
    sw.calling.user_event(space.inbound(), event=EVENT)
    sent_at = sw.log.df.iloc[-1].sent_at
    assert before - timedelta(milliseconds=1) <= sent_at <= datetime.now(UTC)
