"""Numbers with their nouns, and the words of error titles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

import swnb
from swnb.words import age, age_of, clock, counted


@pytest.mark.parametrize(
    ("number", "noun", "text"),
    [
        (0, "call", "0 calls"),
        (1, "call", "1 call"),
        (1200, "open call", "1,200 open calls"),
        (1, "entry", "1 entry"),
        (2, "entry", "2 entries"),
    ],
)
def test_a_noun_goes_with_its_number(number, noun, text):
    assert counted(number, noun) == text


def test_swnb_refuses_and_the_platform_rejects():
    assert swnb.ApiError.title == "rejected"
    refused = (swnb.InvalidCommand, swnb.UnknownCommand, swnb.BudgetExceeded)
    assert {kind.title for kind in refused} == {"refused"}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "now"), (0.4, "now"), (59, "59 s"), (61, "1 min"), (7200, "2 h"), (200_000, "2 d")],
)
def test_an_age_is_in_its_largest_unit(seconds, text):
    assert age(seconds) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(None, ""), (0, "0:00"), (61_400, "1:01"), (3_661_000, "1:01:01")]
)
def test_a_duration_is_minutes_and_seconds(milliseconds, text):
    assert clock(milliseconds) == text


def test_the_age_of_what_began_at_an_unknown_time_is_unknown():
    now = datetime(2026, 11, 27, tzinfo=UTC)
    assert age_of(now - timedelta(minutes=3), now) == "3 min"
    assert age_of(None, now) == "?"
