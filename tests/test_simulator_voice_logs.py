"""The voice-log endpoints: pages that hold still, filters, one log, and its events."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from support.simulated_space import Remote, errors

from swnb.simulator import Space

pytestmark = pytest.mark.sample(4)


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


def calls(remote, number):
    return [remote.space.inbound() for _ in range(number)]


def ids(page):
    return [log["id"] for log in page["data"]]


def follow(remote, page, link="next"):
    return remote.session.get(page["links"][link], timeout=10).json()


def test_a_page_has_fifty_logs_the_newest_first(remote):
    made = calls(remote, 60)
    assert ids(remote.logs().json()) == made[:9:-1]


def test_paging_over_2500_logs_neither_repeats_nor_skips_while_calls_arrive(remote):
    made = calls(remote, 2500)
    page = remote.logs(page_size=100).json()
    seen = ids(page)
    while "next" in page["links"]:
        remote.space.inbound()
        page = follow(remote, page)
        seen += ids(page)
    assert seen == made[::-1]


def test_pages_can_be_walked_back(remote):
    calls(remote, 25)
    pages = [remote.logs(page_size=10).json()]
    while "next" in pages[-1]["links"]:
        pages.append(follow(remote, pages[-1]))
    calls(remote, 25)
    back = [follow(remote, page, "prev") for page in pages[1:]]
    assert [ids(page) for page in back] == [ids(page) for page in pages[:-1]]
    assert "prev" not in back[0]["links"]


def test_the_first_and_only_page_has_no_neighbours(remote):
    calls(remote, 10)
    assert remote.logs(page_size=10).json()["links"].keys() == {"self", "first"}


def test_links_are_absolute_on_the_host_that_was_asked_and_keep_the_filters(remote):
    calls(remote, 3)
    page = remote.logs(page_size=1, created_after="2026-01-01", include_deleted="true").json()
    for link in page["links"].values():
        parts = urlsplit(link)
        query = parse_qs(parts.query)
        assert f"{parts.scheme}://{parts.netloc}" == remote.server.url
        assert (query["created_after"], query["include_deleted"]) == (["2026-01-01"], ["true"])
    assert ids(follow(remote, page, "self")) == ids(page)
    assert ids(follow(remote, follow(remote, page), "first")) == ids(page)


@pytest.mark.parametrize(
    ("query", "reasons"),
    [
        ({"page_size": "0"}, {("page_size", "invalid_parameter")}),
        ({"page_size": "1001"}, {("page_size", "invalid_parameter")}),
        ({"page_size": "many"}, {("page_size", "invalid_parameter")}),
        ({"page_number": "-1"}, {("page_number", "invalid_parameter")}),
        ({"page_number": "1"}, {("page_token", "page_token_required")}),
        ({"page_token": "PA1"}, {("page_token", "page_token_is_invalid")}),
        ({"created_on": "yesterday"}, {("created_on", "not_a_datetime")}),
        ({"created_after": "0001-01-01T00:00:00+14:00"}, {("created_after", "not_a_datetime")}),
        ({"include_deleted": "maybe"}, {("include_deleted", "not_a_boolean")}),
        (
            {"page_size": "", "created_before": ""},
            {("page_size", "invalid_parameter"), ("created_before", "not_a_datetime")},
        ),
    ],
)
def test_a_wrong_query_is_refused_with_every_reason(remote, query, reasons):
    reply = remote.logs(**query)
    assert (reply.status_code, errors(reply)) == (422, reasons)


def test_a_page_token_is_good_for_its_own_space_only(remote):
    calls(remote, 2)
    token = parse_qs(urlsplit(remote.logs(page_size=1).json()["links"]["next"]).query)["page_token"]
    assert remote.logs(page_number=1, page_token=token[0]).status_code == 200
    with Remote(Space(2)) as other:
        reply = other.logs(page_number=1, page_token=token[0])
    assert errors(reply) == {("page_token", "page_token_is_invalid")}


def test_a_list_shows_each_call_as_it_is_now(remote):
    remote.dial("+15550486")
    remote.space.advance(60)
    assert [log["status"] for log in remote.logs().json()["data"]] == ["busy"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"created_on": "2026-01-05"}, ["first"]),
        ({"created_before": "2026-01-06"}, ["first"]),
        ({"created_after": "2026-01-06"}, ["second"]),
        ({"created_after": "2026-01-05T09:00:00Z"}, ["second"]),
        ({"created_before": "2026-01-06T09:00:00Z"}, ["first"]),
        ({"created_after": "2026-01-05T03:59:59-05:00"}, ["second", "first"]),
        ({"created_on": "2026-01-07"}, []),
    ],
)
def test_logs_are_filtered_by_when_they_were_created(remote, query, expected):
    names = {remote.space.inbound(): "first"}
    remote.space.advance(24 * 3600)
    names[remote.space.inbound()] = "second"
    assert [names[each] for each in ids(remote.logs(**query).json())] == expected


def test_a_deleted_log_shows_only_on_request_and_only_its_dates(remote):
    kept, gone = calls(remote, 2)
    remote.space.discard(gone)
    assert ids(remote.logs().json()) == [kept]
    shown = remote.logs(include_deleted="true").json()["data"]
    assert [log["id"] for log in shown] == [gone, kept]
    assert shown[0].keys() == {"id", "discarded_at", "created_at"}
    assert remote.logs(f"/{gone}").status_code == 404


def test_the_log_of_a_call_has_its_id_and_what_has_accrued(remote):
    call_id = remote.answered()
    reply = remote.send("calling.user_event", call_id, event={}).json()
    log = remote.logs(f"/{call_id}").json()
    assert log["id"] == call_id
    assert log["duration_ms"] == reply["duration_ms"] + 1000
    assert log["url"] is None


def test_an_ended_call_changes_no_more(remote):
    call_id = remote.answered()
    ended = remote.send("calling.end", call_id).json()
    remote.space.advance(3600)
    log = remote.logs(f"/{call_id}").json()
    assert {**ended, "url": None} == log


def test_events_tell_a_calls_story_in_order(remote):
    call_id = remote.dial()
    remote.space.advance(2)
    remote.send("calling.user_event", call_id, event={"action": "order.confirmed"})
    remote.send("calling.record", call_id, control_id="r", record={"audio": {}})
    remote.send("calling.end", call_id, reason="busy")
    events = remote.logs(f"/{call_id}/events").json()["data"]
    assert [(event["name"], event["details"]) for event in events] == [
        ("calling_call_created", {}),
        ("calling_call_ringing", {}),
        ("calling_call_answered", {}),
        ("calling_user_event", {"event": {"action": "order.confirmed"}}),
        ("calling_record", {"control_id": "r", "state": "running"}),
        (
            "calling_call_record",
            {
                "control_id": "r",
                "state": "finished",
                "url": events[5]["details"]["url"],
                "duration": 1.0,
                "size": 4000,
                "format": "mp3",
            },
        ),
        ("calling_call_ended", {"reason": "busy"}),
    ]
    assert [event["event_at"] for event in events] == sorted(event["event_at"] for event in events)
    assert {(event["log_id"], event["project_id"]) for event in events} == {
        (call_id, remote.space.project)
    }


def test_a_failed_call_has_an_event_of_its_level(remote):
    call_id = remote.dial("+15550404")
    events = remote.logs(f"/{call_id}/events").json()["data"]
    assert [event["level"] for event in events] == ["info", "error"]
