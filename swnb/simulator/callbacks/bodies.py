"""What a status callback says: the envelope of the platform's SWML pages, or the flat form of a call.

Which of them REST calls get, no source tells; the envelope is documented for streams.
"""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlencode

from swnb.simulator.legs import timestamp
from swnb.simulator.stage.ids import seeded_id
from swnb.simulator.stage.occurrences import Occurrence
from swnb.simulator.stage.scene import World

Form = Literal["envelope", "flat"]
_BY_DEFAULT = ("ended",)  # of a call's states
_TRANSCRIPTS = {"finished": "completed", "failed": "failed"}


def is_wanted(occurrence: Occurrence) -> bool:
    """Return whether a command asked for a callback about this."""
    given = occurrence.given
    if not isinstance(given.get("status_url"), str) or occurrence.kind == "user_event":
        return False
    if occurrence.kind == "state":
        return occurrence.state in (given.get("status_events") or _BY_DEFAULT)
    return occurrence.kind != "transcribe" or occurrence.state in _TRANSCRIPTS


def body_of(occurrence: Occurrence, world: World, form: str) -> dict[str, Any]:
    """Return the JSON of a callback."""
    if form == "flat" and occurrence.kind == "state":
        return _flat(occurrence)
    params = {name: item for name, item in occurrence.params.items() if name != "tag"}
    event_type = occurrence.event_type
    if occurrence.kind == "transcribe":
        event_type = f"calling.transcript.{_TRANSCRIPTS[occurrence.state or '']}"
        params = {
            "id": params.get("recording_id", occurrence.control_id),
            "call_id": occurrence.call_id,
            "segment_id": occurrence.call_id,
            **({"text": params["text"]} if "text" in params else {}),
        }
    return {
        "event_type": event_type,
        "event_channel": f"swml:{occurrence.call_id}",
        "timestamp": occurrence.at.timestamp(),
        "project_id": world.project,
        "space_id": seeded_id(world.seed, "space", 0),
        "params": params,
    }


def _flat(occurrence: Occurrence) -> dict[str, Any]:
    device = occurrence.params["device"]["params"]
    return {
        "call_id": occurrence.call_id,
        "call_state": occurrence.state,
        "from": device.get("from_number", device.get("from")),
        "to": device.get("to_number", device.get("to")),
        "direction": occurrence.params["direction"],
        "timestamp": timestamp(occurrence.at),
    }


def as_query(body: dict[str, Any]) -> str:
    """Return a callback as the query of a GET: the params beside the envelope's fields."""
    flat = {**{name: item for name, item in body.items() if name != "params"}, **body["params"]}
    return urlencode(flat)
