"""Frames that make no sense, to a real listener on a real socket: nothing lost, and it lives."""

import json
import time

import pytest
from support.relay_platform import Platform

import swnb

pytestmark = pytest.mark.sample(2)

CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
STATE = {"event_type": "calling.call.state", "params": {"call_id": CALL, "call_state": "ended"}}


@pytest.fixture
def platform():
    with Platform() as running:
        yield running


@pytest.fixture
def sw(platform, tmp_path):
    log = tmp_path / "log.sqlite"
    with swnb.Client("p" * 36, "PTcanary0000", platform.host, log=log) as client:
        yield client


@pytest.fixture
def inbox(platform, sw):
    with sw.listen(host=platform.host) as inbox:
        yield inbox


def heard_last(platform, inbox):
    """Send one more user event, and return what was heard before it came."""
    platform.event({"event_type": "user_event", "params": {"last": True}}, "last")
    inbox.wait_for("user_event", where={"last": True}, timeout=20)
    platform.until(lambda _: "last" in acknowledged(platform))
    assert inbox.state == "listening"
    return [event for event in inbox if event.payload != {"last": True}]


def acknowledged(platform):
    return [frame["id"] for frame in platform.frames if "result" in frame]


@pytest.mark.slow
def test_a_frame_of_any_depth_is_kept(platform, sw, inbox):
    depths = range(900, 1_000)
    for depth in depths:
        text = json.dumps({"id": str(depth), "method": "signalwire.event", "params": [depth, "x"]})
        platform.send(text.replace('"x"', "[" * depth + "]" * depth))
    heard = heard_last(platform, inbox)
    unreadable = inbox.counts["unreadable"]
    assert len(heard) + unreadable == len(depths)
    assert len(heard) > 50
    assert unreadable > 5
    assert platform.greetings == 1
    assert acknowledged(platform)[:-1] == [str(depth) for depth in depths[: len(heard)]]
    assert len(sw.log.events(kind="unreadable")) == unreadable


TIMES = {
    "none": None, "text": "soon", "seconds as text": "1745332535.5", "ISO": "2025-04-22T14:35:35Z",
    "large": 1e300, "small": -1e300, "as long as it likes": 10**400, "true": True, "list": [1],
    "object": {"seconds": 1}, "year 0": "0001-01-01T00:00:00+14:00",
    "year 10000": "9999-12-31T23:59:59-14:00", "half": "\ud800",
}  # fmt: skip


def test_a_time_of_any_kind_is_kept_and_shown_if_it_is_one(platform, sw, inbox):
    for name, stamp in TIMES.items():
        params = STATE["params"] | {"end_reason": name}
        platform.event(STATE | {"timestamp": stamp, "params": params})
    platform.event(STATE)
    platform.send('{"id": "nan", "method": "signalwire.event", "params": {"timestamp": NaN}}')
    heard = heard_last(platform, inbox)
    assert [event.params.get("end_reason") for event in heard] == [*TIMES, None]
    shown = {event.params.get("end_reason") for event in heard if event.at is not None}
    assert shown == {"seconds as text", "ISO"}
    assert inbox.counts["unreadable"] == 1  # NaN is no JSON
    frame = sw.log.events(call=CALL)
    assert frame["at"].notna().sum() == 2
    assert frame["time"].notna().all()
    assert [event._repr_html_().count("ended") > 0 for event in heard] == [True] * len(heard)


PAYLOADS = [
    (None, None, {"value": None}),
    ({"call_id": CALL, "event": None}, CALL, None),
    ({"call_id": None, "node_id": "n", "event": None}, None, None),
    ({"event": None}, None, {"event": None}),
    ({}, None, {}),
    ([], None, {"value": []}),
    (0, None, {"value": 0}),
    ("x", None, {"value": "x"}),
    ({"call_id": CALL, "event": {"call_id": "other"}}, CALL, {"call_id": "other"}),
    ({"call_id": [CALL], "event": {"n": 1}}, None, {"n": 1}),
]


@pytest.mark.parametrize("name", ["calling.user_event", "user_event", "calling.call.user_event"])
def test_a_user_event_may_carry_anything_or_nothing(platform, inbox, name):
    for number, (params, _, _) in enumerate(PAYLOADS):
        platform.event({"event_type": name, "timestamp": number, "params": params}, number)
    heard = heard_last(platform, inbox)
    assert [(event.call_id, event.payload) for event in heard] == [
        (call_id, payload) for _, call_id, payload in PAYLOADS
    ]
    assert {event.kind for event in heard} == {"user_event"}
    assert acknowledged(platform)[:-1] == list(range(len(PAYLOADS)))


@pytest.mark.parametrize(
    "frame",
    [b"\xff\xfe\x00", "x" * (11 * 2**20), '{"id": 1, "method": "signalwire.disconnect"}'],
    ids=["binary", "11 MB", "a farewell without params"],
)
def test_after_whatever_comes_it_listens_again(platform, sw, inbox, frame):
    platform.send(frame)
    if len(frame) > 10 * 2**20:  # more than any frame may have ends the connection
        deadline = time.monotonic() + 20
        while not inbox.gaps:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert platform.greetings == 2
    assert heard_last(platform, inbox) == []
    kinds = [event.kind for event in sw.log.heard_after(0)]
    assert kinds.count("gap") == kinds.count("connecting") - 1


def test_answers_to_nothing_and_of_no_form_change_nothing(platform, inbox):
    for id_ in (None, 1, "1", [1], {"a": 1}):
        for answer in ({"result": None}, {"result": [1]}, {"error": {"code": {}}}, {"error": None}):
            platform.send({"id": id_, **answer})
    assert heard_last(platform, inbox) == []
    assert "unreadable" not in inbox.counts
