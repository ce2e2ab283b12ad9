"""What a run is known to have spent, and which of its calls can still cost something.

A reply to a command says what a call has cost so far; only a voice log that says that the call is over,
and is priced, says what it did cost. Until one was read, a call counts as open, and so does a dial whose outcome is not
known: it may have started a call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from swnb.exchange import NANO, read_money
from swnb.log.odd_cells import mended, read_json

if TYPE_CHECKING:
    from swnb.log.odd_cells import Odd
    from swnb.log.reading.frames import Frames
    from swnb.log.writing.journal import Journal

_DIALS = """
    SELECT sent.id, ended.id, ended.call_id, requests.body FROM sent
    LEFT JOIN ended ON ended.exchange = sent.id LEFT JOIN requests ON requests.exchange = sent.id
    WHERE sent.run = ? AND sent.command = 'dial' AND sent.space <> 'replayed'
        AND coalesce(ended.outcome, 'sent') NOT IN ('rejected', 'failed', 'refused', 'dry_run')
"""


@dataclass(frozen=True, slots=True)
class Spending:
    """What a run has spent: `known` and `open` in US dollars, the rest in whole nano-dollars.

    `known_nano` is what its finished calls cost. `open_nano` has, for each call that is not
    finished, what it has cost so far and the price per minute that its dial accepted, None if it
    named none.
    """

    known_nano: int
    open_nano: list[tuple[int, int | None]]

    @property
    def known(self) -> float:
        """What the finished calls of the run cost, in US dollars."""
        return self.known_nano / NANO

    @property
    def open(self) -> float:
        """What the calls that are not finished have cost so far, in US dollars."""
        return sum(charge for charge, _ in self.open_nano) / NANO


def spending(frames: Frames, journal: Journal, run: str) -> Spending:
    """Give what a run has spent."""
    facts = frames.facts()
    facts = facts[facts["run"] == run].set_index("call_id")
    charges = facts["charge_nano"].fillna(0)
    over = facts["settled"]
    rates: dict[str, int | None] = {}
    lost = []
    odd: list[Odd] = []
    for key, end, given, body in journal.read(_DIALS, (run,)):
        rate = price_accepted(read_json("requests", key, "body", body, odd))
        (call_id,) = mended("ended", end, ["call_id"], [given], odd)
        if call_id is None:
            lost.append((0, rate))
        else:
            rates[call_id] = rate
    journal.tell(odd)
    going = charges[~over]
    return Spending(
        int(charges[over].sum()),
        [*((int(charge), rates.get(str(key))) for key, charge in going.items()), *lost],
    )


def price_accepted(request: Any) -> int | None:
    """Give the price per minute that a dial's request accepts, in nano-dollars."""
    params = request.get("params") if isinstance(request, dict) else None
    return read_money(params.get("max_price_per_minute")) if isinstance(params, dict) else None
