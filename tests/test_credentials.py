"""Who is asking, and where: credentials, the environment, bare hosts; http to loopback only."""

from __future__ import annotations

import pytest
from answering import CALL_ID, LEG, TOKEN, Answering, said

import swnb
from swnb.client.credentials import VARIABLES
from swnb.transports.live import base_url, is_loopback


@pytest.fixture
def no_credentials(monkeypatch):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def environment(monkeypatch):
    for name, value in zip(
        VARIABLES.values(), ("a project", TOKEN, "env.example.com"), strict=True
    ):
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("missing", list(VARIABLES))
def test_a_missing_credential_names_the_variables_and_the_way_without(
    no_credentials, tmp_path, missing
):
    given = {"project": "a project", "token": TOKEN, "host": "example.com"} | {missing: None}
    with pytest.raises(swnb.ConfigurationError) as caught:
        swnb.Client(**given, log=tmp_path / "log.sqlite")
    message = str(caught.value)
    assert message.startswith(f"missing: {missing}\n")
    assert all(name in message for name in VARIABLES.values())
    assert "swnb.simulate()" in message
    assert TOKEN not in message
    assert not (tmp_path / "log.sqlite").exists()


def test_all_missing_credentials_are_named_at_once(no_credentials):
    with pytest.raises(swnb.ConfigurationError, match=r"^missing: project, token, host\n"):
        swnb.Client(log=":memory:")


def test_credentials_come_from_the_environment(environment):
    with swnb.Client(log=":memory:") as client:
        assert (client.project, client.host, client.space) == (
            "a project",
            "env.example.com",
            "live",
        )


def test_arguments_win_over_the_environment(environment):
    with (
        Answering(said(LEG)) as server,
        swnb.Client("mine", "PTmine-0123", server.host, log=":memory:") as sw,
    ):
        sw.calling.end(CALL_ID)
        assert sw.project == "mine"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "host",
    [
        "https://example.signalwire.com",
        "http://127.0.0.1:8000",
        "example.signalwire.com/",
        "example.signalwire.com/api",
        "example.com?x=1",
        "example.com#x",
        "user@example.com",
        "user:password@example.com",
        "127.0.0.1@example.com",
        "example .com",
        " example.com",
        "example.com\n",
        "example.com\\@evil.com",
        "example..com",
        "-example.com",
        "example.com:",
        "example.com:port",
        "example.com:99999",
        "[::1",
        "::1",
        "exämple.com",
        7,
    ],
)
def test_a_host_that_is_not_bare_is_refused(tmp_path, host):
    with pytest.raises(swnb.ConfigurationError, match=r"^host: must be a bare host name") as caught:
        swnb.Client("project", TOKEN, host, log=tmp_path / "log.sqlite")
    assert "example.signalwire.com" in str(caught.value)
    assert not (tmp_path / "log.sqlite").exists()


def test_an_empty_host_is_a_missing_one(no_credentials):
    with pytest.raises(swnb.ConfigurationError, match=r"^missing: host\n"):
        swnb.Client("project", TOKEN, "", log=":memory:")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "127.1.2.3", "localhost", "LOCALHOST:80", "[::1]:8000"]
)
def test_http_goes_to_loopback(host):
    assert base_url(host) == f"http://{host}"


@pytest.mark.parametrize(
    "host",
    [
        "example.signalwire.com",
        "example.com:8443",
        "localhost.example.com",
        "127.0.0.1.example.com",
        "127.999.1.1",
        "127.1",
        "10.0.0.1",
        "[2001:db8::1]",
        "my-localhost",
    ],
)
def test_https_goes_everywhere_else(host):
    assert base_url(host) == f"https://{host}"
    assert not is_loopback(host)
