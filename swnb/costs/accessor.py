"""`df.sw`: the questions as methods of the frame that one holds.

Thin: the frame becomes the table that its columns say it is, and the function of the same name
answers. Frames of the log (`sw.log.calls()`) name some columns otherwise and are read all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import pandas as pd

from swnb.costs import analysis
from swnb.costs.questions import explained
from swnb.costs.tables.money import Unit, checked
from swnb.costs.tables.tables import Tables

# The log's names for columns of calls.
_OF_THE_LOG = {"call_id": "id", "created": "created_at", "duration": "duration_ms"}


def _tables(frame: pd.DataFrame, unit: Unit | None) -> Tables:
    """See a frame as charge lines, by their description, or as calls."""
    if "description" in frame:
        return Tables(charges=frame, unit=unit)
    if "id" not in frame:
        frame = frame.rename(columns=_OF_THE_LOG)
    return Tables(calls=frame, unit=unit)


def _of_tables(question: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    @wraps(question)
    def method(self: Accessor, *args: Any, **kwargs: Any) -> pd.DataFrame:
        return question(_tables(self.frame, self.unit), *args, **kwargs)

    return method


def _of_exchanges(question: Callable[..., pd.DataFrame]) -> Callable[..., pd.DataFrame]:
    @wraps(question)
    def method(self: Accessor, *args: Any, **kwargs: Any) -> pd.DataFrame:
        return question(self.frame, *args, **kwargs)

    return method


@pd.api.extensions.register_dataframe_accessor("sw")
class Accessor:
    """What calls, charge lines or exchanges cost and how they went: `calls.sw.by("day")`."""

    unit: Unit | None = None

    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __call__(self, *, unit: Unit) -> Accessor:
        """Say what a `charge` of integers is, `"usd"` or `"nano"`: `calls.sw(unit="usd").by("day")`."""
        named = Accessor(self.frame)
        named.unit = checked(unit)
        return named

    by = _of_tables(analysis.by)
    per_minute = _of_tables(analysis.per_minute)
    rounding = _of_tables(analysis.rounding)
    top = _of_tables(analysis.top)
    answer_rate = _of_tables(analysis.answer_rate)
    status_counts = _of_tables(analysis.status_counts)
    failures = _of_tables(explained.failures)
    growth = _of_tables(analysis.growth)
    forecast = _of_tables(analysis.forecast)
    unusual = _of_tables(analysis.unusual)
    per_run = _of_tables(analysis.per_run)
    per_command = _of_tables(analysis.per_command)
    latency = _of_exchanges(analysis.latency)
    refusals = _of_exchanges(explained.refusals)
