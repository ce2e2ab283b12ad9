"""What was heard of a call, as plain records: RELAY, status callbacks, voice logs, the listener itself."""

from __future__ import annotations

from swnb.event.record import Event, canonical, key_of

__all__ = ["Event", "canonical", "key_of"]
