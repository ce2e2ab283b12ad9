"""What is taken out of records: by name, by place, by value; and how numbers are masked."""

from __future__ import annotations

import json
import time

import pytest

from swnb.redact import (
    REDACTED,
    is_clean,
    is_secret,
    mask_number,
    mask_numbers,
    redact,
    redact_text,
    secrets_in,
)

CANARY = "canary, 7 of; them"

SECRET_NAMES = [
    "password", "Password", "PASSWORD", "web_hook_auth_password", "passwd", "pwd",
    "authorization", "Authorization", "proxy-authorization", "authorization_bearer_token",
    "token", "api_token", "apiToken", "access-token", "auth_token", "refresh_token", "X-Auth-Token",
    "api_key", "apiKey", "X-Api-Key", "secret", "client_secret", "private_key", "cookie", "Set-Cookie", "auth",
]  # fmt: skip
MISTYPED = [
    "pasword",
    "passwrd",
    "passwort",
    "web_hook_auth_pasword",
    "authorisation",
    "Authorizaton",
    "authPasswrod",
]
OPEN_NAMES = [
    "from", "to", "event", "url", "control_id", "page_token", "pageToken", "text", "word", "keyword",
    "passport", "in_tokens", "out_tokens", "max_history_tokens", "author", "authors", "web_hook_auth_user",
    "username", "voice", "hold_music", "customer_role", "conversation", "",
]  # fmt: skip


@pytest.mark.parametrize("name", [*SECRET_NAMES, *MISTYPED])
def test_a_secret_is_known_by_its_name(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", OPEN_NAMES)
def test_other_names_are_left_alone(name):
    assert not is_secret(name)


@pytest.mark.parametrize("value", [CANARY, [CANARY], {"a": {"b": [CANARY]}}, 12345, True])
def test_the_value_of_a_secret_field_goes_whatever_its_shape(value):
    assert redact({"a": [{"password": value}]}) == {"a": [{"password": REDACTED}]}


def test_a_secret_that_is_null_stays_null():
    assert redact({"password": None}) == {"password": None}


def test_what_is_no_secret_stays_as_it_is():
    value = {
        "event": {"z": 1, "a": None, "n": 5.0, "t": True, "text": "Say: hello = you @ 5:30"},
        "l": [1, [2]],
    }
    again = redact(value)
    assert again == value
    assert list(again["event"]) == list(value["event"])
    assert again is not value


def test_a_given_secret_goes_wherever_it_is():
    value = {"a": "xPT-1x", "PT-1": ["PT-1", {"b": "PT-1"}]}
    assert redact(value, ["PT-1", ""]) == {
        "a": f"x{REDACTED}x", REDACTED: [REDACTED, {"b": REDACTED}],
    }  # fmt: skip


def test_what_is_nested_too_deeply_is_left_out():
    value = "canary"
    for _ in range(100_000):
        value = [value]
    assert redact(value) == REDACTED
    while isinstance(value, list):  # else its end would overflow the stack
        value = value[0]


SWML = {
    "version": "1.0.0",
    "sections": {"main": [{"sip_refer": {"password": CANARY, "to": "sip:a@b"}}]},
}
QUOTED = CANARY.replace(",", "").replace(";", "")
TEXTS = {
    "json": json.dumps(SWML),
    "json with space": "  " + json.dumps(SWML, indent=2),
    "torn json": json.dumps(SWML)[:-3],
    "json torn in the secret": json.dumps({"password": CANARY})[:-3],
    "json in json": json.dumps(json.dumps(SWML)),
    "json in text": f"sent {json.dumps(json.dumps(SWML))} and failed",
    "json list": json.dumps([SWML]),
    "json with an object as secret": json.dumps({"authorization": {"user": "u", "key": CANARY}}),
    "yaml": f"sections:\n  main:\n    - sip:\n        password: {QUOTED}\n        to: x",
    "yaml in quotes": f'password: "{CANARY}"\nuser: x',
    "yaml in single quotes": f"password: '{CANARY}'\nuser: x",
    "yaml below": f"password:\n  {QUOTED}\n",
    "yaml block": f"a:\n  password: >-\n    {CANARY}\n    {CANARY}\n",
    "yaml literal": f"password: |\n  {CANARY}\nuser: x",
    "header": f"GET / HTTP/1.1\nAuthorization: Basic {QUOTED}\nHost: x",
    "bearer": "the token was Bearer canary-7 of you",
    "query": "https://example.com/?user=x&password=canary&y=1",
    "query token": "https://example.com/?access_token=canary",
    "url": "https://user:canary@example.com/path",
    "url without a user": "see https://:canary@example.com",
    "url with an at": "wss://user:ca@canary@example.com",
    "sip": "sip:alice:canary@example.com;transport=tls",
    "sips": "<SIPS:alice:canary@example.com>",
}  # fmt: skip


@pytest.mark.parametrize("kind", TEXTS)
def test_a_secret_inside_a_text_goes(kind):
    assert "canary" in TEXTS[kind]
    assert "canary" not in redact_text(TEXTS[kind])
    assert "canary" not in json.dumps(redact({"swml": [TEXTS[kind]]}))


@pytest.mark.parametrize(
    "text",
    [
        "Hello: is it 5:30, or = 6?",
        "https://example.com/a?b=c&page_token=PA123#d",
        "https://example.com:8080/path@2x.png",
        "sip:alice@example.com:5060;transport=tls",
        "sip:example.com:5060",
        "mailto:a@example.com",
        "Basic facts, bearer bonds",
        '{"version": "1.0.0",   "sections": {"main": []}}',
        "{no json",
        "+OK running=1 in_tokens=5",
        "",
    ],
)
def test_other_texts_are_left_alone(text):
    assert redact_text(text) == text


def test_the_rest_of_a_text_is_kept():
    assert redact_text("https://u:p@h/x?a=1") == f"https://u:{REDACTED}@h/x?a=1"
    assert redact_text("a=1&password=x&b=2") == f"a=1&password={REDACTED}&b=2"
    assert redact_text("password: x\nuser: y") == f"password: {REDACTED}\nuser: y"
    assert json.loads(redact_text('{"password": "x", "user": "y"}')) == {
        "password": REDACTED,
        "user": "y",
    }


def test_secrets_are_found_by_the_names_of_their_fields():
    params = {
        "password": "canary1",
        "device": {"params": {"password": "canary2", "to": "open"}},
        "headers": [{"Authorization": "canary3"}],
        "auth": {"user": ["canary4"]},
        "pwd": "short",
        "token": None,
    }
    assert set(secrets_in(params)) == {"canary1", "canary2", "canary3", "canary4"}


@pytest.mark.parametrize("name", [*SECRET_NAMES, *MISTYPED])
def test_no_body_with_a_secret_field_is_called_clean(name):
    assert not is_clean(json.dumps({"event": {name: "x"}}).encode())


@pytest.mark.parametrize("kind", TEXTS)
def test_no_body_with_a_secret_in_a_text_is_called_clean(kind):
    assert not is_clean(json.dumps({"swml": TEXTS[kind]}).encode())


@pytest.mark.parametrize("secret", ["PT12345", 'quo"ted', "back\\slash", "ünicode", "a\nb"])
def test_no_body_with_a_given_secret_is_called_clean(secret):
    assert not is_clean(json.dumps({"a": f"x{secret}x"}).encode(), [secret])


def test_a_plain_body_is_called_clean():
    body = {
        "command": "calling.user_event",
        "params": {"event": {"action": "order.confirmed", "amount": 49.99}},
    }
    assert is_clean(json.dumps(body).encode(), ["PT12345"])


@pytest.mark.parametrize(
    "hostile",
    ["a" * 200_000 + ":", "sip:" * 50_000 + "@", "://" * 50_000 + "@:", "a=" * 100_000, '"' * 200_000 + ":",
     "password:" * 20_000, "password=\\" + '\\"' * 50_000, "password: |\n" + " x\n" * 50_000, " " * 200_000 + "=",
     "Bearer " * 30_000, '{"a":' * 40_000],
    ids=lambda text: text[:10],
)  # fmt: skip
def test_no_text_takes_long(hostile):
    # Processor time, and a limit far from both: linear takes milliseconds, quadratic minutes.
    started = time.process_time()
    redact_text(hostile)
    assert time.process_time() - started < 10


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("+15550100", "+15****00"),
        ("+441632960123", "+44********23"),
        ("15550100", "15****00"),
        ("sip:+15550100@example.com", "sip:+15****00@example.com"),
        ("alice", "alice"),
        ("123456", "123456"),
    ],
)
def test_the_middle_of_a_number_is_masked(number, masked):
    assert mask_number(number) == masked


def test_numbers_are_masked_at_any_depth():
    value = {
        "from": "15550100", "caller_id": "+15550100", "n": 15550100, "id": "15550100",
        "list": ["call +15550101 now", {"to": "+15550102"}],
    }  # fmt: skip
    assert mask_numbers(value) == {
        "from": "15****00", "caller_id": "+15****00", "n": 15550100, "id": "15550100",
        "list": ["call +15****01 now", {"to": "+15****02"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+15550100", "+15****00"),
        ("call +15550100abc now", "call +15****00abc now"),
        ("to=%2B15550100&x=1", "to=%2B15****00&x=1"),
        ("ORD-12345678", "ORD-12345678"),
    ],
)
def test_a_number_is_masked_wherever_it_stands_in_a_text(text, masked):
    assert mask_numbers({"note": text}) == {"note": masked}
