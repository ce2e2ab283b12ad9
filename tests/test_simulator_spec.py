"""What a simulated space answers, against the platform's published API, where that is at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.simulated_space import Remote

from swnb.commands import COMMANDS

SPEC = Path(__file__).parents[2] / "shared" / "spec"
pytestmark = [
    pytest.mark.skipif(not SPEC.exists(), reason="the published API is not at hand"),
    pytest.mark.sample(10),
]


@pytest.fixture(scope="module")
def spec():
    return json.loads((SPEC / "calling.openapi.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def conforms(spec):
    def check(value, schema):
        whole = {"$ref": f"#/components/schemas/{schema}", "components": spec["components"]}
        import jsonschema  # noqa: PLC0415 - takes seconds to load

        jsonschema.validators.Draft202012Validator(whole).validate(value)

    return check


@pytest.fixture
def remote():
    with Remote() as opened:
        yield opened


@pytest.mark.parametrize(
    "to", ["+15550101", "+15550486", "sip:a@example.com", "client:a", "/public/support"]
)
def test_legs_logs_and_pages_have_the_published_shape(remote, conforms, to):
    call_id = remote.dial(to)
    for _ in range(3):
        if remote.space.calls[call_id] != "busy":
            reply = remote.send("calling.user_event", call_id, event={})
            conforms(reply.json(), "Calling.CallResponse")
        conforms(remote.logs(f"/{call_id}").json(), "Voice.VoiceLog")
    conforms(remote.logs(page_size=1).json(), "Voice.LogListResponse")


@pytest.mark.parametrize("end", ["ended", "completed", "canceled"])
def test_replies_that_end_a_call_have_the_published_shape(remote, conforms, end):
    call_id = remote.dial() if end == "canceled" else remote.space.inbound()
    if end == "ended":
        reply = remote.send("calling.end", call_id)
    else:
        reply = remote.send("update", id=call_id, status=end)
    conforms(reply.json(), "Calling.CallLeg")


def test_a_deleted_log_has_the_published_shape(remote, conforms):
    remote.space.discard(remote.space.inbound())
    conforms(remote.logs(include_deleted="true").json()["data"][0], "Voice.DiscardedVoiceLog")


def test_events_have_the_published_shape_but_for_their_details(remote, conforms):
    call_id = remote.answered()
    remote.send("calling.user_event", call_id, event={"a": 1})
    events = remote.logs(f"/{call_id}/events").json()
    for event in events["data"]:
        # Declared as an empty object, and described as depending on the event.
        event["details"] = {}
    conforms(events, "Voice.LogEventsListResponse")


def test_refusals_have_the_published_shapes_and_codes(remote, conforms):
    codes = json.loads((SPEC / "error-codes.json").read_text("utf-8"))["codes"]
    call_id = remote.answered()
    remote.send("calling.transcribe", call_id, control_id="t")
    replies = [
        remote.send("dial", from_=5, timeout=0, bogus=1, codecs="none", custom_variables={"1": ""}),
        remote.send("dial", from_="+15550100", to="+15550101", swml={}, url="x", status_url="x"),
        remote.send("calling.transcribe", call_id, control_id="t"),
        remote.send("calling.play.stop", call_id, control_id="x"),
        remote.send("update", id=call_id, status="canceled"),
        remote.logs(page_size=0, page_number=1, created_on="x", include_deleted="x"),
        remote.logs(page_token="x"),
    ]
    for reply in replies:
        conforms(reply.json(), "Types.StatusCodes.StatusCode422")
        assert {each["code"] for each in reply.json()["errors"]} <= codes.keys()


@pytest.mark.parametrize("status", [400, 401, 404, 500])
def test_plain_errors_have_the_published_shape(remote, conforms, status):
    if status == 500:
        remote.space.misbehave("500")
    remote.session.auth = None if status == 401 else remote.session.auth
    reply = remote.post([]) if status == 400 else remote.logs("/nothing")
    assert reply.status_code == status
    conforms(reply.json(), f"Types.StatusCodes.StatusCode{status}")


def test_every_published_command_is_simulated(remote, spec):
    published = spec["components"]["schemas"]["Calling.CallRequest"]["oneOf"]
    names = {
        spec["components"]["schemas"][each["$ref"].rpartition("/")[2]]["properties"]["command"][
            "enum"
        ][0]
        for each in published
    }
    assert names == {model.wire for model in COMMANDS.values()}
    for model in COMMANDS.values():
        call_id = remote.space.inbound(from_="sip:a@example.com")
        params = dict(model.example) | ({"id": call_id} if model.wire == "update" else {})
        envelope = {"command": model.wire, "params": params}
        reply = remote.post(envelope | ({"id": call_id} if model.on_call else {}))
        assert reply.status_code in {200, 422}, model.wire
