"""What a run has spent, and which of its calls can still cost something.

A reply to a command says what a call has cost so far; only a voice log of a call that has ended and is
priced says its final cost. Until one was read, a call counts as open. So does a dial whose outcome is not
known, because it may have started a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swnb.exchange import NANO, read_money
from swnb.log.odd_cells import read_json, readable_row

if TYPE_CHECKING:
    from swnb.log.odd_cells import Odd
    from swnb.log.reading.frames import Frames
    from swnb.log.writing.journal import Journal

_DIALS = """
    SELECT sent.id, ended.id, ended.call_id, requests.body FROM sent
    LEFT JOIN ended ON ended.exchange = sent.id LEFT JOIN requests ON requests.exchange = sent.id
    WHERE sent.run = ? AND sent.command IN ('dial', 'calling.dial') AND sent.space <> 'replayed'
        AND coalesce(ended.outcome, 'sent') NOT IN ('rejected', 'failed', 'refused', 'dry_run')
"""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has spent: `known` and `open` in US dollars, the rest in whole nano-dollars.

    `known_nano` is what its final calls cost. `open_nano` has, for each call that is not final, what it
    has cost so far and the price per minute that its dial accepted, None if it named none.
    """

    known_nano: int
    open_nano: list[tuple[int, int | None]]

    @property
    def known(self) -> float:
        """What the final calls of the run cost, in US dollars (float)."""
        return self.known_nano / NANO

    @property
    def open(self) -> float:
        """What the calls that are not final have cost so far, in US dollars (float)."""
        return sum(charge for charge, _ in self.open_nano) / NANO


def spending(frames: Frames, journal: Journal, run: str) -> Spending:
    """Return what a run has spent."""
    facts = frames.facts()
    facts = facts[facts["run"] == run].set_index("call_id")
    charges = facts["charge_nano"].fillna(0)
    is_final = facts["final"]
    rates: dict[str, int | None] = {}
    without_call = []
    odd: list[Odd] = []
    for key, end, logged_call_id, body in journal.read(_DIALS, (run,)):
        rate = price_accepted(read_json("requests", key, "body", body, odd))
        (call_id,) = readable_row("ended", end, ["call_id"], [logged_call_id], odd)
        if call_id is None:
            without_call.append((0, rate))
        else:
            rates[call_id] = rate
    journal.warn_of(odd)
    open_charges = charges[~is_final]
    return Spending(
        int(charges[is_final].sum()),
        [
            *((int(charge), rates.get(str(key))) for key, charge in open_charges.items()),
            *without_call,
        ],
    )


def price_accepted(request: Any) -> int | None:
    """Return the price per minute that a dial's request accepts, in nano-dollars, or None."""
    params = request.get("params") if isinstance(request, dict) else None
    return read_money(params.get("max_price_per_minute")) if isinstance(params, dict) else None
