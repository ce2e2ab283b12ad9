"""Everything has an end: answers that drip, that unpack without measure, and listings."""

from __future__ import annotations

import gzip
import itertools
import socket
import threading
import zlib

import pytest
from support.canned_server import CALL_ID, LEG, TOKEN, Answering, answer, reset, said
from support.dialing import DIAL

import swnb

pytestmark = [pytest.mark.slow, pytest.mark.sample(3)]

MB = 2**20
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
BIG = {"version": "1.0.0", "sections": {"main": [{"play": {"url": "say:" + "x" * 30_000_000}}]}}


def unknown(client, act):
    """Hold that an act ends in an `OutcomeUnknown`, and in the log so, and return the error."""
    with pytest.raises(swnb.OutcomeUnknown) as caught:
        act()
    assert client.log.df.iloc[-1].outcome == "unknown"
    return caught.value


# The deadline


@pytest.fixture
def dripping():
    """Make acts that send a beginning, and then a piece now and then, until the test is over."""
    over = threading.Event()

    def make(beginning, piece):
        def act(connection):
            connection.sendall(beginning)
            while not over.wait(0.05):
                connection.sendall(piece)

        return act

    yield make
    over.set()


@pytest.mark.parametrize(
    ("beginning", "piece"),
    [
        (b"HTTP/1.1 ", b"0"),
        (HEAD, b"X-More: 1\r\n"),
        (HEAD + b"Content-Length: 5000\r\n\r\n", b" "),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X-Trailer: 1\r\n"),
        (HEAD + b"\r\n", b" "),
    ],
    ids=["line", "head", "length", "chunks", "trailers", "until it closes"],
)
def test_an_answer_that_drips_ends_at_the_deadline(replying, dripping, beginning, piece):
    sw, server = replying(dripping(beginning, piece), deadline=0.4, retries=2)
    error = unknown(sw, lambda: sw.dial(**DIAL))
    assert "no whole answer within the deadline of 0.4 s" in str(error)
    unknown(sw, lambda: sw.calling.end(CALL_ID))
    assert len(server.requests) == 2  # no time is left to repeat the second


def test_a_request_that_nobody_reads_ends_at_the_deadline(make):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        sw = make(host, deadline=1.0)
        assert "deadline" in str(unknown(sw, lambda: sw.dial(**DIAL | {"url": None}, swml=BIG)))


def test_a_proxy_that_drips_ends_at_the_deadline_and_nothing_was_sent(
    dripping, make, monkeypatch, plain_environment
):
    with Answering(dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        sw = make("space.example.com", deadline=0.4, retries=2)
        with pytest.raises(swnb.ConnectionFailed, match="deadline"):
            sw.dial(**DIAL)


def test_a_wait_past_the_deadline_is_left_to_the_caller(replying, waits):
    sw, server = replying(said({}, 429, Retry_After="50"), retries=2, deadline=40)
    with pytest.raises(swnb.RateLimited, match="it asks to wait for 50"):
        sw.dial(**DIAL)
    assert (len(server.requests), waits) == (1, [])


def test_waits_count_for_the_deadline(replying):
    sw, server = replying(said({}, 429), retries=9, deadline=1.2)
    with pytest.raises(swnb.RateLimited):  # after 0.5 s; another second would be too many
        sw.dial(**DIAL)
    assert len(server.requests) == 2


@pytest.mark.parametrize("deadline", [0, -1, "5", None, float("inf"), float("nan"), True, (1, 2)])
def test_a_deadline_that_is_none_is_refused(tmp_path, deadline):
    with pytest.raises(swnb.ConfigurationError, match=r"^deadline: "):
        swnb.Client("p", TOKEN, "example.com", log=tmp_path / "log", deadline=deadline)


def test_a_simulated_client_has_a_deadline_too():
    with pytest.raises(swnb.ConfigurationError, match=r"^deadline: "):
        swnb.simulate(deadline=0)


# A request that breaks off


def test_a_reset_while_a_long_dial_is_written_is_no_reason_to_dial_again(make):
    def reset_early(connection):
        connection.recv(65536)
        reset(connection)

    with Impatient(reset_early) as server:
        sw = make(server.host, retries=2)
        unknown(sw, lambda: sw.dial(**DIAL | {"url": None}, swml=BIG))
        assert server.connections == 1


class Impatient(Answering):
    """Acts on each connection at once, without reading a request."""

    def _serve(self, connection):
        self.acts[0](connection)


# Sizes


def packed(body, coding):
    return answer(200, body, Content_Type="application/json", Content_Encoding=coding)


def raw_deflate(body):
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


LEG_JSON = said(LEG).partition(b"\r\n\r\n")[2]
CODINGS = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", raw_deflate),
    "identity": ("identity", bytes),
}


@pytest.mark.parametrize("name", CODINGS)
def test_a_compressed_answer_is_read(replying, name):
    coding, pack = CODINGS[name]
    sw, _ = replying(packed(pack(LEG_JSON), coding))
    assert sw.calling.end(CALL_ID)["id"] == CALL_ID


@pytest.mark.parametrize("name", ["gzip", "deflate", "raw deflate", "identity"])
def test_an_answer_of_more_than_32_mb_is_not_unpacked(replying, name):
    coding, pack = CODINGS[name]
    sw, server = replying(packed(pack(b'"' + b"0" * (34 * MB) + b'"'), coding), retries=2)
    error = unknown(sw, lambda: sw.calling.end(CALL_ID))
    assert "too large: more than 32 MB" in str(error)
    assert len(server.requests) == 1  # it would be as large the next time


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 999999999999\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFF\r\n",
    ],
)
def test_no_memory_is_reserved_for_the_length_that_an_answer_announces(replying, rest):
    sw, _ = replying(HEAD + rest)
    assert "more than 32 MB" in str(unknown(sw, lambda: sw.dial(**DIAL)))


def test_an_answer_without_an_announced_length_is_counted_as_it_comes(replying):
    def endless(connection):
        connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n")
        for _ in range(100):
            connection.sendall(b"0" * MB)

    sw, _ = replying(endless)
    assert "more than 32 MB" in str(unknown(sw, lambda: sw.dial(**DIAL)))


@pytest.mark.parametrize("coding", ["zstd", "br", "gzip, gzip"])
def test_a_coding_that_was_not_asked_for_is_named_as_the_trouble(replying, coding):
    sw, _ = replying(packed(LEG_JSON, coding))
    assert "content coding" in str(unknown(sw, lambda: sw.dial(**DIAL)))


@pytest.mark.parametrize(
    "body", [b"no gzip", gzip.compress(LEG_JSON)[:-9], gzip.compress(LEG_JSON) + b"x"]
)
def test_a_damaged_packing_is_said(replying, body):
    sw, _ = replying(packed(body, "gzip"))
    assert "damaged" in str(unknown(sw, lambda: sw.dial(**DIAL)))


def test_a_refusal_that_cannot_be_unpacked_is_one_by_its_status(replying):
    sw, _ = replying(answer(403, b"?", Content_Encoding="br"))
    with pytest.raises(swnb.ApiError, match="HTTP 403"):
        sw.dial(**DIAL)


# Listings


def listing(server, *pages):
    """Answer with pages of such ids, each with a link that was not there before."""
    count = itertools.count(1)

    def act(connection):
        number = next(count)
        ids = pages[min(number, len(pages)) - 1]
        links = {"next": f"/api/voice/logs?page_token={number}"} if ids is not None else {}
        data = [LEG | {"id": each, "created_at": "2026-08-01T00:00:00Z"} for each in ids or ()]
        connection.sendall(said({"links": links, "data": data}))

    server.acts = [act]


READ = {"voice_logs": lambda sw: len(list(sw.voice_logs())), "sync": lambda sw: sw.sync().calls}


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize(
    "pages",
    [[["a"], []], [["a"], ["b"], ["a"]], [[]]],
    ids=["empty pages", "the same page", "nothing at all"],
)
def test_a_listing_that_goes_on_without_news_ends(replying, name, pages):
    sw, server = replying(said({}))
    listing(server, *pages)
    with pytest.raises(swnb.SwnbError, match="10 pages in a row") as caught:
        READ[name](sw)
    assert len(server.requests) == len({tuple(page) for page in pages if page}) + 10
    assert "Nothing was changed" in str(caught.value)


@pytest.mark.parametrize("name", READ)
def test_some_empty_pages_are_passed_over(replying, name):
    sw, server = replying(said({}))
    listing(server, ["a"], *[[]] * 8, ["a"], ["b"], *[[]] * 9, ["c"], None)
    assert READ[name](sw) == 4


# Readings that fail


@pytest.mark.parametrize(
    "act",
    [
        reset,
        said({}, 500),
        said({}, 503),
        said({}, 429),
        answer(200, b"<html>"),
        said([1, 2]),
        said("ok"),
    ],
    ids=["reset", "500", "503", "429", "html", "list", "string"],
)
def test_a_reading_that_fails_has_changed_nothing(replying, act):
    sw, _ = replying(act)
    readings = [
        lambda: sw.voice_log(CALL_ID),
        lambda: sw.voice_log_events(CALL_ID),
        lambda: list(sw.voice_logs()),
        sw.sync,
    ]
    for read in readings:
        with pytest.raises(swnb.SwnbError, match="Nothing was changed") as caught:
            read()
        assert "carried out" not in str(caught.value)
    if "Try again" not in str(caught.value) and "slowly" not in str(caught.value):
        assert "Run sync again; it continues" in str(caught.value)
    assert set(sw.log.df.outcome) <= {"unknown", "rejected"}


@pytest.mark.parametrize("body", [[1], "ok", 5, None, [LEG], {}, {"id": 5}])
def test_reconcile_takes_nothing_else_for_a_voice_log(replying, body):
    sw, _ = replying(said(LEG), said(body))
    sw.dial(**DIAL)
    error = unknown(sw, sw.reconcile)
    assert "not a voice log" in str(error)
    assert "Nothing was changed. Try again." in str(error)
    assert len(sw.log.voice_logs.logs()) == 0
