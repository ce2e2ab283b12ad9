"""What things cost: increments, exact sums, changed prices, and the page that prints them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from support.simulated_space import Remote

from swnb.commands import COMMANDS
from swnb.errors import ConfigurationError
from swnb.simulator import RateCard, Space
from swnb.simulator.rates import meters

pytestmark = pytest.mark.sample(5)

CARD = RateCard()


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


def charges(remote, call_id):
    log = remote.logs(f"/{call_id}").json()
    return {line["description"]: line["charge"] for line in log["charge_details"]}, log["charge"]


@pytest.mark.parametrize(
    ("elapsed", "billed"),
    [(0, 60_000), (1, 60_000), (60_000, 60_000), (60_001, 120_000), (600_000, 600_000)],
)
def test_time_is_billed_in_whole_minutes_and_at_least_one(elapsed, billed):
    assert CARD.billed_ms(elapsed) == billed


@pytest.mark.parametrize(
    ("elapsed", "billed"), [(0, 30_000), (30_000, 30_000), (30_001, 36_000), (36_001, 42_000)]
)
def test_increments_and_the_minimum_can_be_changed(elapsed, billed):
    card = RateCard(increment_seconds=6, minimum_seconds=30)
    assert card.billed_ms(elapsed) == billed


def test_charges_are_whole_nano_dollars_rounded_half_up():
    card = RateCard(tts=Decimal("0.0000000015"), record=Decimal("0.001"), increment_seconds=1)
    assert card.charge("tts", 1) == 2
    assert card.charge("record", 1000) == 16_667


@pytest.mark.parametrize("price", [Decimal("0.1"), 0.1, "0.1"])
def test_a_price_is_read_exactly_however_it_is_written(price):
    assert RateCard(record=price).record == Decimal("0.1")


@pytest.mark.parametrize("price", [-1, float("nan"), float("inf")])
def test_a_price_below_nothing_is_refused(price):
    with pytest.raises(ConfigurationError, match=r"rate_card\.record: must be"):
        RateCard(record=price)


def test_an_increment_of_nothing_is_refused():
    with pytest.raises(ConfigurationError, match="increment_seconds"):
        RateCard(increment_seconds=0)


def test_a_call_is_billed_while_it_is_answered(remote):
    call_id = remote.dial()
    assert charges(remote, call_id) == ({}, 0)
    remote.space.advance(1 + 61)
    assert charges(remote, call_id) == ({"Outbound PSTN call": 0.02}, 0.02)


@pytest.mark.parametrize(
    ("to", "label"),
    [
        ("sip:a@example.com", "Outbound SIP call"),
        ("client:a", "Outbound WebRTC call"),
        ("/public/support", "Outbound subscriber call"),
    ],
)
def test_every_kind_of_leg_has_its_own_price(remote, to, label):
    call_id = remote.dial(to)
    remote.space.advance(5)
    lines, _ = charges(remote, call_id)
    assert lines.keys() == {label}


def test_what_runs_on_a_call_is_billed_until_it_stops(remote):
    call_id = remote.space.inbound()
    remote.send("calling.record", call_id, control_id="r", record={"audio": {}})
    remote.space.advance(90)
    remote.send("calling.record.stop", call_id, control_id="r")
    remote.send("calling.denoise", call_id)
    remote.space.advance(60)
    remote.send("calling.end", call_id)
    lines, total = charges(remote, call_id)
    assert lines == {"Inbound PSTN call": 0.018, "Recording": 0.004, "Noise reduction": 0.01}
    assert total == 0.032


@pytest.mark.parametrize(
    ("begin", "stop", "label"),
    [
        (("ai_hold", {}), ("ai.stop", {}), "AI agent"),
        (("ai_unhold", {}), ("ai.stop", {}), "AI agent"),
        (("ai_message", {"message_text": "x"}), ("ai.stop", {}), "AI agent"),
        (("ai_sidecar", COMMANDS["ai_sidecar"].example), ("ai_sidecar.stop", {}), "AI sidecar"),
        (
            ("live_transcribe", COMMANDS["live_transcribe"].example),
            ("live_transcribe", {"action": "stop"}),
            "Live transcription",
        ),
        (
            ("live_translate", COMMANDS["live_translate"].example),
            ("live_translate", {"action": "stop"}),
            "Live translation",
        ),
        (("denoise", {}), ("denoise.stop", {}), "Noise reduction"),
    ],
)
def test_a_session_is_billed_once_from_its_start_to_its_stop(remote, begin, stop, label):
    call_id = remote.space.inbound()
    (command, params), (stopping, stop_params) = begin, stop
    remote.send(f"calling.{command}", call_id, **params)
    remote.space.advance(60)
    remote.send(f"calling.{command}", call_id, **params)
    assert remote.send(f"calling.{stopping}", call_id, **stop_params).status_code == 200
    remote.space.advance(3600)
    item = next(name for name, meter in meters().items() if meter.label == label)
    lines, _ = charges(remote, call_id)
    assert lines[label] == 2 * float(getattr(CARD, item))


def test_speech_is_billed_by_the_character_and_detection_by_the_use(remote):
    call_id = remote.space.inbound()
    tts = {"type": "tts", "params": {"text": "x" * 50}}
    ring = {"type": "silence", "params": {"duration": 1}}
    remote.send("calling.play", call_id, control_id="p", play=[tts, ring, tts])
    remote.send("calling.detect", call_id, control_id="d", detect={"type": "machine"})
    lines, _ = charges(remote, call_id)
    assert (lines["Text to speech"], lines["Detection"]) == (0.002, 0.0075)


def test_charges_add_up_without_drift(remote):
    call_id = remote.space.inbound()
    one = {"type": "tts", "params": {"text": "x"}}
    for number in range(30):
        remote.send("calling.play", call_id, control_id=str(number), play=[one])
    lines, total = charges(remote, call_id)
    assert lines["Text to speech"] == 0.0006
    assert total == 0.0066


def test_a_new_rate_card_leaves_what_has_been_billed(remote):
    first, second = remote.space.inbound(), remote.space.inbound()
    remote.send("calling.end", first)
    remote.space.rate_card = replace(
        remote.space.rate_card, pstn_inbound=Decimal(1), increment_seconds=1, minimum_seconds=0
    )
    before = remote.logs(f"/{first}").json()
    assert (before["charge"], before["billing_ms"]) == (0.006, 60_000)
    remote.space.advance(56)
    after = remote.logs(f"/{second}").json()
    assert (after["charge"], after["billing_ms"]) == (0.983333333, 59_000)


def test_what_is_free_makes_no_charge_line():
    space = Space(rate_card=RateCard(pstn_inbound=Decimal(0)))
    with Remote(space) as remote:
        assert charges(remote, space.inbound()) == ({}, 0)
