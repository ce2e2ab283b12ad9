"""The page about the simulated space says what the code does, figure by figure."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from swnb.exchange import OVER
from swnb.simulator import RateCard, Space
from swnb.simulator.calls import RING_TIMEOUT, Status
from swnb.simulator.far_end.ringing import FATES
from swnb.simulator.faults import Kind
from swnb.simulator.rates import meters
from swnb.simulator.requests import Reading

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
    assert f"({RING_TIMEOUT.seconds} seconds where none is given)" in page
    assert f"{Space().now:%Y-%m-%d %H:%M:%S} UTC" in page


@pytest.mark.parametrize("name", [*get_args(Kind), *get_args(Reading)])
def test_it_names_every_kind_of_misbehaviour_and_every_reading(page, name):
    assert f'`"{name}"`' in page or f"`{name}`" in page
