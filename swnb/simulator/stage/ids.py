"""Ids that come from a seed."""

from __future__ import annotations

import hashlib
import uuid


def seeded_id(seed: int, kind: str, number: int) -> str:
    """Return an id in the shape of a random UUID, made from a seed."""
    digest = hashlib.sha256(f"{seed}/{kind}/{number}".encode()).digest()
    return str(uuid.UUID(bytes=digest[:16], version=4))
