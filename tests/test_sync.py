"""A sync brings the voice logs into the log, exactly, once, and goes on where it was killed."""

from __future__ import annotations

import gc
import json
import os
import signal
import sqlite3
import subprocess
import sys

import pytest
from support.canned_server import TOKEN, answer, hang_up, said

import swnb
from swnb.log import Log
from swnb.simulator import Space, serve

pytestmark = pytest.mark.sample(4)

CALL = {
    "id": "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21",
    "from": "+15550100",
    "to": "+15550101",
    "direction": "outbound-api",
    "status": "completed",
    "duration": 5,
    "duration_ms": 5250,
    "billing_ms": 60000,
    "source": "realtime_api",
    "type": "relay_pstn_call",
    "url": None,
    "charge": 0.0131,
    "charge_details": [{"description": "Outbound minutes", "charge": 0.0131}],
    "created_at": "2026-08-01T12:20:00Z",
    "parent_id": None,
}
SHORT = ("id", "from", "to", "status", "source", "charge", "charge_details", "created_at", "url")
VIDEO = {name: CALL[name] for name in (*SHORT, "direction", "duration", "duration_ms")}
KINDS = [
    CALL,
    VIDEO | {"id": "a", "type": "video_room_pstn_leg", "created_at": "2026-08-01T12:20:00.25Z"},
    {name: CALL[name] for name in (*SHORT, "duration")} | {"id": "b", "type": "dialogflow_call"},
    {name: CALL[name] for name in (*SHORT, "direction")}
    | {"id": "c", "type": "fabric_subscriber_device_leg", "status": None},
    {"id": "d", "discarded_at": "2026-08-02T00:00:00Z", "created_at": "2026-08-01T00:00:00Z"},
]
KILLED = """
import sys, swnb
from swnb.session.voice_logs.listing import Listing
pages = Listing.pages
def counted(self, path):
    for number, page in enumerate(pages(self, path)):
        print(number, flush=True)
        if number == int(sys.argv[2]):
            sys.stdin.read()
        yield page
Listing.pages = counted
host, path = sys.argv[1], sys.argv[3]
sw = swnb.Client("project", sys.argv[4], host, log=path)
sw.sync()
"""


def listing(entries, link=None):
    return said({"links": {"next": link} if link else {}, "data": entries})


def written(entries):
    """Make a page whose amounts are written as they are, digit by digit."""
    return answer(200, b'{"links": {}, "data": [%s]}' % entries, Content_Type="application/json")


@pytest.fixture
def account(tmp_path):
    """A space with a past, and a client on it."""
    space = Space(7, history=3_400, days=30)
    with (
        serve(space) as server,
        swnb.Client(space.project, space.token, server.host, log=tmp_path / "l.sqlite") as sw,
    ):
        yield space, sw


def test_a_sync_brings_in_every_call_with_its_lines(account):
    _, sw = account
    report = sw.sync()
    read = {entry["id"]: entry for entry in sw.voice_logs(include_deleted=True, page_size=1000)}
    assert (report.pages, report.calls, report.new, report.changed) == (4, 3_400, 3_400, 0)
    calls = sw.log.calls().set_index("call_id")
    assert set(calls.index) == set(read)
    for key, entry in read.items():
        if "charge" in entry:
            assert calls.loc[key, "charge"] == entry["charge"]
    lines = sw.log.charges().groupby("call_id").size().to_dict()
    details = {key: len(entry.get("charge_details", ())) for key, entry in read.items()}
    assert lines == {key: count for key, count in details.items() if count}


def test_a_repeated_sync_adds_nothing(account):
    _, sw = account
    sw.sync()
    pages = _count(sw.log.path, "voice_log_pages")
    report = sw.sync()
    assert (report.calls, report.new, report.changed) == (3_400, 0, 0)
    assert _count(sw.log.path, "voice_log_pages") == pages == 4
    assert len(sw.log.calls()) == 3_400


def test_a_sync_asks_as_the_platform_wants_it(replying):
    sw, server = replying(listing([]))
    sw.sync(created_after="2026-08-01", created_before="2026-09-01")
    assert server.requests[0].line.split()[1] == (
        "/api/voice/logs?created_after=2026-08-01&created_before=2026-09-01"
        "&include_deleted=true&page_size=1000"
    )


def test_a_sync_is_one_exchange_with_its_counts(account):
    _, sw = account
    sw.sync()
    (row,) = sw.log.exchanges(bodies=True).to_dict("records")
    assert (row["command"], row["outcome"], row["http_status"]) == ("sync", "accepted", 200)
    assert row["response"] == {"pages": 4, "calls": 3_400, "new": 3_400, "changed": 0}


def test_all_five_kinds_are_kept(replying):
    sw, _ = replying(listing(KINDS))
    assert sw.sync().new == 5
    logs = sw.log.voice_logs.logs().set_index("id")
    assert set(logs.index) == {entry["id"] for entry in KINDS}
    assert logs.loc["b", "duration_ms"] == 5000
    assert logs.loc["c", "status"] is None
    assert str(logs.loc["d", "discarded_at"]) == "2026-08-02 00:00:00+00:00"
    assert str(logs.loc["a", "created_at"]) == "2026-08-01 12:20:00.250000+00:00"
    tables = sw.log.tables()
    assert len(tables.calls) == 5
    assert tables.calls["charge"].sum() == 4 * 13_100_000


def test_whole_numbers_are_whole_however_json_writes_them(replying):
    seconds = {key: item for key, item in KINDS[2].items() if key != "duration_ms"}
    entries = [
        CALL | {"duration_ms": 9638.0, "billing_ms": 60000.0},
        seconds | {"duration": 5.0},
    ]
    sw, _ = replying(listing(entries))
    sw.sync()
    logs = sw.log.voice_logs.logs().set_index("id")
    assert logs.loc[CALL["id"], ["duration_ms", "billing_ms"]].tolist() == [9638, 60000]
    assert logs.loc["b", "duration_ms"] == 5000


def test_unknown_fields_are_kept_and_secrets_are_not(replying):
    strange = CALL | {"carrier": {"name": "x"}, "score": 0.25, "api_token": "PT-of-someone"}
    address = CALL | {"id": "z", "url": "https://user:hunter22@example.com/"}
    echo = CALL | {"id": "y", "from": TOKEN}
    sw, _ = replying(listing([strange, address, echo]))
    sw.sync()
    kept = sw.log.synced.intake().entry(CALL["id"])
    assert (kept["carrier"], kept["score"]) == ({"name": "x"}, 0.25)
    assert kept["api_token"] == "[redacted]"
    with sw.log.synced.intake() as known:
        stored = json.dumps([known.entry(key) for key in (CALL["id"], "z", "y")])
    assert "hunter22" not in stored
    assert TOKEN not in stored


@pytest.mark.parametrize(
    ("charge", "lines", "nano", "off"),
    [
        ("0.3", ["0.1", "0.2"], 300_000_000, 0),
        ("0.123456789", ["0.123456789"], 123_456_789, 0),
        ("4503599627.370497", ["4503599627.370496", "0.000000001"], 4_503_599_627_370_497_000, 1),
        ("4503599627.370496001", ["4503599627.370496001"], 4_503_599_627_370_496_001, 0),
        ("9007199.254740993", ["9007199.254740992", "0.000000001"], 9_007_199_254_740_993, 0),
        ("1e-9", ["0.000000001"], 1, 0),
        ("7", ["7"], 7_000_000_000, 0),
        ("0", [], 0, 0),
        ("0.01", [], 10_000_000, 1),
    ],
)
def test_money_is_exact_to_the_nano_dollar(replying, charge, lines, nano, off):
    details = ", ".join(f'{{"description": "x", "charge": {line}}}' for line in lines)
    entry = json.dumps(CALL | {"charge": 0, "charge_details": []})
    entry = entry.replace('"charge": 0,', f'"charge": {charge},').replace(
        '"charge_details": []', f'"charge_details": [{details}]'
    )
    sw, _ = replying(written(entry.encode()))
    report = sw.sync()
    assert sw.log.voice_logs.logs()["charge_nano"].tolist() == [nano]
    assert len(report.off) == off


def test_a_charge_that_is_not_the_sum_of_its_lines_is_reported(replying):
    wrong = CALL | {"id": "wrong", "charge": 0.02}
    sw, _ = replying(listing([CALL, wrong]))
    report = sw.sync()
    (row,) = report.differences.to_dict("records")
    assert (row["call_id"], row["charge"], row["lines"]) == ("wrong", 0.02, 0.0131)
    assert row["difference"] == 0.0069
    assert "1 differences" in repr(report)
    assert "wrong" in report._repr_html_()
    assert len(sw.log.voice_logs.differences()) == 1


def test_the_newest_wins(replying):
    ringing = CALL | {"status": "ringing", "charge": 0, "charge_details": []}
    sw, _ = replying(listing([ringing]), listing([CALL]))
    assert sw.sync().new == 1
    assert sw.log.calls()["status"].tolist() == ["ringing"]
    report = sw.sync()
    assert (report.new, report.changed) == (0, 1)
    assert sw.log.calls()[["status", "charge"]].to_numpy().tolist() == [["completed", 0.0131]]
    assert sw.log.charges()["charge"].tolist() == [0.0131]


def test_what_is_known_of_a_log_stays_when_it_is_deleted(replying):
    gone = {**KINDS[-1], "id": CALL["id"], "created_at": CALL["created_at"]}
    sw, _ = replying(listing([CALL]), listing([gone]))
    sw.sync()
    assert len(sw.log.calls()) == 1  # what is cached has to take it in too
    assert sw.sync().changed == 1
    for log in (sw.log, Log(sw.log.path)):
        (row,) = log.voice_logs.logs().to_dict("records")
        assert row["charge_nano"] == 13_100_000
        assert str(row["discarded_at"]) == "2026-08-02 00:00:00+00:00"
        assert len(log.charges()) == 1
        log.close()


def test_synced_facts_count_where_they_are_newer_than_replies(sw, space):
    call = sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
    assert sw.log.calls()["charge"].tolist() == [0.0]
    space.advance(90)
    call.end()
    other = space.inbound()
    sw.sync()
    calls = sw.log.calls().set_index("call_id")
    assert calls.loc[call.id, ["status", "charge"]].tolist() == ["ended", 0.02]
    assert calls.loc[other, "exchanges"] == 0
    assert calls.loc[other, "run"] != calls.loc[call.id, "run"]
    space.advance(60)
    reply = sw.calling.user_event(other, event={"x": 1})
    assert sw.log.calls().set_index("call_id").loc[other, "charge"] == reply.charge


def test_the_flat_tables_join_run_command_and_country(sw, space):
    call = sw.dial(from_="+15550100", to="+442079460123", url="https://example.com/swml")
    space.advance(60)
    call.end()
    sw.sync()
    tables = sw.log.tables()
    row = tables.calls.set_index("id").loc[call.id]
    assert (row["run"], row["command"], row["country"]) == (sw.log.run, "dial", "GB")
    assert tables.charges["country"].tolist() == ["GB"]
    assert tables.calls["created_at"].dt.year.tolist() == [2026]


@pytest.mark.slow
def test_a_killed_sync_goes_on_where_it_stopped(tmp_path):
    space, path = Space(7, history=5_500, days=30), tmp_path / "log.sqlite"
    with serve(space) as server:
        space.token, space.project = space.token, space.project
        code = KILLED.replace('"project"', repr(space.project))
        process = subprocess.Popen(
            [sys.executable, "-c", code, server.host, "3", str(path), space.token],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert [process.stdout.readline().strip() for _ in range(4)] == ["0", "1", "2", "3"]
        process.send_signal(signal.SIGKILL)
        process.communicate()
        stored = _count(path, "voice_log_pages")
        assert 2 <= stored <= 3  # the last may have been on its way to the disk
        asked = len(space.requests)
        with swnb.Client(space.project, space.token, server.host, log=path) as sw:
            report = sw.sync()
            assert report.continued
            assert report.calls == 5_500 - stored * 1000
            assert report.new == report.calls
            assert len(space.requests) == asked + 6 - stored
            assert len(sw.log.calls()) == 5_500
            outcomes = sw.log.exchanges()["outcome"].tolist()
            assert outcomes == ["sent", "accepted"]
            assert not sw.sync().continued


def test_an_interrupted_sync_keeps_what_it_read(replying):
    other = CALL | {"id": "other"}
    sw, server = replying(listing([CALL], "/api/voice/logs?page_token=x"), hang_up)
    with pytest.raises(swnb.OutcomeUnknown):
        sw.sync()
    assert sw.log.calls()["call_id"].tolist() == [CALL["id"]]
    assert sw.log.exchanges()["outcome"].tolist() == ["unknown"]
    server.acts = [*server.acts[:1], server.acts[0], listing([other])]
    report = sw.sync()
    assert report.continued
    assert server.requests[-1].line.split()[1] == "/api/voice/logs?page_token=x"
    assert set(sw.log.calls()["call_id"]) == {CALL["id"], "other"}


def test_a_link_that_has_expired_is_forgotten_and_the_listing_begins_anew(replying):
    refused = said({"errors": [{"code": "page_token_is_invalid", "message": "no"}]}, 422)
    sw, _ = replying(
        listing([CALL], "/api/voice/logs?page_token=x"), hang_up, refused, listing([CALL])
    )
    with pytest.raises(swnb.OutcomeUnknown):
        sw.sync()
    report = sw.sync()
    assert (report.continued, report.calls, report.new) == (False, 1, 0)
    assert sw.log.exchanges()["outcome"].tolist() == ["unknown", "accepted"]


@pytest.mark.parametrize(
    ("page", "match"),
    [
        (said({}), "no list of entries"),
        (said({"data": {}}), "no list of entries"),
        (said({"data": ["x"]}), "no list of entries"),
        (said([]), "no list of entries"),
        (listing([CALL], "https://evil.example/api/voice/logs"), "leads away"),
        (listing([CALL], "/api/other"), "leads away"),
        (listing([CALL], "/api/voice/logs?include_deleted=true&page_size=1000"), "lead back"),
        (answer(200, b"<html>", Content_Type="text/html"), "instead of JSON"),
        (answer(200, b'{"data": [NaN]}', Content_Type="application/json"), "instead of JSON"),
        (said({"error": "no"}, 401), "HTTP 401"),
    ],
)
def test_a_bad_page_ends_the_sync_and_is_named(replying, page, match):
    sw, _ = replying(page)
    with pytest.raises(swnb.SwnbError, match=match):
        sw.sync()
    (row,) = sw.log.exchanges().to_dict("records")
    assert row["outcome"] in {"unknown", "rejected"}
    assert row["error_message"]


def test_entries_of_no_shape_are_taken_for_what_they_are(replying):
    odd = {
        "id": "odd",
        "charge": "much",
        "charge_details": [None, {"charge": True}, {"description": 5, "charge": 0.5}],
        "status": ["x"],
        "created_at": "yesterday",
        "duration_ms": 2**70,
        "from": "\ud800",
    }
    nameless = {"charge": 1}
    sw, _ = replying(listing([odd, nameless, nameless, CALL, CALL]))
    report = sw.sync()
    assert (report.new, report.changed, report.unreadable) == (2, 0, 2)
    row = sw.log.voice_logs.logs().set_index("id").loc["odd"]
    assert row[["status", "charge_nano", "duration_ms"]].isna().all()
    assert row["lines_nano"] == 500_000_000
    assert len(sw.log.tables().calls) == 2


def test_events_are_read_once_for_each_change(sw, space):
    call_id = space.inbound()
    space.discard(space.inbound())
    assert sw.sync(with_events=True).events == 2
    events = sw.log.voice_logs.events(call_id)
    assert list(events.columns) == ["call_id", "event_at", "level", "name", "event"]
    assert events["name"].tolist() == ["calling_call_created", "calling_call_answered"]
    sw.calling.end(call_id)
    asked = len(space.requests)
    assert sw.sync(with_events=True).events == 3
    assert sw.sync(with_events=True).events == 0
    assert len(space.requests) == asked + 3
    assert len(sw.log.voice_logs.events()) == 3


@pytest.mark.parametrize(
    "bad", [{"created_after": 5}, {"created_before": True}, {"with_events": "yes"}]
)
def test_bad_bounds_are_refused_and_logged(sw, space, bad):
    with pytest.raises(swnb.InvalidCommand, match=rf"sync\.{next(iter(bad))}: must be"):
        sw.sync(**bad)
    assert space.requests == []
    assert sw.log.exchanges()["outcome"].tolist() == ["refused"]


def test_a_dry_run_reads_nothing(space, server):
    with swnb.Client(space.project, space.token, server.host, log=":memory:", dry_run=True) as sw:
        report = sw.sync()
        assert "dry run: nothing was read" in repr(report)
        assert sw.log.exchanges()["outcome"].tolist() == ["dry_run"]
    assert space.requests == []


@pytest.mark.slow
def test_a_log_that_cannot_be_written_ends_a_sync(account):
    _, sw = account
    sw.log.voice_logs.logs()
    locking = sqlite3.connect(sw.log.path, isolation_level=None)
    locking.execute("BEGIN IMMEDIATE")
    with pytest.warns(swnb.LogWarning), pytest.raises(swnb.LogError, match="cannot be written"):
        sw.sync()
    locking.rollback()
    locking.close()
    assert sw.sync().new == 3_400


def _count(path, table):
    with sqlite3.connect(path) as connection:
        return connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_a_sync_leaves_the_garbage_collector_as_it_was(sw):
    sw.sync()
    assert gc.isenabled()
    gc.disable()
    try:
        sw.sync()
        assert not gc.isenabled()
    finally:
        gc.enable()
