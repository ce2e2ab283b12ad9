"""What the name of a field says about its value.

Case and punctuation are ignored: `Ocp-Apim-Subscription-Key` is `ocpapimsubscriptionkey`. Parts of
too many words (`pin` in shipping, `pass` in passenger) count only as the last word of a name: `userPin`, `web_hook_auth_pass`, `pin_code`.
"""

from __future__ import annotations

import re
from enum import IntEnum
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable


class Kind(IntEnum):
    """What a field holds, by its name."""

    OPEN = 0
    SECRET = 1
    FLAG = 2  # a secret, unless its value is true or false: `{"pin": true}` asks for one
    PAYMENT = 3  # as FLAG: the number of a card, or its security code
    EXPIRY = 4  # as FLAG, in an object or a text that holds a PAYMENT
    LABEL = 5  # may name what the VALUE beside it holds: `{"name": …, "value": …}`
    VALUE = 6
    CARD = 7  # a card: its number, or an object in which `number` and `exp_month` are a payment's


# The number of a card, under a name that may mean the card as a whole.
CARD_NUMBER = re.compile(r"(?<!\d)\d(?:[ -]?\d){11,18}(?!\d)")

HIDDEN = frozenset({Kind.SECRET, Kind.FLAG, Kind.PAYMENT})

# Parts and ends of names without punctuation. Each contains one of `values._SUSPECT` or matches a
# pattern in `values`.
_SECRET = re.compile(
    "password|passwd|passphrase|passcode|passkey|pswd|pwd|authorization|bearertoken|apitoken"
    "|accesstoken|authtoken|apikey|secret|privatekey|jwt"
)
_OWNERS = (
    *("app", "application", "access", "account", "auth", "client", "consumer", "cryption"),
    *("function", "functions", "license", "master", "server", "session", "shared", "signing"),
    *("ssh", "subscription", "webhook", "admin", "write"),
)
_USES = ("mfa", "2fa", "factor", "verification", "authentication", "auth", "access", "login")
_USERS = ("user", "auth", "db", "sip", "http", "smtp", "hook", "login", "admin", "web")
_FLAG_ENDS = (
    *("credential", "credentials", "cookie", "cookies", "auth", "bearer", "onetimecode"),
    *(f"{word}{what}" for word in ("pin", "otp") for what in ("code", "number")),
    *(f"{owner}key{plural}" for owner in _OWNERS for plural in ("", "s")),
    *(f"{use}code{plural}" for use in _USES for plural in ("", "s")),
    *(f"{user}{word}" for user in _USERS for word in ("pass", "pin", "pw")),
)
_CARDS = ("card", "cc")
_OF_CARDS = ("number", "num", "no", "pan", "code")
_EXPIRIES = ("exp", "expiry", "expires", "expiration")
_DATES = ("", "date", "month", "year", "mm", "yy")
_PAYMENT_ENDS = (
    *("cardholdernumber", "primaryaccountnumber", "securitycode", "cvv", "cvc", "cvn", "csc"),
    *(f"card{what}" for what in _OF_CARDS),
    *(f"{card}{exp}{date}" for card in _CARDS for exp in _EXPIRIES for date in _DATES),
)
_PAYMENT_WHOLE = frozenset(f"cc{what}" for what in _OF_CARDS)  # acc and succ are no cards
_EXPIRY = frozenset(
    {
        "number",
        *(f"{pay}{exp}{date}" for pay in ("", "payment") for exp in _EXPIRIES for date in _DATES),
    }
)
_HINT = re.compile(
    "pas|word|auth|zation|sation|token|key|secret|pwd|pswd|jwt|c(?:oo|ar|ode)|cred|bearer|p(?:in|w)"
    "|cv[vcn]|csc|cc|exp|psk|otp|num|name|^k$|^v|value|head|field|param|variab"
)
_LABELS = frozenset(
    {"name", "key", "header", "headername", "field", "fieldname", "param", "parameter"}
    | {"variable", "k"}
)
_VALUES = frozenset({"value", "val", "values", "headervalue", "v"})
# For the words of a name, in lower case and separated by spaces.
_LAST_WORD = re.compile(
    "(?:^| )(?:pass|passwd|pword|pw|pin|otp|totp|hotp|psk|cred)s?"
    "(?: (?:code|number|no|nr|num|value|hash|key|plain|text|raw|digits))?$"
)
# A command with a mistyped parameter is refused and logged with its parameters.
_OFTEN_MISTYPED = ("password", "authorization")
# Parameters that may be a URL's only protection; elsewhere these are ordinary names.
_IN_QUERY = frozenset({"key", "sig", "code", "hmac", "ticket", "samlresponse", "assertion"})
_SIGNATURE = "signature"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_NO_LETTERS = re.compile(r"[\W_]+")
_LONGEST = 200  # characters at each end of a name that are examined
_KEPT = 10_000  # free JSON may have any number of names

_kinds: dict[str, Kind] = {}
_declared: frozenset[str] = frozenset()


def _one_edit_off(word: str) -> str:
    """Return a pattern for a word with an extra, missing or wrong letter, or two swapped ones."""
    letters = [f"{word[:at]}.?.?{word[at + 1 :]}" for at in range(len(word))]
    swapped = [word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)]
    return "|".join([*letters, *swapped])


_MISTYPED = re.compile("|".join(map(_one_edit_off, _OFTEN_MISTYPED)))
_LENGTHS = range(len("passwor"), len("authorization") + 2)


def is_secret(name: str) -> bool:
    """Return whether a field of this name holds a secret."""
    return kind_of(name) in HIDDEN


def kind_of(name: str) -> Kind:
    """Return what a field of this name holds."""
    kind = _kinds.get(name)
    if kind is None:
        kind = _kind(name)
        if len(_kinds) < _KEPT:
            _kinds[name] = kind
    return kind


def _kind(name: str) -> Kind:
    if _declared and _NO_LETTERS.sub("", name.casefold()) in _declared:
        return Kind.SECRET
    if len(name) > 2 * _LONGEST:
        name = name[:_LONGEST] + name[-_LONGEST:]
    plain = _PUNCTUATION.sub("", name.lower())
    if not _HINT.search(plain):
        return Kind.OPEN
    if plain in _LABELS:
        return Kind.LABEL
    if plain in _VALUES:
        return Kind.VALUE
    if plain in _EXPIRY:
        return Kind.EXPIRY
    return _kind_of_parts(plain, _WORD.findall(name))


def _kind_of_parts(plain: str, words: list[str]) -> Kind:
    if _SECRET.search(plain):
        return Kind.SECRET
    if plain.endswith("token") and not plain.endswith("pagetoken"):  # a cursor is not a secret
        return Kind.SECRET
    letters = plain.rstrip("0123456789")
    if letters.endswith(_PAYMENT_ENDS) or letters in _PAYMENT_WHOLE:
        return Kind.PAYMENT
    if letters.endswith(_FLAG_ENDS) or _LAST_WORD.search(" ".join(words[-2:]).lower()):
        return Kind.FLAG
    if any(len(word) in _LENGTHS and _MISTYPED.fullmatch(word.lower()) for word in words):
        return Kind.SECRET
    return Kind.CARD if letters.endswith("card") else Kind.OPEN


@lru_cache(_KEPT)
def is_secret_in_query(name: str) -> bool:
    """Return whether a parameter of this name in a URL's query holds a secret."""
    name = unquote_plus(name)
    plain = _PUNCTUATION.sub("", name.lower())
    return plain in _IN_QUERY or plain.endswith(_SIGNATURE) or is_secret(name)


def declare_secret(names: Iterable[str]) -> None:
    """Treat fields of these names as secret too, from now on and in the whole process."""
    global _declared  # noqa: PLW0603 - a name that is secret for one client is so for every output
    plain = {_NO_LETTERS.sub("", name.casefold()) for name in names} - {""}
    if not plain <= _declared:
        _declared = _declared | plain
        _kinds.clear()
        is_secret_in_query.cache_clear()


def declared_secret() -> frozenset[str]:
    """Return the declared names, in lower case and without punctuation."""
    return _declared
