"""The platform's own Python SDK as a client of a simulated space, unchanged.

What the SDK has no keyword for goes through its `extras`. Where a keyword of its own is not what
the platform's published API asks for, that stands in `DIFFERS` and `MISTYPED`.
"""

from __future__ import annotations

import inspect

import pytest
from signalwire.rest import RestClient
from signalwire.rest._base import SignalWireRestError

from swnb.commands import COMMANDS
from swnb.commands.schema import parameters
from swnb.simulator import Space, serve

pytestmark = pytest.mark.sample(8)

SDK_METHODS = [name for name in COMMANDS if not name.startswith("ai_sidecar")]

# Keywords that the published API does not have, or of which it thinks otherwise whether they are
# required.
DIFFERS = {
    ("record", "audio"): "unknown: it stands inside `record`, which the SDK has no keyword for",
    ("ai_unhold", "prompt"): "unknown",
    ("ai_stop", "control_id"): "required by the SDK alone",
    ("play", "control_id"): "required by the platform alone",
    ("record", "control_id"): "required by the platform alone",
    ("collect", "control_id"): "required by the platform alone",
    ("detect", "control_id"): "required by the platform alone",
    ("tap", "control_id"): "required by the platform alone",
    ("stream", "control_id"): "required by the platform alone",
    ("transcribe", "control_id"): "required by the platform alone",
    ("dial", "to"): "required by the SDK alone; the platform takes `to_script` instead",
}
# Keywords whose type is another: what the platform wants goes through `extras`.
MISTYPED = {("ai_hold", "timeout"): "an integer; the platform takes a text of digits"}


@pytest.fixture
def space():
    return Space()


@pytest.fixture
def client(space):
    with serve(space) as server:
        sdk = RestClient(space.project, space.token, server.host)
        yield sdk
        sdk._http._session.close()


def keywords(method):
    """Give the SDK's keywords for a command by wire name, and whether each is required."""
    own = {"self", "call_id", "extras", "request_options"}
    return {
        name.removesuffix("_"): parameter.default is inspect.Parameter.empty
        for name, parameter in inspect.signature(method).parameters.items()
        if name not in own
    }


def call(client, name, call_id, params):
    """Call a method of the SDK, with what it has no right keyword for in `extras`."""
    method = getattr(client.calling, name)
    typed = {
        each: value
        for each, value in params.items()
        if each in keywords(method) and (name, each) not in MISTYPED
    }
    extras = {each: value for each, value in params.items() if each not in typed}
    if "from" in typed:
        typed["from_"] = typed.pop("from")
    position = [call_id] if COMMANDS[name].on_call else []
    return method(*position, **typed, **({"extras": extras} if extras else {}))


def test_the_sdk_has_a_method_for_every_command_but_the_sidecars(client):
    methods = {
        name
        for name, _ in inspect.getmembers(type(client.calling), inspect.isfunction)
        if not name.startswith("_")
    }
    assert methods == set(SDK_METHODS)
    assert len(methods) == 37


@pytest.mark.parametrize("name", SDK_METHODS)
def test_every_method_of_the_sdk_succeeds(space, client, name):
    model = COMMANDS[name]
    call_id = space.inbound(from_="sip:a@example.com")
    control = {"control_id": "one"} if model.controls or name == "ai_stop" else {}
    for starter in COMMANDS.values():
        if starter.starts and starter.starts == model.controls:
            call(client, starter.method(), call_id, {**starter.example, **control})
    own_id = {"id": call_id} if name == "update" else {}
    reply = call(client, name, call_id, {**model.example, **control, **own_id})
    assert (reply["id"] == call_id) is (name != "dial")
    assert (space.requests[-1].command, space.requests[-1].status) == (model.wire, 200)


def test_the_sdk_differs_from_the_published_api_in_these_places_and_no_others(client):
    differences = set()
    for name in SDK_METHODS:
        published = {each.wire: each.required for each in parameters(COMMANDS[name]).values()}
        differences |= {
            (name, each)
            for each, required in keywords(getattr(client.calling, name)).items()
            if published.get(each) != required
        }
    assert differences == DIFFERS.keys()


def test_an_integer_where_the_platform_wants_digits_is_refused(space, client):
    with pytest.raises(SignalWireRestError) as refused:
        client.calling.ai_hold(space.inbound(), timeout=300)
    assert refused.value.status_code == 422
    assert refused.value.body["errors"][0]["attribute"] == "timeout"


def test_the_sdk_reads_the_request_id_of_a_refusal(space, client):
    with pytest.raises(SignalWireRestError) as refused:
        client.calling.end("00000000-0000-4000-8000-000000000000")
    assert refused.value.status_code == 404
    assert refused.value.request_id


def test_the_sdk_dials_an_address_of_a_subscriber(client):
    leg = client.calling.dial(from_="+15550100", to="/public/support", url="https://example.com")
    assert leg["type"] == "fabric_subscriber_device_leg"


def test_the_sdk_lists_and_pages_through_voice_logs(space, client):
    made = [space.inbound() for _ in range(7)]
    assert [log["id"] for log in client.logs.voice.list(page_size=3)["data"]] == made[:3:-1]
    assert [log["id"] for log in client.logs.voice.paginate(page_size=3)] == made[::-1]


def test_the_sdk_reads_one_voice_log_and_its_events(space, client):
    call_id = space.inbound()
    client.calling.user_event(call_id, event={"action": "order.confirmed"})
    assert client.logs.voice.get(call_id)["id"] == call_id
    events = client.logs.voice.list_events(call_id)["data"]
    assert [event["name"] for event in events] == [
        "calling_call_created",
        "calling_call_answered",
        "calling_user_event",
    ]
