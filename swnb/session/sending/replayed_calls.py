"""What a replay knows of its calls: what its answers said, as the run knew when it was recorded.

In the log a replay adds nothing about a call and costs nothing. But cells that ask which calls are
over, or that have a budget, must get the same answers as when they were recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swnb.exchange import DIALS, OVER
from swnb.log.reading.spending import Spending, price_accepted
from swnb.log.voice_logs.entries import COLUMNS, is_priced, voice_log_row

if TYPE_CHECKING:
    from swnb.exchange import Exchange


@dataclass(slots=True)
class _Facts:
    charge: int = 0
    rate: int | None = None
    over: bool = False
    entry: Any = None


class ReplayedCalls:
    """The calls of a replaying client, in the order in which they were first named."""

    def __init__(self) -> None:
        self._calls: dict[str, _Facts] = {}
        self._lost: list[int | None] = []  # dials of unknown outcome, by their price per minute

    def note(self, exchange: Exchange) -> None:
        """Note an exchange that was answered, or that had no answer."""
        rate = price_accepted(exchange.request)
        if exchange.call_id is None:
            if exchange.command in DIALS and exchange.outcome == "unknown":
                self._lost.append(rate)
            return
        facts = self._calls.setdefault(exchange.call_id, _Facts())
        if exchange.charge_nano is not None:
            facts.charge = exchange.charge_nano
        if rate is not None:
            facts.rate = rate
        if exchange.command == "voice_log" and isinstance(exchange.response, dict):
            facts.entry = exchange.response
            row = dict(zip(COLUMNS, voice_log_row(exchange.response), strict=True))
            priced = is_priced(row["charge_nano"], row["lines"], row["duration_ms"])
            over = exchange.call_status in OVER and priced
            facts.over = over or row["discarded_at"] is not None

    def entry(self, call_id: str) -> Any:
        """Return the voice log of a call as it was read last, None if none was."""
        facts = self._calls.get(call_id)
        return facts and facts.entry

    def pending_calls(self) -> list[str]:
        """Return the ids of the calls that no voice log has said to be over."""
        return [call_id for call_id, facts in self._calls.items() if not facts.over]

    def spending(self) -> Spending:
        """Return what the recorded run had spent by now."""
        calls = self._calls.values()
        return Spending(
            sum(facts.charge for facts in calls if facts.over),
            [
                *((facts.charge, facts.rate) for facts in calls if not facts.over),
                *((0, rate) for rate in self._lost),
            ],
        )
