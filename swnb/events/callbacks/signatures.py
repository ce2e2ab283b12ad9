"""Signatures of callbacks: HMAC over the URL as configured and the raw body."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

# By header, in small letters; the second name of SHA-1 is an alias that the platform knows.
_HEADERS = {
    "x-signalwire-sha256-signature": "sha256",
    "x-signalwire-signature": "sha1",
    "x-twilio-signature": "sha1",
}


def signature(key: str, url: str, body: bytes, method: str = "sha1") -> str:
    """Return the signature of a request, in hexadecimal."""
    return hmac.new(key.encode(), url.encode() + body, getattr(hashlib, method)).hexdigest()


def is_right(key: str | None, url: str, body: bytes, headers: Mapping[str, str]) -> bool | None:
    """Return whether every signature of a request is right; None without one, or without a key."""
    sent = {name: headers[name] for name in _HEADERS if name in headers}
    if not sent or not key:
        return None
    return all(
        hmac.compare_digest(
            signature(key, url, body, _HEADERS[name]).encode(), value.strip().lower().encode()
        )
        for name, value in sent.items()
    )
