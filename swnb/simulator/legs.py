"""How a call looks in replies and voice logs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from swnb.exchange import NANO
from swnb.simulator.calls import FABRIC, Call, Moment


def leg(call: Call, moment: Moment) -> dict[str, Any]:
    """Return a call as the platform replies to a command: a `CallLeg` or a `FabricDeviceLeg`."""
    lines = call.charges(moment)
    shown = {
        "id": call.id,
        "from": call.from_,
        "to": call.to,
        "direction": call.direction,
        "source": "realtime_api",
        "url": call.url,
        "charge": sum(lines.values()) / NANO,
        "created_at": timestamp(call.created_at),
        "charge_details": [
            {"description": name, "charge": nano / NANO} for name, nano in lines.items()
        ],
    }
    if call.type == FABRIC:
        return {**shown, "status": None, "type": call.type}
    duration = call.duration_ms(moment.now)
    return {
        **shown,
        "status": call.status,
        "duration": None if duration is None else duration // 1000,
        "duration_ms": duration,
        "billing_ms": call.billing_ms(moment),
        "type": call.type,
        "parent_id": None,
    }


def timestamp(at: datetime) -> str:
    """Return a time as the platform writes it: ISO 8601 in UTC, without a fraction if it has none."""
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")
