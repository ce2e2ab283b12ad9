"""A simulated space on RELAY, frame by frame over real WebSockets."""

import json
import threading

import pytest
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

import swnb
from swnb.errors import ConfigurationError
from tests.support.relay_socket import Loop, RelaySocket

pytestmark = pytest.mark.sample(4)

DEVICES = [[{"type": "phone", "params": {"from_number": "+15550100", "to_number": "+15550101"}}]]


@pytest.fixture
def sw():
    with swnb.simulate() as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


@pytest.fixture
def loop():
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def opened(loop, space):
    sockets = []

    def open_one(**options):
        sockets.append(RelaySocket(loop, space.relay_url, **options))
        return sockets[-1]

    yield open_one
    for socket in sockets:
        if not socket.closed:
            socket.close()


def dial(sw):
    return sw.dial(from_="+15550100", to="+15550101", url="https://example.com/swml")


def test_a_session_hears_what_happens_to_a_call_that_rest_dialed(sw, space, opened):
    socket = opened()
    reply = socket.connect(space)["result"]
    assert reply["protocol"].startswith("signalwire_")
    call = dial(sw)
    call.wait_until("answered")
    call.user_event({"action": "hello"})
    assert space.settle()
    states = [
        e["params"]["call_state"]
        for e in socket.events
        if e["event_type"].endswith(".state") and "call_state" in e["params"]
    ]
    assert states == ["created", "ringing", "answered"]
    heard = socket.events[-1]
    assert heard["event_type"] == "calling.user_event"
    assert heard["params"]["event"] == {"action": "hello"}
    assert heard["params"]["call_id"] == call.id
    assert heard["event_channel"] == reply["protocol"]
    assert heard["timestamp"] == pytest.approx(space.now.timestamp(), abs=2)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"authentication": {"project": "x", "token": "y"}}, -32002),
        ({"authentication": "x"}, -32602),
    ],
)
def test_a_session_is_refused(space, opened, claims, code):
    assert opened().connect(space, **claims)["error"]["code"] == code


def test_commands_act_on_calls_and_their_results_are_strings(sw, space, opened):
    socket = opened()
    socket.connect(space)
    call = dial(sw)
    call.wait_until("answered")
    at = {"call_id": call.id, "node_id": "n"}
    play = [{"type": "silence", "params": {"duration": 30}}]
    assert socket.ask("calling.play", **at, control_id="p", play=play)["result"]["code"] == "200"
    assert socket.ask("calling.play", **at, control_id="p", play=play)["result"]["code"] == "422"
    assert socket.ask("calling.play", **at | {"call_id": "x"}, play=play)["result"]["code"] == "404"
    assert socket.ask("calling.end", **at, reason="hangup")["result"]["code"] == "200"
    assert socket.ask("calling.end", **at)["result"]["code"] == "410"
    assert socket.ask("calling.nothing")["error"]["code"] == -32601
    assert socket.ask("signalwire.ping", timestamp=7)["result"] == {"timestamp": 7}
    assert space.requests[-2].command == "calling.end"


def test_a_dial_names_its_call_by_its_tag_alone(sw, space, opened):
    socket = opened()
    socket.connect(space)
    reply = socket.ask("calling.dial", tag="mine", devices=DEVICES)["result"]
    assert reply == {"code": "200", "message": "Dialing"}
    space.advance(5)
    assert space.settle()
    dials = [e["params"] for e in socket.events if e["event_type"] == "calling.call.dial"]
    assert [told["dial_state"] for told in dials] == ["dialing", "answered"]
    assert "call_id" not in dials[0]
    assert dials[1]["call"]["dial_winner"] is True
    states = [e["params"] for e in socket.events if e["event_type"] == "calling.call.state"]
    assert {told["tag"] for told in states} == {"mine"}
    assert states[0]["call_id"] == dials[1]["call"]["call_id"]
    assert socket.ask("calling.dial", tag="x", devices=[])["result"]["code"] == "400"


def test_who_hears_only_its_own_calls():
    loop = Loop()
    with swnb.simulate(relay_hears="owner") as sw:
        space = sw.simulated_space
        socket, other = RelaySocket(loop, space.relay_url), RelaySocket(loop, space.relay_url)
        socket.connect(space)
        other.connect(space)
        dial(sw)
        socket.ask("calling.dial", tag="mine", devices=DEVICES)
        space.advance(5)
        assert space.settle()
        assert {e["params"].get("tag") for e in socket.events[1:]} == {"mine"}
        assert other.types() == ["signalwire.authorization.state"]
        socket.close()
        other.close()
    loop.close()
    with pytest.raises(ConfigurationError, match="relay_hears"):
        swnb.simulate(relay_hears="all")


def test_an_inbound_call_is_offered_to_one_and_passed_to_the_next(space, opened):
    sockets = [opened(), opened(), opened()]
    for socket in sockets[:2]:
        socket.connect(space, contexts=["office"])
    sockets[2].connect(space)
    call_id = space.inbound(context="office")
    first, second = sockets[:2]
    first.until(lambda _: "calling.call.receive" in first.types())
    offered = next(e for e in first.events if e["event_type"] == "calling.call.receive")["params"]
    assert (offered["call_id"], offered["context"]) == (call_id, "office")
    assert "calling.call.receive" not in second.types() + sockets[2].types()
    at = {"node_id": offered["node_id"], "call_id": call_id}
    assert first.ask("calling.pass", call_id=call_id)["result"]["code"] == "404"  # on no node
    assert first.ask("calling.pass", **at)["result"]["code"] == "200"
    second.until(lambda _: "calling.call.receive" in second.types())
    assert second.ask("calling.answer", **at)["result"]["code"] == "200"
    assert space.calls[call_id] == "answered"
    assert second.ask("calling.answer", **at)["result"]["code"] == "409"
    assert first.ask("calling.pass", **at)["result"]["code"] == "404"


def test_contexts_can_be_subscribed_later(space, opened):
    socket = opened()
    socket.connect(space)
    assert socket.ask("signalwire.receive", contexts=["office"])["result"]["code"] == "200"
    space.inbound(context="office")
    socket.until(lambda _: "calling.call.receive" in socket.types())
    socket.ask("signalwire.unreceive", contexts=["office"])
    before = socket.types().count("calling.call.receive")
    space.inbound(context="office")
    space.settle()
    assert socket.types().count("calling.call.receive") == before


def state_of(socket):
    return next(
        e["params"]["authorization_state"]
        for e in socket.events
        if e["event_type"] == "signalwire.authorization.state"
    )


def restore(socket, space, protocol, state):
    return socket.connect(space, protocol=protocol, authorization_state=state)


def test_what_was_not_acknowledged_comes_again_after_a_reconnection(sw, space, opened):
    first = opened(acks=False)
    protocol = first.connect(space)["result"]["protocol"]
    dial(sw)
    first.until(lambda _: "calling.call.state" in first.types())
    state = state_of(first)
    first.close()
    second = opened()
    reply = restore(second, space, protocol, state)["result"]
    assert (reply["protocol"], reply["session_restored"]) == (protocol, True)
    assert space.settle()
    again = [frame["id"] for frame in second.frames if frame.get("method") == "signalwire.event"]
    assert {frame["id"] for frame in first.frames if "event_type" in frame.get("params", {})} & set(
        again
    )
    third = opened()
    assert restore(third, space, protocol, "wrong")["result"]["session_restored"] is False


def test_a_session_that_is_forgotten_is_refused_as_stale(sw, space, opened):
    first = opened()
    protocol = first.connect(space)["result"]["protocol"]
    first.until(lambda _: "signalwire.authorization.state" in first.types())
    space.misbehave("forget")
    dial(sw)
    first.until(lambda _: first.closed)
    assert restore(opened(), space, protocol, state_of(first))["error"]["code"] == -32003
    assert "result" in restore(opened(), space, protocol, state_of(first))


def user_events(sw, count):
    call = dial(sw)
    call.wait_until("answered")
    for number in range(count):
        call.user_event({"number": number})


def numbers(socket):
    return [
        e["params"]["event"]["number"]
        for e in socket.events
        if e["event_type"] == "calling.user_event"
    ]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("drop", [1, 2]), ("repeat", [0, 0, 1, 2]), ("swap", [1, 0, 2]), ("late", [1, 0, 2])],
)
def test_faults_with_events(sw, space, opened, kind, expected):
    socket = opened()
    socket.connect(space)
    call = dial(sw)
    call.wait_until("answered")
    space.misbehave(kind, seconds=2)
    for number in range(3):
        call.user_event({"number": number})
    assert space.settle()
    assert numbers(socket) == expected


def test_a_cut_loses_nothing_that_is_restored(sw, space, opened):
    first = opened()
    protocol = first.connect(space)["result"]["protocol"]
    call = dial(sw)
    call.wait_until("answered")
    assert space.settle()
    space.misbehave("cut")
    call.user_event({"number": 0})
    first.until(lambda _: first.closed)
    second = opened()
    restore(second, space, protocol, state_of(first))
    second.until(lambda _: numbers(second) == [0])


def test_a_fault_with_events_that_there_is_none_of_is_refused(space):
    with pytest.raises(ConfigurationError, match="channel"):
        space.misbehave("drop", channel="post")
    with pytest.raises(ConfigurationError, match="relay for 'forget'"):
        space.misbehave("forget", channel="callbacks")
    with pytest.raises(ConfigurationError, match="at least 1"):
        space.misbehave("drop", 0)


def test_the_platform_asks_to_go(space, opened):
    socket = opened()
    socket.connect(space)
    space.relay_disconnect(restart=True)
    socket.until(lambda _: socket.closed)
    asked = [f for f in socket.frames if f.get("method") == "signalwire.disconnect"]
    assert asked[0]["params"] == {"restart": True}


@pytest.mark.parametrize("text", ["", "[]", "{", "7", "x" * 1000, '{"id": 1}', '{"method": 7}'])
def test_frames_that_make_no_sense_end_nothing(space, opened, text):
    socket = opened()
    socket.send(text)
    assert "result" in socket.connect(space)
    socket.send(text)
    assert socket.ask("signalwire.ping")["result"] == {"timestamp": None}


def test_a_page_cannot_connect(loop, space):
    request = HTTPRequest(space.relay_url, headers={"Origin": "https://example.com"})
    with pytest.raises(HTTPClientError, match="403"):
        loop.run(lambda: websocket_connect(request))


def test_the_same_seed_says_the_same(loop):
    def told():
        with swnb.simulate(seed=3) as sw:
            socket = RelaySocket(loop, sw.simulated_space.relay_url)
            socket.connect(sw.simulated_space)
            user_events(sw, 2)
            assert sw.simulated_space.settle()
            socket.close()
            return json.dumps(socket.frames)

    assert told() == told()


def test_nothing_is_left_of_a_space_that_is_closed(loop):
    sw = swnb.simulate()
    socket = RelaySocket(loop, sw.simulated_space.relay_url)
    socket.connect(sw.simulated_space)
    sw.close()
    socket.until(lambda _: socket.closed)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("swnb 127")]
    with pytest.raises(ConfigurationError, match="not served"):
        sw.simulated_space.relay_url  # noqa: B018 - the access is the test
