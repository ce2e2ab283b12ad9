"""A limit on what a run may cost, held before a call is dialled.

What an open call can still cost is its price per minute times the longest that a call is taken to last;
both are given, not guessed. The price covers the call itself: what runs on it (AI, transcription,
recording) is known only when it is charged.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from swnb.commands import wire_name
from swnb.errors import BudgetExceeded, ConfigurationError, InvalidCommand, Problem
from swnb.exchange import NANO, read_money
from swnb.words import counted

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.log.reading.spending import Spending

MINUTES = 60.0
_RATE = "max_price_per_minute"


@dataclass(frozen=True, slots=True)
class Budget:
    """What a run may cost in US dollars, and how dear and long its calls can get.

    `per_minute` is the price that a `dial` without a `max_price_per_minute` is sent with, so that the
    platform refuses a dearer route. `minutes` is how long a call is taken to last at most: nothing
    ends it then. Raises `ConfigurationError` for what is no such number.

    >>> sw = swnb.Client(budget=swnb.Budget(5.00, per_minute=0.02, minutes=10))
    """

    limit: float
    per_minute: float | None = None
    minutes: float = MINUTES

    lock: Lock = field(default_factory=Lock, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("limit", "per_minute", "minutes"):
            value = getattr(self, name)
            optional = name == "per_minute" and value is None
            if not optional and not _is_positive(value):
                raise ConfigurationError(f"budget.{name}: must be a number above 0")

    def priced(self, command: Command) -> Command:
        """Give a `dial` with its price per minute. Raises `InvalidCommand` where there is none."""
        if command.params.get(_RATE) is not None:
            return command
        if self.per_minute is None:
            message = (
                "is required under a budget, which cannot be held without it; give it, or "
                "budget=swnb.Budget(…, per_minute=…) to the client"
            )
            raise InvalidCommand(command.method(), [Problem(_RATE, message)])
        given = {
            name: command.params[wire_name(name)]
            for name in command.parameters()
            if wire_name(name) in command.params
        }
        escapes = {"extras": command.extras, "unchecked": command.unchecked}
        return type(command)(**{**given, **escapes, _RATE: self.per_minute})

    def check(self, command: Command, spending: Spending) -> None:
        """Raise `BudgetExceeded` where a `dial` could make a run pass the limit."""
        limit = read_money(self.limit) or 0
        most = self._most(read_money(command.params[_RATE]))
        going = sum(max(charge, self._most(rate)) for charge, rate in spending.open_nano)
        if spending.known_nano + going + most <= limit:
            return
        count = len(spending.open_nano)
        raise BudgetExceeded(
            command.method(),
            f"not sent, because it could pass the budget of {_usd(limit)}: {_usd(spending.known_nano)} "
            f"is spent, {_usd(going)} is what {counted(count, 'open call')} can cost, and "
            f"{_usd(most)} what this one can ({self.minutes:g} minutes at its price)",
        )

    def _most(self, rate: int | None) -> int:
        """Give what a call can cost at a price per minute."""
        price = rate if rate is not None else read_money(self.per_minute) or 0
        return math.ceil(price * self.minutes)


def budget_of(given: float | Budget | None) -> Budget | None:
    """Take a limit in US dollars for a budget."""
    return given if given is None or isinstance(given, Budget) else Budget(given)


def _is_positive(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and value > 0
    )


def _usd(nano: int) -> str:
    return (
        f"${nano / NANO:,.4f}".rstrip("0").rstrip(".")
        if nano % (NANO // 100)
        else f"${nano / NANO:,.2f}"
    )
