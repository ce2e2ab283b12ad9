"""What holds of redaction whatever the value: generated ones, always the same."""

from __future__ import annotations

import json
import random

import pytest

from swnb.redact import REDACTED, is_clean, redact, redact_text, secrets_in
from swnb.redact.names import Kind, kind_of

ROUNDS = 4_000
WORDS = [
    "user", "web", "hook", "auth", "pass", "pin", "code", "key", "api", "otp", "card", "number", "cvv", "exp", "date", "name",
    "value", "secret", "token", "page", "pw", "client", "order", "to", "shipping", "status", "cookie", "credential", "jwt",
    "password", "authorization", "pasword", "paswsord", "autorization", "header", "month", "2fa", "security", "cc", "psk",
]  # fmt: skip
TEXTS = [
    "answered", "+15550100", "https://example.com/swml", "https://tok@example.com", "https://u:p@h.org/x", "sip:a:b@c.d",
    "https://example.com/?key=a&b=c", "/a?X-Amz-Signature=ab#x", "Bearer abcDEF12", "-----BEGIN KEY-----", "eyJhbGciOi.eyJhbGciO.abc",
    "4111 1111 1111 1111", "a: b", "one, two; three", "%41", "Hello.", "true", "", "?api%5Fkey=abc", "x\ny: z", 'q"uote', "ünïcode",
]  # fmt: skip


def name(dice):
    words = dice.choices(WORDS, k=dice.randint(1, 3))
    style = dice.choice([str.lower, str.upper, str.title])
    joint = dice.choice(["_", "-", "", " ", "."])
    text = joint.join(map(style, words))
    return text[:1].lower() + text[1:] + dice.choice(["", "", "", "s", "2", "_1"])


def text(dice):
    pieces = [
        lambda: dice.choice(TEXTS),
        lambda: name(dice) + dice.choice([": ", "=", ':"', "='", " = ", ": |\n  "]) + dice.choice(TEXTS),
        lambda: json.dumps({name(dice): dice.choice(TEXTS)}),
        lambda: f"name: {name(dice)}\nvalue: {dice.choice(TEXTS)}",
    ]  # fmt: skip
    joint = dice.choice(["", " ", "\n", "&", ", "])
    return joint.join(dice.choice(pieces)() for _ in range(dice.randint(1, 4)))


def value(dice, depth=3):
    kinds = [
        lambda: dice.choice([None, True, False, 7, 4.5, 4111111111111111]),
        lambda: text(dice),
        lambda: name(dice),
        lambda: [value(dice, depth - 1) for _ in range(dice.randint(0, 3))],
        lambda: [[name(dice), text(dice)], [name(dice), text(dice)]],
        lambda: {name(dice): value(dice, depth - 1) for _ in range(dice.randint(1, 4))},
        lambda: {"name": name(dice), "value": text(dice)},
    ]
    return dice.choice(kinds[: None if depth else 3])()


@pytest.fixture(scope="module")
def values():
    dice = random.Random(9)
    return [value(dice) for _ in range(ROUNDS)]


def test_what_is_called_clean_holds_nothing_to_take_out(values):
    clean = [each for each in values if is_clean(json.dumps(each).encode())]
    assert len(clean) > ROUNDS / 20
    assert len(clean) < ROUNDS
    assert [each for each in clean if redact(each) != each] == []


def test_what_was_redacted_once_stays_as_it_is(values):
    # A recording is looked through again when it is written, and when it is read.
    assert [each for each in values if redact(redact(each)) != redact(each)] == []


def test_no_secret_of_a_field_is_left(values):
    for each in values:
        found = [secret for secret in secrets_in(each) if secret not in TEXTS]
        kept = json.dumps(redact(each, found), ensure_ascii=False)
        assert not [secret for secret in found if secret in kept and secret not in REDACTED]


def test_a_document_is_redacted_in_a_text_as_it_is_alone(values):
    documents = [each for each in values if isinstance(each, dict | list)]
    for each in documents:
        assert json.loads(redact_text(json.dumps(each))) == redact(each)


def test_no_name_alone_is_called_clean_in_a_text():
    dice = random.Random(10)
    names = {name(dice) for _ in range(ROUNDS)}
    secret = [each for each in names if kind_of(each) in (Kind.SECRET, Kind.FLAG, Kind.PAYMENT)]
    assert len(secret) > ROUNDS / 20
    for each in secret:
        for body in ({each: "x"}, {"text": f"{each}=x"}, {"name": each, "value": "x"}):
            assert not is_clean(json.dumps(body).encode()), body
