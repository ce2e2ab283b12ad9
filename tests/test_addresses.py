"""Addresses and URLs: what is sent, what is refused before it is, and what was likely meant."""

from __future__ import annotations

from typing import Any

import pytest
from support.rule_cases import URL, dial, transcribed

from swnb.commands import COMMANDS, Dial, Transfer, Update
from swnb.errors import InvalidCommand

pytestmark = pytest.mark.sample(20)

ID = "3b1c5a0e-5d3f-4a58-9a52-0c4f9f1d7e21"


def refused(method: str, **params: Any) -> dict[str, str]:
    with pytest.raises(InvalidCommand) as error:
        COMMANDS[method](**params)
    return {problem.path: problem.message for problem in error.value.problems}


@pytest.mark.parametrize(
    ("to", "meant"),
    [
        ("+1 (555) 0101", "did you mean '+15550101'?"),
        ("15550101", "did you mean '+15550101'?"),
        (" +15550101", "did you mean '+15550101'?"),
        ("+15550101\n", "did you mean '+15550101'?"),
        ("tel:+15550101", "did you mean '+15550101'?"),
        ("TEL:+1-555-0101", "did you mean '+15550101'?"),
        ("(555) 555-0101", "did you mean '+15555550101'?"),
        ("555.555.0101", "did you mean '+15555550101'?"),
        ("001 555 0101", "did you mean '+15550101'?"),
        ("011442079460018", "did you mean '+442079460018'?"),
        ("+44 (0)20 7946 0018", "did you mean '+442079460018'?"),
        ("+1\u2011555\u20110101", "did you mean '+15550101'?"),
        ("\u202a+15550101\u202c", "did you mean '+15550101'?"),
        ("\uff0b\uff11\uff15\uff15\uff15\uff10\uff11\uff10\uff11", "did you mean '+15550101'?"),
        (
            "+15550101,,123#",
            "did you mean '+15550101'? Put the extension into send_digits: ',,123#'",
        ),
        ("+15550101x123", "did you mean '+15550101'? Put the extension into send_digits: '123'"),
        ("+15550101 ext. 123", "'+15550101'? Put the extension into send_digits: '123'"),
        ("tel:+15550101;ext=123", "'+15550101'? Put the extension into send_digits: '123'"),
        ("020 7946 0018", "with + and its country code"),
        ("+1555010112345678", "at most 15 digits"),
        ("+1-800-FLOWERS", "letters cannot be dialed"),
        ("+", "with + and its country code"),
        ("911", "with + and its country code"),
        ("alice@example.com", "put sip: before a SIP address"),
        ("sip:", "unchecked=True"),
        ("sip:alice @example.com", "it contains spaces"),
        (" sip:alice@example.com", "remove its spaces"),
        ("https://example.com/swml", "a URL of SWML goes into url"),
        ("example.com", "put https:// before a URL"),
        (" ", "must not be empty"),
    ],
)
def test_a_number_that_is_not_in_e164_is_refused_with_what_was_meant(to, meant):
    found = refused("dial", **dial(to=to))
    assert set(found) == {"to"}
    assert found["to"].startswith("must be a number in E.164")
    assert meant in found["to"]


@pytest.mark.parametrize("name", ["from_", "caller_id"])
@pytest.mark.parametrize(
    ("caller", "meant"),
    [
        (" +15550100", "did you mean '+15550100'?"),
        ("+1555 0100", "did you mean '+15550100'?"),
        ("15550100", "did you mean '+15550100'?"),
        ("front desk", "it contains spaces"),
    ],
)
def test_who_calls_is_checked_likewise(name, caller, meant):
    given = {"from_": "+15550100", "to": "+15550101", "url": URL, name: caller}
    assert meant in refused("dial", **given)[name]


@pytest.mark.parametrize(
    "to",
    [
        "+15550101",
        "+442079460018",
        "sip:alice@example.com",
        "SIP:Alice@Example.com;codecs=PCMU",
        "sips:alice@example.com:5061;transport=tls",
        "verto:alice@example.com",
        "client:alice",
        "/public/support",
        "/private/alice?channel=video",
        "support",
    ],
)
def test_what_the_platform_can_call_stays(to):
    assert Dial(**dial(to=to)).params["to"] == to
    assert Transfer(dest=to).params == {"dest": to}


@pytest.mark.parametrize("name", ["front-desk", "1001", "sip:me@example.com", "/private/alice"])
def test_a_short_name_may_call(name):
    assert Dial(**{**dial(caller_id=name), "from": name}).params["from"] == name


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("ivr.yaml", "cannot read your local files"),
        ("./flows/ivr.json", "cannot read your local files"),
        ("/home/me/ivr.yml", "cannot read your local files"),
        ("C:\\flows\\ivr.yaml", "cannot read your local files"),
        ("file:///home/me/ivr", "cannot read your local files"),
        ("version: 1.0.0\nsections:\n  main: [hangup]", "swml (or dest) as swnb.swml"),
        ('{"sections": {"main": []}}', "swml (or dest) as swnb.swml"),
        ("example.com/swml", "put https:// before a URL"),
        ("example.com:8443/swml", "put https:// before a URL"),
        ("example.com/swml?key=canary", "put https:// before a URL"),
    ],
)
def test_swml_is_fetched_from_urls_alone(url, meant):
    fallback = {"fallback_url": url}
    assert meant in refused("dial", **dial(url=url))["url"]
    assert meant in refused("dial", **dial(**fallback))["fallback_url"]
    assert meant in refused("update", id=ID, url=url)["url"]
    if "sections" not in url:  # a document as text is what a transfer takes
        assert meant in refused("transfer", dest=url)["dest"]
    assert "canary" not in str(refused("dial", **dial(url=url)))


@pytest.mark.parametrize(
    ("url", "meant"),
    [
        ("ftp://example.com/swml", "unchecked=True"),
        (" https://example.com/swml", "remove its spaces"),
        ("https://example.com/my swml", "it contains spaces"),
        ("+15550101", "goes into to"),
        ("sip:alice@example.com", "goes into to"),
        ("", "must not be empty"),
    ],
)
def test_what_is_no_url_says_why(url, meant):
    assert meant in refused("dial", **dial(url=url))["url"]
    assert meant in refused("dial", **dial(status_url=url))["status_url"]
    assert meant in refused("live_transcribe", **transcribed(webhook=url))["action.start.webhook"]


@pytest.mark.parametrize(
    "dest", ["15550101", "+1 555 0101", " +15550101", "+15550101x123", "front desk"]
)
def test_a_transfer_goes_to_what_can_be_called(dest):
    assert "E.164" in refused("transfer", dest=dest)["dest"]


@pytest.mark.parametrize("dest", ["https://example.com/ivr.yaml", "context:office", "support"])
def test_a_transfer_goes_to_swml_and_to_names(dest):
    assert Transfer(dest=dest).params == {"dest": dest}


@pytest.mark.parametrize("script", ["ivr.yaml", "example.com/swml"])
def test_a_script_is_swml_or_a_url(script):
    assert "SWML" in refused("dial", **dial(to_script=script))["to_script"]


@pytest.mark.parametrize(
    "script",
    ["https://example.com/ivr.yaml", "sections:\n  main: []", '{"sections": {"main": []}}'],
)
def test_a_script_may_be_text(script):
    assert Dial(**dial(to_script=script)).params["to_script"] == script


def test_a_document_as_text_is_told_how_to_become_one():
    assert "swnb.swml" in refused("update", id=ID, swml="sections: {}")["swml"]


def test_what_looks_wrong_can_be_sent_unchecked():
    odd = {"from": "front desk", "to": "911", "url": "ivr.yaml", "status_url": "example.com"}
    assert Dial(**odd, unchecked=True).params == odd
    assert Transfer(dest="ivr.yaml", unchecked=True).params == {"dest": "ivr.yaml"}
    action = transcribed(webhook="example.com/hook")
    assert COMMANDS["live_transcribe"](**action, unchecked=True).params == action
    assert Update(id="the-call", url="ivr.yaml", unchecked=True).params["url"] == "ivr.yaml"


def test_unchecked_lifts_no_other_rule():
    found = refused("dial", **dial(to="911", timeout=0, send_digits="x", unchecked=True))
    assert set(found) == {"timeout", "send_digits"}
