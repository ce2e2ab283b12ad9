"""Each question on an account that one can add up by hand; every rule of docs/costs.md."""

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import costs
from swnb.costs import Tables
from swnb.costs.tables.tables import CALLS, NANO

pytestmark = pytest.mark.sample(10)

TABLES = accounts.small()
EXCHANGES = accounts.exchanges()


def rows(frame, *columns):
    """Give some columns of a frame as tuples, times as text, money in whole cents."""
    frame = frame[list(columns)].copy()
    for name in frame:
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype):
            frame[name] = frame[name].dt.strftime("%Y-%m-%d")
        if name in {"charge", "before", "change", "rounding"}:
            frame[name] = (frame[name] * 100).round(9)
    plain = frame.astype(object)
    return list(plain.where(plain.notna(), None).itertuples(index=False, name=None))


def test_by_nothing_is_the_whole_account():
    assert rows(costs.by(TABLES), "calls", "charge", "share") == [(6, 35, 1)]


def test_by_description_counts_lines_and_a_call_once():
    assert rows(costs.by(TABLES, "description"), "description", "lines", "calls", "charge") == [
        ("PSTN", 2, 2, 26),
        ("SIP", 1, 1, 5),
        ("Recording", 2, 1, 4),
    ]


def test_by_day_is_in_utc_and_in_order():
    assert rows(costs.by(TABLES, "day"), "day", "calls", "charge") == [
        ("2026-01-31", 2, 30),
        ("2026-02-01", 2, 5),
        ("2026-02-02", 2, 0),
    ]


def test_by_hour_is_the_hour_of_the_day():
    assert rows(costs.by(TABLES, "hour"), "hour", "calls", "charge") == [
        (0, 1, 0),
        (4, 1, 5),
        (12, 1, 0),
        (13, 1, 0),
        (23, 2, 30),
    ]


def test_by_month_and_label_has_the_dearest_first_in_each_month():
    found = costs.by(TABLES, "month", "type")
    assert rows(found, "month", "type", "calls", "charge") == [
        ("2026-01-01", "pstn", 2, 30),
        ("2026-02-01", "sip", 2, 5),
        ("2026-02-01", "fabric", 1, 0),
        ("2026-02-01", "pstn", 1, 0),
    ]


def test_by_country_has_a_row_for_numbers_that_tell_none():
    assert rows(costs.by(TABLES, "country"), "country", "calls", "charge") == [
        ("US", 2, 30),
        (None, 3, 5),
        ("GB", 1, 0),
    ]


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("direction", [("outbound", 3, 30), ("inbound", 3, 5)]),
        ("run", [("r1", 3, 30), (None, 2, 5), ("r2", 1, 0)]),
        ("command", [("dial", 3, 30), (None, 2, 5), ("calling.play", 1, 0)]),
        ("status", [("ended", 2, 20), ("completed", 2, 15), ("busy", 1, 0), (None, 1, 0)]),
    ],
)
def test_by_a_label(key, expected):
    assert rows(costs.by(TABLES, key), key, "calls", "charge") == expected


def test_by_description_and_a_fact_of_the_call():
    found = costs.by(TABLES, "description", "status")
    assert rows(found, "description", "status", "charge")[:2] == [
        ("PSTN", "ended", 20),
        ("PSTN", "completed", 6),
    ]


def test_a_minute_costs_the_charge_by_the_minutes_used_and_billed():
    found = costs.per_minute(TABLES, "type")
    columns = ("type", "calls", "charge", "minutes", "billed_minutes")
    assert rows(found, *columns) == [("pstn", 3, 30, 2.5, 3), ("sip", 2, 5, 0.75, 1)]
    assert found["per_minute"].tolist() == pytest.approx([0.30 / 2.5, 0.05 / 0.75])
    assert found["per_billed_minute"].tolist() == pytest.approx([0.10, 0.05])


def test_a_minute_of_calls_without_minutes_has_no_price():
    unanswered = Tables(TABLES.calls[TABLES.calls["id"] == "e"])
    assert math.isnan(costs.per_minute(unanswered)["per_minute"][0])


def test_rounding_is_the_unused_part_of_what_is_billed():
    found = costs.rounding(TABLES, "type")
    # a: 10 cents x 30 s of 60 s; b: nothing; d: 5 cents x 15 s of 60 s
    columns = ("type", "calls", "charge", "unused_minutes", "rounding")
    assert rows(found, *columns) == [("pstn", 3, 30, 0.5, 5), ("sip", 2, 5, 0.25, 1.25)]
    assert found["share"].tolist() == pytest.approx([5 / 30, 0.25])


@pytest.mark.parametrize(
    ("charge", "used", "billed", "expected"),
    [
        (1_000, 2, 3, 333),  # rounded down
        (100_000_000_007, 59_999, 60_000, 100_000_000_007 // 60_000),
        (150_000_000_007, 1, 60_000, 150_000_000_007 * 59_999 // 60_000),
        (1_000, 5, 3, 0),  # more was used than billed
        (1_000, 5, 0, 0),
    ],
)
def test_rounding_is_exact(charge, used, billed, expected):
    calls = TABLES.calls.head(1).assign(charge=charge, duration_ms=used, billing_ms=billed)
    calls = calls.astype({"duration_ms": "Int64", "billing_ms": "Int64"})
    assert costs.rounding(Tables(calls))["rounding"][0] == expected / NANO


def test_top_gives_whole_calls_the_dearest_first():
    found = costs.top(TABLES, n=2)
    assert rows(found, "id", "to", "country", "calls", "charge") == [
        ("b", "+12125550100", "US", 1, 20),
        ("a", "+12125550100", "US", 1, 10),
    ]


def test_top_takes_equal_calls_in_the_order_of_their_ids():
    assert costs.top(TABLES, n=5)["id"].tolist() == ["b", "a", "d", "c", "e"]


def test_top_gives_all_calls_where_there_are_fewer():
    assert len(costs.top(TABLES, n=100)) == 6


def test_top_by_another_measure_leaves_out_calls_without_it():
    found = costs.top(TABLES, n=10, measure="duration_ms")
    assert found["id"].tolist() == ["b", "d", "a", "c", "e"]


def test_top_by_keys_gives_the_dearest_groups():
    assert rows(costs.top(TABLES, "day", n=1), "day", "charge") == [("2026-01-31", 30)]


def test_answer_rate_goes_by_status_and_by_duration_where_the_status_only_says_ended():
    found = costs.answer_rate(TABLES, "direction")
    columns = ("direction", "calls", "charge", "answered", "unanswered", "open", "rate")
    assert rows(found, *columns) == [
        ("outbound", 3, 30, 2, 1, 0, 2 / 3),
        ("inbound", 3, 5, 1, 1, 1, 0.5),
    ]


def test_answer_rate_is_by_day_unless_said():
    found = costs.answer_rate(TABLES)
    assert rows(found, "day", "rate") == [
        ("2026-01-31", 1),
        ("2026-02-01", 0.5),
        ("2026-02-02", 0),
    ]


def test_status_counts_share_each_day():
    found = costs.status_counts(TABLES)
    assert rows(found, "day", "status", "calls", "share") == [
        ("2026-01-31", "ended", 1, 0.5),
        ("2026-01-31", "completed", 1, 0.5),
        ("2026-02-01", "completed", 1, 0.5),
        ("2026-02-01", "busy", 1, 0.5),
        ("2026-02-02", "ended", 1, 0.5),
        ("2026-02-02", None, 1, 0.5),
    ]


def test_failures_name_the_code_and_say_what_it_means():
    calls = TABLES.calls.astype({"status": object})
    calls.loc[calls["id"] == "d", "status"] = "failed"
    found = costs.failures(Tables(calls), explain={"busy_here": "The line was busy."})
    assert rows(found, "error_code", "calls", "charge", "share", "meaning") == [
        (None, 1, 5, 0.5, None),
        ("busy_here", 1, 0, 0.5, "The line was busy."),
    ]


def test_the_public_failures_explain_the_codes_of_the_platform():
    calls = TABLES.calls.assign(error_code="not_e164")
    assert "E.164" in costs.failures(Tables(calls))["meaning"][0]


def test_latency_is_in_percentiles_by_command():
    found = costs.latency(EXCHANGES)
    assert rows(found, "command", "exchanges", "p50", "p90", "max") == [
        ("calling.play", 3, 20, 28, 30),
        ("dial", 3, 100, 260, 300),
    ]


def test_a_run_costs_the_calls_that_it_was_first_to_speak_to():
    found = costs.per_run(TABLES, EXCHANGES)
    assert rows(found, "run", "exchanges", "calls", "charge") == [("r1", 3, 2, 30), ("r2", 4, 1, 5)]


def test_a_call_counts_once_under_each_command_that_was_sent_to_it():
    found = costs.per_command(TABLES, EXCHANGES)
    assert rows(found, "command", "exchanges", "calls", "charge") == [
        ("dial", 3, 2, 30),
        ("calling.play", 4, 2, 15),
    ]


def test_refusals_count_commands_by_error_code():
    found = costs.refusals(EXCHANGES)
    assert rows(found, "error_code", "command", "exchanges", "calls") == [
        ("not_found", "calling.play", 2, 2),
        ("not_e164", "dial", 1, 0),
    ]
    assert "E.164" in found["meaning"][1]


def test_growth_compares_with_the_month_before():
    found = costs.growth(TABLES)
    columns = ("month", "calls", "charge", "before", "change", "growth", "whole")
    assert rows(found, *columns) == [
        ("2026-01-01", 2, 30, None, None, None, False),
        ("2026-02-01", 4, 5, 30, -25, -25 / 30, False),
    ]


def test_growth_fills_months_without_calls():
    calls = TABLES.calls[TABLES.calls["id"].isin(["a", "d"])].copy()
    calls.loc[calls["id"] == "d", "created_at"] += pd.Timedelta(days=60)
    found = costs.growth(Tables(calls), "type")
    assert rows(found, "month", "type", "charge", "before") == [
        ("2026-01-01", "pstn", 10, None),
        ("2026-01-01", "sip", 0, None),
        ("2026-02-01", "pstn", 0, 10),
        ("2026-02-01", "sip", 0, 0),
        ("2026-03-01", "pstn", 0, 0),
        ("2026-03-01", "sip", 0, 0),
        ("2026-04-01", "sip", 5, 0),
        ("2026-04-01", "pstn", 0, 0),
    ]


def test_a_month_is_whole_when_the_data_reach_both_its_ends():
    found = costs.growth(daily([1] * 60, "2026-01-01"))
    assert found["whole"].tolist() == [True, True, False]


def daily(cents, first):
    """Make an account of one call a day."""
    start = pd.Timestamp(first, tz="UTC")
    days = [start + pd.Timedelta(days=place, hours=12) for place in range(len(cents))]
    calls = pd.DataFrame(
        {
            "id": [f"{place:04}" for place in range(len(cents))],
            "created_at": days,
            "charge": [each * accounts.CENT for each in cents],
        }
    )
    return Tables(calls, unit="nano")


def test_the_forecast_repeats_the_weekdays():
    # 2026-06-01 is a Monday; weekdays cost 10 cents and weekends 2, up to Monday the 22nd.
    week = [10, 10, 10, 10, 10, 2, 2]
    found = costs.forecast(daily([*week * 3, 10], "2026-06-01"), until="2026-06-21")
    # Monday the 22nd is under way; with it, 7 weekdays and 2 weekend days are left.
    assert rows(found, "month", "calls", "charge", "days_left", "held_out_days", "error") == [
        ("2026-06-01", 22, 3 * 54 + 10, 9, 7, 0)
    ]
    assert found["expected"][0] == pytest.approx(0.60 + 0.04)
    assert found["forecast"][0] == pytest.approx(1.72 + 0.64)
    assert found["method"][0] == "mean of the same weekday in the last 28 days"


def test_the_forecast_of_few_days_is_their_mean_and_says_so():
    found = costs.forecast(daily([4, 8, 6, 0], "2026-06-01"), until=date(2026, 6, 3))
    # The 4th to the 30th at 6 cents, of which nothing is spent; day 3 was forecast as 6.
    assert found["expected"][0] == pytest.approx(27 * 0.06)
    assert rows(found, "held_out_days", "error") == [(1, 0)]
    assert "fewer than 14" in found["method"][0]


def test_the_error_of_the_forecast_is_measured_on_days_that_it_is_not_shown():
    found = costs.forecast(daily([10] * 21 + [20] * 7, "2026-06-01"), until="2026-06-28")
    assert found["error"][0] == pytest.approx(0.5)


def test_the_day_under_way_counts_as_what_it_has_cost_where_that_is_more():
    found = costs.forecast(daily([4, 4, 4, 50], "2026-06-01"))
    assert found["forecast"][0] == pytest.approx(0.62 + 26 * 0.04)


def test_a_forecast_needs_a_whole_day():
    with pytest.raises(ValueError, match="no whole day of calls yet"):
        costs.forecast(daily([4], "2026-06-01"))


def test_unusual_calls_are_more_than_six_spreads_from_the_median():
    # The median is 10 cents and more than half the calls cost that, so a spread is a tenth of it.
    found = costs.unusual(typed_calls([10] * 30 + [15, 17, 40]))
    columns = ("id", "type", "country", "calls", "spreads")
    assert rows(found, *columns) == [("0032", "pstn", "US", 33, 30), ("0031", "pstn", "US", 33, 7)]
    assert found["normal"].tolist() == [0.1, 0.1]


def typed_calls(cents):
    calls = daily(cents, "2026-06-01").calls.assign(type="pstn", country="US")
    return Tables(calls, unit="nano")


def test_unusual_needs_enough_calls_to_call_something_normal():
    assert costs.unusual(typed_calls([10] * 19 + [900])).empty


def test_unusual_gives_the_farthest_where_there_are_more_than_asked_for():
    found = costs.unusual(typed_calls([10] * 60 + [50, 60, 70]), limit=2)
    assert found["charge"].tolist() == [0.7, 0.6]


def test_unusual_finds_calls_that_are_too_cheap():
    spread_out = [*range(900, 1101, 5), 1]
    found = costs.unusual(typed_calls(spread_out))
    assert found["charge"].tolist() == [0.01]
    assert found["spreads"][0] < -6


def test_charges_in_dollars_are_read_as_money():
    dollars = TABLES.calls.assign(charge=TABLES.calls["charge"] / NANO)
    pd.testing.assert_frame_equal(costs.by(Tables(dollars), "type"), costs.by(TABLES, "type"))


def test_an_empty_account_has_empty_answers():
    empty = Tables(TABLES.calls.head(0), TABLES.charges.head(0))
    for question in (costs.by, costs.growth, costs.status_counts, costs.answer_rate):
        assert costs.by(empty, "day").empty
        assert question(empty, "type").empty
    for question in (costs.rounding, costs.per_minute, costs.top, costs.unusual):
        assert question(empty).empty
    with pytest.raises(ValueError, match="there are no calls"):
        costs.forecast(empty)


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: costs.by(TABLES, "contry"),
            "cannot be grouped by 'contry'; did you mean 'country'",
        ),
        (
            lambda: costs.by(TABLES, "day", "descripton"),
            "cannot be grouped by 'descripton'; did you mean 'descrip",
        ),
        (
            lambda: costs.per_minute(TABLES, "description"),
            "calls cannot be grouped by 'description'",
        ),
        (
            lambda: costs.by(TABLES, "description", "source"),
            "charges cannot be grouped by 'source'",
        ),
        (lambda: costs.latency(EXCHANGES, "comand"), "did you mean 'command'"),
        (lambda: costs.top(TABLES, measure="cost"), "measure must be one of charge"),
    ],
)
def test_an_unknown_key_names_the_closest(ask, message):
    with pytest.raises(costs.UnknownKey, match=message):
        ask()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (
            lambda: costs.rounding(Tables(TABLES.calls.drop(columns="billing_ms"))),
            r"rounding: calls has no column billing_ms; use the calls of sw\.log\.tables",
        ),
        (
            lambda: costs.by(Tables(TABLES.calls.drop(columns="country")), "country"),
            r"no column country; add it with swnb\.costs\.countries",
        ),
        (lambda: costs.by(Tables(TABLES.calls), "description"), "needs the table charges"),
        (lambda: costs.latency(TABLES.calls), r"use sw\.log\.exchanges"),
    ],
)
def test_a_missing_column_is_named_with_the_way_to_get_it(ask, message):
    with pytest.raises(costs.MissingColumn, match=message):
        ask()


def test_times_that_are_text_are_refused_with_the_way_to_make_them():
    calls = TABLES.calls.assign(created_at="2026-01-01T00:00:00Z")
    with pytest.raises(ValueError, match="ISO8601"):
        costs.by(Tables(calls), "day")


def test_every_label_is_a_key():
    labels = {column.name for column in CALLS if column.dtype == "category"}
    assert labels | {"day", "hour", "month", "description"} <= set(costs.KEYS)


def test_growth_by_day_is_refused():
    with pytest.raises(ValueError, match="remove the key day"):
        costs.growth(TABLES, "day")


def test_a_period_is_in_utc_and_holds_something(new_york):
    tables = TABLES
    whole = costs.filtered(tables, after="2026-02-01T00:00Z", before="2026-03-01T00:00Z")
    for after, before in (
        (pd.Timestamp("2026-02-01"), pd.Timestamp("2026-03-01")),
        (np.datetime64("2026-02-01"), np.datetime64("2026-03-01T00:00", "ns")),
        (date(2026, 2, 1), "2026-03-01"),
    ):
        assert rows(costs.filtered(tables, after=after, before=before).calls, "id") == rows(
            whole.calls, "id"
        )
    with pytest.raises(ValueError, match="before: must be later than after"):
        costs.filtered(tables, after="2026-03-01", before="2026-02-01")
    with pytest.raises(ValueError, match="before: must be later than after"):
        costs.filtered(tables, after="2026-03-01", before=date(2026, 3, 1))
    with pytest.raises(ValueError, match="after: must be a date"):
        costs.filtered(tables, after="last quarter")
    with pytest.raises(ValueError, match="must be a date"):
        costs.forecast(tables, until="last quarter")
