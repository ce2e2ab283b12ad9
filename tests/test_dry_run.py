"""A rehearsal: everything is validated, logged and shown, and nothing is sent."""

from __future__ import annotations

import pytest
from support.canned_server import CALL_ID
from support.dialing import DIAL

import swnb

EVENT = {"action": "order.confirmed", "order_id": "ORD-12345"}
NIL = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def rehearsal(space, server, tmp_path):
    with swnb.Client(
        space.project, space.token, server.host, log=tmp_path / "log.sqlite", dry_run=True
    ) as client:
        yield client


def test_a_rehearsal_sends_nothing_and_shows_the_request(rehearsal, space):
    reply = rehearsal.calling.user_event(CALL_ID, event=EVENT)
    body = {"command": "calling.user_event", "id": CALL_ID, "params": {"event": EVENT}}
    assert type(reply) is swnb.DryRun
    assert reply == body
    assert "ORD-12345" in reply._repr_html_()
    assert "nothing was sent" in reply._repr_html_()
    assert space.requests == []
    row = rehearsal.log.exchanges(bodies=True).iloc[-1]
    assert (row.outcome, row.request) == ("dry_run", body)


def test_a_rehearsal_refuses_what_is_invalid(rehearsal, space):
    with pytest.raises(swnb.InvalidCommand):
        rehearsal.calling.play(CALL_ID, play="tts")
    assert space.requests == []
    assert list(rehearsal.log.df.outcome) == ["refused"]


def test_a_whole_notebook_can_be_rehearsed(rehearsal, space):
    call = rehearsal.dial(**DIAL)
    assert call.id == NIL
    call.wait_until("answered")
    playback = call.play(play=[{"type": "tts", "params": {"text": "Hello"}}])
    playback.pause()
    call.stop("play")
    call.user_event(event=EVENT)
    call.refresh()
    call.end()
    assert call.status is None
    assert list(rehearsal.voice_logs()) == []
    assert rehearsal.voice_log_events(call) == []
    assert space.requests == []
    assert list(rehearsal.log.df.command) == [
        "dial", "calling.play", "calling.play.pause", "calling.play.stop",
        "calling.user_event", "voice_log", "calling.end", "voice_logs", "voice_log_events",
    ]  # fmt: skip
    assert set(rehearsal.log.df.outcome) == {"dry_run"}
