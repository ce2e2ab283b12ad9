"""What strangers may send to a receiver: how it is asked, signed and spelt, from a seeded generator."""

import http.client
import json
import random
import urllib.parse
import warnings

import pytest
from support.recorded_run import DIAL

import swnb
from swnb.events.callbacks.signatures import signature

KEY = "PSK_canary0000"
CALL = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
BODY = json.dumps({"event_type": "calling.call.state", "params": {"call_state": "ended"}}).encode()
METHODS = ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "HEAD", "BREW", "get", "Post"]


@pytest.fixture
def sw(tmp_path):
    with swnb.simulate(log=tmp_path / "log.sqlite") as client:
        yield client


class Sender:
    """One connection to a receiver, opened again whenever the receiver has closed it."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)

    def __call__(self, path, body=b"", headers=(), method="POST"):
        self.connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.connection.putheader(name, value)
        self.connection.endheaders(body)
        answer = self.connection.getresponse()
        answer.read()
        return answer.status


@pytest.fixture
def send(sw):
    """Send to an open receiver; `send.hooks` is the receiver and `send.path` its path."""
    senders = []

    def start(**options):
        hooks = sw.callbacks(**options)
        sender = Sender(hooks.port)
        sender.hooks = hooks
        sender.path = urllib.parse.urlsplit(hooks.url("status")).path
        senders.append(sender)
        return sender

    yield start
    for sender in senders:
        sender.connection.close()


def off_by_one(draw, path):
    """Return a path of which one character of the secret is another, too many, missing or moved."""
    secret = path.split("/")[1]
    place = draw.randrange(len(secret))
    other = draw.choice([letter for letter in "0123456789abcdef" if letter != secret[place]])
    return path.replace(
        secret,
        draw.choice(
            [
                secret[:place] + other + secret[place + 1 :],
                secret[:place] + other + secret[place:],
                secret[:place] + secret[place + 1 :],
                secret.upper() if secret.upper() != secret else secret + other,
                f"%{ord(secret[0]):x}{secret[1:]}",
                f"{secret}%00",
                f"/{secret}",
                f"x/../{secret}",
            ]
        ),
    )


def test_a_path_that_is_nearly_right_is_not_found(send):
    asked = send()
    draw = random.Random(7)
    paths = [off_by_one(draw, asked.path) for _ in range(200)]
    paths += ["/", "//", "*", "/status", "/?" + asked.path, asked.path[1:], "/\\" + asked.path[1:]]
    assert {asked(path, BODY) for path in paths} == {404}
    assert asked.hooks.counts == {"refused": len(paths)}
    assert asked(asked.path, BODY) == 200


@pytest.mark.parametrize("method", METHODS)
def test_another_method_is_refused(send, method):
    asked = send()
    assert asked(asked.path, BODY, method=method) == 405
    assert asked.hooks.counts == {"refused": 1}
    asked.connection.close()
    assert asked(asked.path, BODY) == 200


def test_a_path_may_go_on_as_it_likes(sw, send):
    """What comes after the secret is a hint at most: whoever knows the secret is heard."""
    asked = send()
    draw = random.Random(7)
    secret = asked.path.split("/")[1]
    asked.connection._encode_request = lambda text: text.encode("latin-1")  # it sends ASCII alone
    letters = "ab/%?&=;#.~\\\"'<>{}|^`\x80\xff"
    for number in range(200):
        rest = "".join(draw.choices(letters, k=draw.randrange(30)))
        body = json.dumps({"number": number}).encode()
        assert asked(f"/{secret}/{rest}", body) == 200
    assert asked.hooks.counts["accepted"] == 200
    assert sorted(event.body["number"] for event in sw.log.heard_after(0)) == [*range(200)]


def bad_signatures(draw, url, body):
    """Yield headers none of which is a right signature of this request."""
    right = signature(KEY, url, body)
    right256 = signature(KEY, url, body, "sha256")
    odd = [
        "",
        " ",
        "0",
        "é",
        "\xff" * 40,
        "sha1=" + right,
        right[:-1],
        right + "0",
        "0" * 40,
        right256,
    ]
    odd = [*odd, right[::-1], signature(KEY, url, body + b" "), signature(KEY, url + "/", body)]
    odd += [signature("", url, body), signature(KEY, "", body), signature(KEY[::-1], url, body)]
    for value in odd:
        yield [("X-SignalWire-Signature", value)]
        yield [("x-twilio-signature", value)]
    for value in [right, "0" * 64, right256[:-1], *[value for value in odd if value != right256]]:
        yield [("X-SignalWire-SHA256-Signature", value)]
    yield [("X-SignalWire-Signature", right), ("X-SignalWire-SHA256-Signature", "")]
    yield [("X-SignalWire-SHA256-Signature", right256), ("X-Twilio-Signature", right256)]
    for _ in range(100):
        place = draw.randrange(len(right))
        wrong = right[:place] + draw.choice("ghxyz") + right[place + 1 :]
        yield [("X-SignalWire-Signature", wrong)]


def test_a_wrong_signature_is_refused_whatever_it_is(sw, send):
    asked = send(signing_key=KEY)
    url = asked.hooks.url("status")
    sent = list(bad_signatures(random.Random(7), url, BODY))
    assert len(sent) > 130
    statuses = []
    for headers in sent:
        raw = [(name, value.encode("latin-1")) for name, value in headers]
        statuses.append(asked(asked.path, BODY, raw))
    assert statuses == [403] * len(sent)
    assert asked.hooks.counts == {"refused": len(sent)}
    assert sw.log.heard_after(0) == []
    right = [("X-SignalWire-Signature", signature(KEY, url, BODY))]
    assert asked(asked.path, BODY, right) == 200
    assert [event.signed for event in sw.log.heard_after(0)] == [True]


def forms():
    """Yield forms whose text is in odd encodings, with the type that says so, or lies."""
    text = "call_state=ended&note=caf%E9&call_id=" + CALL
    kind = "application/x-www-form-urlencoded"
    for charset in ("utf-8", "utf-16", "latin-1", "utf-7", "idna", "no-such", "\xe9", ""):
        yield f"{kind}; charset={charset}", text.encode()
        yield f"{kind}; charset={charset}", ("note=é&" + text).encode("latin-1")
    yield kind, text.encode("utf-16")
    yield kind, text.encode("utf-32")
    yield kind, b"\xef\xbb\xbf" + text.encode()
    yield kind, b"note=%ff%fe%00&" * 20 + text.encode()
    yield kind, b"&".join(b"a%d=1" % number for number in range(5_000)) + b"&" + text.encode()
    yield kind, (text.replace("=", "%3D")).encode()
    yield kind, b"%" * 1_000
    yield f"multipart/form-data; boundary={'b' * 80}", b"--b\r\n\r\n" + text.encode()
    yield f"{kind}, application/json", text.encode()


def test_forms_in_odd_encodings_are_kept(sw, send):
    asked = send()
    sent = list(forms())
    for number, (kind, body) in enumerate(sent):
        headers = [("Content-Type", kind.encode("latin-1"))]
        assert asked(f"{asked.path}?n={number}", body, headers) == 200
    counts = asked.hooks.counts
    assert counts["accepted"] + counts.get("repeated", 0) == len(sent)
    states = [event for event in sw.log.heard_after(0) if event.kind == "state"]
    assert {(event.state, event.call_id) for event in states} == {("ended", CALL)}
    assert len(states) + counts.get("repeated", 0) > len(sent) / 2


def hostile_webhooks(draw):
    """Yield bodies of the known forms in which anything may be anywhere."""
    odd = [None, True, 0, -1, 10**400, 1e308, "", "\x00", "\ud800", [], [CALL], {}, {"call_id": 7}]
    odd += [{"type": ["x"]}, "ended", CALL, {"params": {"event": [1]}}, [[["x"]]]]
    names = ["type", "ts", "channel_data", "call_id", "params", "timestamp", "event_type", "state"]
    names += [
        "call_state",
        "control_id",
        "result",
        "detect",
        "fax",
        "record",
        "tag",
        "call",
        "text",
    ]
    first = ["sidecar_event", "action", "call_log", "post_prompt_data", "call_info", "event_type"]
    while True:
        inner = {name: draw.choice(odd) for name in draw.sample(names, draw.randrange(7))}
        outer = {name: draw.choice(odd) for name in draw.sample(first + names, draw.randrange(6))}
        yield {**outer, draw.choice(["sidecar_event", "params", "call_info", "result"]): inner}


@pytest.mark.slow
def test_webhooks_of_every_form_may_hold_anything_anywhere(sw, send):
    asked = send()
    made = hostile_webhooks(random.Random(7))
    for _ in range(500):
        assert asked(asked.path, json.dumps(next(made)).encode()) == 200
    counts = asked.hooks.counts
    assert counts["accepted"] + counts["repeated"] == 500
    assert counts["accepted"] > 400
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # no cell that swnb itself wrote may be odd
        frame = sw.log.events()
    heard = sw.log.heard_after(0)
    assert len(frame) == len(heard) == counts["accepted"]
    assert frame["repeats"].sum() == counts["repeated"]
    assert frame.to_html()
    for event in heard:
        assert event._repr_html_()
        assert event.time.tzinfo
    assert str(counts["accepted"]) in asked.hooks._repr_html_()
    call = sw.dial(**DIAL).wait_until("answered")
    assert sw.log.heard("state", call=call, state="answered", source="callback")


def test_a_text_with_nul_is_not_cut_into_another(sw, send):
    asked = send()
    body = {"call_state": "ended\0", "call_id": f"{CALL}\0x", "control_id": "\0"}
    assert asked(asked.path, json.dumps(body).encode()) == 200
    (event,) = sw.log.heard_after(0)
    assert (event.state, event.call_id) == ("ended\ufffd", f"{CALL}\ufffdx")
    assert (event.control_id, event.body) == ("\ufffd", body)
    assert len(sw.log.heard("state")) == 1
    assert len(sw.log.heard("state", state="ended")) == 0
