"""Named runs: what they were made with, replaying them, comparing them."""

from __future__ import annotations

from swnb.client.replay import ReplayClient, replay
from swnb.runs.comparison import Comparison, assert_same, compare
from swnb.runs.run import Run

__all__ = ["Comparison", "ReplayClient", "Run", "assert_same", "compare", "replay"]
