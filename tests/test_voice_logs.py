"""Reading the voice logs: page by page, one entry, its events; links are followed with care."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from itertools import islice

import numpy as np
import pandas as pd
import pytest
from support.canned_server import CALL_ID, LEG, said

import swnb

pytestmark = pytest.mark.sample(5)

NOON = datetime.fromisoformat("2026-08-01T12:00")  # it names no zone


def pages(*links):
    """Make pages of one entry each, with the links to the next."""
    return [
        said(
            {"links": {"next": link} if link else {}, "data": [LEG | {"status": f"page-{number}"}]}
        )
        for number, link in enumerate(links)
    ]


def test_voice_logs_follow_the_pages_as_they_are_read(sw, space):
    ids = [space.inbound() for _ in range(5)]
    logs = sw.voice_logs(page_size=2)
    assert space.requests == []
    reading = iter(logs)
    first = next(reading)
    assert isinstance(first, swnb.VoiceLog)
    assert len(space.requests) == 1
    assert {first["id"], *(entry["id"] for entry in reading)} == set(ids)
    assert len(space.requests) == 3
    assert len(list(logs)) == 5
    assert set(sw.log.df.command) == {"voice_logs"}


def test_an_entry_shows_itself_and_not_its_page(replying):
    sw, _ = replying(*pages(None))
    (entry,) = sw.voice_logs()
    assert entry.call_id == CALL_ID
    assert "page-0" in repr(entry)
    assert "+15550100 → +15550101" in repr(entry)
    assert entry.exchange.charge == 0.0131
    assert "links" not in entry._repr_html_()


@pytest.mark.parametrize(
    "link",
    [
        "/api/voice/logs?page=2",
        "http://{host}/api/voice/logs?page=2",
        "//{host}/api/voice/logs?page=2",
    ],
)
def test_a_link_on_the_same_host_is_followed(replying, link):
    sw, server = replying(said({}))
    server.acts = pages(link.format(host=server.host), None)
    assert [entry["status"] for entry in sw.voice_logs()] == ["page-0", "page-1"]
    assert server.requests[1].line == "GET /api/voice/logs?page=2 HTTP/1.1"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/api/voice/logs",
        "//evil.example/api/voice/logs",
        "http://{host}@evil.example/api/voice/logs",
        "http://user@{host}/api/voice/logs",
        "http://{host}/api/other",
        "/api/voice/logs/../../other",
        "http://[torn/api/voice/logs",
        5,
    ],
)
def test_a_link_away_from_the_listing_is_not_followed(replying, link):
    sw, server = replying(said({}))
    server.acts = pages(link.format(host=server.host) if isinstance(link, str) else link)
    with pytest.raises(swnb.SwnbError, match="leads away from the voice logs"):
        list(sw.voice_logs())
    assert len(server.requests) == 1


def test_pages_that_lead_in_a_circle_end(replying):
    sw, server = replying(
        *pages("/api/voice/logs?page=2", "/api/voice/logs?page=3", "/api/voice/logs?page=2")
    )
    with pytest.raises(swnb.SwnbError, match="lead back"):
        list(islice(sw.voice_logs(), 10))  # else a failure would not end
    assert len(server.requests) == 3


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"data": ["x"]}, []])
def test_a_listing_without_a_list_of_entries_is_an_error(replying, body):
    sw, _ = replying(said(body))
    with pytest.raises(swnb.SwnbError, match="no list of entries"):
        list(sw.voice_logs())
    with pytest.raises(swnb.SwnbError, match="no list of entries"):
        sw.voice_log_events(CALL_ID)


def test_the_filters_of_a_listing_are_sent_as_the_platform_writes_them(replying):
    sw, server = replying(said({"data": []}))
    list(
        sw.voice_logs(
            created_after=datetime(2026, 8, 1, 14, tzinfo=timezone(timedelta(hours=2))),
            created_before="2026-08-02T00:00:00Z",
            created_on=date(2026, 8, 1),
            include_deleted=True,
            page_size=1000,
        )
    )
    list(sw.voice_logs(include_deleted=False))
    list(sw.voice_logs())
    assert [request.line.split()[1] for request in server.requests] == [
        (
            "/api/voice/logs"
            "?created_after=2026-08-01T12%3A00%3A00Z"
            "&created_before=2026-08-02T00%3A00%3A00Z&created_on=2026-08-01"
            "&include_deleted=true&page_size=1000"
        ),
        "/api/voice/logs?include_deleted=false",
        "/api/voice/logs",
    ]


def test_one_voice_log_and_its_events_are_read(sw, space):
    call_id = space.inbound()
    log = sw.voice_log(call_id)
    assert type(log) is swnb.VoiceLog
    assert (log["id"], log.status) == (call_id, "answered")
    events = sw.voice_log_events(call_id)
    assert type(events) is list
    assert all(isinstance(event, dict) for event in events)
    assert len(events) >= 1
    assert list(sw.log.df.command) == ["voice_log", "voice_log_events"]
    assert set(sw.log.df.call_id) == {call_id}


def test_an_unchecked_id_cannot_lead_a_reading_elsewhere(replying):
    sw, server = replying(said(LEG))
    sw.call("../calls?x=", unchecked=True).refresh()
    assert server.requests[0].line == "GET /api/voice/logs/..%2Fcalls%3Fx%3D HTTP/1.1"


@pytest.mark.parametrize(
    "given",
    [
        NOON,
        pd.Timestamp("2026-08-01 12:00"),
        pd.Timestamp("2026-08-01 14:00", tz="Europe/Berlin"),
        np.datetime64("2026-08-01T12:00"),
        np.datetime64("2026-08-01T12:00", "ns"),
        "2026-08-01T12:00:00",
        "2026-08-01 12:00",
        "2026-08-01T14:00:00+02:00",
        np.str_("2026-08-01T12:00:00Z"),
    ],
    ids=repr,
)
def test_a_time_without_a_zone_is_utc_whatever_the_machine_thinks(new_york, replying, given):
    sw, server = replying(said({"data": []}))
    list(sw.voice_logs(created_after=given))
    sw.sync(created_after=given)
    assert [request.line.split()[1].partition("&")[0] for request in server.requests] == [
        "/api/voice/logs?created_after=2026-08-01T12%3A00%3A00Z"
    ] * 2


@pytest.mark.parametrize("given", [date(2026, 8, 1), "2026-08-01", np.datetime64("2026-08-01")])
def test_a_date_stays_a_date(new_york, replying, given):
    sw, server = replying(said({"data": []}))
    list(sw.voice_logs(created_on=given))
    assert server.requests[0].line.split()[1] == "/api/voice/logs?created_on=2026-08-01"


@pytest.mark.parametrize(
    "given",
    [
        *("last quarter", "", "2026-13-01", "08/01/2026", "caf\u00e9 \ud83c"),
        *(5, 1.5, True, b"2026-08-01", [1], pd.NaT, np.datetime64("NaT"), np.int64(5)),
        *(np.timedelta64(5, "D"), np.datetime64(10**9, "Y")),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=2))),
    ],
    ids=repr,
)
def test_what_is_no_time_is_refused(sw, space, given):
    for read in (sw.voice_logs, sw.sync):
        with pytest.raises(swnb.InvalidCommand, match="created_after: must be a date, a datetime"):
            read(created_after=given)
    assert space.requests == []
    assert list(sw.log.df.outcome) == ["refused"] * 2


@pytest.mark.parametrize(
    ("after", "before"),
    [
        ("2026-09-01", "2026-08-01"),
        ("2026-08-01", "2026-08-01"),
        (date(2026, 8, 1), datetime.fromisoformat("2026-08-01T00:00")),
        (NOON, "2026-08-01T12:00:00Z"),
        (pd.Timestamp("2026-08-01 12:00"), np.datetime64("2026-08-01T11:00")),
    ],
)
def test_a_period_whose_ends_are_swapped_or_equal_is_refused(sw, space, after, before):
    for read in (sw.voice_logs, sw.sync):
        with pytest.raises(swnb.InvalidCommand, match="created_before: must be later than"):
            read(created_after=after, created_before=before)
    assert space.requests == []
