"""The only place that knows what is secret, and how phone numbers are masked.

An exchange is redacted once, when it is made, so that nothing downstream (log, error, card,
export, recording) can leak what it never held. Redaction goes by the *name* of a field, without
regard to case, in JSON and in text; by credentials inside URLs; and by the secrets that a client or
a request is known to hold, wherever the other side echoes them.
"""

from __future__ import annotations

import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from swnb import hidden

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from swnb.hidden import Secrets

REDACTED = hidden.REDACTED

# Substrings of lower-case field names, punctuation removed: `web_hook_auth_password` and
# `X-Api-Key` are caught as `password` and `apikey`.
_SECRET_NAMES = (
    "password",
    "passwd",
    "authorization",
    "bearertoken",
    "apitoken",
    "accesstoken",
    "authtoken",
    "apikey",
    "secret",
    "privatekey",
)
_SECRET_WHOLE = frozenset({"token", "auth", "pwd", "cookie", "setcookie"})
# A command with a mistyped parameter is refused, and the refusal is logged with what it held.
_OFTEN_MISTYPED = ("password", "authorization")
_ALIKE = 0.85
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PUNCTUATION = re.compile(r"[^a-z0-9]")
# Bounded and possessive repetition: the text may be a hostile server's.
_URL_PASSWORD = re.compile(
    r"((?:://|\bsips?:)[^/?#\s:@]{0,256}:)[^/?#\s]{1,1024}(?=@)", re.IGNORECASE
)
# Credentials hold more than small letters, which "basic facts" do not.
_BEARER = re.compile(
    r"\b((?i:Bearer|Basic))\s+(?=[a-z._~-]{0,64}[A-Z0-9+/=])[A-Za-z0-9._~+/=-]{4,}"
)
_NAME_IN_TEXT = re.compile(r"""(?<![\w.-])([\w.-]++)\\*+["']?\s*+[:=]\s*+""")
_VALUE_IN_TEXT = re.compile(
    r"""
      \\+".*?\\+"                                  # in quotes, in text that is in quotes itself
    | "(?:[^"\\]|\\.)*+(?:"|\\?\Z)                # in quotes, which a torn text may not close
    | '[^']*+(?:'|\Z)
    | [|>][-+0-9]*[ \t]*\n(?:[ \t]+[^\n]*\n?)++     # a YAML block
    | [^\n\r,;}&]+
    """,
    re.VERBOSE,
)
_SHORTEST_ECHO = 6  # a shorter secret is part of too many words to be looked for
# Each name and pattern above has one of these in it, once all but letters and digits is gone.
_SUSPECT = (
    *(b"pas", b"word", b"auth", b"zation", b"sation", b"token", b"apikey", b"secret"),
    *(b"privatekey", b"pwd", b"cookie", b"bearer", b"basic"),
)
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)  # noqa: PLR2004 - ASCII
_PHONE_NUMBER = re.compile(r"(?:\+|%2[Bb])\d{7,15}(?!\d)")
_NUMBER_FIELDS = frozenset({"from", "to", "caller_id"})
_BARE_NUMBER = re.compile(r"\+?\d{7,15}")
_names: dict[str, bool] = {}
_NAMES_KEPT = 10_000  # free JSON may bring any number of names


def is_secret(name: str) -> bool:
    """Say whether a field of this name holds a secret."""
    known = _names.get(name)
    if known is None:
        plain = _PUNCTUATION.sub("", name.lower())
        known = (
            plain in _SECRET_WHOLE
            or any(part in plain for part in _SECRET_NAMES)
            or (plain.endswith("token") and plain != "pagetoken")  # a cursor is no secret
            or any(
                get_close_matches(word.lower(), _OFTEN_MISTYPED, 1, _ALIKE)
                for word in _WORD.findall(name)
            )
        )
        if len(_names) < _NAMES_KEPT:
            _names[name] = known
    return known


def redact(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Copy a JSON value without its secrets.

    Values of secret fields become `"[redacted]"`, whatever their shape; passwords inside URLs
    and documents given as text, and every occurrence of one of `secrets`, are replaced. What is
    nested too deeply to be looked through is left out whole.
    """
    try:
        return _redact(value, hidden.Secrets(secrets))
    except RecursionError:
        return REDACTED


def secrets_in(value: Any) -> Iterator[str]:
    """Give the texts in the secret fields of a JSON value, by which an echo of them is known."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item) if is_secret(key) else secrets_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from secrets_in(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str) and len(value) >= _SHORTEST_ECHO:
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def is_clean(text: bytes, secrets: Iterable[str] = ()) -> bool:
    """Say whether a JSON text surely holds nothing that `redact` would take out.

    One look at the text costs a tenth of the walk through the value. It errs on the side of no:
    escapes and letters beyond ASCII, in which a name or a secret may hide, are never called clean.
    """
    if not text.isascii() or b"\\" in text or b"@" in text:
        return False
    plain = text.lower().translate(None, _NO_LETTERS)
    for part in _SUSPECT:  # a loop: this runs for each body, and any() would double its time
        if part in plain:
            return False
    return not any(secret.encode() in text for secret in secrets)


def _redact(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, str):
        return redact_text(value, secrets)
    if isinstance(value, dict):
        return {
            (redact_text(key, secrets) if isinstance(key, str) else key): (
                REDACTED
                if isinstance(key, str) and item is not None and is_secret(key)
                else _redact(item, secrets)
            )
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_redact(item, secrets) for item in value]
    return value


def redact_text(value: str, secrets: Iterable[str] = ()) -> str:
    """Copy a text without passwords in URLs, bearer tokens, secret fields, or any of `secrets`."""
    for secret in hidden.Secrets(secrets):
        if secret in value:
            value = value.replace(secret, REDACTED)
    if value[:1] in ("{", "[") and (document := _redact_document(value)):
        return document
    if "@" in value and ":" in value:
        value = _URL_PASSWORD.sub(rf"\1{REDACTED}", value)
    if ":" in value or "=" in value or " " in value:
        value = _BEARER.sub(rf"\1 {REDACTED}", value)
        value = _redact_fields(value)
    return value


def _redact_document(text: str) -> str | None:
    """Copy a JSON document that is given as text, as it is where it holds no secret, or give None."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    redacted = redact(document)
    return text if redacted == document else json.dumps(redacted, ensure_ascii=False)


def _redact_fields(text: str) -> str:
    """Copy a text (YAML, a query, a header, torn JSON) without the values of secret fields."""
    parts, end = [], 0
    for found in _NAME_IN_TEXT.finditer(text):
        if found.start() < end or not is_secret(found[1]):
            continue
        value = _VALUE_IN_TEXT.match(text, found.end())
        if value:
            parts += [text[end : found.end()], REDACTED]
            end = value.end()
    return "".join([*parts, text[end:]]) if parts else text


def mask_number(number: str) -> str:
    """Mask the middle of every phone number in a text: `+15550100` becomes `+15****00`.

    The same number always gives the same mask, so that calls can still be told apart by ends.
    """
    return _BARE_NUMBER.sub(lambda found: _stars(found.group()), number)


def mask_numbers(value: Any) -> Any:
    """Copy a JSON value with every E.164 number in it masked, and any number in from and to."""
    if isinstance(value, str):
        return _PHONE_NUMBER.sub(lambda found: _stars(found.group()), value)
    if isinstance(value, dict):
        return {
            key: mask_number(item)
            if key in _NUMBER_FIELDS and isinstance(item, str)
            else mask_numbers(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [mask_numbers(item) for item in value]
    return value


def _stars(number: str) -> str:
    head = {"+": 3, "%": 5}.get(number[0], 2)  # the plus as it is, or as a URL writes it
    return number[:head] + "*" * (len(number) - head - 2) + number[-2:]
