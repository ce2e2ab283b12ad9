"""What strangers may send to a receiver and a listener: kept, or refused and counted; nothing breaks."""

import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time

import pytest
from support.recorded_run import DIAL
from support.relay_platform import Platform

import swnb

pytestmark = pytest.mark.sample(2)

CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
COUNT = 1_000
LARGE = 50 * 2**20


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


def nested(depth):
    return b'{"a":' * depth + b"1" + b"}" * depth


def a_value(draw, depth=0):
    kinds = ["number", "text", "null", "odd", "list", "object"][: 4 if depth > 3 else 6]
    kind = draw.choice(kinds)
    if kind == "number":
        return draw.choice([0, -1, 1e308, 10**400, 0.1, True, 2**63])
    if kind == "text":
        letters = "aé\u202e\x00\ud800<script>'\"{}\n%s"
        return "".join(draw.choices(letters, k=draw.randrange(12)))
    if kind == "null":
        return None
    if kind == "odd":
        return draw.choice([CALL, "calling.call.state", "ended", "2026-13-45T99:00", "NaN"])
    if kind == "list":
        return [a_value(draw, depth + 1) for _ in range(draw.randrange(4))]
    names = ["event_type", "params", "call_id", "call_state", "timestamp", "event", "control_id"]
    names += ["result", "detect", "sidecar_event", "call_info", "action", "state", "", "\ud800"]
    return {draw.choice(names): a_value(draw, depth + 1) for _ in range(draw.randrange(6))}


def bodies(seed):
    """Yield hostile bodies with content types, the same for each seed."""
    draw = random.Random(seed)
    types = ["application/json", "text/json", "application/x-www-form-urlencoded", "", "x/\xff"]
    fixed = [b"", b"{", b"NaN", b'{"a":NaN}', b'{"a":1,"a":2}', nested(50_000), b"\xff\xfe{}"]
    fixed += [b"[" * 100_000, b'"\\ud800"', b"\x00" * 1000, b"a=1&a=2&%zz=%ff", b"=&=&=" * 1000]
    for number in range(COUNT):
        kind = number % 4
        if number < len(fixed):
            body = fixed[number]
        elif kind == 0:
            body = draw.randbytes(draw.randrange(2000))
        elif kind == 1:
            whole = json.dumps(a_value(draw)).encode()
            body = whole[: draw.randrange(len(whole) + 1)]
        else:
            body = json.dumps({"n": number, **as_object(a_value(draw))}).encode()
        yield draw.choice(types), body


def as_object(value):
    return value if isinstance(value, dict) else {"value": value}


def post(url, body, **headers):
    where, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(where, timeout=20)
    try:
        connection.request("POST", f"/{path}", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.slow
def test_a_thousand_hostile_bodies_are_kept_or_counted(sw):
    hooks = sw.callbacks()
    url, statuses = hooks.url("status"), []
    for type_, body in bodies(7):
        statuses.append(post(url, body, **{"Content-Type": type_}))
    assert set(statuses) == {200}
    counts = hooks.counts
    assert counts["accepted"] + counts.get("repeated", 0) == COUNT
    assert len(sw.log.heard_after(0, most=COUNT * 2)) == counts["accepted"]
    frame = sw.log.events()
    assert len(frame) == counts["accepted"]
    assert "<script>" not in hooks._repr_html_()
    for event in sw.log.heard_after(0, most=100):
        assert "<script>" not in event._repr_html_()
        assert repr(event).isprintable()
    call = sw.dial(**DIAL).wait_until("answered")  # it still hears
    assert sw.log.heard("state", call=call, state="answered")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_of_fifty_megabytes_is_refused_and_not_kept(sw, chunked):
    hooks = sw.callbacks()
    url = hooks.url("status")
    body = (b"x" * 2**20 for _ in range(50)) if chunked else b"x" * LARGE
    assert post(url, body) == 413
    assert hooks.counts == {"refused": 1}
    assert post(url, b"{}") == 200


@pytest.mark.parametrize(
    "request_text",
    [
        b"POST / HTTP/1.1\r\n\r\n",
        b"GARBAGE\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
        b"POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
        b"POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_what_is_no_request_changes_nothing(sw, request_text):
    hooks = sw.callbacks()
    with socket.create_connection(("127.0.0.1", hooks.port), timeout=5) as raw:
        raw.sendall(request_text)
        raw.shutdown(socket.SHUT_WR)
        while raw.recv(4096):
            pass
    assert "accepted" not in hooks.counts
    assert post(hooks.url("status"), b"{}") == 200


FRAMES = [
    "no json", b"\x00\x01binary", "[]", "null", "7", '{"jsonrpc": "2.0"}', "{" * 1000,
    {"id": None, "method": "signalwire.event"},
    {"id": ["x"], "method": "signalwire.event", "params": ["list"]},
    {"id": {"a": 1}, "method": "signalwire.event", "params": None},
    {"id": "1", "method": "signalwire.event", "params": {"event_type": 5, "params": "text"}},
    {"id": "2", "method": "signalwire.event", "params": {"params": {"call_id": 5}}},
    {"id": "3", "method": "unheard.of", "params": {}},
    {"id": "4", "method": 7},
    {"method": "signalwire.ping"},
    {"id": "unasked", "result": {"code": "200"}},
    {"id": "unasked", "error": "text"},
    {"id": "5", "method": "signalwire.event",
     "params": {"event_type": "calling.call.state", "timestamp": 1e300, "params": {}}},
    {"id": "6", "method": "signalwire.event",
     "params": {"event_type": "calling.call.receive", "params": {"call_id": None}}},
    {"id": "7", "method": "signalwire.event",
     "params": {"event_type": "calling.call.dial", "params": {"tag": [], "call": "x"}}},
]  # fmt: skip


def test_hostile_frames_are_kept_and_the_listener_lives(tmp_path):
    with (
        Platform() as platform,
        swnb.Client("p" * 36, "PTcanary", platform.host, log=tmp_path / "log.sqlite") as sw,
        sw.listen(host=platform.host) as inbox,
    ):
        for frame in FRAMES:
            platform.send(frame)
        draw = random.Random(7)
        for number in range(200):
            params = a_value(draw)
            platform.send({"id": f"r{number}", "method": "signalwire.event", "params": params})
        user_event = {"event_type": "user_event", "timestamp": 1.5, "params": {"number": 1}}
        platform.event(user_event)
        assert inbox.wait_for("user_event", where={"number": 1}, timeout=10).call_id is None
        assert inbox.state == "listening"
        assert platform.greetings == 1
        events = sum(isinstance(f, dict) and f.get("method") == "signalwire.event" for f in FRAMES)
        mine = {f"r{number}" for number in range(200)}
        platform.until(lambda frames: mine <= {f["id"] for f in frames if "result" in f})
        deadline = time.monotonic() + 10
        while (counts := inbox.counts)["heard"] + counts.get("repeated", 0) < events + 201:
            assert time.monotonic() < deadline, counts
            time.sleep(0.01)
        assert counts["heard"] + counts.get("repeated", 0) == events + 200 + 1
        assert counts["unreadable"] >= 6
        assert len(sw.log.events()) >= counts["heard"]
        assert "<script>" not in inbox._repr_html_()


@pytest.mark.slow
def test_a_token_is_refused_for_good_and_a_stale_session_once(tmp_path):
    def greet(number):
        good = {"result": {"protocol": "signalwire_test"}}
        stale = {"error": {"code": -32003, "message": "stale"}}
        return {1: good, 2: stale, 3: good}.get(
            number, {"error": {"code": -32002, "message": "no"}}
        )

    with (
        Platform() as platform,
        swnb.Client("p" * 36, "PTcanary", platform.host, log=tmp_path / "log.sqlite") as sw,
    ):
        platform.greet = greet
        with sw.listen(host=platform.host) as inbox:
            state = {"event_type": "signalwire.authorization.state"}
            platform.event(state | {"params": {"authorization_state": "canary-state"}})
            platform.connections[-1].cut()
            deadline = time.monotonic() + 10
            while platform.greetings < 3 and time.monotonic() < deadline:
                time.sleep(0.02)
            greetings = [frame["params"] for frame in platform.asked("signalwire.connect")]
            assert ["authorization_state" in params for params in greetings] == [False, True, False]
            while not inbox.gaps:
                time.sleep(0.02)
            assert inbox.gaps[0].params["restored"] is False
        with pytest.raises(swnb.SwnbError, match="refused"):
            sw.listen(host=platform.host)
        assert platform.greetings == 4
        kept = b"".join(file.read_bytes() for file in tmp_path.glob("log.sqlite*"))
        assert b"canary-state" not in kept


CHILD = """
import sys, swnb
log, host, relay, project, token, call = sys.argv[1:]
with swnb.Client(project, token, host, log=log, run="child") as sw, sw.listen(host=relay) as inbox:
    print("listening", flush=True)
    numbers = [inbox.wait_for("user_event", timeout=20).payload["number"] for _ in range(50)]
    print(numbers == list(range(50)), flush=True)
"""


@pytest.mark.slow
def test_a_second_process_with_the_same_log_hears_for_itself(sw, tmp_path):
    space, call = sw.simulated_space, sw.dial(**DIAL).wait_until("answered")
    relay = space.relay_url.removeprefix("ws://")
    host = sw._session.host
    words = [str(tmp_path / "log.sqlite"), host, relay, space.project, space.token, call.id]
    with sw.listen() as inbox:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, *words], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout.readline() == "listening\n"
        for number in range(50):
            call.user_event({"number": number})
        assert child.communicate(timeout=30)[0] == "True\n"
        heard = [inbox.wait_for("user_event").payload["number"] for _ in range(50)]
    assert heard == list(range(50))
    mine = [event.payload["number"] for event in sw.log.heard("user_event")]
    theirs = [event.payload["number"] for event in sw.log.heard("user_event", run="child")]
    assert mine == theirs == list(range(50))


def test_a_forked_child_neither_hears_nor_disturbs(sw):
    with sw.listen() as inbox, sw.callbacks() as hooks:
        call = sw.dial(**DIAL).wait_until("answered")
        child = os.fork()
        if child == 0:
            alone = [thread for thread in threading.enumerate() if thread.name == "swnb"]
            os._exit(len(alone))
        assert os.waitpid(child, 0)[1] == 0
        call.user_event({"number": 1})
        assert inbox.wait_for("user_event").payload == {"number": 1}
        assert post(hooks.url("status"), b"{}") == 200
