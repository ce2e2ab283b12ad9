"""What things cost in a simulated space: invented, round prices and how they are metered.

A price is an exact decimal number of US dollars and a charge is a whole number of nano-dollars, so
sums never drift. Time is billed in increments, rounded up, with a minimum, as carriers do it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Annotated, Literal, NamedTuple, get_type_hints

from swnb.errors import ConfigurationError
from swnb.exchange import NANO

Unit = Literal["minute", "character", "use"]

# How much of what is metered (milliseconds, characters, uses) one price pays for.
_PRICED: dict[Unit, int] = {"minute": 60_000, "character": 1, "use": 1}


class Meter(NamedTuple):
    """What a price is for: a unit, and the description that it has among a call's charges."""

    unit: Unit
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RateCard:
    """The prices of a simulated space in US dollars, all of them invented.

    Change one with `dataclasses.replace(card, record=Decimal("0.003"))`; strings and floats are read
    by their shortest form. `increment_seconds` and `minimum_seconds` hold for everything that is
    billed by time. Raises `ConfigurationError` on a price below 0 or an increment below 1.
    """

    increment_seconds: int = 60
    minimum_seconds: int = 60
    pstn_outbound: Annotated[Decimal, Meter("minute", "Outbound PSTN call")] = Decimal("0.010")
    pstn_inbound: Annotated[Decimal, Meter("minute", "Inbound PSTN call")] = Decimal("0.006")
    sip_outbound: Annotated[Decimal, Meter("minute", "Outbound SIP call")] = Decimal("0.004")
    sip_inbound: Annotated[Decimal, Meter("minute", "Inbound SIP call")] = Decimal("0.002")
    webrtc_outbound: Annotated[Decimal, Meter("minute", "Outbound WebRTC call")] = Decimal("0.003")
    webrtc_inbound: Annotated[Decimal, Meter("minute", "Inbound WebRTC call")] = Decimal("0.003")
    fabric_outbound: Annotated[Decimal, Meter("minute", "Outbound subscriber call")] = Decimal(
        "0.003"
    )
    fabric_inbound: Annotated[Decimal, Meter("minute", "Inbound subscriber call")] = Decimal(
        "0.003"
    )
    record: Annotated[Decimal, Meter("minute", "Recording")] = Decimal("0.002")
    transcribe: Annotated[Decimal, Meter("minute", "Transcription")] = Decimal("0.020")
    live_transcribe: Annotated[Decimal, Meter("minute", "Live transcription")] = Decimal("0.025")
    live_translate: Annotated[Decimal, Meter("minute", "Live translation")] = Decimal("0.050")
    ai: Annotated[Decimal, Meter("minute", "AI agent")] = Decimal("0.150")
    ai_sidecar: Annotated[Decimal, Meter("minute", "AI sidecar")] = Decimal("0.100")
    stream: Annotated[Decimal, Meter("minute", "Media stream")] = Decimal("0.004")
    tap: Annotated[Decimal, Meter("minute", "Media tap")] = Decimal("0.004")
    denoise: Annotated[Decimal, Meter("minute", "Noise reduction")] = Decimal("0.005")
    detect: Annotated[Decimal, Meter("use", "Detection")] = Decimal("0.0075")
    tts: Annotated[Decimal, Meter("character", "Text to speech")] = Decimal("0.00002")

    def __post_init__(self) -> None:
        for item in meters():
            price = Decimal(str(getattr(self, item)))
            if not (price.is_finite() and price >= 0):
                raise ConfigurationError(f"rate_card.{item}: must be a price of at least 0 (USD)")
            object.__setattr__(self, item, price)
        if self.increment_seconds < 1 or self.minimum_seconds < 0:
            raise ConfigurationError(
                "rate_card: increment_seconds must be at least 1 and minimum_seconds at least 0"
            )

    def billed_ms(self, elapsed_ms: int) -> int:
        """Return the milliseconds that are billed for a time: whole increments, at least the minimum."""
        increment = self.increment_seconds * 1000
        billed = max(elapsed_ms, self.minimum_seconds * 1000)
        return -(-billed // increment) * increment

    def charge(self, item: str, amount: int) -> int:
        """Return the nano-dollars for an amount of an item: billed milliseconds, characters or uses."""
        price: Decimal = getattr(self, item)
        exact = price * NANO * amount / _PRICED[meters()[item].unit]
        return int(exact.to_integral_value(ROUND_HALF_UP))


@cache
def meters() -> dict[str, Meter]:
    """Return the meter of every item of a rate card by its name; what is free has none."""
    hints = get_type_hints(RateCard, include_extras=True)
    return {
        name: meter for name, hint in hints.items() for meter in getattr(hint, "__metadata__", ())
    }
