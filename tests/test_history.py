"""The past of a simulated space: the same for the same seed, and of every kind."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest

import swnb
from swnb.costs import country
from swnb.log.voice_logs.entries import micros
from swnb.simulator import Space
from swnb.simulator.space import START


def entries(**options):
    with swnb.simulate(**options) as sw:
        return [dict(entry) for entry in sw.voice_logs(include_deleted=True, page_size=1000)]


@pytest.fixture(scope="module")
def past():
    return entries(history=5_000, days=90, seed=7)


@pytest.mark.slow
def test_one_seed_gives_the_same_calls_again(past):
    assert entries(history=5_000, days=90, seed=7) == past
    assert entries(history=50, days=90, seed=8) != entries(history=50, days=90, seed=9)


def test_it_lies_in_the_days_before_the_clock_starts(past):
    times = [entry["created_at"] for entry in past]
    assert len(past) == 5_000
    assert min(times) >= (START - timedelta(days=90)).date().isoformat()
    assert max(times) < START.date().isoformat()
    assert times == sorted(times, key=micros, reverse=True)
    assert len({"." in time for time in times}) == 2  # fractions come and go, as on the platform


def test_every_kind_direction_and_outcome_occurs(past):
    kinds = Counter(entry.get("type") for entry in past)
    assert set(kinds) == {
        "relay_pstn_call",
        "relay_sip_call",
        "relay_webrtc_call",
        "laml_call",
        "fabric_subscriber_device_leg",
        "video_room_pstn_leg",
        "video_room_sip_leg",
        "dialogflow_call",
        None,
    }
    assert min(kinds.values()) >= 30
    assert {entry.get("direction") for entry in past} == {
        "inbound",
        "outbound-api",
        "outbound-dial",
        None,
    }
    assert {entry.get("status") for entry in past} == {
        "completed",
        "ended",
        "no-answer",
        "busy",
        "failed",
        "canceled",
        None,
    }
    assert {"US", "CA", "GB", "DE", "FR", "AU"} <= {country(entry.get("to")) for entry in past}


def test_charges_are_the_sums_of_their_lines_and_some_have_several(past):
    with swnb.simulate(history=2_000, seed=7) as sw:
        assert sw.sync().off == []
    counts = Counter(len(entry.get("charge_details", ())) for entry in past)
    assert counts[0] > 500
    assert counts[2] > 500
    assert counts[3] > 100
    assert all(
        entry["duration_ms"] <= entry["billing_ms"] for entry in past if "billing_ms" in entry
    )


def test_a_space_with_a_past_goes_on(sw_with_past):
    sw = sw_with_past
    call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    newest = next(iter(sw.voice_logs()))
    assert newest["id"] == call.id
    over = next(entry["id"] for entry in sw.voice_logs() if entry["id"] != call.id)
    with pytest.raises(swnb.ApiError, match="422"):
        sw.calling.end(over)
    assert len(sw.voice_log_events(over)) >= 2


@pytest.fixture
def sw_with_past():
    with swnb.simulate(history=20, seed=7) as sw:
        yield sw


def test_five_thousand_calls_take_less_than_two_seconds_of_work():
    started = time.process_time()
    Space(7, history=5_000)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("bad", [{"history": -1}, {"history": 5, "days": 0}])
def test_a_past_that_cannot_be_is_refused(bad):
    with pytest.raises(swnb.ConfigurationError, match="history must be at least 0"):
        swnb.simulate(**bad)
