"""What is taken out of records: by name, by place, by value; and how numbers are masked."""

from __future__ import annotations

import json
import time

import pytest

from swnb.redact import (
    REDACTED,
    is_clean,
    is_secret,
    redact,
    redact_text,
    secret_keys,
    secrets_in,
)

CANARY = "canary, 7 of; them"

SECRET_NAMES = [
    "password", "Password", "PASSWORD", "web_hook_auth_password", "passwd", "pwd",
    "authorization", "Authorization", "proxy-authorization", "authorization_bearer_token",
    "token", "api_token", "apiToken", "access-token", "auth_token", "refresh_token", "X-Auth-Token",
    "api_key", "apiKey", "X-Api-Key", "secret", "client_secret", "private_key", "cookie", "Set-Cookie", "auth",
]  # fmt: skip
# Words that are part of others: only as the last of a name's own words.
SHORT_NAMES = [
    "X-Auth", "ws_auth", "httpAuth", "web_hook_auth_pass", "pass", "userPass", "dbpass", "pw", "user_pw", "PIN", "pin",
    "userPIN", "pin_code", "pincode", "pins", "otp", "OTPCode", "sms-otp", "totp", "passphrase", "passcode", "jwt",
    "credential", "credentials", "aws.credential", "pswd", "bearer", "Ocp-Apim-Subscription-Key", "x-functions-key",
    "client_key", "signingKey", "encryption_key", "AccountKey", "auth_code", "mfa_code", "2fa_code", "session_cookie",
]  # fmt: skip
CARD_NAMES = [
    "card_number", "cardNumber", "payment_card_number", "cc_number", "security_code", "cvv", "CVV2", "card-cvc", "csc",
    "payment_card_expiration_date", "cardExpiry", "cc_exp_month",
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
    "shipping", "spin", "pinned", "pinpoint", "opinion", "passenger", "bypass_reason", "compass", "pass_order", "classwork",
    "key", "keys", "keyboard", "primary_key", "sort_key", "public_key", "code", "order_code", "country_code", "status_code",
    "language_code", "codec", "digits", "name", "value", "number", "expiry", "expiration_date", "expires", "card_type",
    "card_notes", "discard", "cards", "payment_method", "token_type", "next_page_token", "footprint", "robot", "author_name",
    "signature", "sig", "postal_code", "credit", "accno", "stop_words",
]  # fmt: skip


@pytest.mark.parametrize("name", [*SECRET_NAMES, *SHORT_NAMES, *CARD_NAMES, *MISTYPED])
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


@pytest.mark.parametrize("name", [*SECRET_NAMES, *SHORT_NAMES, *CARD_NAMES, *MISTYPED])
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


PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIICanary\ncanary\n-----END RSA PRIVATE KEY-----"
PLACES = {
    "token as user": ("https://canary@example.com/x?a=1", "https://[redacted]@example.com/x?a=1"),
    "token as user of a socket": ("wss://canary@example.com", "wss://[redacted]@example.com"),
    "token with an empty password": ("https://canary:@example.com", "https://[redacted]:@example.com"),
    "token of a repository": ("https://canary:x-oauth-basic@x.org", "https://[redacted]:x-oauth-basic@x.org"),
    "address as user": ("https://bob@example.org:canary@x.org", "https://bob@example.org:[redacted]@x.org"),
    "two urls in torn json": (
        '{"a":"https://canary@x.org","b":"sip:bob@x.org","c"', '{"a":"https://[redacted]@x.org","b":"sip:bob@x.org","c"',
    ),
    "pass": ("https://x.org/?pass=canary&b=1", "https://x.org/?pass=[redacted]&b=1"),
    "key": ("https://x.org/?a=1&key=canary#top", "https://x.org/?a=1&key=[redacted]#top"),
    "sig": ("see https://x.org/a?sig=canary, and go", "see https://x.org/a?sig=[redacted] and go"),
    "signature": ("/a?X-Amz-Signature=canary&X-Amz-Date=20261118", "/a?X-Amz-Signature=[redacted]&X-Amz-Date=20261118"),
    "code": ("https://x.org/back?code=canary&state=5", "https://x.org/back?code=[redacted]&state=5"),
    "fragment": ("https://x.org/#access_token=canary&a=1", "https://x.org/#access_token=[redacted]&a=1"),
    "encoded name": ("https://x.org/?api%5Fkey=canary", "https://x.org/?api%5Fkey=[redacted]"),
    "html": ("https://x.org/?a=1&amp;key=canary", "https://x.org/?a=1&amp;key=[redacted]"),
    "url in a url": ("https://x.org/?to=https%3A%2F%2Fy%2F%3Fsig%3Dcanary", "https://x.org/?to=[redacted]"),
    "pem": (f"a {PEM} b", "a [redacted] b"),
    "torn pem": (f"a {PEM[:-9]}", "a [redacted]"),
    "web token": ("sent eyJhbGciOi.eyJcanary1.canary-_ on", "sent [redacted] on"),
    "pin": ("pin: 1234canary", "pin: [redacted]"),
    "pin in yaml": ("a:\n  - pin: canary\n    b: 1", "a:\n  - pin: [redacted]\n    b: 1"),
    "pin in a sentence": ("your pin: canary7 is sent", "your pin: [redacted] is sent"),
    "form": ("a=1&otp=canary&b=2", "a=1&otp=[redacted]&b=2"),
    "form of a payment": ("card_number=canary&expiry=canary&a=b", "card_number=[redacted]&expiry=[redacted]&a=b"),
    "header list": (
        "headers:\n  - name: Authorization\n    value: canary 1\n  - name: Accept\n    value: json",
        "headers:\n  - name: Authorization\n    value: [redacted]\n  - name: Accept\n    value: json",
    ),
    "value before its name": ("- value: canary\n  key: X-Auth\n- value: 2", "- value: [redacted]\n  key: X-Auth\n- value: 2"),
    "torn header list": (
        '[{"name": "X-Api-Key", "value": "canary"}, {"name"', '[{"name": "X-Api-Key", "value": [redacted]}, {"name"',
    ),
    "digest": ('Proxy-Authorization: Digest a="b", c="canary"\nHost: x', "Proxy-Authorization: [redacted]\nHost: x"),
    "cookies": ("Set-Cookie: a=b; c=canary\r\nHost: x", "Set-Cookie: [redacted]\r\nHost: x"),
    "xml": ('<h name="Authorization" value="canary"/>', '<h name="Authorization" value=[redacted]/>'),
}  # fmt: skip


@pytest.mark.parametrize("kind", PLACES)
def test_a_secret_is_known_by_its_place_in_a_text(kind):
    text, kept = PLACES[kind]
    assert redact_text(text) == kept
    assert redact_text(kept) == kept
    assert not is_clean(json.dumps({"a": text}).encode())


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/a@b.png",
        "ssh://git@example.com/x",
        "https://example.com/?code_of_order=5&keyword=x&sort_key=a&country_code=US",
        "code=5&key=7",  # of no URL
        "order code: 1234, status code: 200",
        "Please enter your pin: then press pound",
        "pass: true",
        "otp: no\nauth: none",
        "expiry: 2026-12-31",
        '{"key": "value", "name": "color", "value": "red"}',
        "key: value\nname: color\nvalue: red",
        "-----BEGIN forwarded message-----\nHello",
        "eyJust so",
    ],
)
def test_what_only_looks_like_a_secret_is_left_alone(text):
    assert redact_text(text) == text


@pytest.mark.parametrize(
    ("value", "hidden"),
    [
        ({"name": "Authorization", "value": "x"}, {"value"}),
        ({"Key": "X-Auth-Token", "Value": "x"}, {"Value"}),
        ({"value": 7, "name": "pin", "note": "y"}, {"value"}),
        ({"header": "Cookie", "val": ["x"]}, {"val"}),
        ({"key": "value", "name": "color", "value": "red"}, set()),
        ({"name": "Did you forget your password?", "value": "yes"}, set()),
        ({"name": "password", "type": "string"}, set()),
        ({"pin": 1234, "otp": False, "pass": True, "auth": None}, {"pin"}),
        ({"code": "A1", "key": "b", "shipping": "fast"}, set()),
        ({"security_code": True, "token_type": "reusable", "charge_amount": "10"}, set()),
        ({"card_number": "4111", "expiry": "12/30", "exp_month": 1, "zip": "1"}, {"card_number", "expiry", "exp_month"}),
        ({"coupon": "A", "expiry": "2026-12-31"}, set()),
        ({"card": "4111 1111 1111 1111", "exp": "12/30"}, {"card", "exp"}),
        ({"credit_card": 4111111111111111}, {"credit_card"}),
        ({"card": "visa"}, set()),
    ],
)  # fmt: skip
def test_a_secret_is_known_by_its_place_in_an_object(value, hidden):
    assert secret_keys(value) == hidden
    assert redact([value]) == [
        {key: REDACTED if key in hidden else item for key, item in value.items()}
    ]


def test_the_fields_of_a_payment_go_together():
    value = {
        "params": {"card": {"number": "4111", "exp_year": 2030, "brand": "visa"}},
        "pay": {"parameters": [{"name": "cvv", "value": "123"}], "security_code": True},
    }
    assert redact(value) == {
        "params": {"card": {"number": REDACTED, "exp_year": REDACTED, "brand": "visa"}},
        "pay": {"parameters": [{"name": "cvv", "value": REDACTED}], "security_code": True},
    }


def test_headers_may_be_pairs():
    value = [["Authorization", "canary-1"], ["Accept", "json"]]
    assert redact(value) == [["Authorization", REDACTED], ["Accept", "json"]]
    assert list(secrets_in({"headers": value})) == ["canary-1"]
    hints = ["password", "pin"]  # words, and no pair
    assert redact(hints) == hints


def test_a_secret_under_a_label_is_known_as_an_echo():
    value = {
        "headers": [{"name": "X-Auth", "value": "canary-1"}],
        "card": {"number": "4111-canary"},
    }
    assert list(secrets_in(value)) == ["canary-1", "4111-canary"]


def test_what_is_left_of_a_value_goes_too():
    # An echo was taken out of it before.
    assert redact_text("password: [redacted]hunter2, a") == "password: [redacted], a"
    assert redact_text('password="a b" user=bob') == "password=[redacted] user=bob"
