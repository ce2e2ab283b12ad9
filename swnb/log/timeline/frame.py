"""The frame of a timeline."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from swnb.exchange import dollars
from swnb.log.columns import TIMELINE
from swnb.log.reading.frames import shaped
from swnb.log.timeline.steps import Step


def timeline_frame(steps: Sequence[Step]) -> pd.DataFrame:
    """Return the steps with the columns of `TIMELINE`."""
    at = pd.Series([step.at for step in steps], dtype="Int64")
    seconds = at.astype("float64") / 1e6
    columns: dict[str, Any] = {
        name: [getattr(step, name) for step in steps]
        for name in ("direction", "source", "kind", "state", "told")
    }
    columns |= {name: [getattr(step, name) for step in steps] for name in _REST}
    frame = pd.DataFrame({name: pd.Series(cells, dtype=object) for name, cells in columns.items()})
    charges = pd.Series([step.charge_nano for step in steps], dtype="Int64")
    frame["charge"] = dollars(charges)
    frame["at"] = _times(at)
    frame["seen_at"] = _times(pd.Series([step.seen_at for step in steps], dtype="Int64"))
    frame["elapsed"] = seconds - seconds.min()
    frame["since"] = seconds.diff().fillna(0.0)
    return shaped(frame, TIMELINE)


_REST = ("control_id", "call_id", "repeats", "id", "body")


def _times(micros: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_datetime(micros, unit="us", utc=True).astype("datetime64[us, UTC]")
