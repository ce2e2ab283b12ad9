"""The frames that people see: plain `pandas.DataFrame`s made from the cached rows.

Sums of money are made on whole nano-dollars. Frames show US dollars as float64, which gives the
nano-dollars back exactly below 2**51 of them (over two million dollars).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from swnb.exchange import NANO
from swnb.log.buffers import buffer_for
from swnb.log.columns import BODIES, CALLS, CHARGES, EVENTS, RUNS, Column
from swnb.log.journal import Journal
from swnb.log.reader import Reader
from swnb.log.rows import Ended, Sent, from_json

USER_EVENT = "calling.user_event"
_NEVER_LEFT = ("refused", "dry_run")
_ERRORS = ("rejected", "failed", "unknown", "refused")
# Bodies are decoded in slices, so that their text is never all in memory at once.
_SLICE = 10_000


class Frames:
    """Reads one log; safe to use from threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._readers: dict[str | None, Reader] = {
            run: Reader(journal, run) for run in (None, journal.run)
        }

    def exchanges(self, *, bodies: bool = False, run: str | None = None) -> pd.DataFrame:
        """Give all exchanges, or those of one run, oldest first."""
        frame, _ = self._typed(run if run == self._journal.run else None)
        if run not in (None, self._journal.run):
            frame = _only(frame, frame["run"] == run)
        return self.with_bodies(frame) if bodies else frame

    def with_bodies(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Add the columns `request` and `response` to exchanges."""
        ids = frame["id"].to_numpy()
        parts = [self._bodies(ids[place : place + _SLICE]) for place in range(0, len(ids), _SLICE)]
        for number, column in enumerate(BODIES):
            values = [body for part in parts for body in part[number]]
            frame[column.name] = pd.Series(values, index=frame.index, dtype=object)
        return frame

    def calls(self) -> pd.DataFrame:
        """Give the latest known state of each call that an exchange about it left for."""
        frame, order = self._typed(None)
        about = frame["call_id"].notna() & ~frame["outcome"].isin(_NEVER_LEFT)
        known, order = frame[about], order[about.to_numpy()]
        by_call = known.groupby("call_id", sort=False)
        calls = pd.DataFrame(
            {
                "run": by_call["run"].first(),
                "created": by_call["sent_at"].min(),
                "updated": by_call["sent_at"].max(),
                "exchanges": by_call.size(),
            }
        )
        # Replies may overtake one another: what is latest goes by the order of the ends.
        state = known.iloc[np.argsort(order, kind="stable")].rename(columns={"call_status": "status"})
        fields = ["status", "type", "direction", "from", "to", "charge", "duration"]
        calls = calls.join(state.groupby("call_id", sort=False)[fields].last())
        return _shaped(calls.reset_index(), CALLS)

    def charges(self) -> pd.DataFrame:
        """Give the charge lines of each call's latest reply that has any."""
        lines = self._journal.read(
            "SELECT call_id, description, charge_nano FROM charge_lines WHERE ended IN "
            "(SELECT max(ended) FROM charge_lines GROUP BY call_id) ORDER BY id"
        )
        for half in self._journal.kept():
            if isinstance(half, Ended) and half.charges:
                call_id = half.charges[0][0]
                lines = [line for line in lines if line[0] != call_id] + half.charges
        frame = pd.DataFrame(lines, columns=[column.name for column in CHARGES])
        frame["charge"] = frame["charge"].astype("int64") / NANO
        return _shaped(frame, CHARGES)

    def events(self) -> pd.DataFrame:
        """Give the user events that left or were about to."""
        frame, _ = self._typed(None)
        events = (frame["command"] == USER_EVENT) & ~frame["outcome"].isin(_NEVER_LEFT)
        frame = self.with_bodies(_only(frame, events))
        frame["event"] = [_event(request) for request in frame["request"]]
        return _shaped(frame, EVENTS)

    def runs(self) -> pd.DataFrame:
        """Give the runs that have exchanges."""
        frame, _ = self._typed(None)
        calls = self.calls()
        nano = (calls["charge"].fillna(0) * NANO).round().astype("int64")
        names = frame["run"]
        counted = pd.DataFrame(
            {
                "exchanges": names.value_counts(),
                "errors": names[frame["outcome"].isin(_ERRORS)].value_counts(),
                "charge": nano.groupby(calls["run"], observed=False).sum() / NANO,
            }
        ).fillna(0)
        runs = pd.DataFrame(self._run_rows(), columns=["name", "started_at", "space"])
        return _shaped(runs.join(counted, on="name"), RUNS)

    def _typed(self, run: str | None) -> tuple[pd.DataFrame, npt.NDArray[np.int64]]:
        """Give the exchanges, and for each the place of its end among all ends."""
        with self._lock:
            table, kept = self._readers[run].refresh()
            frame = table.frame()
            order = table.order().copy()
        if kept:
            frame["id"] = np.concatenate([frame["id"].to_numpy()[: -len(kept)], kept])
        return frame, order
