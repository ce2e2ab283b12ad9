"""How often and how long a client waits before it repeats, and what may be asked of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from support.canned_server import CALL_ID, LEG, TOKEN, Answering, said

import swnb
from swnb.transports.seconds import retry_after

pytestmark = pytest.mark.sample(4)


def end(client):
    return client.calling.end(CALL_ID)


def test_retry_after_is_honoured_in_seconds(make, space, server, waits):
    space.misbehave("429", 1, retry_after=7)
    with pytest.raises(swnb.ApiError):  # it asks again, and is then refused as a stranger
        end(make(server.host, retries=1))
    assert waits == [7.0]


def test_waits_double_until_a_minute(make, waits):
    with Answering(said({}, 503)) as server, pytest.raises(swnb.OutcomeUnknown):
        end(make(server.host, retries=9))
    assert waits == [0.5, 1, 2, 4, 8, 16, 32, 60, 60]


def test_retry_after_is_honoured_as_a_date(make, waits):
    soon = datetime.now(UTC) + timedelta(seconds=40)
    busy = said({}, 503, Retry_After=format_datetime(soon, usegmt=True))
    with Answering(busy, said(LEG)) as server:
        end(make(server.host, retries=1))
    assert len(waits) == 1
    assert 0 < waits[0] <= 40


@pytest.mark.parametrize("asked", ["61", "9" * 400, "Fri, 31 Dec 2999 23:59:59 GMT"])
def test_a_wait_of_over_a_minute_is_left_to_the_caller(make, waits, asked):
    with Answering(said({}, 429, Retry_After=asked)) as server:
        with pytest.raises(swnb.RateLimited) as caught:
            end(make(server.host, retries=1))
        assert len(server.requests) == 1
    assert waits == []
    assert caught.value.exchange.attempts == 1
    assert asked in str(caught.value)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        (" 30 ", 30.0),
        ("Mon, 05 Jan 2026 09:00:30 GMT", 30.0),
        ("Mon, 05 Jan 2026 08:00:00 GMT", 0.0),
        ("Mon, 05 Jan 2026 09:00:30", 30.0),
        ("soon", None),
        ("-5", None),
        ("\xb2", None),
        ("0.5", None),
        ("Mon, 05 Jan 99999999999999999999 09:00:30 GMT", None),
    ],
)
def test_a_retry_after_is_read_or_left_aside(header, seconds):
    assert retry_after(header, datetime(2026, 1, 5, 9, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    "timeout", [0, -1, "5", None, float("inf"), float("nan"), (1, 2, 3), (1, 0)]
)
def test_a_timeout_that_is_none_is_refused(tmp_path, timeout):
    with pytest.raises(swnb.ConfigurationError, match=r"^timeout: "):
        swnb.Client("p", TOKEN, "example.com", log=tmp_path / "log", timeout=timeout)


@pytest.mark.parametrize("retries", [-1, 1.5, "2", None, True])
def test_retries_that_are_no_number_are_refused(tmp_path, retries):
    with pytest.raises(swnb.ConfigurationError, match=r"^retries: "):
        swnb.Client("p", TOKEN, "example.com", log=tmp_path / "log", retries=retries)


def test_a_refusal_after_a_repetition_says_that_the_first_may_have_worked(
    space, server, tmp_path, waits
):
    log = tmp_path / "log.sqlite"
    with swnb.Client(space.project, space.token, server.host, log=log, retries=1) as client:
        call = client.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")
        call.wait_until("answered")
        space.misbehave("500", 1, after_acting=True, command="calling.end")
        with pytest.raises(swnb.ApiError, match="an earlier attempt may have been carried out"):
            client.calling.end(call.id)
        assert call.refresh().ended
    assert waits == [0.5]
