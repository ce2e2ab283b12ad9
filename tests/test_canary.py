"""A canary in every place where a secret can be: on the wire it is, anywhere else it is not."""

from __future__ import annotations

import json
import traceback

import pytest
from support.canned_server import CALL_ID, LEG, said
from support.leak_witness import hostile

import swnb
from swnb.commands import COMMANDS, Command
from swnb.commands.schema import parameters
from swnb.redact import is_secret
from swnb.session.credentials import VARIABLES
from swnb.transports.live import basic

pytestmark = pytest.mark.sample(2)

CANARY = "Canary7f3a9c"
SWML = {
    "version": "1.0.0",
    "sections": {"main": [{"connect": {"to": "sip:a@b", "password": CANARY}}]},
}
TEXTS = {
    "json": json.dumps(SWML),
    "yaml": f"sections:\n  main:\n    - connect:\n        to: sip:a@b\n        password: {CANARY}\n",
}
DIAL = {"from_": "+15550100", "to": "+15550101"}
CALL = {"call_id": CALL_ID}
SIDECAR = CALL | {"lang": "en-US"}
REFER = {"type": "sip", "params": {"to": "sip:a@example.com", "username": "u", "password": CANARY}}
HOOK = {"web_hook_url": f"https://u:{CANARY}@example.com", "web_hook_auth_password": CANARY}

# Method and parameters, the canary in each.
CASES = {
    "dial password": ("dial", DIAL | {"url": "https://example.com", "username": "u", "password": CANARY}),
    "dial url": ("dial", DIAL | {"url": f"https://u:{CANARY}@example.com/swml"}),
    "dial fallback url": ("dial", DIAL | {"swml": SWML, "fallback_url": f"https://u:{CANARY}@example.com"}),
    "dial status url": ("dial", DIAL | {"swml": SWML, "status_url": f"https://x.com/?token={CANARY}"}),
    "dial sip address": ("dial", DIAL | {"to": f"sip:u:{CANARY}@example.com", "url": "https://example.com"}),
    "dial sip caller": ("dial", DIAL | {"from_": f"sip:u:{CANARY}@example.com", "url": "https://example.com"}),
    "dial swml": ("dial", DIAL | {"swml": SWML}),
    "dial script": ("dial", DIAL | {"url": "https://example.com", "to_script": SWML}),
    "dial script as json": ("dial", DIAL | {"url": "https://example.com", "to_script": TEXTS["json"]}),
    "dial script as yaml": ("dial", DIAL | {"url": "https://example.com", "to_script": TEXTS["yaml"]}),
    "dial variables": ("dial", DIAL | {"swml": SWML, "custom_variables": {"api_key": CANARY}}),
    "dial extras": ("dial", DIAL | {"swml": SWML, "extras": {"sip": {"Auth-Token": CANARY}}}),
    "update swml": ("update", {"id": CALL_ID, "swml": SWML}),
    "update url": ("update", {"id": CALL_ID, "url": f"https://:{CANARY}@example.com"}),
    "transfer swml": ("transfer", CALL | {"dest": SWML}),
    "transfer json": ("transfer", CALL | {"dest": TEXTS["json"]}),
    "transfer yaml": ("transfer", CALL | {"dest": TEXTS["yaml"]}),
    "transfer sip": ("transfer", CALL | {"dest": f"sip:u:{CANARY}@example.com"}),
    "refer password": ("refer", CALL | {"device": REFER}),
    "stream token": ("stream", CALL | {
        "control_id": "s", "url": "wss://example.com", "authorization_bearer_token": CANARY}),
    "stream url": ("stream", CALL | {"control_id": "s", "url": f"wss://u:{CANARY}@example.com"}),
    "stream parameters": ("stream", CALL | {
        "control_id": "s", "url": "wss://example.com", "custom_parameters": {"secret": CANARY}}),
    "sidecar url": ("ai_sidecar", SIDECAR | {"url": f"https://u:{CANARY}@example.com"}),
    "sidecar defaults": ("ai_sidecar", SIDECAR | {"SWAIG": {"defaults": HOOK}}),
    "sidecar function": ("ai_sidecar", SIDECAR | {"SWAIG": {"functions": [{"function": "f", **HOOK}]}}),
    "sidecar mcp": ("ai_sidecar", SIDECAR | {"SWAIG": {"mcp_servers": [
        {"url": "https://example.com", "headers": {"Authorization": f"Bearer {CANARY}", "X-Api-Key": CANARY}}]}}),
    "sidecar data": ("ai_sidecar", SIDECAR | {"global_data": {"crm": {"access_token": CANARY}}}),
    "event": ("user_event", CALL | {"event": {"Authorization": CANARY, "list": [{"apiKey": CANARY}]}}),
    "event text": ("user_event", CALL | {"event": {"text": f"the password: {CANARY}"}}),
    "event extras": ("user_event", CALL | {"event": {}, "extras": {"password": [CANARY]}}),
}  # fmt: skip
INVALID = {
    "invalid dial": ("dial", DIAL | {"password": [CANARY], "swml": {"token": CANARY}}),
    "mistyped": ("dial", DIAL | {"swml": SWML, "pasword": CANARY}),
    "mistyped below": ("refer", CALL | {"device": {"type": "sip", "params": {"to": "sip:a@b", "passwrd": CANARY}}}),
    "wrong place": ("end", CALL | {"authorization_bearer_token": CANARY}),
    "wrong call id": ("refer", {"call_id": f"https://u:{CANARY}@x", "device": REFER}),
    "wrong extras": ("end", CALL | {"extras": [{"password": CANARY}]}),
    "wrong bound": ("stream", CALL | {"url": f"ws://u:{CANARY}@x", "authorization_bearer_token": CANARY}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_secret_goes_over_the_wire_and_nowhere_else(witness, case):
    server, seen = witness(said(LEG))
    seen.send(*CASES[case])
    assert CANARY in server.requests[0].body.decode()
    assert list(seen.sw.log.df.outcome) == ["accepted"]
    seen.hides(CANARY)


@pytest.mark.parametrize("case", CASES)
def test_a_rehearsal_keeps_no_secret(witness, case):
    server, seen = witness(said(LEG), dry_run=True)
    seen.send(*CASES[case])
    assert server.requests == []
    seen.hides(CANARY)


@pytest.mark.parametrize("case", INVALID)
def test_a_refused_command_keeps_no_secret(witness, case):
    server, seen = witness(said(LEG))
    seen.send(*INVALID[case])
    assert server.requests == []
    assert list(seen.sw.log.df.outcome) == ["refused"]
    seen.hides(CANARY)


def test_a_form_of_each_secret_field_is_among_the_cases():
    def names(fields, depth=5):  # deeper, there are only the same again: sections hold sections
        for name, parameter in fields.items() if depth else ():
            yield name
            shapes = [*parameter.shapes]
            shapes += [shape for each in shapes if each.item for shape in each.item.shapes]
            for shape in shapes:
                yield from names(shape.fields, depth - 1)

    fields = {
        (method, name)
        for method, model in COMMANDS.items()
        for name in names(parameters(model))
        if is_secret(name)
    }
    cases = [(method, json.dumps(params)) for method, params in CASES.values()]
    assert fields
    assert not [
        (method, name)
        for method, name in fields
        if not any(method == each and f'"{name}"' in text for each, text in cases)
    ]


@pytest.mark.parametrize("kind", hostile(CANARY))
def test_an_echo_of_the_token_is_not_kept(witness, kind):
    server, seen = witness(hostile(CANARY)[kind], token=CANARY)
    seen.send("end", CALL)
    assert server.requests[0].headers["authorization"] == f"Basic {basic('project', CANARY)}"
    assert len(seen.sw.log.df) == 1
    seen.hides(CANARY, basic("project", CANARY))


@pytest.mark.parametrize("kind", hostile(CANARY))
def test_an_echo_of_the_encoded_credentials_is_not_kept(witness, kind):
    encoded = basic("project", CANARY)
    _, seen = witness(hostile(encoded)[kind], token=CANARY)
    seen.send("dial", DIAL | {"url": "https://example.com"})
    seen.hides(encoded)


@pytest.mark.parametrize("kind", hostile(CANARY))
def test_an_echo_of_a_password_is_not_kept(witness, kind):
    _, seen = witness(hostile(CANARY)[kind])
    seen.send(*CASES["refer password"])
    seen.hides(CANARY)


@pytest.mark.parametrize("word", ["params", "command", "calling", "status", "answered", "redacted"])
def test_a_password_may_be_a_word_of_the_protocol(witness, word):
    server, seen = witness(said(LEG))
    params = CASES["refer password"][1]["device"]["params"] | {"password": word}
    reply = seen.sw.calling.refer(CALL_ID, device={"type": "sip", "params": params})
    assert reply == LEG
    assert server.requests[0].json["params"]["device"]["params"]["password"] == word
    assert list(seen.sw.log.df.outcome) == ["accepted"]


@pytest.mark.parametrize("kind", ["leg", "bare text", "errors", "html", "error"])
def test_readings_keep_no_echo(witness, kind):
    _, seen = witness(hostile(CANARY)[kind], token=CANARY)
    for read in (seen.sw.voice_log, seen.sw.voice_log_events, seen.sw.call(CALL_ID).refresh):
        try:
            read(*([CALL_ID] if read.__name__ != "refresh" else []))
        except swnb.SwnbError as error:
            seen.failed(error)
    assert len(seen.sw.log.df) == 3
    seen.hides(CANARY)


def test_a_listing_keeps_no_echo(witness):
    entry = {"id": CALL_ID, "status": CANARY, "from": CANARY, "type": CANARY}
    _, seen = witness(said({"data": [entry], "links": {}}), token=CANARY)
    for each in seen.sw.voice_logs():
        seen.saw(each)
    assert len(seen.shown) == 3
    with pytest.raises(swnb.InvalidCommand) as refused:  # a bound that is no time is not sent
        seen.sw.voice_logs(created_after=CANARY)
    seen.shown.append(str(refused.value))
    seen.hides(CANARY)


def test_a_call_in_hand_shows_no_echo(witness):
    _, seen = witness(hostile(CANARY, CALL_ID)["leg"], token=CANARY)
    call = seen.sw.call(CALL_ID)
    seen.saw(call.play(play=[{"type": "silence", "params": {"duration": 1}}]))
    seen.shown += [repr(call), call._repr_html_(), repr(call.operations())]
    seen.hides(CANARY)


def test_a_log_that_cannot_be_written_warns_without_secrets(witness, tmp_path):
    _, seen = witness(said(LEG))
    seen.sw.log.close()
    with pytest.warns(swnb.LogWarning) as warned:
        seen.sw.calling.refer(CALL_ID, device=REFER)
    assert not [warning for warning in warned if CANARY in str(warning.message)]


@pytest.mark.parametrize("case", CASES)
def test_a_command_shows_no_secret(case):
    method, params = CASES[case]
    given = {name: item for name, item in params.items() if name != "call_id"}
    command = COMMANDS[method](**given)
    assert isinstance(command, Command)
    assert CANARY not in repr(command) + str(command)


def test_a_missing_credential_shows_no_other(monkeypatch):
    for name in VARIABLES.values():
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(swnb.ConfigurationError) as caught:
        swnb.Client(CANARY, CANARY, log=":memory:")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
