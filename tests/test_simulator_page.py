"""The page about the simulated space says what the code does, figure by figure."""

from __future__ import annotations

import inspect
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from swnb.commands import COMMANDS
from swnb.exchange import OVER
from swnb.simulator import FarEnd, RateCard, Space
from swnb.simulator.calls import RING_TIMEOUT, Status
from swnb.simulator.far_end.ringing import FATES
from swnb.simulator.faults import Kind
from swnb.simulator.operations.carrying import PAGE_SECONDS, REFER_SECONDS
from swnb.simulator.operations.collecting import (
    DIGIT_TIMEOUT,
    END_SILENCE_TIMEOUT,
    INITIAL_TIMEOUT,
    SPEECH_TIMEOUT,
)
from swnb.simulator.operations.playing import (
    AUDIO_SECONDS,
    CHARACTERS_PER_SECOND,
    VOICE_SECONDS,
)
from swnb.simulator.rates import meters
from swnb.simulator.requests import Reading

pytestmark = pytest.mark.sample(6)

PAGE = Path(__file__).parents[1] / "docs" / "simulated-space.md"
CARD = RateCard()


@pytest.fixture(scope="module")
def page():
    return PAGE.read_text("utf-8")


@pytest.fixture(scope="module")
def rows(page):
    lines = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| ")]
    return [(name.strip("`"), *cells) for name, *cells in lines]


def test_it_prints_the_whole_rate_card(rows):
    assert [row for row in rows if len(row) == 4 and row[0] != "field"] == [
        (name, meter.label, f"{getattr(CARD, name):f}", meter.unit)
        for name, meter in meters().items()
    ]


def test_it_prints_how_time_is_billed(rows):
    assert {row[:2] for row in rows if len(row) == 3 and row[0] != "field"} == {
        (field.name, str(getattr(CARD, field.name)))
        for field in fields(RateCard)
        if field.name not in meters()
    }


def test_it_explains_every_state(rows):
    assert set(get_args(Status)) <= {row[0] for row in rows}
    assert set(get_args(Status)) > OVER


@pytest.mark.parametrize(("ending", "state"), FATES.items())
def test_it_gives_every_special_ending_with_its_state(rows, ending, state):
    assert any(row[0] == state and f"`{ending}`" in row[1] for row in rows)


def test_it_gives_the_ring_timeout_and_the_start_of_the_clock(page):
    assert f"({RING_TIMEOUT.seconds} seconds if none is given)" in page
    assert f"{Space().now:%Y-%m-%d %H:%M:%S} UTC" in page


@pytest.mark.parametrize("name", [*get_args(Kind), *get_args(Reading)])
def test_it_names_every_kind_of_misbehaviour_and_every_reading(page, name):
    assert f'`"{name}"`' in page or f"`{name}`" in page


@pytest.mark.parametrize("key", inspect.signature(FarEnd).parameters)
def test_it_explains_every_key_of_a_far_end(rows, key):
    assert key == "unknown" or any(row[0] == key for row in rows)


def test_it_says_how_every_operation_ends(rows):
    named = {name for row in rows if len(row) == 2 for name in row[0].split(", ")}
    assert {model.starts for model in COMMANDS.values() if model.starts} <= named
    assert {model.controls for model in COMMANDS.values() if model.controls} <= named


@pytest.mark.parametrize(
    "text",
    [
        f"{VOICE_SECONDS:g} seconds to be made",
        f"every {CHARACTERS_PER_SECOND} characters",
        f"an audio file {AUDIO_SECONDS:g} seconds",
        f"`digit_timeout` ({DIGIT_TIMEOUT:g} seconds if none is given)",
        f"`end_silence_timeout` ({END_SILENCE_TIMEOUT:g} second)",
        f"`speech_timeout` ({SPEECH_TIMEOUT:g} seconds)",
        f"`initial_timeout` ({INITIAL_TIMEOUT:g} seconds)",
        f"each takes {PAGE_SECONDS:g} seconds",
        f"`success` after {REFER_SECONDS:g} seconds",
    ],
)
def test_it_gives_the_times_of_the_operations(page, text):
    assert text in page
