"""Status callbacks of a simulated space, over real HTTP on loopback."""

import http.client
import http.server
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.errors import ConfigurationError, SwnbError
from swnb.events.callbacks.signatures import signature

pytestmark = pytest.mark.sample(3)

KEY = "PSK_canary0000"


CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


@pytest.fixture
def space(sw):
    return sw.simulated_space


def post(url, body=b"{}", method="POST", **headers):
    """Send one request and return its status."""
    where, _, path = url.removeprefix("http://").partition("/")
    connection = http.client.HTTPConnection(where, timeout=10)
    connection.request(method, f"/{path}", body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def states(sw):
    return [event.state for event in sw.log.heard("state")]


@pytest.mark.parametrize("form", ["envelope", "flat"])
def test_what_comes_of_a_call_is_posted_and_logged(tmp_path, form):
    with swnb.simulate(log=tmp_path / "log.sqlite", callback_form=form) as sw:
        hooks = sw.callbacks()
        assert hooks.reachable
        call = sw.dial(**DIAL).wait_until("answered")
        end = call.play(play=[{"type": "silence", "params": {"duration": 1}}]).wait()
        assert (end.source, end.state) == ("callback", "finished")
        call.end()
        assert sw.simulated_space.settle()
        assert states(sw) == ["created", "ringing", "answered", "ended"]
        assert {event.call_id for event in sw.log.heard("state")} == {call.id}
        assert hooks.counts == {"accepted": 6, "unsigned": 6}
        assert sw.log.heard("play", state="finished")[0].control_id == end.control_id


def test_the_url_is_a_secret_that_only_the_request_holds(sw, space, tmp_path):
    hooks = sw.callbacks()
    call = sw.dial(**DIAL).wait_until("answered")
    call.play(play=[{"type": "silence", "params": {"duration": 1}}])
    secret = hooks.url("status").split("/")[3]
    assert len(secret) == 32
    assert secret in json.dumps([delivery.url for delivery in space.callbacks])
    request = sw.log.get(int(sw.log.df["id"].iloc[0])).request
    assert request["params"]["status_url"] == "swnb:callbacks"
    path = sw.log.export_run(sw.log.run, tmp_path / "r.jsonl")
    shown = repr(hooks) + hooks._repr_html_() + path.read_text() + repr(call.last)
    kept = b"".join(file.read_bytes() for file in tmp_path.glob("log.sqlite*"))
    assert secret not in shown
    assert secret.encode() not in kept


def test_a_url_that_is_given_or_refused_stays(sw, space):
    sw.callbacks()
    sw.dial(**DIAL, status_url="https://example.com/mine")
    sw.dial(**DIAL, status_url=None)
    sent = [seen.body["params"] for seen in space.requests if seen.command == "dial"]
    assert sent[0]["status_url"] == "https://example.com/mine"
    assert "status_url" not in sent[1]
    assert "status_events" not in sent[1]
    assert [delivery.outcome for delivery in space.callbacks] == []


def test_a_form_and_a_body_get_one_too(sw, space):
    sw.callbacks()
    sw.send(
        {"command": "dial", "params": {"from": "+15550100", "to": "+15550101", "url": DIAL["url"]}}
    )
    assert "status_url" in space.requests[-1].body["params"]
    assert space.requests[-1].body["params"]["status_events"] == [
        "created",
        "ringing",
        "answered",
        "ended",
    ]


def test_after_closing_commands_get_none(sw, space):
    with sw.callbacks() as hooks:
        assert sw.callbacks() is hooks
    sw.dial(**DIAL)
    assert "status_url" not in space.requests[-1].body["params"]
    assert hooks.state == "closed"
    hooks.close()


def test_only_who_knows_the_path_is_heard(sw):
    hooks = sw.callbacks()
    base = f"http://127.0.0.1:{hooks.port}"
    assert post(f"{base}/") == post(f"{base}/{'0' * 32}/play") == 404
    assert post(f"{base}/" + "%ff" * 40) == 404
    assert post(hooks.url("status"), method="PUT") == 405
    assert post(hooks.url("status"), b"x" * (2**20 + 1)) == 413
    assert hooks.counts == {"refused": 5}
    assert post(hooks.url("status"), b"x" * 2**20) == 200
    assert sw.log.events(kind="unknown").shape[0] == 1


def test_the_same_callback_again_is_counted(sw):
    hooks = sw.callbacks()
    body = json.dumps({"event_type": "calling.call.play", "timestamp": 1.5, "params": {"a": 1}})
    assert [post(hooks.url("status"), body.encode()) for _ in range(3)] == [200] * 3
    assert hooks.counts == {"accepted": 1, "repeated": 2, "unsigned": 3}


@pytest.mark.parametrize(
    ("headers", "status", "signed"),
    [
        (lambda url, body: {"X-SignalWire-Signature": signature(KEY, url, body)}, 200, True),
        (
            lambda url, body: {
                "X-SignalWire-SHA256-Signature": signature(KEY, url, body, "sha256").upper()
            },
            200,
            True,
        ),
        (lambda url, body: {"X-SignalWire-Signature": signature("other", url, body)}, 403, None),
        (lambda url, body: {"X-SignalWire-Signature": ""}, 403, None),
        (lambda url, body: {"X-SignalWire-Signature": signature(KEY, url + "x", body)}, 403, None),
        (
            lambda url, body: {
                "X-SignalWire-Signature": signature(KEY, url, body),
                "X-SignalWire-SHA256-Signature": "00",
            },
            403,
            None,
        ),
        (lambda url, body: {}, 200, False),
    ],
)
def test_signatures(sw, headers, status, signed):
    hooks = sw.callbacks(signing_key=KEY)
    body = b'{"call_state": "ended"}'
    assert post(hooks.url("status"), body, **headers(hooks.url("status"), body)) == status
    if status == 200:
        assert sw.log.heard("state")[0].signed is (True if signed else None)
    else:
        assert hooks.counts == {"refused": 1}


def test_a_space_signs_and_what_is_unsigned_is_refused_if_asked(sw, space):
    space.signing_key = KEY
    hooks = sw.callbacks(signing_key=KEY, require_signature=True)
    space.misbehave("unsigned")
    call = sw.dial(**DIAL).wait_until("answered")
    assert space.settle()
    assert hooks.counts == {"accepted": 2, "refused": 1}
    assert [event.signed for event in sw.log.heard("state", call=call)] == [True, True]
    with swnb.simulate() as other, pytest.raises(ConfigurationError, match="needs a signing_key"):
        other.callbacks(require_signature=True)


@pytest.mark.parametrize(
    ("kind", "attempts", "heard"),
    [
        ("drop", [[200], [200]], ["ringing", "answered"]),
        ("repeat", [[200], [200], [200], [200]], ["created", "ringing", "answered"]),
        ("cut", [[None, 200], [200], [200]], ["created", "ringing", "answered"]),
        ("swap", [[200], [200], [200]], ["ringing", "created", "answered"]),
    ],
)
def test_faults_on_the_way(sw, space, kind, attempts, heard):
    sw.callbacks()
    space.misbehave(kind, channel="callbacks")
    sw.dial(**DIAL)
    space.advance(5)
    assert space.settle()
    assert [delivery.attempts for delivery in space.callbacks] == attempts
    assert states(sw) == heard


def test_a_log_that_cannot_be_written_gets_it_again(sw, space, monkeypatch):
    hooks = sw.callbacks()
    hear, failures = sw.log.hear, [1, 2]

    def hear_perhaps(events):
        if failures:
            failures.pop()
            raise swnb.LogError("the disk is full")
        return hear(events)

    monkeypatch.setattr(sw.log, "hear", hear_perhaps)
    sw.dial(**DIAL)
    assert space.settle()
    assert space.callbacks[0].attempts == [503, 503, 200]
    assert hooks.counts["not written"] == 2
    assert states(sw) == ["created"]


def test_nothing_is_posted_beyond_loopback(sw, space):
    sw.dial(**DIAL, status_url="https://example.com/status")
    space.advance(60)
    sw.end_all()
    assert space.settle()
    assert [delivery.outcome for delivery in space.callbacks] == ["not on loopback"]


def test_a_stream_may_ask_for_get(sw, space):
    hooks = sw.callbacks()
    call = sw.dial(**DIAL).wait_until("answered")
    call.stream(url="wss://example.com/audio", status_url_method="GET")
    assert space.settle()
    assert space.callbacks[-1].method == "GET"
    assert sw.log.heard("stream", state="streaming")[0].call_id == call.id
    assert "refused" not in hooks.counts


def test_a_live_client_needs_a_public_url(tmp_path):
    with swnb.Client("p" * 8, "t" * 8, "example.signalwire.com", log=":memory:") as sw:
        with pytest.raises(ConfigurationError, match="public URL") as error:
            sw.callbacks(port=9999)
        assert "cloudflared tunnel --url http://127.0.0.1:9999" in error.value.advice
        assert "ngrok http 9999" in error.value.advice
        for url in (
            "http://example.com",
            "example.com",
            "https://u:p@example.com",
            "https://x?y=1",
        ):
            with pytest.raises(ConfigurationError, match="must be an https URL"):
                sw.callbacks(public_url=url)


@pytest.fixture
def elsewhere():
    class Other(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302 if "away" in self.path else 200)
            self.send_header("Location", "/x")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Other)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(("path", "said"), [("", "something else"), ("/away", "a redirect")])
def test_a_public_url_that_leads_elsewhere_is_said_to(sw, elsewhere, capsys, path, said):
    hooks = sw.callbacks(public_url=elsewhere + path)
    assert not hooks.reachable
    assert said in capsys.readouterr().err
    assert said in hooks._repr_html_()


def test_a_public_url_of_nobody(sw, capsys):
    assert not sw.callbacks(public_url="http://127.0.0.1:9").reachable
    assert "not reachable: ConnectionError" in capsys.readouterr().err


def test_a_port_that_is_taken_and_others_that_are_none(sw, tmp_path):
    port = sw.callbacks().port
    with swnb.simulate() as other:
        with pytest.raises(SwnbError, match=f"port {port} cannot be used"):
            other.callbacks(port=port)
        for odd in (-1, 65536, "80", True):
            with pytest.raises(ConfigurationError, match="port"):
                other.callbacks(port=odd)
        with pytest.raises(ConfigurationError, match="bind"):
            other.callbacks(bind="example.com")
        with pytest.raises(ConfigurationError, match="purpose"):
            other.callbacks().url("nothing")


def listening_addresses():
    """Return the addresses on which this process listens, from the kernel's own table."""
    inodes = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = []
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        rows = [line.split() for line in Path(table).read_text().splitlines()[1:]]
        found += [row[1].split(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes]
    return found


def test_nothing_listens_beyond_loopback(sw):
    sw.callbacks()
    sw.listen()
    assert set(listening_addresses()) == {"0100007F"}  # 127.0.0.1
    assert len(listening_addresses()) == 2


def test_another_address_is_warned_of(sw, capsys):
    sw.callbacks(bind="0.0.0.0")
    assert "can be reached from other machines" in capsys.readouterr().err


def test_nothing_is_left_after_the_client(tmp_path):
    before = threading.active_count()
    sw = swnb.simulate(log=tmp_path / "log.sqlite")
    hooks = sw.callbacks()
    sw.dial(**DIAL)
    sw.close()
    assert threading.active_count() == before
    assert listening_addresses() == []
    assert hooks.state == "closed"


def test_a_rehearsal_and_a_replay_open_nothing(sw, tmp_path):
    with sw.run("r"):
        sw.callbacks()
        sw.dial(**DIAL).wait_until("answered")
    path = sw.log.export_run("r", tmp_path / "r.jsonl")
    with swnb.replay(path) as again:
        assert again.callbacks().state == "replayed"
        assert again.dial(**DIAL).wait_until("answered").status == "answered"
        assert again.unused() == []
    with swnb.replay(path) as again:  # without the receiver the requests are the same
        assert again.dial(**DIAL).wait_until("answered").status == "answered"
    with swnb.simulate(dry_run=True) as rehearsal:
        assert rehearsal.callbacks().state == "dry run"
        assert rehearsal.dial(**DIAL).last.exchange.request["params"]["status_url"] == (
            "swnb:callbacks"
        )


@pytest.mark.slow
def test_five_hundred_a_second_lose_none_beside_a_busy_cell(sw):
    hooks = sw.callbacks()
    script, count = Path(__file__).parent / "support" / "many_posts.py", 1_500
    command = [sys.executable, str(script), hooks.url("status"), str(count), "500"]
    poster = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    number = 0
    while poster.poll() is None:  # a cell in a pure-Python loop
        number += 1
    assert int(poster.communicate()[0].split()[0]) == count
    heard = [event.body["number"] for event in sw.log.heard_after(0) if event.kind == "unknown"]
    assert sorted(heard) == list(range(count))


def test_the_interpreter_switches_as_before_when_nothing_is_heard_any_more(sw, tmp_path):
    before = sys.getswitchinterval()
    hooks = sw.callbacks()
    with swnb.simulate(log=tmp_path / "other.sqlite") as other, other.listen():
        hooks.close()
        assert sys.getswitchinterval() == pytest.approx(0.0005)
    sw.close()
    assert sys.getswitchinterval() == before


def test_a_forked_child_leaves_the_receiver_alone(sw):
    hooks = sw.callbacks()
    child = os.fork()
    if child == 0:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert post(hooks.url("status")) == 200


@pytest.mark.parametrize(
    ("purpose", "body", "kind", "state"),
    [
        (
            "sidecar",
            {
                "call_info": {"call_id": CALL},
                "sidecar_event": {"type": "thought", "ts": 1745332535668522, "text": "hm"},
            },
            "sidecar",
            "thought",
        ),
        (
            "post_prompt",
            {"action": "post_conversation", "call_id": CALL, "call_log": []},
            "post_prompt",
            None,
        ),
        ("live_transcribe", {"call_id": CALL, "text": "hello"}, "unknown", None),
    ],
)
def test_other_webhooks_are_pointed_here(sw, purpose, body, kind, state):
    hooks = sw.callbacks()
    assert post(hooks.url(purpose), json.dumps(body).encode()) == 200
    (event,) = sw.log.heard_after(0)
    assert (event.kind, event.state, event.call_id) == (kind, state, CALL)
    with pytest.raises(ConfigurationError, match="no purpose 'sidecars'"):
        hooks.url("sidecars")
