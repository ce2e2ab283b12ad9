"""Reconciling asks about the calls of the log that are not final, and about no others."""

from __future__ import annotations

import pytest
from support.canned_server import CALL_ID, LEG, said

import swnb

DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


def asked(space):
    return [seen.call_id for seen in space.requests if seen.command == "voice_log"]


def test_a_call_is_asked_about_until_a_voice_log_says_that_it_is_over(sw, space):
    call = sw.dial(**DIAL)
    space.advance(90)
    assert sw.reconcile().new == 1
    report = sw.reconcile()
    assert (report.calls, report.new, report.changed) == (1, 0, 1)  # it costs more by now
    call.end()
    assert sw.reconcile().changed == 1
    assert sw.reconcile().calls == 0
    assert asked(space) == [call.id] * 3
    assert sw.log.calls()[["status", "charge"]].to_numpy().tolist() == [["ended", 0.02]]


def test_the_end_in_a_reply_is_not_final_but_that_in_a_voice_log_is(sw, space):
    call = sw.dial(**DIAL).wait_until("answered")
    call.end()
    assert call.ended
    assert sw.reconcile().calls == 1
    other = sw.dial(**DIAL).wait_until("answered")
    other.end()
    other.refresh()
    assert sw.reconcile().calls == 0
    assert len(sw.log.voice_logs.logs()) == 2


def test_calls_of_a_listing_that_went_on_are_asked_about_and_fabric_legs_are_not(sw, space):
    going = space.inbound()
    space.inbound(from_="/private/alice")
    sw.sync()
    assert sw.reconcile().calls == 1
    assert asked(space) == [going]


def test_a_fabric_leg_of_ones_own_is_asked_about(sw, space):
    call = sw.dial(from_="+15550100", to="/public/support", url="https://example.com/swml")
    assert sw.reconcile().calls == 1
    assert sw.reconcile().calls == 1
    assert asked(space) == [call.id, call.id]


def test_calls_that_the_platform_does_not_know_are_listed(sw, space):
    call = sw.dial(**DIAL)
    space.discard(call.id)
    report = sw.reconcile()
    assert report.missing == [call.id]
    assert "1 missing" in repr(report)


def test_what_never_left_is_not_asked_about(sw, space):
    with pytest.raises(swnb.InvalidCommand):
        sw.calling.play(CALL_ID, play=[])
    assert sw.reconcile().calls == 0
    assert space.requests == []


def test_any_other_refusal_ends_it(replying):
    sw, _ = replying(said(LEG), said({"error": "Forbidden"}, 403))
    sw.calling.end(CALL_ID)
    with pytest.raises(swnb.ApiError, match="HTTP 403"):
        sw.reconcile()


def test_a_difference_is_reported(replying):
    sw, _ = replying(said(LEG), said(LEG | {"charge": 0.5, "created_at": "2026-08-01T00:00:00Z"}))
    sw.calling.end(CALL_ID)
    report = sw.reconcile()
    assert report.differences["call_id"].tolist() == [CALL_ID]
