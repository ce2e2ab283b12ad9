"""Named runs: what they were made with, replaying them, comparing them."""

from __future__ import annotations

from swnb.runs.comparing import Comparison, assert_same, compare
from swnb.runs.replaying import ReplayClient, replay
from swnb.runs.run import Run

__all__ = ["Comparison", "ReplayClient", "Run", "assert_same", "compare", "replay"]
