"""Text that contains secrets: what an input shows of it, and how an edit is read.

Jupyter saves an input's value with the widget state. So a field keeps text with a secret
(credentials in a URL, an `Authorization` in free JSON) in Python and shows it redacted; if the user
edits the text around a redacted part, the secrets are put back in their places.
"""

from __future__ import annotations

import json
import re

from swnb.redact import REDACTED, redact, redact_text, secrets_in

RETYPE_SECRET = f"contains {REDACTED} in place of a secret that is not known here; type it again"


def masked(text: str) -> str:
    """Return the part of a text that an input may show: the text with its secrets redacted."""
    try:
        value = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return redact_text(text)
    safe = redact(value, secrets_in(value))  # the same secret may occur twice
    return text if safe == value else json.dumps(safe, indent=2, ensure_ascii=False)


def unmasked(edited: str, original: str) -> str:
    """Return an edited text with the secrets of the original put back.

    `edited` is what the user made of `masked(original)`. If a secret cannot be matched to its
    place, the placeholder stays and `RETYPE_SECRET` is shown.
    """
    if REDACTED not in edited:
        return edited
    before = masked(original)
    if edited == before:
        return original
    pieces = before.split(REDACTED)
    secrets = _secrets(pieces, original) or _secrets(pieces, _pretty_json(original))
    around = edited.split(REDACTED)
    if len(secrets) != len(around) - 1:
        return edited
    return around[0] + "".join(map(str.__add__, secrets, around[1:]))


def _pretty_json(text: str) -> str:
    """Return a JSON text formatted as `masked` formats it, so that only the secrets differ."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def _secrets(pieces: list[str], original: str) -> tuple[str, ...]:
    """Return what the original text has between the pieces that are shown of it."""
    match = re.fullmatch("(.+?)".join(map(re.escape, pieces)), original, re.DOTALL)
    return match.groups() if match else ()
