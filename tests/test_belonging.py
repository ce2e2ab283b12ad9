"""The answer to this request, and only that: interim answers, doubtful ends, other calls, other numbers."""

from __future__ import annotations

import contextlib
import io
import json
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor
from shutil import which

import pytest
from support.canned_server import CALL_ID, LEG, answer, said
from support.dialing import DIAL
from support.tls_proxy import Proxy, Tls

import swnb
from swnb.exchange import Request, TransportFailure

pytestmark = pytest.mark.sample(2)

OTHER = "0badca11-0000-4000-8000-000000000000"
NEW = "11111111-2222-4333-8444-555555555555"
SECOND = said(LEG | {"id": OTHER})  # what nobody asked for


def leg(call_id, **changes):
    return said(LEG | {"id": call_id} | changes)


def body_of(length, call_id=CALL_ID):
    return json.dumps(LEG | {"id": call_id, "filler": "x" * length}).encode()


def raw(line, *headers, body=b""):
    return "\r\n".join([line, *headers, "", ""]).encode() + body


def unknown(client, act):
    """Hold that an act ends in an `OutcomeUnknown`, and in the log so, and return the error."""
    with pytest.raises(swnb.OutcomeUnknown) as caught:
        act()
    row = client.log.df.iloc[-1]
    assert row.outcome == "unknown"
    assert row.error_message in str(caught.value)
    return caught.value


# Interim answers


@pytest.mark.parametrize("statuses", [[100], [102], [103], [103, 100, 102, 103]])
def test_interim_answers_are_skipped(replying, statuses):
    def slowly(connection):
        for status in statuses:
            connection.sendall(raw(f"HTTP/1.1 {status} So far", "Link: </x>; rel=preload"))
            time.sleep(0.05)
        connection.sendall(leg(NEW))

    sw, server = replying(slowly, leg(OTHER))
    assert sw.dial(**DIAL).id == NEW
    assert sw.dial(**DIAL).id == OTHER
    assert server.connections == 1


def test_interim_answers_without_an_end_end_at_the_deadline(replying):
    stopped = threading.Event()

    def forever(connection):
        while not stopped.wait(0.02):
            connection.sendall(raw("HTTP/1.1 102 Processing"))

    sw, _ = replying(forever, deadline=0.4)
    assert "deadline" in str(unknown(sw, lambda: sw.dial(**DIAL)))
    stopped.set()


# Doubtful ends

FIRST = body_of(0)
LENGTH = f"Content-Length: {len(FIRST)}"
CHUNKED = b"%x\r\n%b\r\n0\r\n\r\n" % (len(FIRST), FIRST)
DOUBTFUL = {
    "a second answer": said(LEG) + SECOND,
    "a second answer after chunks": raw(
        "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", body=CHUNKED + SECOND
    ),
    "a second answer after an empty one": answer(200, b"") + SECOND,
    "a body after 204": raw("HTTP/1.1 204 No Content", body=SECOND),
    "a length with 204": raw("HTTP/1.1 204 No Content", "Content-Length: 5"),
    "304": raw("HTTP/1.1 304 Not Modified", body=SECOND),
    "101": raw("HTTP/1.1 101 Switching Protocols", "Upgrade: x"),
    "101 and more": raw("HTTP/1.1 101 Switching Protocols", "Upgrade: x", body=SECOND),
    "two lengths": raw("HTTP/1.1 200 OK", LENGTH, LENGTH, body=FIRST),
    "lengths that differ": raw("HTTP/1.1 200 OK", LENGTH, "Content-Length: 2", body=FIRST),
    "a length and chunks": raw(
        "HTTP/1.1 200 OK", LENGTH, "Transfer-Encoding: chunked", body=CHUNKED
    ),
    "two codings": raw(
        "HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Transfer-Encoding: x", body=CHUNKED
    ),
    "a signed length": raw("HTTP/1.1 200 OK", f"Content-Length: +{len(FIRST)}", body=FIRST),
    "chunks in HTTP/1.0": raw(
        "HTTP/1.0 200 OK", "Connection: keep-alive", "Transfer-Encoding: chunked", body=CHUNKED
    ),
    "HTTP/1.0": raw("HTTP/1.0 200 OK", LENGTH, body=FIRST),
    "a torn head": raw("HTTP/1.1 200 OK", LENGTH, "no header", body=FIRST),
    "no JSON": answer(200, b"<html>"),
}  # fmt: skip


@pytest.mark.parametrize("name", DOUBTFUL)
def test_a_connection_is_left_after_an_answer_whose_end_is_in_doubt(replying, name):
    sw, server = replying(DOUBTFUL[name], leg(NEW))
    with contextlib.suppress(swnb.SendError):  # some can be read nevertheless
        assert sw.calling.end(CALL_ID)["id"] == CALL_ID
    assert sw.dial(**DIAL).id == NEW
    assert server.connections == 2


@pytest.mark.parametrize("name", [name for name in DOUBTFUL if name != "no JSON"])
def test_the_transport_itself_leaves_such_a_connection(replying, name):
    sw, server = replying(DOUBTFUL[name], leg(NEW))
    request = Request("calling.end", "POST", "/", repeatable=False, body=b"{}")
    with contextlib.suppress(TransportFailure):
        sw._session.transport.send(request)
    assert sw._session.transport.send(request).status == 200
    assert server.connections == 2


def test_what_an_unreadable_answer_left_behind_is_not_waited_for_in_vain(replying):
    answered = threading.Event()

    def too_late(connection):
        connection.sendall(answer(200, b""))
        assert answered.wait(10)
        connection.sendall(SECOND)

    sw, _ = replying(too_late, leg(NEW))
    unknown(sw, lambda: sw.dial(**DIAL))
    answered.set()
    assert sw.dial(**DIAL).id == NEW


def test_a_connection_is_left_after_a_page_that_is_none(replying):
    sw, server = replying(answer(200, b"<html>"), leg(NEW))
    with pytest.raises(swnb.UnreadableReply):
        sw.sync()
    assert sw.dial(**DIAL).id == NEW
    assert server.connections == 2


@pytest.mark.parametrize(
    "sound",
    [
        said(LEG),
        raw("HTTP/1.1 200 OK", "Transfer-Encoding: Chunked", body=CHUNKED),
        raw("HTTP/1.0 200 OK", "Connection: keep-alive", LENGTH, body=FIRST),
    ],
)
def test_a_connection_is_kept_after_a_sound_answer(replying, sound):
    sw, server = replying(sound)
    for _ in range(3):
        sw.calling.end(CALL_ID)
    assert server.connections == 1


def test_a_second_answer_in_the_same_tls_record_is_not_read(tmp_path, make, monkeypatch):
    if not which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    # As long as one read, so that what follows stays where TLS keeps what it has decrypted.
    size = io.DEFAULT_BUFFER_SIZE
    long = answer(200, body_of(size - len(answer(200, body_of(size))) + size))
    assert len(long) == size
    acts = (long + SECOND, leg(NEW))
    with Tls(tmp_path, "space.example.com", *acts) as tls, Proxy(tls.host) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.certificate))
        sw = make("space.example.com")
        sw.calling.end(CALL_ID)
        assert sw.dial(**DIAL).id == NEW


# Another call


def test_a_reply_about_another_call_is_none(replying):
    sw, server = replying(leg(OTHER), leg(CALL_ID.upper()))
    call = sw.call(CALL_ID)
    error = unknown(sw, call.end)
    assert OTHER in str(error)
    assert call.last is None
    assert set(sw.log.df.call_id) == {CALL_ID}
    assert call.end()["id"] == CALL_ID.upper()
    assert server.connections == 2


def test_an_update_is_held_to_its_call_too(replying):
    sw, _ = replying(leg(OTHER))
    unknown(sw, lambda: sw.calling.update(id=CALL_ID, status="completed"))


def test_a_reading_of_another_call_is_none_and_changed_nothing(replying):
    sw, _ = replying(leg(OTHER))
    error = unknown(sw, lambda: sw.voice_log(CALL_ID))
    assert "Nothing was changed. Try again." in str(error)
    assert len(sw.log.voice_logs.logs()) == 0


def test_a_dial_is_not_given_the_call_of_an_earlier_one(replying, tmp_path):
    sw, server = replying(leg(CALL_ID), leg(CALL_ID), leg(NEW))
    with sw.run("night", once=True):
        sw.dial(**DIAL)
        error = unknown(sw, lambda: sw.dial(**DIAL))
        assert "earlier dial" in str(error)
    with sw.run("night", once=True):
        assert sw.dial(**DIAL).id == CALL_ID
        unknown(sw, lambda: sw.dial(**DIAL))
    assert len(server.requests) == 2
    assert sw.log.calls()["call_id"].tolist() == [CALL_ID]
    assert sw.dial(**DIAL).id == NEW

    with swnb.replay(sw.log.export_run("night", tmp_path / "night.jsonl")) as again:
        assert again.dial(**DIAL).id == CALL_ID
        assert "earlier dial" in str(unknown(again, lambda: again.dial(**DIAL)))


def test_of_dials_at_once_one_alone_is_given_a_call(replying):
    sw, _ = replying(leg(CALL_ID))
    with ThreadPoolExecutor(8) as pool:
        dials = [pool.submit(sw.dial, **DIAL) for _ in range(16)]
    ends = [type(each.exception()) for each in dials]
    assert ends.count(swnb.OutcomeUnknown) == 15
    assert sorted(sw.log.df.outcome) == ["accepted"] + ["unknown"] * 15


@pytest.mark.parametrize("body", [["a"], [], "ok", 5, None, {}, {"id": ""}, {"id": 5}])
def test_a_dial_whose_answer_names_no_call_is_logged_as_what_is_raised(replying, body, tmp_path):
    sw, _ = replying(said(body))
    with sw.run("night"):
        unknown(sw, lambda: sw.dial(**DIAL))
        unknown(sw, lambda: sw.calling.dial(**DIAL))
    with swnb.replay(sw.log.export_run("night", tmp_path / "night.jsonl")) as again:
        assert "names no call" in str(unknown(again, lambda: again.dial(**DIAL)))


def test_a_status_line_is_no_answer_to_a_dial(replying):
    sw, _ = replying(answer(200, b"+OK running=1"))
    unknown(sw, lambda: sw.dial(**DIAL))


# Other numbers


def dialled(replying, sent, answered):
    """Dial, and return the messages of the warnings."""
    sw, _ = replying(leg(NEW, **answered))
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        sw.calling.dial(**DIAL | sent, unchecked=True)
    (row,) = sw.log.exchanges(bodies=True).to_dict("records")
    assert row["outcome"] == "accepted"
    assert row["request"]["params"]["to"] == (DIAL | sent)["to"]
    assert row["response"]["to"] == answered["to"]
    return [str(each.message) for each in warned if issubclass(each.category, swnb.SwnbWarning)]


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("+15555550101", "+15555550101"),
        ("+15555550101", "15555550101"),
        ("+15555550101", "+1 (555) 555-0101"),
        ("+15555550101", "(555) 555-0101"),
        ("+15555550101", "tel:+15555550101"),
        ("+15555550101", "sip:+15555550101@gateway.example.com;user=phone"),
        ("+493055501010", "030 55501010"),
        ("sip:alice@example.com", "SIP:Alice@Example.com;transport=tcp"),
        ("/private/alice?channel=audio", "/private/alice"),
        ("/private/alice", "alice@example.com"),
    ],
)
def test_another_spelling_of_a_number_is_normal(replying, sent, answered):
    assert dialled(replying, {"to": sent}, {"to": answered}) == []


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("+15555550101", "+15555550102"),
        ("+15555550101", "+445555550101"),
        ("sip:alice@example.com", "sip:bob@example.com"),
        ("sip:+15555550101@example.com", "+15555550102"),
    ],
)
def test_another_number_is_warned_of_with_both(replying, sent, answered):
    (message,) = dialled(replying, {"to": sent}, {"to": answered})
    assert repr(sent) in message
    assert repr(answered) in message
    assert "from=" not in message


def test_another_caller_is_warned_of_too(replying):
    (message,) = dialled(replying, {}, {"to": DIAL["to"], "from": "+15559999999"})
    assert "from= was sent as '+15550100' and answered as '+15559999999'" in message
