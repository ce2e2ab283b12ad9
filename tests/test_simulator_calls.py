"""The states of a call: what moves it on, what is refused in which state, and what it looks like."""

from __future__ import annotations

import pytest
from support.simulated_space import Remote, errors

pytestmark = pytest.mark.sample(5)

SWML = {"version": "1.0.0", "sections": {"main": []}}


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


def status(remote, call_id):
    return remote.logs(f"/{call_id}").json()["status"]


def test_a_dialled_call_is_queued_then_rings_then_is_answered(remote):
    reply = remote.send("dial", from_="+15550100", to="+15550101", url="https://example.com/swml")
    call_id = reply.json()["id"]
    seen = [reply.json()["status"], *(status(remote, call_id) for _ in range(3))]
    assert seen == ["queued", "ringing", "answered", "answered"]


@pytest.mark.parametrize(
    ("ending", "timeout", "seconds", "expected"),
    [
        ("486", 30, 0, "ringing"),
        ("486", 30, 1, "busy"),
        ("404", 30, 0, "failed"),
        ("480", 5, 4, "ringing"),
        ("480", 5, 5, "no-answer"),
    ],
)
def test_a_number_with_a_special_ending_is_not_answered(remote, ending, timeout, seconds, expected):
    call_id = remote.dial(f"+15550{ending}", timeout=timeout)
    remote.space.advance(seconds)
    assert status(remote, call_id) == expected


def test_a_special_ending_means_nothing_in_a_sip_address(remote):
    remote.answered("sip:486")


def test_a_call_that_was_never_answered_costs_nothing(remote):
    call_id = remote.dial("+15550486")
    remote.space.advance(60)
    log = remote.logs(f"/{call_id}").json()
    assert (log["charge"], log["charge_details"]) == (0, [])
    assert (log["duration"], log["duration_ms"], log["billing_ms"]) == (0, 0, 0)


def test_an_inbound_call_is_there_without_a_dial(remote):
    call_id = remote.space.inbound(from_="+15550130", to="+15550140")
    log = remote.logs(f"/{call_id}").json()
    assert (log["from"], log["to"]) == ("+15550130", "+15550140")
    assert (log["direction"], log["status"]) == ("inbound", "answered")


def test_an_inbound_call_that_nobody_takes_rings_for_a_while(remote):
    call_id = remote.space.inbound(answered=False)
    assert status(remote, call_id) == "ringing"
    remote.space.advance(30)
    assert status(remote, call_id) == "no-answer"


@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_any_live_call_can_be_ended(remote, seconds):
    call_id = remote.dial()
    remote.space.advance(seconds)
    assert remote.send("calling.end", call_id, reason="busy").json()["status"] == "ended"


@pytest.mark.parametrize("seconds", [0, 1, 2])
def test_any_live_call_takes_user_events(remote, seconds):
    call_id = remote.dial()
    remote.space.advance(seconds)
    assert remote.send("calling.user_event", call_id, event={"a": 1}).status_code == 200


def test_other_commands_wait_for_the_answer(remote):
    reply = remote.send("calling.denoise", remote.dial())
    assert errors(reply) == {(None, "invalid_state")}
    assert "ringing" in reply.json()["errors"][0]["message"]


@pytest.mark.parametrize("command", ["calling.end", "calling.denoise"])
def test_a_call_that_is_over_takes_no_command(remote, command):
    call_id = remote.answered()
    remote.send("calling.end", call_id)
    reply = remote.send(command, call_id)
    assert (reply.status_code, errors(reply)) == (422, {(None, "invalid_state")})


@pytest.mark.parametrize("seconds", [0, 1])
def test_an_update_cancels_a_call_before_the_answer(remote, seconds):
    remote.space.advance(seconds)
    reply = remote.send("update", id=remote.dial(), status="canceled")
    assert reply.json()["status"] == "canceled"


def test_an_update_completes_an_answered_call(remote):
    reply = remote.send("update", id=remote.answered(), status="completed")
    assert reply.json()["status"] == "completed"


def test_an_update_redirects_an_answered_call(remote):
    reply = remote.send("update", id=remote.answered(), url="https://example.com/next")
    assert (reply.json()["url"], reply.json()["status"]) == ("https://example.com/next", "answered")


def test_an_answered_call_cannot_be_canceled(remote):
    reply = remote.send("update", id=remote.answered(), status="canceled")
    assert errors(reply) == {("status", "cannot_cancel_in_progress")}


def test_a_ringing_call_cannot_be_completed_or_redirected(remote):
    reply = remote.send("update", id=remote.dial(), status="completed", swml=SWML)
    assert errors(reply) == {
        ("status", "invalid_state"),
        ("swml", "cannot_redirect_not_in_progress"),
    }


@pytest.mark.parametrize("end", ["completed", "canceled", "ended", "busy", "no-answer", "failed"])
def test_a_call_that_is_over_cannot_be_updated(remote, end):
    number = {"busy": "+15550486", "no-answer": "+15550480", "failed": "+15550404"}
    call_id = remote.dial(number.get(end, "+15550101"))
    if end == "canceled":
        remote.send("update", id=call_id, status="canceled")
    remote.space.advance(60)
    if end == "completed":
        remote.send("update", id=call_id, status="completed")
    if end == "ended":
        remote.send("calling.end", call_id)
    assert remote.space.calls[call_id] == end
    reply = remote.send("update", id=call_id, status="completed")
    assert errors(reply) == {(None, "cannot_update_completed")}


@pytest.mark.parametrize(
    ("to", "kind"),
    [
        ("+15550101", "relay_pstn_call"),
        ("sip:a@example.com", "relay_sip_call"),
        ("sips:a@example.com", "relay_sip_call"),
        ("verto:a@example.com", "relay_webrtc_call"),
        ("client:a", "relay_webrtc_call"),
    ],
)
def test_the_address_decides_the_type(remote, to, kind):
    assert remote.logs(f"/{remote.dial(to)}").json()["type"] == kind


def test_an_inbound_call_has_the_type_of_its_caller(remote):
    call_id = remote.space.inbound(from_="sip:a@example.com", to="+15550101")
    assert remote.logs(f"/{call_id}").json()["type"] == "relay_sip_call"


def test_a_subscribers_leg_has_neither_status_nor_duration(remote):
    reply = remote.send("dial", from_="+15550100", to="/public/support", url="https://example.com")
    leg = reply.json()
    assert (leg["type"], leg["status"]) == ("fabric_subscriber_device_leg", None)
    assert not {"duration", "duration_ms", "billing_ms", "parent_id"} & leg.keys()


def test_a_call_may_be_dialled_to_a_script_alone(remote):
    script = "https://example.com/script"
    reply = remote.send("dial", from_="+15550100", to_script=script, url="https://example.com")
    assert (reply.status_code, reply.json()["to"]) == (200, "")


def test_a_call_dearer_than_allowed_is_not_dialled(remote):
    params = {"from_": "+15550100", "to": "+15550101", "url": "https://example.com"}
    reply = remote.send("dial", **params, max_price_per_minute=0.009)
    assert errors(reply) == {("max_price_per_minute", "not_routable")}
    assert remote.send("dial", **params, max_price_per_minute=0.01).status_code == 200


def test_the_states_are_there_to_look_at(remote):
    first, second = remote.dial("+15550486"), remote.space.inbound()
    remote.space.advance(5)
    assert dict(remote.space.calls) == {first: "busy", second: "answered"}
