"""A simulated SignalWire space, for learning, tests and CI without an account.

`Space` is the space itself, `RateCard` its invented prices, `FarEnd` who is called; `serve` puts one on loopback over real
HTTP and `run_forever` does so for a command line. Nothing in it is SignalWire's: see
`docs/simulated-space.md` for what it shows and what no simulation can.
"""

from __future__ import annotations

from swnb.simulator.answers import Answer
from swnb.simulator.far_end.script import FarEnd
from swnb.simulator.http import Server, run_forever, serve
from swnb.simulator.rates import RateCard
from swnb.simulator.requests import Seen
from swnb.simulator.space import Space

__all__ = ["Answer", "FarEnd", "RateCard", "Seen", "Server", "Space", "run_forever", "serve"]
