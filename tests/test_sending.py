"""What becomes of a command that the network or the platform fails, for both kinds of commands."""

from __future__ import annotations

import socket
import threading
from functools import partial
from uuid import uuid4

import pytest
from conftest import clock
from support.canned_server import (
    CALL_ID,
    LEG,
    TOKEN,
    Answering,
    answer,
    hang_up,
    page,
    reset,
    said,
)
from support.dialing import DIAL

import swnb
from swnb.transports import live

pytestmark = pytest.mark.sample(4)

RETRIES = 2
EVENT = {"event": {"action": "order.confirmed"}}


@pytest.fixture
def patient(space, server, tmp_path, waits):
    """A client on the simulated space that repeats, and gives up on an answer after half a second."""
    with swnb.Client(
        space.project,
        space.token,
        server.host,
        log=tmp_path / "log.sqlite",
        retries=RETRIES,
        timeout=(5.0, 0.5),
    ) as client:
        yield client


@pytest.fixture
def make(make, waits):
    """Make clients that repeat."""
    return partial(make, retries=RETRIES)


def end(client, call_id=CALL_ID):
    return client.calling.end(call_id)


def user_event(client, call_id=CALL_ID):
    return client.calling.user_event(call_id, **EVENT)


def dial(client, _call_id=None):
    return client.calling.dial(**DIAL)


SENDERS = {"calling.end": end, "calling.user_event": user_event, "dial": dial}
NOT_REPEATABLE = ["calling.user_event", "dial"]
ALL = list(SENDERS)


def failing(client, wire, kind, call_id=CALL_ID):
    """Send, and give the error and the last row of the log."""
    with pytest.raises(kind) as caught:
        SENDERS[wire](client, call_id)
    assert type(caught.value) is kind
    return caught.value, client.log.df.iloc[-1]


def arrived(space, wire):
    return [seen for seen in space.requests if seen.command == wire]


def ring(space):
    """Give a call that is there to act upon."""
    return space.inbound()


# Faults of the simulated space: kind, options, the error, the outcome, whether a command that may not
# be repeated is repeated all the same, the HTTP status in the log.
FAULTS = {
    "429 with seconds": ("429", {"retry_after": 7}, swnb.RateLimited, "rejected", True, 429),
    "500": ("500", {}, swnb.OutcomeUnknown, "unknown", False, 500),
    "500 after acting": ("500", {"after_acting": True}, swnb.OutcomeUnknown, "unknown", False, 500),
    "502": ("502", {}, swnb.OutcomeUnknown, "unknown", False, 502),
    "503 with seconds": ("503", {"retry_after": 7}, swnb.Unavailable, "rejected", True, 503),
    "503": ("503", {}, swnb.OutcomeUnknown, "unknown", False, 503),
    "503 after acting": ("503", {"after_acting": True}, swnb.OutcomeUnknown, "unknown", False, 503),
    "504": ("504", {}, swnb.OutcomeUnknown, "unknown", False, 504),
    "slow": ("slow", {"seconds": 30}, swnb.OutcomeUnknown, "unknown", False, None),
    "reset": ("reset", {}, swnb.OutcomeUnknown, "unknown", False, None),
    "reset after acting": ("reset", {"after_acting": True}, swnb.OutcomeUnknown, "unknown", False, None),
    "truncated": ("truncated", {}, swnb.OutcomeUnknown, "unknown", False, None),
}  # fmt: skip


@pytest.mark.parametrize("wire", ALL)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_lasting_fault_ends_in_its_error_after_the_attempts_that_are_safe(
    patient, space, fault, wire
):
    kind, options, error, outcome, always_repeated, status = FAULTS[fault]
    space.misbehave(kind, 10, **options)
    attempts = 1 + RETRIES if always_repeated or wire == "calling.end" else 1

    raised, row = failing(patient, wire, error, ring(space))

    assert len(arrived(space, wire)) == attempts
    assert (row.outcome, row.attempts, row.command) == (outcome, attempts, wire)
    assert (None if row.isna().http_status else row.http_status) == status
    assert raised.exchange.attempts == attempts
    assert raised.status == status


@pytest.mark.parametrize("wire", ALL)
@pytest.mark.parametrize("kind", ["html", "empty"])
def test_an_answer_that_is_not_json_is_an_error_and_is_not_asked_for_again(
    patient, space, kind, wire
):
    space.misbehave(kind, 10)
    raised, row = failing(patient, wire, swnb.UnreadableReply, ring(space))
    assert len(arrived(space, wire)) == 1
    assert (row.outcome, row.attempts, row.http_status) == (
        "unknown",
        1,
        200 if kind == "html" else 204,
    )
    assert ("This is a page instead of JSON" in str(raised)) == (kind == "html")


@pytest.mark.parametrize("wire", ALL)
@pytest.mark.parametrize("kind", ["429", "503"])
def test_a_fault_that_passes_is_waited_out_for_every_command(patient, space, waits, kind, wire):
    call_id = ring(space)
    space.misbehave(kind, 1, retry_after=3)
    SENDERS[wire](patient, call_id)
    assert waits == [3]
    row = patient.log.df.iloc[-1]
    assert (row.outcome, row.attempts, row.http_status) == ("accepted", 2, 200)


@pytest.mark.parametrize("kind", ["500", "502", "503", "504", "reset", "truncated"])
def test_a_repeatable_command_gets_over_one_doubtful_failure(patient, space, waits, kind):
    call_id = ring(space)
    space.misbehave(kind, 1)
    assert end(patient, call_id)["status"] == "ended"
    assert patient.log.df.iloc[-1].attempts == 2


@pytest.mark.parametrize(
    "kind", ["500", "502", "503", "504", "slow", "reset", "truncated", "html", "empty"]
)
def test_one_dial_starts_at_most_one_call(patient, space, kind):
    space.misbehave(kind, 10, after_acting=True)
    failing(
        patient, "dial", swnb.UnreadableReply if kind in ("html", "empty") else swnb.OutcomeUnknown
    )
    assert len(arrived(space, "dial")) == 1
    assert len(space.calls) == 1


@pytest.mark.parametrize("wire", ALL)
def test_a_refused_connection_is_tried_again_and_has_failed(make, waits, wire):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
    raised, row = failing(make(host), wire, swnb.ConnectionFailed)
    assert waits == [0.5, 1.0]
    assert (row.outcome, row.attempts) == ("failed", 3)
    assert row.isna().http_status
    assert "it did not reach the platform" in str(raised)


def test_a_name_that_nobody_knows_has_failed(make, plain_environment):
    raised, row = failing(make("no-such-space.invalid", retries=0), "dial", swnb.ConnectionFailed)
    assert row.outcome == "failed"
    assert "could not be reached" in str(raised)


@pytest.mark.parametrize("wire", ALL)
def test_a_timeout_before_the_request_leaves_has_failed(make, wire):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        queue = fill(listener.getsockname())
        try:
            host = f"127.0.0.1:{listener.getsockname()[1]}"
            raised, row = failing(
                make(host, timeout=(0.2, 5.0), retries=1), wire, swnb.ConnectionFailed
            )
        finally:
            for each in queue:
                each.close()
    assert (row.outcome, row.attempts) == ("failed", 2)
    assert "no connection within 0.2 s" in str(raised)


def fill(address):
    """Fill a listener's queue, so that the next connection has to wait; skip where none does."""
    queue = []
    for _ in range(20):
        each = socket.socket()
        each.settimeout(0.2)
        queue.append(each)
        try:
            each.connect(address)
        except TimeoutError:
            return queue
    for each in queue:
        each.close()
    pytest.skip("this system accepts connections beyond a full queue")
    raise AssertionError


@pytest.mark.parametrize("wire", ALL)
def test_torn_json_of_the_announced_length_is_unreadable(make, wire):
    with Answering(answer(200, b'{"id": "3b1c5a0e', Content_Type="application/json")) as server:
        raised, row = failing(make(server.host), wire, swnb.UnreadableReply)
        assert len(server.requests) == 1
    assert (row.outcome, row.http_status) == ("unknown", 200)
    assert "beginning" in str(raised)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"charge": NaN}', b"\xff\xfe\x00"])
def test_what_json_has_no_form_for_is_unreadable(make, body):
    with Answering(answer(200, body)) as server:
        _, row = failing(make(server.host), "dial", swnb.UnreadableReply)
    assert row.outcome == "unknown"


@pytest.mark.parametrize("wire", ALL)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(make, status, wire):
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.setblocking(False)
        there = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/api"
        with Answering(answer(status, b"", Location=there)) as server:
            _, row = failing(make(server.host), wire, swnb.Redirected)
            assert len(server.requests) == 1
        with pytest.raises(BlockingIOError):
            elsewhere.accept()
    assert (row.outcome, row.http_status) == ("rejected", status)


def test_a_connection_that_the_server_closed_while_idle_is_made_anew(make):
    closed = threading.Semaphore(0)

    def answer_and_close(connection):
        connection.sendall(said(LEG | {"id": str(uuid4())}))
        hang_up(connection)
        closed.release()

    with Answering(answer_and_close) as server:
        client = make(server.host)
        for _ in range(3):
            dial(client)
            assert closed.acquire(timeout=10)
        assert len(server.requests) == 3
    assert set(client.log.df.outcome) == {"accepted"}
    assert set(client.log.df.attempts) == {1}


@pytest.mark.parametrize("how", [reset, hang_up])
def test_a_connection_that_dies_under_a_request_is_not_tried_with_a_dial_again(make, how):
    with Answering(said(LEG), how, said(LEG)) as server:
        client = make(server.host)
        end(client)
        failing(client, "dial", swnb.OutcomeUnknown)
        assert len(server.requests) == 2


@pytest.mark.parametrize("how", [reset, hang_up])
def test_a_connection_that_dies_under_a_repeatable_command_is_tried_again(make, how):
    with Answering(said(LEG), how, said(LEG)) as server:
        client = make(server.host)
        end(client)
        end(client)
        assert len(server.requests) == 3
    assert list(client.log.df.attempts) == [1, 2]


def test_an_interrupted_send_stays_unknown_in_the_log(make, monkeypatch):
    def interrupt(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(live, "time", clock(interrupt))
    with Answering(said({}, 429)) as server:
        client = make(server.host)
        with pytest.raises(KeyboardInterrupt):
            dial(client)
    row = client.log.df.iloc[-1]
    assert row.outcome == "unknown"
    assert row.error_message == "interrupted by KeyboardInterrupt"


def test_an_error_of_the_platform_is_not_repeated(patient, space, waits):
    failing(patient, "calling.end", swnb.ApiError)
    assert len(space.requests) == 1
    assert waits == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422, 418])
def test_a_refusal_by_the_platform_is_an_api_error(make, status):
    with Answering(page("<p>No</p>", status)) as server:
        raised, row = failing(make(server.host), "calling.end", swnb.ApiError)
    assert (row.outcome, row.http_status) == ("rejected", status)
    assert raised.status == status


@pytest.mark.parametrize("send", [dial, lambda sw: list(sw.voice_logs()), lambda sw: sw.sync()])
def test_not_found_is_about_the_host_where_no_call_is_named(make, send):
    with Answering(page("<p>No</p>", 404)) as server, pytest.raises(swnb.ApiError) as caught:
        send(make(server.host))
    assert "SIGNALWIRE_SPACE" in str(caught.value)
    assert "SIGNALWIRE_PROJECT_ID" in str(caught.value)
    assert "No such call" not in str(caught.value)


@pytest.mark.parametrize(
    "send",
    [
        end,
        lambda sw: sw.calling.update(id=CALL_ID, status="completed"),
        lambda sw: sw.voice_log(CALL_ID),
    ],
)
def test_not_found_is_about_the_call_where_one_is_named(make, send):
    with Answering(page("<p>No</p>", 404)) as server, pytest.raises(swnb.ApiError) as caught:
        send(make(server.host))
    assert "No such call in this project" in str(caught.value)


def test_credentials_and_headers_are_those_of_the_platform(make):
    with Answering(said(LEG)) as server:
        user_event(make(server.host))
    (request,) = server.requests
    assert request.line == "POST /api/calling/calls HTTP/1.1"
    assert request.headers["authorization"] == f"Basic {live.basic('project', TOKEN)}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == f"swnb/{swnb.__version__}"
