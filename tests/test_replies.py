"""What the platform answers, as a client gives it: exactly, told apart, and never a reason to fail."""

from __future__ import annotations

import copy
import json

import pytest
from support.canned_server import CALL_ID, LEG, answer, said
from support.dialing import DIAL

import swnb

pytestmark = pytest.mark.sample(5)

EVENT = {"action": "order.confirmed"}


def test_a_reply_is_the_dict_that_the_server_sent(replying):
    sw, server = replying(said(LEG, X_Request_Id="req-1"))
    reply = sw.calling.user_event(CALL_ID, event=EVENT)
    assert reply == LEG
    assert isinstance(reply, dict)
    assert json.loads(json.dumps(reply)) == LEG
    assert (reply.status, reply.charge, reply.call_id, reply.request_id) == (
        "answered",
        0.0131,
        CALL_ID,
        "req-1",
    )
    assert server.requests[0].json == {
        "command": "calling.user_event", "id": CALL_ID, "params": {"event": EVENT},
    }  # fmt: skip


@pytest.mark.parametrize("kind", ["relay_pstn_call", "relay_sip_call", "relay_webrtc_call"])
def test_a_call_leg_is_told_by_its_type(replying, kind):
    sw, _ = replying(said(LEG | {"type": kind}))
    assert type(sw.calling.end(CALL_ID)) is swnb.CallLeg


def test_a_fabric_device_leg_is_told_by_its_type(replying):
    leg = {"id": CALL_ID, "type": "fabric_subscriber_device_leg", "status": None, "charge": 0}
    sw, _ = replying(said(leg))
    reply = sw.calling.end(CALL_ID)
    assert type(reply) is swnb.FabricDeviceLeg
    assert reply.status is None
    assert sw.log.df.iloc[-1].type == "fabric_subscriber_device_leg"


@pytest.mark.parametrize(
    "body", [{"type": "brand_new", "x": [1]}, {}, {"charge": "0.05", "status": 7}]
)
def test_an_unknown_shape_is_kept(replying, body):
    sw, _ = replying(said(body))
    reply = sw.calling.end(CALL_ID)
    assert type(reply) is swnb.Reply
    assert reply == body
    assert (reply.status, reply.charge) == (None, None)
    assert "calling.end" in repr(reply)
    assert sw.log.exchanges(bodies=True).iloc[-1].response == body


@pytest.mark.parametrize("body", [[1, 2], "done", 5, None, True])
def test_what_is_no_object_is_kept_as_the_result(replying, body):
    sw, _ = replying(said(body))
    assert sw.calling.end(CALL_ID) == {"result": body}
    assert sw.log.df.iloc[-1].outcome == "accepted"


STATUS = "+OK running=1 ticks=12 errors=-3 model=gpt-4o-mini cost=0.5 odd=--5 sup=\xb2 empty="


@pytest.mark.parametrize(
    "sent", [answer(200, STATUS.encode()), said(STATUS), said({"result": STATUS})]
)
def test_the_counters_of_a_sidecar_are_numbers(replying, sent):
    sw, _ = replying(sent)
    reply = sw.calling.ai_sidecar_status(CALL_ID)
    assert type(reply) is swnb.SidecarStatus
    assert reply == {
        "running": 1, "ticks": 12, "errors": -3, "model": "gpt-4o-mini", "cost": "0.5",
        "odd": "--5", "sup": "\xb2", "empty": "",
    }  # fmt: skip
    assert sw.log.df.iloc[-1].outcome == "accepted"


@pytest.mark.parametrize(
    "body",
    [
        {"id": CALL_ID, "status": ["x"], "from": 5, "charge": True, "charge_details": ["x", None]},
        {"id": 7, "type": {}, "duration_ms": "5", "charge": 10**400, "charge_details": 3},
        {"id": CALL_ID, "status": "\ud800", "duration_ms": 10**30},
    ],
)
def test_no_shape_of_a_reply_breaks_the_client(replying, body):
    sw, _ = replying(said(body))
    call = sw.call(CALL_ID)
    reply = call.end()
    assert reply == body
    assert "calling.end" in repr(reply)
    assert CALL_ID in repr(call)
    assert "calling.end" in reply._repr_html_()
    assert CALL_ID in call._repr_html_()
    assert len(sw.log.df) == 1


def test_a_dial_whose_reply_names_no_call_is_unknown(replying):
    sw, _ = replying(said({"status": "queued"}))
    with pytest.raises(swnb.OutcomeUnknown, match="names no call"):
        sw.dial(**DIAL)


def test_a_reply_describes_the_call_in_the_log(replying):
    sw, _ = replying(said(LEG))
    sw.calling.dial(**DIAL)
    row = sw.log.df.iloc[-1]
    assert (row.call_id, row.call_status, row.type, row.direction, row["from"], row["to"]) == (
        CALL_ID, "answered", "relay_pstn_call", "outbound-api", "+15550100", "+15550101",
    )  # fmt: skip
    assert (row.charge, row.duration_ms) == (0.0131, 5250)


@pytest.mark.parametrize(
    ("sent", "kept"), [(9638, 9638), (9638.0, 9638), (9638.5, None), (True, None), (1e300, None)]
)
def test_a_duration_is_a_whole_number_however_json_writes_it(replying, sent, kept):
    sw, _ = replying(said(LEG | {"duration_ms": sent}))
    assert sw.calling.end(CALL_ID).exchange.duration_ms == kept
    assert sw.log.df.duration_ms.iloc[-1] == kept or kept is None


def test_a_reply_is_sent_again_with_one_change(sw):
    call = sw.dial(**DIAL).wait_until("answered")
    reply = call.user_event({"action": "order.confirmed"})
    other = reply.again(event={"action": "order.shipped"})
    sent = [event["action"] for event in sw.log.user_events()["event"]]
    assert sent == ["order.confirmed", "order.shipped"]
    assert sw.last is not None
    assert (sw.last.exchange, type(other)) == (other.exchange, type(reply))
    playing = call.play(play=[{"type": "silence", "params": {"duration": 30}}])
    assert playing.again().control_id != playing.control_id
    with pytest.raises(swnb.SwnbError, match="not sent from here"):
        copy.copy(reply).again()


def test_why_the_last_command_failed_stays_known(sw):
    assert sw.last_error is None
    call = sw.dial(**DIAL)
    with pytest.raises(swnb.InvalidCommand) as refused:
        call.play(plai=[])
    assert sw.last_error is refused.value
    with pytest.raises(swnb.ApiError) as rejected:
        call.play_stop(control_id="nothing")
    assert sw.last_error is rejected.value
    assert sw.last.exchange.command == "dial"
