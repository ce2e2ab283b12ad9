"""Who is asking, and where: credentials, the environment, bare hosts; http to loopback only."""

from __future__ import annotations

import pytest
from support.canned_server import CALL_ID, LEG, TOKEN, Answering, said

import swnb
from swnb.session.credentials import VARIABLES
from swnb.transports.live import base_url, basic, is_loopback

pytestmark = pytest.mark.sample(6)


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
        "http://127.0.0.1:8000",
        "http://example.signalwire.com",
        "https://example.signalwire.com/api",
        "https://example.signalwire.com//",
        "https://user:password@example.signalwire.com",
        "https://example.signalwire.com?x=1",
        "https://https://example.signalwire.com",
        "https://",
        "exa mple.com",
        "example.signalwire.com/",
        "example.signalwire.com/api",
        "example.com?x=1",
        "example.com#x",
        "user@example.com",
        "user:password@example.com",
        "127.0.0.1@example.com",
        "example .com",
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


@pytest.mark.parametrize(
    "host",
    [
        "https://example.signalwire.com",
        "https://example.signalwire.com/",
        "HTTPS://example.signalwire.com",
    ],
)
def test_the_address_of_a_space_is_understood_as_its_host(monkeypatch, host):
    with swnb.Client("project", TOKEN, host, log=":memory:") as client:
        assert (client.host, client.space) == ("example.signalwire.com", "live")
    monkeypatch.setenv("SIGNALWIRE_SPACE", host)
    with swnb.Client("project", TOKEN, log=":memory:") as client:
        assert client.host == "example.signalwire.com"


@pytest.mark.parametrize("host", ["example", "Example", "https://example", "my-space"])
def test_the_name_of_a_space_is_met_with_its_likely_host(tmp_path, host):
    name = host.removeprefix("https://").lower()
    with pytest.raises(swnb.ConfigurationError, match=rf"did you mean '{name}\.signalwire\.com'\?"):
        swnb.Client("project", TOKEN, host, log=tmp_path / "log.sqlite")
    assert not (tmp_path / "log.sqlite").exists()


def test_a_host_inside_a_network_may_have_one_part_and_a_port():
    with swnb.Client("project", TOKEN, "gateway:8443", log=":memory:") as client:
        assert client.host == "gateway:8443"


@pytest.mark.parametrize("name", list(VARIABLES))
@pytest.mark.parametrize("form", [" {}", "{}\n", "\t{}\r\n", "\ufeff{}", "{}\u00a0", "{}\u200b"])
def test_what_was_pasted_along_with_a_credential_is_left_out_with_a_warning(
    no_credentials, monkeypatch, name, form
):
    given = {"project": "a-project", "token": TOKEN, "host": "example.com"}
    pasted = given | {name: form.format(given[name])}
    with pytest.warns(swnb.SwnbWarning, match=f"^{name} .{VARIABLES[name]}.: spaces") as caught:
        client = swnb.Client(**pasted, log=":memory:")
    with client:
        assert (client.project, client.host) == ("a-project", "example.com")
    assert caught[0].filename == __file__
    assert TOKEN not in str(caught[0].message)
    for variable, value in zip(VARIABLES.values(), pasted.values(), strict=True):
        monkeypatch.setenv(variable, value)
    with pytest.warns(swnb.SwnbWarning, match="were left out"), swnb.Client(log=":memory:") as sw:
        assert sw.host == "example.com"


def test_a_trimmed_token_is_the_one_that_is_sent():
    with Answering(said(LEG)) as server:
        with pytest.warns(swnb.SwnbWarning):
            client = swnb.Client("project", f"{TOKEN}\n", server.host, log=":memory:")
        with client:
            client.calling.end(CALL_ID)
        assert server.requests[0].headers["authorization"] == f"Basic {basic('project', TOKEN)}"


@pytest.mark.parametrize("blank", [" ", "\n", "\u200b"])
def test_a_blank_credential_is_a_missing_one(no_credentials, blank):
    with pytest.raises(swnb.ConfigurationError, match=r"^missing: token\n"):
        swnb.Client("project", blank, "example.com", log=":memory:")
