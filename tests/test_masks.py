# ruff: noqa: RUF001 - numbers are written with all kinds of digits and dashes
"""Phone numbers, masked for sharing: every spelling of a run's own, and whatever reads as one."""

from __future__ import annotations

import json
import time

import pytest

import swnb
from swnb.recordings import RecordingFile
from swnb.redact import Masker, known_numbers, mask_numbers, mask_spans

pytestmark = pytest.mark.sample(2)

UK, US = "442071838750", "14155550123"

SPELLINGS = {
    "e164": ("+442071838750", "+44********50"),
    "without plus": ("442071838750", "44********50"),
    "spaces": ("+44 20 7183 8750", "+44 ** **** **50"),
    "dots": ("44.20.7183.8750", "44.**.****.**50"),
    "dashes": ("+44-20-7183-8750", "+44-**-****-**50"),
    "brackets": ("+44 (0)20 7183 8750", "+44 (0)2* **** **50"),
    "national": ("020 7183 8750", "02* **** **50"),
    "national without zero": ("2071838750", "20******50"),
    "abroad": ("00442071838750", "00**********50"),
    "from the US": ("011 44 20 7183 8750", "01* ** ** **** **50"),
    "local": ("7183 8750", "71** **50"),
    "in a url": ("/x?to=%2B44%2020%207183%208750", "/x?to=%2B44%20**%20****%20**50"),
    "tel": ("tel:+442071838750;ext=5", "tel:+44********50;ext=5"),
    "sip": ("sip:442071838750@example.com", "sip:44********50@example.com"),
    "no-break space": ("020\xa07183\xa08750", "02*\xa0****\xa0**50"),
    "other dash": ("020‑7183–8750", "02*‑****–**50"),
    "full width": ("+４４２０７１８３８７５０", "+４４********５０"),
    "glued to words": ("play+442071838750x", "play+44********50x"),
    "two at once": ("2071838750 4155550123", "20******50 41******23"),
    "us national": ("(415) 555-0123", "(41*) ***-**23"),
    "us with trunk": ("1-415-555-0123", "1-4**-***-**23"),
}  # fmt: skip


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_known_number_is_masked(spelling):
    text, masked = SPELLINGS[spelling]
    masker = Masker([UK, US])
    assert masker.mask({"note": f"at {text}, ok"}) == {"note": f"at {masked}, ok"}
    assert masker.mask({text: 1}) == {masked: 1}


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        (442071838750, "44********50"),
        (2071838750, "20******50"),
        (442071838750.0, "44********50"),
        (442071838751, 442071838751),
        (True, True),
        (49.99, 49.99),
        (7183, 7183),
    ],
)
def test_a_known_number_may_be_an_integer(value, masked):
    assert Masker([UK]).mask([value]) == [masked]


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("call +15550100 now", "call +15****00 now"),
        ("call +1 555 0100 now", "call +1 5** **00 now"),
        ("call (212) 555-0142 or 212.555.0143", "call (21*) ***-**42 or 21*.***.**43"),
        ("to=%2B15550100&x=1", "to=%2B15****00&x=1"),
    ],
)
def test_what_reads_as_a_number_is_masked(text, masked):
    assert mask_numbers({"note": text}) == {"note": masked}


def test_a_trunk_prefix_may_be_another_digit_than_zero():
    assert Masker(["74951234567"]).text("84951234567") == "84*******67"


def test_national_numbers_are_read_as_in_the_countries_of_the_run():
    assert Masker([]).text("ring 01632 960123") == "ring 01632 960123"
    assert Masker([UK]).text("ring 020 7946 0018") == "ring 02* **** **18"


@pytest.mark.parametrize(
    "text",
    [
        "ORD-12345678", "2026-11-18T11:06:41.123456Z", "2026-11-18", "8f0119a4-8f2c-4a6e-9a55-6d2f3a1f3c55",
        "12345678-1234-1234-1234-123456789012", "amount 49.99 of 1,250.00", "192.168.100.20", "1001", "v3.12.5", "**bold**",
    ],
)  # fmt: skip
def test_what_is_no_number_stays(text):
    assert Masker([UK, US, "15550100"]).text(text) == text


def test_numbers_are_known_where_they_stand_as_an_address():
    value = {
        "from": "15550100", "nested": [{"caller_id": "(415) 555-0123"}], "to": "sip:442071838750@x.org", "id": "12345678",
        "text": "or +15550199", "amount": 15550177,
    }  # fmt: skip
    assert set(known_numbers(value)) == {"15550100", "4155550123", UK, "15550199"}


def test_all_of_an_address_is_masked():
    assert mask_numbers({"to": "sip:99999999@example.com", "from": "123456"}) == {
        "to": "sip:99****99@example.com",
        "from": "123456",
    }


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_record_and_its_masked_copy_come_to_the_same(spelling):
    value = {"a": [f"x {SPELLINGS[spelling][0]}, 7 12345678", 442071838750, {"5": 1}]}
    masked = Masker([UK, US]).mask(value)
    assert masked != value
    assert mask_spans(masked) == mask_spans(value)
    assert mask_spans(value) != mask_spans({"a": ["x +442071838751", 442071838750, {"5": 1}]})


@pytest.mark.slow
@pytest.mark.parametrize(
    "hostile",
    ["1 " * 50_000, "212-555-0101 " * 8_000, "+" * 100_000, "%2B" * 30_000, "1234567a" * 12_000, "0" * 100_000, "+1 (" * 25_000,
     "2026-11-18T" * 10_000, "12345678-" * 11_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_no_text_takes_long_to_mask(hostile):
    # Processor time, and a limit far from both: linear takes a second, quadratic minutes.
    started = time.process_time()
    Masker([UK, US]).text(hostile)
    mask_spans(hostile)
    assert time.process_time() - started < 20


def act(sw):
    call = sw.dial(from_="+14155550123", to="+442071838750", url="https://example.com/swml")
    call.user_event(event={"text": "ring 020 7183 8750 or (415) 555-0123", "n": 442071838750})
    call.user_event(event={"order": 12345678, "442071838750": "2071838750", "at": 1_764_115_200})
    return call.end()


def test_a_masked_recording_is_replayed_and_compared(tmp_path):
    with swnb.simulate(seed=7) as sw:
        with sw.run("numbers", note="call +44 20 7183 8750"):
            act(sw)
        path = sw.log.export_run("numbers", tmp_path / "run.jsonl", mask_numbers=True)
        swnb.assert_same(path, "numbers", log=sw.log)
        swnb.assert_same("numbers", path, log=sw.log)
    text = path.read_text()
    for digits in ("7183 8750", "71838750", "555-0123", "5550123"):
        assert digits not in text
    assert "12345678" in text  # an order is no number
    with swnb.replay(path) as again:
        act(again)
        assert again.unused() == []
    header = json.loads(text.splitlines()[0])
    assert "fewer than 7 digits" in header["not_masked"]


def test_what_differs_beyond_its_mask_is_a_difference(tmp_path):
    with swnb.simulate(seed=7) as sw:
        for name, order, number in (("one", 12345678, "+15550123"), ("two", 12999978, "+15550177")):
            with sw.run(name):
                call = sw.dial(from_="+15550100", to=number, url="https://example.com/swml")
                call.user_event(event={"order": order})
        path = sw.log.export_run("one", tmp_path / "run.jsonl", mask_numbers=True)
        changes = swnb.compare(path, "two", log=sw.log)
    paths = set(changes.df["path"])
    assert "request.params.event.order" in paths
    assert "request.params.to" in paths


def test_an_old_masked_recording_still_answers(tmp_path):
    with swnb.simulate(seed=7) as sw:
        with sw.run("old"):
            act(sw)
        path = sw.log.export_run("old", tmp_path / "run.jsonl")
    header, *lines = path.read_text().replace("+14155550123", "+14*******23").splitlines()
    masked = json.loads(header) | {"numbers_masked": True}  # its other spellings were left
    path.write_text("\n".join([json.dumps(masked), *lines]) + "\n")
    assert RecordingFile(path).masked
    with swnb.replay(path) as again:
        act(again)
        assert again.unused() == []
