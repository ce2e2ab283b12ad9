"""Events from what arrives, whatever it is: by what is in a body, and nothing is dropped."""

import json
import random
import re
from html import unescape

import pytest

from swnb import html
from swnb.event import Asked, Event, gap, of_callback, of_relay, of_voice_log, wait_event
from swnb.events.relay.session import RelaySession
from swnb.hidden import HiddenDict

CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
EVENT = {"action": "order.confirmed", "amount": 49.99}


def relay(type_, params, **more):
    frame = {"event_type": type_, "timestamp": 1745332535.668522, "params": params, **more}
    return of_relay(frame, seen_at=1)


def callback(value, **options):
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return of_callback(body, "application/json", seen_at=1, **options)


@pytest.mark.parametrize("name", ["calling.user_event", "user_event", "calling.call.user_event"])
@pytest.mark.parametrize(
    ("params", "call_id"),
    [({"call_id": CALL, "node_id": "n", "event": EVENT}, CALL), (EVENT, None)],
    ids=["wrapped", "bare"],
)
def test_a_user_event_is_known_under_every_name_and_shape(name, params, call_id):
    event = relay(name, params)
    assert (event.kind, event.call_id, event.payload) == ("user_event", call_id, EVENT)
    assert event.at == 1_745_332_535_668_522


def test_a_payload_with_a_field_named_event_is_unwrapped_only_beside_a_call():
    assert relay("user_event", {"event": "paid", "sum": 1}).payload == {"event": "paid", "sum": 1}


@pytest.mark.parametrize(
    ("type_", "params", "kind", "state"),
    [
        ("calling.call.state", {"call_state": "answered"}, "state", "answered"),
        ("calling.call.play", {"state": "finished", "control_id": "play-1"}, "play", "finished"),
        (
            "calling.call.record",
            {"record": {"state": "finished", "url": "u"}},
            "record",
            "finished",
        ),
        ("calling.call.collect", {"result": {"type": "digit"}}, "collect", "digit"),
        ("calling.call.collect", {"state": "collecting"}, "collect", "collecting"),
        (
            "calling.call.detect",
            {"detect": {"type": "machine", "params": {"event": "HUMAN"}}},
            "detect",
            "HUMAN",
        ),
        ("calling.call.fax", {"fax": {"type": "finished", "params": {}}}, "fax", "finished"),
        ("calling.call.dial", {"dial_state": "answered", "tag": "t"}, "dial", "answered"),
        ("calling.call.connect", {"connect_state": "connected"}, "connect", "connected"),
        ("calling.call.denoise", {"denoised": True}, "denoise", "on"),
        ("calling.call.queue", {"status": "enqueue"}, "queue", "enqueue"),
        ("calling.transcript.completed", {"id": "x", "text": "hi"}, "transcribe", "finished"),
        ("calling.conference", {"status": "conference-start"}, "conference", "conference-start"),
        ("calling.ai.completion", {"text": "hi"}, "ai", None),
        ("something.new", {"call_state": "ended"}, "state", "ended"),
        ("something.new", {"what": 1}, "unknown", None),
        (None, {"what": 1}, "unknown", None),
    ],
)
def test_what_an_event_is_about(type_, params, kind, state):
    event = relay(type_, params)
    assert (event.kind, event.state, event.type) == (kind, state, type_)


def test_a_dial_names_its_call_one_level_deeper():
    params = {"tag": "t", "dial_state": "answered", "call": {"call_id": CALL, "node_id": "n"}}
    assert relay("calling.call.dial", params).call_id == CALL


@pytest.mark.parametrize(
    ("stamp", "at"),
    [
        (1.5, 1_500_000),
        ("1.5", 1_500_000),
        ("2026-01-05T09:00:00Z", 1_767_603_600_000_000),
        ("2026-01-05T09:00:00", 1_767_603_600_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        *[(odd, None) for odd in (None, True, [], "soon", 1e300, "1e400", -1e15, "nan")],
        *[(odd, None) for odd in (float("nan"), 10**400, "9" * 5_000, "2026-13-45", "\ud800")],
        ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)
def test_times(stamp, at):
    event = of_relay({"event_type": "x", "timestamp": stamp, "params": {}}, seen_at=1)
    assert event.at == at
    assert event.time.tzinfo
    assert event._repr_html_()


def test_callbacks_are_known_by_their_bodies():
    envelope = {
        "event_type": "calling.call.play",
        "timestamp": 1.5,
        "params": {"call_id": CALL, "control_id": "play-1", "state": "finished"},
    }
    assert (callback(envelope).kind, callback(envelope).state) == ("play", "finished")
    flat = {"call_id": CALL, "call_state": "ringing", "timestamp": "2026-01-05T09:00:00Z"}
    event = callback(flat)
    assert (event.kind, event.state, event.call_id) == ("state", "ringing", CALL)
    assert event.at == 1_767_603_600_000_000
    bare = {"control_id": "play-1", "call_id": CALL, "node_id": "n", "state": "finished"}
    assert callback(bare, hint="play").kind == "play"
    assert callback(bare).kind == "unknown"
    sidecar = {
        "call_info": {"call_id": CALL},
        "sidecar_event": {"type": "insight", "ts": 1_500_000, "text": "angry"},
    }
    event = callback(sidecar)
    assert (event.kind, event.state, event.at, event.call_id) == (
        "sidecar",
        "insight",
        1_500_000,
        CALL,
    )
    report = {"action": "post_conversation", "call_id": CALL, "post_prompt_data": {"raw": "bye"}}
    assert (callback(report).kind, callback(report).call_id) == ("post_prompt", CALL)


def test_forms_and_queries_are_read():
    form = b"CallSid=abc&CallStatus=completed"
    event = of_callback(form, "application/x-www-form-urlencoded", seen_at=1)
    assert event.body == {"CallSid": "abc", "CallStatus": "completed"}
    event = of_callback(b"", seen_at=1, query="event_type=calling.call.stream&state=finished")
    assert (event.kind, event.state) == ("stream", "finished")


def test_entries_of_a_voice_log():
    entry = {
        "event_at": "2026-01-05T09:00:04Z",
        "name": "calling_call_play",
        "details": {"control_id": "play-1", "state": "finished"},
    }
    event = of_voice_log(CALL, entry, seen_at=1)
    assert (event.kind, event.state, event.control_id) == ("play", "finished", "play-1")
    entry = {"event_at": "2026-01-05T09:00:04Z", "name": "calling_call_no_answer", "details": {}}
    event = of_voice_log(CALL, entry, seen_at=1)
    assert (event.kind, event.state, event.call_id) == ("state", "no-answer", CALL)


def test_the_same_fact_has_the_same_key_and_another_has_another():
    first = relay("calling.call.play", {"call_id": CALL, "state": "playing"})
    again = of_relay(
        {
            "params": {"state": "playing", "call_id": CALL},
            "timestamp": 1745332535.668522,
            "event_type": "calling.call.play",
        },
        seen_at=2,
    )
    later = relay("calling.call.play", {"call_id": CALL, "state": "playing"}, timestamp=2)
    assert first.key == again.key
    assert len({first.key, later.key, relay("calling.call.play", {"call_id": CALL}).key}) == 3


@pytest.mark.parametrize(
    "params",
    [
        {"payment_card_number": "4111111111111111", "security_code": "123"},
        {"expiration_date": "1230", "payment_card_number": "4111111111111111"},
        {"detail": {"password": "hunter2!"}},
    ],
)
def test_no_secret_is_kept(params):
    kept = json.dumps(relay("calling.call.pay", params).body)
    assert not any(value in kept for value in ("4111111111111111", "123", "1230", "hunter2!"))


def test_the_state_of_a_session_is_never_kept():
    event = relay("signalwire.authorization.state", {"authorization_state": "AbCdEf:123"})
    assert event.body == {}


def test_whatever_arrives_becomes_an_event():
    draw = random.Random(7)
    pieces = [b"{", b"}", b"[", b'"a"', b":", b",", b"1e999", b"NaN", b"\xff\xfe", b"\x00", b"null"]
    bodies = [b"".join(draw.choices(pieces, k=draw.randint(0, 12))) for _ in range(500)]
    bodies += [b"[" * 100_000, b'{"a":' * 50_000, b"x" * 2_000_000, b'"\\ud800"', b"true", b"1"]
    for body in bodies:
        event = of_callback(body, draw.choice(["application/json", "text/plain"]), seen_at=1)
        assert isinstance(event, Event)
        assert len(json.dumps(event.body)) < 150_000
    for params in (None, 1, [], "x", {"call_id": 7, "params": [1]}, {"detect": [1], "fax": 2}):
        for type_ in (None, 7, "calling.call.detect", "calling.call.fax", "calling.call.collect"):
            assert of_relay({"event_type": type_, "params": params}, seen_at=1).call_id is None
    assert of_relay([1, 2], seen_at=1).kind == "unknown"


@pytest.mark.parametrize(
    "told",
    [
        {"ts": 10**400},
        {"ts": "soon", "type": 7},
        {"channel_data": [{"call_id": CALL}]},
        {"channel_data": "x", "call_id": ["y"]},
        {"type": ["thought"], "channel_data": {"call_id": {}}},
    ],
)
def test_a_sidecar_may_tell_anything(told):
    event = callback({"sidecar_event": told, "call_info": [CALL]})
    assert (event.kind, event.state, event.call_id) == ("sidecar", None, None)
    assert event.at is None


def lists(depth, within="1"):
    return f'{{"event_type": "x", "params": {"[" * depth}{within}{"]" * depth}}}'.encode()


@pytest.mark.slow
def test_every_depth_that_can_be_read_becomes_an_event_of_its_own():
    """What can be read may be too deep to be written again a few calls further down."""
    session = RelaySession(HiddenDict())
    for depth in range(900, 1_000):
        one, other, again = (
            session.take(b'{"method": "signalwire.event", "params": %s}' % lists(depth, within))
            for within in "121"
        )
        if one.event is None:
            assert one.unreadable.startswith('{"method"')
            break
        events = [of_relay(taken.event[1], seen_at=1) for taken in (one, other, again)]
        assert events[0].key == events[2].key != events[1].key
        for within in "12":
            assert of_callback(lists(depth, within), "application/json", seen_at=1).body
    assert 900 < depth < 999


def test_what_a_collection_found():
    params = {
        "call_id": CALL,
        "control_id": "collect-1",
        "result": {"type": "digit", "params": {"digits": "1234", "terminator": "#"}},
    }
    found = relay("calling.call.collect", params).result
    assert found == {"type": "digit", "digits": "1234", "terminator": "#"}
    params = {"detect": {"type": "machine", "params": {"event": "MACHINE"}}}
    assert relay("calling.call.detect", params).result == {"type": "machine", "event": "MACHINE"}
    flat = {
        "state": "finished",
        "url": "https://example.com/a.mp3",
        "duration": 3.5,
        "call_id": "x",
    }
    assert relay("calling.call.record", flat).result["url"] == "https://example.com/a.mp3"


def test_a_gap_says_how_long_and_whether_it_was_restored():
    event = gap(1_000_000, 3_500_000, "live", restored=False)
    assert (event.kind, event.state, event.at) == ("gap", "not restored", 1_000_000)
    assert event.body == {"from": 1_000_000, "to": 3_500_000, "seconds": 2.5, "restored": False}


def test_a_wait_knows_its_question_again():
    asked = Asked.of("state", call_id=CALL, states=("ended", "answered"))
    event = wait_event(asked, "timeout", "live", state="ringing")
    assert Asked.read(json.loads(json.dumps(event.body))) == asked
    assert Asked.read({"for": 7}) is Asked.read(None) is None
    assert event.key != wait_event(asked, "timeout", "live", state="ringing").key


def test_how_an_event_shows():
    event = relay("calling.user_event", {"call_id": CALL, "event": {"a": "\x1b[31m<script>"}})
    assert "user_event" in repr(event)
    assert "\x1b" not in repr(event)
    assert "<script>" not in event._repr_html_()
    assert "order" in relay("user_event", {"order": 1})._repr_html_()


def lines_of(event):
    """Give the words of a card as they are left without styles: blocks are lines."""
    flat = re.sub(r"</?(div|pre|details|summary)[^>]*>", "\n", event._repr_html_())
    words = unescape(re.sub(r"<[^>]+>", "", flat))
    return [line.strip() for line in words.splitlines() if line.strip()]


def test_an_event_without_its_styles_can_be_read():
    event = relay("calling.user_event", {"call_id": CALL, "event": {"name": "Zoë"}})
    first, says, ids, *_ = lines_of(event)
    assert first == f"user_event · relay · {event.time:%H:%M:%S}"
    assert says == '{"name":"Zoë"}'
    assert ids == f"call {CALL[:8]}…"
    assert f"call: {CALL}" in lines_of(event)


def test_the_mark_of_an_event_has_the_tone_of_its_state():
    ringing = relay("calling.call.state", {"call_id": CALL, "call_state": "ringing"})
    assert lines_of(ringing)[0].startswith("state · … ringing · relay · ")
    assert html.TONES["wait"][0][0] in ringing._repr_html_()


def test_a_long_payload_is_cut_on_the_card_and_whole_in_its_fold():
    card = relay("calling.user_event", {"call_id": CALL, "event": {"text": "x" * 500}})
    says = lines_of(card)[1]
    assert len(says) == 160
    assert says.endswith("…")
    assert "x" * 500 in card._repr_html_()
