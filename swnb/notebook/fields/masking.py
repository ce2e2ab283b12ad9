"""Texts with secrets in them: what an input may show of one, and how an edit is read.

An input's value is part of the state that Jupyter saves. So a field keeps a text that holds a
secret (credentials in a URL, an `Authorization` in free JSON) to itself and shows it redacted;
when the shown text is edited around what is redacted, the secrets are put back in their places.
"""

from __future__ import annotations

import json
import re

from swnb.redact import REDACTED, redact, redact_text, secrets_in

STALE = f"holds {REDACTED}, which stands for a secret that is not known here; type it again"


def shown(text: str) -> str:
    """Give what an input may show of a text."""
    try:
        value = json.loads(text) if text[:1] in ("{", "[") else None
    except (ValueError, RecursionError):
        value = None
    if value is None:
        return redact_text(text)
    safe = redact(value, secrets_in(value))  # the same secret may stand there twice
    return text if safe == value else json.dumps(safe, indent=2, ensure_ascii=False)


def laid_out(text: str) -> str:
    """Lay a JSON text out as `shown` does, so that the two differ in the secrets alone."""
    try:
        return json.dumps(json.loads(text), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        return text


def revealed(edited: str, kept: str) -> str:
    """Give the text that is meant by an edit of what is shown of another one.

    Where a secret cannot be told from its place, what stands for it stays, and `STALE` says so.
    """
    if REDACTED not in edited:
        return edited
    before = shown(kept)
    if edited == before:
        return kept
    pieces = before.split(REDACTED)
    kept = kept if _secrets(pieces, kept) else laid_out(kept)
    secrets = _secrets(pieces, kept)
    around = edited.split(REDACTED)
    if len(secrets) != len(around) - 1:
        return edited
    return around[0] + "".join(map(str.__add__, secrets, around[1:]))


def _secrets(pieces: list[str], kept: str) -> tuple[str, ...]:
    """Give what stands in a text between the pieces that are shown of it."""
    found = re.fullmatch("(.+?)".join(map(re.escape, pieces)), kept, re.DOTALL)
    return found.groups() if found else ()
