"""The client's side of RELAY, text by text and without a socket."""

import json

import pytest

from swnb.events.relay.session import RelaySession
from swnb.hidden import HiddenDict

pytestmark = pytest.mark.sample(6)

TOKEN = "PTcanary0000"


def session(*contexts):
    return RelaySession(HiddenDict(project="p", token=TOKEN), contexts)


def frame(**parts):
    return json.dumps({"jsonrpc": "2.0", **parts})


def greeted(relay):
    return json.loads(relay.greet())


def welcomed(relay, **result):
    hello = greeted(relay)
    told = {"protocol": "signalwire_1", "identity": "i"} | result
    return relay.take(frame(id=hello["id"], result=told))


def state(relay, value):
    params = {
        "event_type": "signalwire.authorization.state",
        "params": {"authorization_state": value},
    }
    return relay.take(frame(id="s", method="signalwire.event", params=params))


def refused(relay, code, message="no"):
    return relay.take(frame(id=greeted(relay)["id"], error={"code": code, "message": message}))


def test_the_greeting():
    hello = greeted(session("office", "sales"))
    assert hello["method"] == "signalwire.connect"
    params = hello["params"]
    assert params["authentication"] == {"project": "p", "token": TOKEN}
    assert params["event_acks"] is True
    assert params["contexts"] == ["office", "sales"]
    assert "protocol" not in params
    assert "contexts" not in greeted(session())["params"]


def test_a_session_is_restored_with_what_the_platform_gave_it():
    relay = session()
    assert welcomed(relay).connected == "yes"
    assert state(relay, "secret:1").event is None
    params = greeted(relay)["params"]
    assert (params["protocol"], params["authorization_state"]) == ("signalwire_1", "secret:1")
    assert "secret:1" not in repr(vars(relay)["_login"])
    assert welcomed(relay, session_restored=True).restored
    assert not welcomed(relay, session_restored=False).restored
    assert welcomed(relay).restored  # the same protocol came back
    assert not welcomed(relay, protocol="signalwire_2").restored


def test_the_first_connection_restores_nothing():
    assert not welcomed(session()).restored


@pytest.mark.parametrize("code", [-32003, -32602, -32002])
def test_a_stale_session_is_forgotten_and_one_fresh_attempt_is_made(code):
    relay = session()
    welcomed(relay)
    state(relay, "secret:1")
    assert refused(relay, code).connected == "stale"
    assert "protocol" not in greeted(relay)["params"]
    taken = refused(relay, code, "Authentication failed")
    assert (taken.connected, taken.reason) == ("refused", f"Authentication failed ({code})")


@pytest.mark.parametrize("code", [-32603, None, "x"])
def test_other_errors_refuse_at_once(code):
    relay = session()
    welcomed(relay)
    state(relay, "secret:1")
    assert refused(relay, code).connected == "refused"


def test_an_event_is_acknowledged_by_whoever_keeps_it():
    relay = session()
    params = {"event_type": "calling.user_event", "params": {"a": 1}}
    taken = relay.take(frame(id="e", method="signalwire.event", params=params))
    assert (taken.event, taken.send) == (("e", params), [])
    assert json.loads(relay.acknowledgement("e")) == {"jsonrpc": "2.0", "id": "e", "result": {}}


@pytest.mark.parametrize(
    ("id_", "answered"),
    [(7, 7), (1.5, 1.5), ("7", "7"), ("", ""), (None, None), (["x"], None), ({"a": 1}, None)],
)
@pytest.mark.parametrize("method", ["signalwire.event", "signalwire.ping", "unheard.of"])
def test_an_answer_has_the_id_that_was_asked_with(method, id_, answered):
    taken = session().take(frame(id=id_, method=method, params={"timestamp": [id_]}))
    texts = taken.send or [RelaySession.acknowledgement(taken.event[0])]
    assert json.loads(texts[0]) == {"jsonrpc": "2.0", "id": answered, "result": {}}


def test_an_id_too_deep_to_be_written_again_is_no_id():
    for depth in range(900, 1_000):
        for method in ("signalwire.event", "signalwire.ping", "unheard.of"):
            text = f'{{"id": {"[" * depth}{"]" * depth}, "method": "{method}"}}'
            taken = session().take(text)
            if taken.event:
                assert RelaySession.acknowledgement(taken.event[0])


def test_pings_are_answered():
    taken = session().take(frame(id="p", method="signalwire.ping", params={"timestamp": 7}))
    assert json.loads(taken.send[0])["result"] == {"timestamp": 7}
    assert json.loads(session().take(frame(id="p", method="signalwire.ping")).send[0])["id"] == "p"


@pytest.mark.parametrize(("restart", "kept"), [(False, True), (True, False), ("yes", True)])
def test_a_farewell_with_restart_forgets_the_session(restart, kept):
    relay = session()
    welcomed(relay)
    state(relay, "secret:1")
    bye = frame(id="d", method="signalwire.disconnect", params={"restart": restart})
    taken = relay.take(bye)
    assert taken.leaving
    assert json.loads(taken.send[0])["id"] == "d"
    assert ("protocol" in greeted(relay)["params"]) is kept


def test_requests_find_their_answers():
    relay = session()
    id_, text = relay.request("calling.pass", {"call_id": "c"})
    assert json.loads(text)["method"] == "calling.pass"
    assert relay.take(frame(id=id_, result={"code": "200"})).answer == (id_, {"code": "200"})
    id_, _ = relay.request("calling.pass", {})
    error = {"code": -32601, "message": "no"}
    assert relay.take(frame(id=id_, error=error)).answer == (id_, {"error": error})


@pytest.mark.parametrize(
    "text", ["", "x", "[]", "7", "null", "NaN", '"a"', b"\xff\xfe", "[" * 100_000, "{" * 5000]
)
def test_what_is_no_frame_is_kept_as_unreadable(text):
    taken = session().take(text)
    assert taken.unreadable is not None
    assert len(taken.unreadable) < 300
    assert taken.event is None


@pytest.mark.parametrize(
    "parts",
    [
        {"id": None, "method": "signalwire.event"},
        {"method": "signalwire.event", "params": [1]},
        {"id": {}, "method": "signalwire.ping", "params": 7},
        {"id": 1, "method": 7},
        {"id": 1, "method": "signalwire.new", "params": {}},
        {"id": 1, "result": None},
        {"id": 1, "error": "x"},
        {},
    ],
)
def test_frames_that_make_no_sense_raise_nothing(parts):
    relay = session()
    greeted(relay)
    taken = relay.take(frame(**parts))
    assert taken.connected == "no"


def test_an_unknown_method_is_answered_and_kept():
    taken = session().take(frame(id=1, method="signalwire.new", params={}))
    assert "signalwire.new" in taken.unreadable
    assert json.loads(taken.send[0])["id"] == 1
