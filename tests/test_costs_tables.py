"""The flat tables: their columns, and how they are made of calls and bare charge lines."""

import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import exchange
from swnb.costs import countries, country
from swnb.costs.tables.tables import CALLS, CHARGES, NANO, REPEATED, flatten, schema

pa = pytest.importorskip("pyarrow")


def test_nano_dollars_are_those_of_the_exchanges():
    assert exchange.NANO == NANO


@pytest.mark.parametrize("columns", [CALLS, CHARGES], ids=["calls", "charges"])
def test_no_column_is_written_twice(columns):
    names = [column.name for column in columns]
    assert len(names) == len(set(names))


def test_a_charge_line_repeats_what_is_asked_of_its_call():
    charges = accounts.small().charges.merge(
        accounts.small().calls, left_on="call_id", right_on="id", suffixes=("", "_of_call")
    )
    for name in REPEATED:
        assert charges[name].astype(object).equals(charges[f"{name}_of_call"].astype(object))


def test_lines_are_numbered_and_the_first_of_a_description_is_marked():
    charges = accounts.small().charges
    assert charges["line"].tolist() == [0, 1, 2, 0, 0]
    assert charges["first"].tolist() == [True, True, False, True, True]


@pytest.mark.parametrize("name", ["calls", "charges"])
def test_flat_tables_have_their_dtypes(name):
    columns = {"calls": CALLS, "charges": CHARGES}[name]
    frame = getattr(accounts.small(), name)
    assert list(frame.columns) == [column.name for column in columns]
    text = pd.Series([""]).dtype
    for column in columns:
        assert frame[column.name].dtype == (text if column.dtype == "str" else column.dtype)


def test_the_country_is_that_of_the_called_number():
    calls = accounts.small().calls
    assert calls.set_index("id")["country"].dropna().to_dict() == {"a": "US", "b": "US", "c": "GB"}


def test_fractions_of_seconds_may_come_and_go():
    times = accounts.small().calls["created_at"]
    assert times[0] == pd.Timestamp("2026-01-31T23:30:00.5Z")
    assert times[1] == pd.Timestamp("2026-01-31T23:59:59Z")


def test_a_line_without_its_call_is_refused():
    tables = accounts.small()
    with pytest.raises(ValueError, match="belongs to none of the calls"):
        flatten(tables.calls[tables.calls["id"] != "a"], tables.charges)


def test_a_gap_in_what_must_be_there_is_refused():
    tables = accounts.small()
    with pytest.raises(ValueError, match=r"calls\.created_at: must have a value in every row"):
        flatten(tables.calls.drop(columns="created_at"), tables.charges.head(0))


def test_the_arrow_schema_says_what_may_be_missing():
    fields = {field.name: field.nullable for field in schema(CALLS)}
    assert fields == {column.name: column.nullable for column in CALLS}


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("+12125550100", "US"),
        ("+15550100", "US"),  # set aside for examples: in no numbering plan
        ("+14165550100", "CA"),
        ("+12425551234", "BS"),
        ("+18765551234", "JM"),
        ("+442071838750", "GB"),
        ("+441481234567", "GG"),
        ("+77012345678", "KZ"),
        ("+74951234567", "RU"),
        ("+390669812345", "VA"),
        ("+4930123456", "DE"),
        ("+80012345678", None),  # freephone of the whole world
        ("+999123456789", None),
        ("+0123456789", None),
        ("2125550100", None),
        ("sip:+12125550100@example.com", None),
        ("client:alice", None),
        ("", None),
        (None, None),
        (float("nan"), None),
    ],
)
def test_country_of_a_number(number, expected):
    assert country(number) == expected


@pytest.mark.parametrize("code", [1, 7, 39, 44, 47, 49, 61, 262, 358, 590])
def test_shortened_look_ups_agree_with_whole_ones(code):
    phonenumbers = pytest.importorskip("phonenumbers")
    for seven in range(1_000_000, 10_000_000, 90_001):
        number = f"+{code}{seven * 7919 % 10**10:010}"
        whole = phonenumbers.region_code_for_number(phonenumbers.parse(number))
        if whole and whole.isalpha():
            assert country(number) == whole


def test_a_hundred_thousand_numbers_need_few_look_ups(monkeypatch):
    phonenumbers = pytest.importorskip("phonenumbers")
    looked_up = []
    whole = phonenumbers.region_code_for_number
    monkeypatch.setattr(
        phonenumbers, "region_code_for_number", lambda each: looked_up.append(1) or whole(each)
    )
    numbers = [f"+1{2_000_000_000 + place * 79_999}" for place in range(100_000)]
    assert countries(numbers).notna().all()
    assert len(looked_up) <= 800  # area codes
