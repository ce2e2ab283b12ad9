"""What a probe dials, for how long, and what that can cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from swnb.errors import ConfigurationError

CUTS, LONG_CUTS = (5, 60), (5, 60, 600)  # seconds without connection
_TALK = 60  # seconds for all that is asked of a call beside the cuts
_PATIENCE, _LONG_PATIENCE = 60, 600  # seconds to wait for a callback that was answered with 500
_SHOWN = 3  # digits of a number that are shown at its end


@dataclass(frozen=True, slots=True)
class Plan:
    """What is dialed, and what is asked.

    `from_` and `to` are the caller and the number that is called, where somebody, or something, answers.
    With `context`, the second call goes to `inbound_to`, a number of the account whose calls go to that
    context. `price` is the most that a minute may cost, in US dollars.
    """

    from_: str
    to: str
    context: str | None = None
    inbound_to: str | None = None
    public_url: str | None = None
    port: int | None = None
    price: float = 0.05
    long: bool = False

    @property
    def cuts(self) -> tuple[int, ...]:
        """For how many seconds the connection is cut, one after the other."""
        return LONG_CUTS if self.long else CUTS

    @property
    def patience(self) -> int:
        """For how many seconds a callback that was refused is waited for."""
        return _LONG_PATIENCE if self.long else _PATIENCE

    @property
    def minutes(self) -> tuple[int, int]:
        """How many minutes each of the two calls lasts at most."""
        return (
            math.ceil((sum(self.cuts) + _TALK) / 60),
            math.ceil((self.patience + _TALK) / 60),
        )

    @property
    def most(self) -> float:
        """What the calls can cost at most, in US dollars."""
        legs = 2 if self.context else 1  # the second call then has a leg that arrives here
        first, second = self.minutes
        return (first + legs * second) * self.price

    def check(self) -> None:
        """Raise `ConfigurationError` if something is missing."""
        if self.context and not self.inbound_to:
            raise ConfigurationError(
                "probe: a context needs the number whose calls go to it",
                advice="Give it: --inbound-to +15550123",
            )
        if not math.isfinite(self.price) or self.price <= 0:
            raise ConfigurationError("probe: the price must be a number of US dollars above 0")

    def lines(self) -> list[str]:
        """Return what will be done, in words, for the person who is to agree to it."""
        first, second = self.minutes
        target = f"{masked(self.inbound_to)} (context {self.context!r})" if self.context and self.inbound_to else masked(self.to)  # fmt: skip
        lines = [
            f"1. dial {masked(self.to)} from {masked(self.from_)} over RELAY: at most {first} minutes",
            f"2. dial {target} from {masked(self.from_)} over REST: at most {second} minutes",
            f"No minute may cost more than ${self.price:g}: together at most ${self.most:.2f}.",
            "Both calls are ended at the end, whatever happens. Somebody must answer.",
        ]
        if self.context:
            lines.append(
                f"Meanwhile inbound calls of {self.context!r} may be offered to this program instead "
                "of to production; it passes them on, except for the one that it waits for."
            )
        return lines


def masked(number: str | None) -> str:
    """Return a number of which only the last digits show."""
    return f"…{number[-_SHOWN:]}" if number else "?"
