"""A limit on what a run may cost, checked before a call is dialed.

What an open call can still cost is its price per minute times the longest that a call is assumed to
last; both are set, not guessed. The price covers the call itself: what runs on it (AI,
transcription, recording) is known only when it is charged.
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
    """What a run may cost in US dollars, and how expensive and long its calls can get.

    Parameters
    ----------
    limit : float
        What the run may cost, in US dollars, more than 0.
    per_minute : float, optional
        The price in US dollars that a `dial` without a `max_price_per_minute` is sent with, so that
        the platform rejects a more expensive route.
    minutes : float, default 60.0
        How long a call is assumed to last at most; it is not ended then.

    Raises
    ------
    ConfigurationError
        If one of them is not a number above 0.

    Examples
    --------
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
        """Return a `dial` with its price per minute.

        Parameters
        ----------
        command : Command
            The `dial`.

        Raises
        ------
        InvalidCommand
            If neither the command nor the budget has a price per minute.

        """
        if command.params.get(_RATE) is not None:
            return command
        if self.per_minute is None:
            message = (
                "is required under a budget, which cannot be checked without it; set it, or pass "
                "budget=swnb.Budget(…, per_minute=…) to the client"
            )
            raise InvalidCommand(command.method(), [Problem(_RATE, message)])
        params = {
            name: command.params[wire_name(name)]
            for name in command.parameters()
            if wire_name(name) in command.params
        }
        escapes = {"extras": command.extras, "unchecked": command.unchecked}
        return type(command)(**{**params, **escapes, _RATE: self.per_minute})

    def check(self, command: Command, spending: Spending) -> None:
        """Raise `BudgetExceeded` if a `dial` could make a run exceed the limit.

        Parameters
        ----------
        command : Command
            The `dial`, with its price per minute.
        spending : Spending
            What the run has spent, and which of its calls can still cost something.

        """
        limit = read_money(self.limit) or 0
        most = self._most(read_money(command.params[_RATE]))
        pending = sum(max(charge, self._most(rate)) for charge, rate in spending.open_nano)
        if spending.known_nano + pending + most <= limit:
            return
        count = len(spending.open_nano)
        raise BudgetExceeded(
            command.method(),
            f"not sent, because it could exceed the budget of {_usd(limit)}: "
            f"{_usd(spending.known_nano)} is spent, {counted(count, 'open call')} can cost "
            f"{_usd(pending)}, and this one {_usd(most)} ({self.minutes:g} minutes at its price)",
        )

    def _most(self, rate: int | None) -> int:
        """Return what a call can cost at a price per minute."""
        price = rate if rate is not None else read_money(self.per_minute) or 0
        return math.ceil(price * self.minutes)


def budget_of(limit: float | Budget | None) -> Budget | None:
    """Return the budget for a limit in US dollars, a budget as it is."""
    return limit if limit is None or isinstance(limit, Budget) else Budget(limit)


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
