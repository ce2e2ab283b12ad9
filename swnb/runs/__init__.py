"""Named runs: what they were made with, and comparing them."""

from __future__ import annotations

from swnb.runs.comparison import (
    Comparison as Comparison,
    assert_same as assert_same,
    compare as compare,
)
from swnb.runs.run import Run as Run
