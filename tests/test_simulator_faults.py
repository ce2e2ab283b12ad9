"""Misbehaviour on request, as a client meets it on the wire."""

from __future__ import annotations

import socket
from datetime import UTC, datetime

import pytest
import requests
from support.simulated_space import Remote

from swnb.errors import ConfigurationError
from swnb.exchange import CALLS_PATH

pytestmark = pytest.mark.sample(4)


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.fixture
def call_id(remote):
    return remote.space.inbound()


def user_event(remote, call_id, **options):
    body = {"command": "calling.user_event", "id": call_id, "params": {"event": {}}}
    url = remote.server.url + CALLS_PATH
    return remote.session.post(url, json=body, **{"timeout": 10} | options)


def acted(remote, call_id):
    """Say whether the user event reached the call, faults apart."""
    events = remote.logs(f"/{call_id}/events").json()["data"]
    return "calling_user_event" in [event["name"] for event in events]


def raw(remote, call_id):
    """Send a user event by hand and give every byte that came back."""
    session = requests.Session()
    prepared = session.prepare_request(
        requests.Request(
            "POST",
            remote.server.url + CALLS_PATH,
            json={"command": "calling.user_event", "id": call_id, "params": {"event": {}}},
            auth=remote.session.auth,
        )
    )
    headers = "".join(f"{name}: {value}\r\n" for name, value in prepared.headers.items())
    host, port = remote.server.host.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        head = f"POST {CALLS_PATH} HTTP/1.1\r\nHost: {remote.server.host}\r\n{headers}\r\n"
        connection.sendall(head.encode() + prepared.body)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.mark.parametrize("status", ["429", "500", "502", "503", "504"])
def test_an_error_status_is_answered_and_nothing_is_done(remote, call_id, status):
    remote.space.misbehave(status)
    reply = user_event(remote, call_id)
    assert reply.status_code == int(status)
    assert reply.json().keys() == {"error"}
    assert "retry-after" not in reply.headers
    assert not acted(remote, call_id)


@pytest.mark.parametrize(
    ("retry_after", "header"),
    [
        (3, "3"),
        (0.5, "0.5"),
        (datetime(2026, 1, 5, 12, 30, tzinfo=UTC), "Mon, 05 Jan 2026 12:30:00 GMT"),
        (datetime.fromisoformat("2026-01-05T12:30"), "Mon, 05 Jan 2026 12:30:00 GMT"),
    ],
)
def test_a_wait_may_be_asked_for_in_seconds_or_as_a_date(
    new_york, remote, call_id, retry_after, header
):
    remote.space.misbehave("429", retry_after=retry_after)
    assert user_event(remote, call_id).headers["retry-after"] == header


def test_a_fault_ends_after_its_times(remote, call_id):
    remote.space.misbehave("503", times=2)
    replies = [user_event(remote, call_id).status_code for _ in range(3)]
    assert replies == [503, 503, 200]


def test_faults_queue_up(remote, call_id):
    remote.space.misbehave("503")
    remote.space.misbehave("429")
    replies = [user_event(remote, call_id).status_code for _ in range(3)]
    assert replies == [503, 429, 200]


def test_a_fault_can_wait_for_one_command(remote, call_id):
    remote.space.misbehave("500", command="calling.end")
    assert user_event(remote, call_id).status_code == 200
    assert remote.logs().status_code == 200
    assert remote.send("calling.end", call_id).status_code == 500
    assert remote.send("calling.end", call_id).status_code == 200


@pytest.mark.parametrize(
    ("reading", "tail"),
    [("voice_logs", ""), ("voice_log", "/{}"), ("voice_log_events", "/{}/events")],
)
def test_a_fault_can_wait_for_one_reading(remote, call_id, reading, tail):
    remote.space.misbehave("500", command=reading)
    assert user_event(remote, call_id).status_code == 200
    assert remote.logs(tail.format(call_id)).status_code == 500


@pytest.mark.parametrize("kind", ["500", "html", "empty", "redirect"])
def test_a_command_may_be_carried_out_all_the_same(remote, call_id, kind):
    remote.space.misbehave(kind, after_acting=True)
    user_event(remote, call_id, allow_redirects=False)
    assert acted(remote, call_id)


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_reset_breaks_the_connection_off(remote, call_id, after_acting):
    remote.space.misbehave("reset", after_acting=after_acting)
    with pytest.raises(ConnectionResetError):
        raw(remote, call_id)
    assert remote.space.requests[-1].status is None
    assert acted(remote, call_id) is after_acting


@pytest.mark.parametrize("after_acting", [False, True])
def test_a_truncated_answer_holds_less_than_it_announces(remote, call_id, after_acting):
    remote.space.misbehave("truncated", after_acting=after_acting)
    head, _, body = raw(remote, call_id).partition(b"\r\n\r\n")
    announced = next(
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length")
    )
    assert 0 < len(body) < announced
    assert acted(remote, call_id) is after_acting


def test_a_slow_answer_is_true_and_late(remote, call_id):
    remote.space.misbehave("slow", seconds=0.05)
    reply = user_event(remote, call_id)
    assert (reply.status_code, reply.json()["id"]) == (200, call_id)


def test_a_client_that_does_not_wait_for_a_slow_answer_has_acted(remote, call_id):
    remote.space.misbehave("slow", seconds=0.3)
    with pytest.raises(requests.ReadTimeout):
        user_event(remote, call_id, timeout=0.05)
    assert acted(remote, call_id)


def test_a_slow_answer_holds_nobody_else_up(remote, call_id):
    remote.space.misbehave("slow", seconds=30)
    with pytest.raises(requests.ReadTimeout):
        user_event(remote, call_id, timeout=0.05)
    assert user_event(remote, call_id).status_code == 200


def test_a_page_may_stand_where_json_should_be(remote, call_id):
    remote.space.misbehave("html")
    reply = user_event(remote, call_id)
    assert (reply.status_code, reply.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert reply.text.startswith("<!doctype html>")


def test_an_answer_may_be_empty(remote, call_id):
    remote.space.misbehave("empty")
    reply = user_event(remote, call_id)
    assert (reply.status_code, reply.content) == (204, b"")
    assert "content-length" not in reply.headers


def test_a_redirect_points_where_it_is_told_to(remote, call_id):
    remote.space.misbehave("redirect", to="https://elsewhere.example/")
    reply = user_event(remote, call_id, allow_redirects=False)
    assert (reply.status_code, reply.headers["location"]) == (302, "https://elsewhere.example/")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"kind": "Slow"}, "did you mean 'slow'"),
        ({"kind": "418"}, "misbehave.kind: there is no '418'"),
        ({"kind": "500", "command": "calling.ply"}, "did you mean 'calling.play'"),
        ({"kind": "500", "times": 0}, "times must be at least 1"),
        ({"kind": "slow", "seconds": -1}, "seconds at least 0"),
    ],
)
def test_a_fault_that_cannot_be_is_refused(remote, arguments, message):
    with pytest.raises(ConfigurationError, match=message):
        remote.space.misbehave(**arguments)
