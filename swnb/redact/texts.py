"""Secrets in text: URLs, headers, YAML, forms, incomplete JSON, PEM blocks.

The text may come from a hostile server: each pattern consumes what it has examined (possessive
repetition, no look-ahead over text that a later match examines again), so that time is linear.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from swnb.hidden import REDACTED, Secrets
from swnb.redact.fields import redact_fields
from swnb.redact.names import is_secret_in_query

if TYPE_CHECKING:
    from collections.abc import Iterable

_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{1,64}-----")
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{1,64}-----")
_AUTHORITY = re.compile(r"""(?<=://)([^/?#\s"<>@]*+)@([^/?#\s"<>]*+)""")
_SIP = re.compile(r"""(\bsips?:[^/?#\s"<>:@]*+:)([^/?#\s"<>]*+)""", re.IGNORECASE)
_WEB = ("http://", "https://", "ws://", "wss://")  # whose user without a password is a token
_NO_TOKEN = frozenset("',\\")  # then what precedes the @ is not a URL
_NO_PASSWORD = ("", "x-oauth-basic")  # next to a token in the place of the user
_QUERY = re.compile(r"""(?<=[?#])[^\s"'<>?#\\]++""")
_PARAMETER = re.compile(r"([^&;=]++)=([^&;]++)")
_DECODED = 2  # times that a URL may be encoded within another
# Credentials hold more than small letters, which "basic facts" do not.
_BEARER = re.compile(
    r"\b((?i:Bearer|Basic))\s++(?=[a-z._~-]{0,64}[A-Z0-9+/=])[A-Za-z0-9._~+/=-]{4,}+"
)
_JWT = re.compile(r"\beyJ[\w-]{6,}+\.[\w-]{6,}+(?:\.[\w-]*+)?")


def redact_text(value: str, secrets: Iterable[str] = ()) -> str:
    """Return a text without its secrets: those in `secrets`, and those recognized by their place.

    Passwords and tokens in URLs and their queries, bearer tokens, JSON Web Tokens, PEM blocks and
    the values of secret fields, in any form of text.
    """
    for secret in Secrets(secrets):
        if secret in value:
            value = value.replace(secret, REDACTED)
    return redact_places(value, 0)


def redact_places(value: str, depth: int) -> str:
    """Return a text without the secrets recognized by their place; `depth`: times it was encoded."""
    if "-----BEGIN" in value:
        value = _without_pem(value)
    if "@" in value and ":" in value:
        value = _SIP.sub(_sip, _AUTHORITY.sub(_userinfo, value))
    if "=" in value and ("?" in value or "#" in value):
        value = _without_queries(value, depth)
    if "eyJ" in value:
        value = _JWT.sub(REDACTED, value)
    if ":" in value or "=" in value or " " in value:
        value = _BEARER.sub(rf"\1 {REDACTED}", value)
        value = redact_fields(value)
    return value


def _without_pem(text: str) -> str:
    """Return a text without its PEM blocks; an unfinished block extends to the end of the text."""
    parts, end = [], 0
    while block := _PEM.search(text, end):
        closed = _PEM_END.search(text, block.end())
        parts += [text[end : block.start()], REDACTED]
        end = closed.end() if closed else len(text)
    return "".join([*parts, text[end:]])


def _userinfo(match: re.Match[str]) -> str:
    userinfo, _, host = match[0].rpartition("@")
    user, mark, password = userinfo.partition(":")
    scheme = match.string[max(0, match.start() - len("https://")) : match.start()].lower()
    if mark and (password not in _NO_PASSWORD):
        return f"{user}:{REDACTED}@{host}"
    if user and scheme.endswith(_WEB) and not _NO_TOKEN.intersection(user):
        return f"{REDACTED}{mark}{password}@{host}"
    return match[0]


def _sip(match: re.Match[str]) -> str:
    password, at, host = match[2].rpartition("@")
    return f"{match[1]}{REDACTED}@{host}" if at and password else match[0]


def _without_queries(text: str, depth: int) -> str:
    """Return a text without the secret parameters in the queries and fragments of its URLs."""

    def parameter(match: re.Match[str]) -> str:
        name, item = match.groups()
        if is_secret_in_query(name):
            return f"{name}={REDACTED}"
        if "%" in item and depth < _DECODED:
            plain = unquote_plus(item)
            if redact_places(plain, depth + 1) != plain:
                return f"{name}={REDACTED}"
        return match[0]

    return _QUERY.sub(lambda query: _PARAMETER.sub(parameter, query[0]), text)
