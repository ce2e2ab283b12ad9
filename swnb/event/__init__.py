"""What was heard of a call, as plain records: RELAY, status callbacks, voice logs, the listener itself.

`parsing` makes events from what arrives, `own` those that swnb tells of itself and of its waits.
"""

from __future__ import annotations

from swnb.event.own import Asked, gap, of_listener, wait_event
from swnb.event.parsing import of_callback, of_relay, of_voice_log
from swnb.event.record import Event, Source, canonical, key_of
from swnb.event.telling import said, told

__all__ = [
    "Asked",
    "Event",
    "Source",
    "canonical",
    "gap",
    "key_of",
    "of_callback",
    "of_listener",
    "of_relay",
    "of_voice_log",
    "said",
    "told",
    "wait_event",
]
