"""What goes wrong with events on their way, on request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from swnb.errors import ConfigurationError

EventFault = Literal["cut", "forget", "repeat", "late", "swap", "drop", "unsigned"]
Channel = Literal["relay", "callbacks"]
EVENT_FAULTS: tuple[str, ...] = get_args(EventFault)
_ONLY: dict[str, Channel] = {"forget": "relay", "unsigned": "callbacks"}


@dataclass(slots=True)
class Trouble:
    """One kind of it, for the next events on a channel, as many as are `left`."""

    kind: str
    left: int
    channel: Channel
    seconds: float


class Mischief:
    """What is still to go wrong."""

    def __init__(self) -> None:
        self._troubles: list[Trouble] = []

    def add(self, kind: str, times: int, channel: str | None = None, seconds: float = 5.0) -> None:
        """Let the next events of a channel go wrong. Raises `ConfigurationError`."""
        only = _ONLY.get(kind)
        channel = channel or only or "relay"
        if channel not in get_args(Channel) or (only and channel != only):
            known = only or " or ".join(get_args(Channel))
            raise ConfigurationError(f"misbehave.channel: must be {known} for {kind!r}")
        if times < 1 or not 0 <= seconds <= 86_400:  # noqa: PLR2004 - a day
            raise ConfigurationError("misbehave: times must be at least 1, seconds from 0 to a day")
        named: Channel = "callbacks" if channel == "callbacks" else "relay"
        self._troubles.append(Trouble(kind, times, named, seconds))

    def take(self, channel: Channel) -> Trouble | None:
        """Return what is to go wrong with the next event of a channel, None if nothing is."""
        trouble = next((trouble for trouble in self._troubles if trouble.channel == channel), None)
        if trouble:
            trouble.left -= 1
            if not trouble.left:
                self._troubles.remove(trouble)
        return trouble
