"""The only place that knows what is secret, and how phone numbers are masked.

An exchange is redacted once, when it is made, so that nothing downstream (log, error, card,
export, recording) can leak what it never held. Redaction goes by the *name* of a field, without
regard to case, by credentials inside URLs, and by the client's own token wherever it occurs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

REDACTED = "[redacted]"

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
_PUNCTUATION = re.compile(r"[^a-z0-9]")
_URL_PASSWORD = re.compile(r"(?<=://)([^/?#\s:@]*):([^/?#\s@]+)(?=@)")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]{4,}", re.IGNORECASE)
_IN_TEXT = re.compile(
    r"""(["']?[\w-]*(?:password|passwd|authorization|bearer_token|api_token|secret)["']?\s*[:=]\s*)"""
    r"""("(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;}&]+)""",
    re.IGNORECASE,
)
# Each name and pattern above has one of these in it, once all but letters and digits is gone.
_SUSPECT = (
    *(b"passw", b"auth", b"token", b"apikey", b"secret", b"privatekey", b"pwd", b"cookie"),
    *(b"bearer", b"basic"),
)
_NO_LETTERS = bytes(code for code in range(256) if not chr(code).isalnum() or code > 127)  # noqa: PLR2004 - ASCII
_PHONE_NUMBER = re.compile(r"\+\d{7,15}\b")
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
        )
        if len(_names) < _NAMES_KEPT:
            _names[name] = known
    return known


def redact(value: Any, secrets: Iterable[str] = ()) -> Any:
    """Copy a JSON value without its secrets.

    Values of secret fields become `"[redacted]"`, whatever their shape; passwords inside URLs
    and documents given as text, and every occurrence of one of `secrets`, are replaced.
    """
    return _redact(value, tuple(secret for secret in secrets if secret))


def is_clean(text: bytes, secrets: Iterable[str] = ()) -> bool:
    """Say whether a JSON text surely holds nothing that `redact` would take out.

    One look at the text costs a tenth of the walk through the value. It errs on the side of no:
    escapes and letters beyond ASCII, in which a name or a secret may hide, are never called clean.
    """
    if not text.isascii() or b"\\u" in text or (b"@" in text and b"://" in text):
        return False
    plain = text.lower().translate(None, _NO_LETTERS)
    for part in _SUSPECT:  # a loop: this runs for each body, and any() would double its time
        if part in plain:
            return False
    return not any(secret.encode() in text for secret in secrets)


def _redact(value: Any, secrets: tuple[str, ...]) -> Any:
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
    """Copy a text without passwords in URLs, bearer tokens, or any of `secrets`."""
    for secret in secrets:
        if secret in value:
            value = value.replace(secret, REDACTED)
    if "@" in value and "://" in value:
        value = _URL_PASSWORD.sub(rf"\1:{REDACTED}", value)
    if ":" in value or "=" in value or " " in value:
        value = _BEARER.sub(rf"\1 {REDACTED}", value)
        value = _IN_TEXT.sub(rf"\1{REDACTED}", value)
    return value


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
    head = 3 if number.startswith("+") else 2
    return number[:head] + "*" * (len(number) - head - 2) + number[-2:]
