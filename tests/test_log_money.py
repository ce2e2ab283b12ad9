"""Money in the log: exact to the nano-dollar at any height, priced or not yet, paid or replayed."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from support.canned_server import CALL_ID, LEG, answer, said
from support.log_exchanges import logged
from test_sync import CALL, listing, written

import swnb
from swnb import costs
from swnb.costs.tables.tables import NANO
from swnb.exchange import dollars
from swnb.log import Log

pytestmark = pytest.mark.sample(1)

LARGE = "12345678.123456789"  # neither a double of dollars nor one of nano-dollars holds it
NANOS = 12_345_678_123_456_789
DIAL = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com/swml"}


def priced(entry, charge, lines):
    """Write an entry with amounts as they are spelled, digit by digit."""
    details = ", ".join(f'{{"description": "x", "charge": {line}}}' for line in lines)
    text = json.dumps({**entry, "charge": "CHARGE", "charge_details": "LINES"})
    return text.replace('"CHARGE"', charge).replace('"LINES"', f"[{details}]").encode()


def raw(body):
    return answer(200, body, Content_Type="application/json")


def fresh(**facts):
    """Give a voice log of a call of this hour."""
    at = datetime.now(UTC) - timedelta(hours=1)
    return CALL | {"created_at": at.isoformat(), **facts}


@pytest.mark.parametrize("way", ["sync", "reply", "refresh"])
def test_a_large_charge_is_exact_through_every_path(replying, tmp_path, way):
    entry = priced({**LEG, **CALL, "id": CALL_ID}, LARGE, [LARGE])
    page = b'{"links": {}, "data": [%s]}' % entry
    sw, _ = replying(raw(page if way == "sync" else entry))
    read = {"sync": sw.sync, "reply": lambda: sw.calling.end(CALL_ID)}
    read.get(way, lambda: sw.voice_log(CALL_ID))()
    for log in (sw.log, Log(sw.log.path)):
        tables = log.tables()
        assert tables.calls["charge"].tolist() == [NANOS]
        assert tables.charges["charge"].tolist() == [NANOS]
        assert log.voice_logs.differences().empty
        # The nearest double, and not the quotient of one that was rounded already.
        for frame in (
            log.calls(),
            log.charges(),
            costs.by(tables),
            costs.by(tables, "description"),
        ):
            assert frame["charge"].tolist() == [NANOS / NANO]
    sw.log.to_parquet(tmp_path / "flat")
    assert costs.read(tmp_path / "flat").calls["charge"].tolist() == [NANOS]
    if way != "sync":
        assert sw.log.runs()["charge"].tolist() == [NANOS / NANO]
        assert sw.log.exchanges()["charge"].tolist() == [NANOS / NANO]
        sw.log.export(tmp_path / "log.parquet")
        assert pd.read_parquet(tmp_path / "log.parquet")["charge_nano"].tolist() == [NANOS]


def test_the_sum_of_large_charges_is_exact(tmp_path):
    with Log(tmp_path / "log.sqlite") as log:
        for number in range(3):
            logged(log, number, call_id=f"call-{number}", charge_nano=NANOS)
        logged(log, 3, call_id="call-3", charge_nano=1)
        logged(log, 4, call_id="call-4", charge_nano=None)
        assert log.runs()["charge"].tolist() == [(3 * NANOS + 1) / NANO]
        assert (
            log.spending().known_nano + sum(charge for charge, _ in log.spending().open_nano)
            == 3 * NANOS + 1
        )
        assert costs.by(log.tables())["charge"].tolist() == [(3 * NANOS + 1) / NANO]
        assert log.tables().calls["charge"].sum() == 3 * NANOS + 1


def test_a_call_without_a_charge_yet_counts_as_none_and_is_counted(replying):
    gone = {"id": "d", "discarded_at": "2026-08-02T00:00:00Z", "created_at": "2026-08-01T00:00:00Z"}
    sw, _ = replying(listing([CALL, gone]), said({"error": "Not Found"}, 404))
    sw.sync()
    with pytest.raises(swnb.ApiError):
        sw.calling.end("3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e22")  # mistyped
    for found in (sw.log.calls().sw.by("status"), costs.by(sw.log.tables(), "status")):
        rows = found[["calls", "charge", "unpriced"]].to_numpy().tolist()
        assert rows == [[1, 0.0131, 0], [2, 0.0, 2]]


@pytest.mark.parametrize(
    ("charge", "lines", "off"),
    [
        ("0.01", ["0.003333333333"] * 3, False),  # rounded once, on the sum
        ("0.000000001", ["0.0000000004"] * 3, False),
        ("0.000000003", ["0.0000000006"] * 3, True),  # 1.8e-9 are two
        ("0.010000000", ["0.0033333335"] * 3, True),
        ("null", ["0.01", "0.02"], True),
        ("null", [], False),
        ("null", ["0.01", "-0.01"], False),
    ],
)
@pytest.mark.parametrize("way", ["sync", "reconcile"])
def test_a_report_and_its_table_have_the_same_number(replying, charge, lines, off, way):
    entry = priced(fresh(id=CALL_ID), charge, lines)
    bodies = [written(entry)] if way == "sync" else [said(LEG), raw(entry)]
    sw, _ = replying(*bodies)
    if way == "reconcile":
        sw.calling.end(CALL_ID)
    report = getattr(sw, way)()
    for log in (sw.log, Log(sw.log.path)):
        assert report.counts().get("differences", 0) == off
        assert (
            len(report.off) == len(report.differences) == len(log.voice_logs.differences()) == off
        )
    pd.testing.assert_frame_equal(report.differences, sw.log.voice_logs.differences())
    assert ("differences" in repr(report)) == off
    assert ("not the sum" in report._repr_html_()) == off


def test_odd_entries_leave_the_report_and_its_table_at_one(replying):
    wrong = CALL | {"charge": 0.02}
    entries = [
        wrong | {"id": "twice"},
        wrong | {"id": "twice"},
        wrong | {"id": None},
        wrong | {"id": ""},
        wrong | {"id": "put right"},
        CALL | {"id": "put right"},
        CALL | {"id": "made wrong"},
        wrong | {"id": "made wrong"},
        wrong | {"id": "half \ud83c"},
        wrong | {"id": "text", "charge": "0.02"},
        wrong | {"id": "past the end", "charge": 1e30},
        wrong | {"id": "deleted"},
        {"id": "deleted", "discarded_at": "2026-08-02T00:00:00Z"},
    ]
    sw, _ = replying(listing(entries))
    report = sw.sync()
    keys = {"twice", "made wrong", "half \\ud83c", "text", "past the end", "deleted"}
    assert set(report.differences["call_id"]) == keys == set(report.off)
    assert set(sw.log.voice_logs.differences()["call_id"]) == keys
    assert "6 differences" in repr(report)


def test_lines_without_a_charge_are_counted(replying):
    sw, _ = replying(listing([CALL | {"charge": None}]))
    report = sw.sync()
    assert sw.log.charges()["charge"].tolist() == [0.0131]
    assert sw.log.calls()["charge"].tolist() == [0.0131]
    assert costs.by(sw.log.tables(), "status")["charge"].tolist() == [0.0131]
    (row,) = report.differences.to_dict("records")
    assert (row["charge"], row["lines"], row["difference"]) == (
        pytest.approx(float("nan"), nan_ok=True),
        0.0131,
        -0.0131,
    )
    assert "none" in report._repr_html_()


NOT_YET = [
    {"charge": None, "charge_details": []},
    {"charge": None},  # beside lines
    {"charge": 0, "charge_details": []},
    {"charge": 0.0, "charge_details": [], "duration_ms": None, "duration": 5},
]
FINAL = [
    {"charge": 0, "charge_details": [{"description": "Free minutes", "charge": 0}]},
    {"charge": 0, "charge_details": [], "duration_ms": 0, "status": "busy"},
    {"charge": 0.0131, "charge_details": []},
    {"charge": None, "charge_details": [], "discarded_at": "2026-08-02T00:00:00Z"},
]


@pytest.mark.parametrize("facts", NOT_YET)
@pytest.mark.parametrize("own", [True, False])
def test_a_call_that_is_over_is_asked_about_until_it_is_priced(replying, facts, own):
    first = fresh(id=CALL_ID, **facts)
    begun = said(LEG) if own else listing([first])
    sw, server = replying(begun, said(first), said(first), said(fresh(id=CALL_ID)))
    sw.calling.end(CALL_ID) if own else sw.sync()
    assert [sw.reconcile().calls for _ in range(4)] == [1, 1, 1, 0]
    assert sw.log.calls()["charge"].tolist() == [0.0131]
    assert len(server.requests) == 4


@pytest.mark.parametrize("facts", FINAL)
def test_what_can_be_the_last_charge_is_final(replying, facts):
    sw, _ = replying(listing([fresh(**facts)]))
    sw.sync()
    assert sw.reconcile().calls == 0


@pytest.mark.parametrize(("days", "asked"), [(179, 1), (181, 0)])
def test_a_call_that_was_not_priced_for_half_a_year_is_not_asked_about(replying, days, asked):
    at = datetime.now(UTC) - timedelta(days=days)
    entry = CALL | {"charge": None, "charge_details": [], "created_at": at.isoformat()}
    sw, _ = replying(listing([entry]), said(entry))
    sw.sync()
    assert sw.reconcile().calls == asked


def test_a_budget_counts_a_call_that_is_over_and_not_priced_as_open(replying):
    unpriced = fresh(id=CALL_ID, charge=None, charge_details=[])
    sw, _ = replying(said(LEG), said(unpriced), said(fresh(id=CALL_ID)))
    sw.calling.end(CALL_ID)
    sw.reconcile()
    assert sw.log.spending().known == 0
    assert len(sw.log.spending().open_nano) == 1
    sw.reconcile()
    assert (sw.log.spending().known_nano, sw.log.spending().open_nano) == (13_100_000, [])


@pytest.mark.parametrize("charge", [None, 0])
def test_a_replay_asks_again_about_what_was_not_priced(replying, tmp_path, charge):
    unpriced = fresh(id=CALL_ID, charge=charge, charge_details=[])
    sw, _ = replying(said(LEG), said(unpriced), said(fresh(id=CALL_ID)))
    sw.calling.end(CALL_ID)
    told = [repr(sw.reconcile()) for _ in range(3)]
    sw.log.export_run(sw.log.run, tmp_path / "run.jsonl")
    with swnb.replay(tmp_path / "run.jsonl", log=tmp_path / "replayed.sqlite") as again:
        again.calling.end(CALL_ID)
        assert [repr(again.reconcile()) for _ in range(3)] == told


def paid(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    if sw.space == "simulated":
        sw.simulated_space.advance(90)
    call.play(play=[{"type": "tts", "params": {"text": "Hello"}}])
    return call.id


def facts(log):
    """Give what a log says was paid, wherever it says it."""
    tables = log.tables()
    return {
        "calls": log.calls()["charge"].tolist(),
        "charges": log.charges()["charge"].tolist(),
        "tables": tables.calls["charge"].tolist(),
        "lines": tables.charges["charge"].tolist(),
        "by": log.calls().sw.by()["charge"].tolist(),
        "runs": log.runs()["charge"].sum(),
    }


@pytest.mark.slow
@pytest.mark.parametrize("refreshed", [False, True])
def test_a_replay_into_the_log_of_the_paid_run_leaves_what_was_paid(tmp_path, refreshed):
    path = tmp_path / "log.sqlite"
    with swnb.simulate(log=path) as sw:
        call = sw.call(paid(sw))
        sw.log.export_run(sw.log.run, tmp_path / "run.jsonl")
        sw.simulated_space.advance(600)  # it went on, and cost more than the recording says
        sw.sync() if refreshed else call.end()
        before = facts(sw.log)
    assert min(before["calls"]) > 0.1
    assert min(before["by"]) > 0.1
    for _ in range(2):
        with swnb.replay(tmp_path / "run.jsonl", log=path) as again:
            paid(again)
            assert facts(again.log) == before
    with Log(path) as log:
        assert facts(log) == before


def test_dollars_are_the_nearest_to_the_nano_dollars():
    for nano in (NANOS, 2**53 + 1, 9_007_199_254_740_997, 2**62 + 12_345, -NANOS, 1, 0):
        for values in (pd.Series([nano]), pd.Series([nano, None], dtype="Int64")):
            assert dollars(values)[0] == nano / NANO
    drawn = random.Random(7)
    large = [drawn.randrange(2**53, 2**63) for _ in range(200)]
    assert dollars(pd.Series(large)).tolist() == [nano / NANO for nano in large]
