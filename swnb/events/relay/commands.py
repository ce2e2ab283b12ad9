"""What is commanded over RELAY and not over REST: a dial that the session owns, and an answer.

They are commands as those of the catalogue are, checked and logged the same; the catalogue lists what
REST takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from swnb.commands import wire_name
from swnb.commands.base import Command
from swnb.commands.models.dial import Dial

_TAKEN = ("from", "to", "timeout", "codecs", "region", "max_price_per_minute", "unchecked")


class RelayDial(Dial):
    """Start a call that the RELAY session owns: it hears the call, and handles it."""

    listed: ClassVar[bool] = False
    one_of: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Require a destination, and refuse what RELAY's dial does not take."""
        for name in given:
            if name not in _TAKEN and name in map(wire_name, cls.parameters()):
                yield name, "is not taken by a dial over RELAY: the session itself handles the call"
        if "to" not in given:
            yield "to", "is required"

    def envelope(self, call_id: str | None = None) -> dict[str, Any]:
        """Return the dial as the log keeps it, with its way."""
        return {**super().envelope(call_id), "over": "relay"}


class RelayAnswer(Command):
    """Answer an inbound call that was offered to the RELAY session."""

    wire: ClassVar[str] = "calling.answer"
    listed: ClassVar[bool] = False

    def envelope(self, call_id: str | None = None) -> dict[str, Any]:
        """Return the command as the log keeps it, with its way."""
        return {**super().envelope(call_id), "over": "relay"}
