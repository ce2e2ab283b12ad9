"""The two questions that meet error codes, answered with what the platform means by each."""

from __future__ import annotations

from typing import Any

import pandas as pd

from swnb.commands.codes import explain
from swnb.costs.questions import sent, statuses
from swnb.costs.tables.tables import Tables


def failures(tables: Tables, *keys: str) -> pd.DataFrame:
    """Count the calls that failed by error code, as `swnb.costs.analysis.failures`, explained."""
    return statuses.failures(tables, *keys, explain=explain)


def refusals(exchanges: Any) -> pd.DataFrame:
    """Count the commands that failed by error code, as `swnb.costs.analysis.refusals`, explained."""
    return sent.refusals(exchanges, explain=explain)
