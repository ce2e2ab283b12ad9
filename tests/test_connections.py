"""Proxies, CA bundles and TLS: real ones on loopback, named by the environment."""

from __future__ import annotations

import socket
from functools import partial
from shutil import which

import pytest
from support.canned_server import CALL_ID, LEG, TOKEN, Answering, answer, hang_up, reset, said
from support.dialing import DIAL
from support.tls_proxy import Proxy, Tls

import swnb

RETRIES = 2
pytestmark = [pytest.mark.usefixtures("plain_environment"), pytest.mark.sample(2)]
SENDERS = {
    "calling.end": lambda client: client.calling.end(CALL_ID),
    "dial": lambda client: client.calling.dial(**DIAL),
}


@pytest.fixture
def make(make, waits):
    """Make clients that repeat."""
    return partial(make, retries=RETRIES)


def failing(client, wire, kind):
    """Send, and give the error and the last row of the log."""
    with pytest.raises(kind) as caught:
        SENDERS[wire](client)
    return caught.value, client.log.df.iloc[-1]


@pytest.fixture
def https(tmp_path, monkeypatch):
    """Start an https space behind a proxy that the environment names."""
    if not which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")
    with Tls(tmp_path, "space.example.com", said(LEG), said(LEG)) as tls, Proxy(tls.host) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        tls.proxy = proxy
        yield tls


def test_proxy_and_ca_bundle_are_read_once_from_the_environment(https, make, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(https.certificate))
    client = make("space.example.com")
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")
    monkeypatch.delenv("HTTPS_PROXY")

    client.calling.end(CALL_ID)
    client.calling.end(CALL_ID)

    (tunnel,) = https.proxy.requests
    assert tunnel.line.split()[:2] == ["CONNECT", "space.example.com:443"]
    assert "authorization" not in tunnel.headers
    assert len(https.requests) == 2


def close(secure):
    secure.close()


@pytest.fixture(params=["closes", "resets", "answers while the proxy breaks off"])
def dying(request, https, monkeypatch):
    """Let the space read a request and then die, for as many as come."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(https.certificate))

    def answer_in_vain(secure):
        https.proxy.break_off()
        secure.sendall(said(LEG))

    https.act = {"closes": close, "resets": reset}.get(request.param, answer_in_vain)
    https.acts = [https.act] * 6
    return https


def test_a_dial_that_dies_behind_a_proxy_reached_it_once(dying, make):
    raised, row = failing(make("space.example.com"), "dial", swnb.OutcomeUnknown)
    assert len(dying.requests) == 1
    assert (row.outcome, row.attempts) == ("unknown", 1)
    assert "proxy" not in str(raised)


def test_a_dial_that_dies_on_a_kept_connection_behind_a_proxy_reached_it_once(dying, make):
    dying.acts[0] = said(LEG)
    client = make("space.example.com")
    client.calling.end(CALL_ID)
    failing(client, "dial", swnb.OutcomeUnknown)
    assert len(dying.requests) == 2
    assert len(dying.proxy.requests) == 1


def test_a_command_that_may_be_repeated_is_behind_a_proxy_too(dying, make):
    _, row = failing(make("space.example.com"), "calling.end", swnb.OutcomeUnknown)
    assert len(dying.requests) == 1 + RETRIES
    assert (row.outcome, row.attempts) == ("unknown", 1 + RETRIES)


def test_a_dial_that_may_have_arrived_is_not_dialled_again_and_counts(dying, make):
    client = make("space.example.com", budget=swnb.Budget(0.03, per_minute=0.01, minutes=2))
    for _ in range(2):
        with client.run("checkout", once=True), pytest.raises(swnb.OutcomeUnknown):
            client.dial(**DIAL)
    assert len(dying.requests) == 1
    with client.run("checkout"), pytest.raises(swnb.BudgetExceeded, match="1 open call can cost"):
        client.dial(**DIAL)


@pytest.mark.parametrize("last", [b"", answer(500, b"", Connection="close")])
def test_a_failed_repetition_does_not_undo_that_the_first_may_have_arrived(make, last):
    server = Answering(reset)

    def leave(connection):
        server._listener.shutdown(socket.SHUT_RDWR)
        server._listener.close()
        connection.sendall(last)
        hang_up(connection)

    server.acts = [leave]
    raised, row = failing(make(server.host), "calling.end", swnb.OutcomeUnknown)
    assert (row.outcome, row.attempts) == ("unknown", 1 + RETRIES)
    assert "did not reach" not in str(raised)


def test_a_certificate_that_nobody_signed_stops_the_request(https, make, waits):
    raised, row = failing(make("space.example.com"), "calling.end", swnb.ConnectionFailed)
    assert https.requests == []
    assert waits == []
    assert (row.outcome, row.attempts) == ("failed", 1)
    assert "the host's certificate was not accepted (self-signed certificate)" in str(raised)
    assert "REQUESTS_CA_BUNDLE" in str(raised)


def test_a_tls_connection_that_dies_under_a_request_leaves_a_dial_unknown(
    tmp_path, make, monkeypatch
):
    if not which("openssl"):
        pytest.skip("openssl, which makes the certificate, is not installed")

    def tear(secure):
        socket.socket.sendall(secure, b"this is no TLS record")
        secure.close()

    with Tls(tmp_path, "space.example.com", tear) as tls, Proxy(tls.host) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tls.certificate))
        _, row = failing(make("space.example.com"), "dial", swnb.OutcomeUnknown)
        assert len(tls.requests) == 1
    assert (row.outcome, row.attempts) == ("unknown", 1)


@pytest.mark.parametrize("wire", SENDERS)
def test_a_proxy_that_refuses_the_tunnel_means_nothing_was_sent(make, monkeypatch, waits, wire):
    with Answering(answer(502, b"")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
        _, row = failing(make("space.example.com"), wire, swnb.ConnectionFailed)
        assert len(proxy.requests) == 1 + RETRIES
    assert (row.outcome, row.attempts) == ("failed", 1 + RETRIES)


def test_a_proxy_that_is_not_there_means_nothing_was_sent(make, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        gone = f"http://127.0.0.1:{listener.getsockname()[1]}"
    monkeypatch.setenv("HTTPS_PROXY", gone)
    raised, row = failing(make("space.example.com", retries=0), "dial", swnb.ConnectionFailed)
    assert row.outcome == "failed"
    assert "proxy" in str(raised)


def test_loopback_is_never_asked_of_a_proxy(make, monkeypatch):
    with Answering(said(LEG)) as server, Answering(said({})) as proxy:
        monkeypatch.setenv("HTTP_PROXY", f"http://{proxy.host}")
        monkeypatch.setenv("ALL_PROXY", f"http://{proxy.host}")
        make(server.host).calling.end(CALL_ID)
        assert proxy.connections == 0
        assert len(server.requests) == 1


def test_a_proxy_that_cannot_be_used_is_said_when_the_client_is_made(make, monkeypatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://user:canary@:x")
    with pytest.raises(swnb.ConfigurationError, match="environment") as caught:
        make("space.example.com")
    assert "canary" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.fixture
def bundles(tmp_path, plain_environment):
    """A folder of bundles without a certificate."""
    (tmp_path / "empty.pem").touch()
    (tmp_path / "text.pem").write_text("no certificate")
    (tmp_path / "folder").mkdir()
    return tmp_path


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("missing.pem", "does not exist"),
        ("empty.pem", "contains no certificate"),
        ("text.pem", "contains no certificate"),
        ("folder", "is a folder without certificates"),
    ],
)
def test_a_bundle_that_cannot_be_used_is_named(bundles, monkeypatch, variable, name, wrong):
    monkeypatch.setenv(variable, str(bundles / name))
    with pytest.raises(swnb.ConfigurationError) as caught:
        swnb.Client("project", TOKEN, "space.example.com", log=":memory:")
    assert f"{variable}={str(bundles / name)!r} {wrong}" in str(caught.value)


def test_a_bundle_is_of_no_concern_to_a_simulated_space(make, space, server, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    assert make(server.host).space == "simulated"


def test_a_certificate_for_another_host_is_said_to_be_that(https, make, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(https.certificate))
    raised, _ = failing(make("other.example.com"), "calling.end", swnb.ConnectionFailed)
    assert "it is for another host name" in str(raised)
