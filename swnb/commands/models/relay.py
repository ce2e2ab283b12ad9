"""What only a RELAY session can ask: to start a call that it owns, and to answer one it was offered.

They are no commands of the REST API, so that the catalogue does not list them; `Command.over_relay`
does. Their parameters have the names that those of `dial` have; `wire_params` says them as RELAY does.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from swnb.commands.addresses import Address, Caller
from swnb.commands.base import Command
from swnb.commands.models.dial import Price, Timeout
from swnb.commands.types import Integer, about

_SCHEMES = {"sip:": "sip", "sips:": "sip", "verto:": "webrtc", "client:": "webrtc"}
_OF_DEVICE = ("from", "to", "timeout")


class RelayDial(Command):
    """Start a call that this RELAY session owns, hears, and must steer: no SWML runs on it."""

    wire: ClassVar[str] = "calling.dial"
    relay_only: ClassVar[bool] = True
    group: ClassVar[str] = "Calls"
    on_call: ClassVar[bool] = False
    example: ClassVar[dict[str, Any]] = {"from": "+15550100", "to": "+15550101", "timeout": 30}

    from_: Annotated[Caller, about("The caller, as for dial.")]
    to: Annotated[Address, about("The destination, as for dial.")]
    timeout: Timeout = None
    max_duration: Annotated[
        Integer | None,
        about(
            "The longest that the call may last. The official client sends it; the published "
            "parameters do not list it.",
            unit="minutes",
            ge=1,
        ),
    ] = None
    region: Annotated[str | None, about("The region to route the call through.")] = None
    max_price_per_minute: Price = None


class Answer(Command):
    """Answer an inbound call that this RELAY session was offered."""

    wire: ClassVar[str] = "calling.answer"
    relay_only: ClassVar[bool] = True
    group: ClassVar[str] = "Calls"


def device_of(params: dict[str, Any]) -> dict[str, Any]:
    """Return the device that a `RelayDial` with these parameters calls."""
    to = str(params["to"])
    kind = next((kind for start, kind in _SCHEMES.items() if to.lower().startswith(start)), "phone")
    ends = ("from_number", "to_number") if kind == "phone" else ("from", "to")
    device = {ends[0]: params["from"], ends[1]: to}
    if "timeout" in params:
        device["timeout"] = params["timeout"]
    return {"type": kind, "params": device}


def wire_params(params: dict[str, Any], tag: str) -> dict[str, Any]:
    """Return the parameters of `calling.dial` as RELAY takes them, under a tag.

    Several devices could ring one after the other or together; this is one.
    """
    rest = {name: item for name, item in params.items() if name not in _OF_DEVICE}
    return {"tag": tag, "devices": [[device_of(params)]], **rest}
