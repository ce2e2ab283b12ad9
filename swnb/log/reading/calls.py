"""All that is known of calls, from the exchanges about them and their voice logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from swnb.exchange import NEVER_SENT
from swnb.log.reading.table import Table
from swnb.log.voice_logs.merging import merged_with_logs


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What is known of calls, and what it was made of."""

    table: Table
    version: int
    logs: pd.DataFrame
    frame: pd.DataFrame

    def are_of(self, table: Table, logs: pd.DataFrame) -> bool:
        """Return whether they were made of just these exchanges and voice logs."""
        return self.table is table and self.version == table.version and self.logs is logs


def facts_of(frame: pd.DataFrame, order: npt.NDArray[np.int64], logs: pd.DataFrame) -> pd.DataFrame:
    """Return all that is known of calls: the columns of `calls` and those of `merged_with_logs`.

    `frame` has the exchanges with `charge_nano`, `order` says in which order they ended, and `logs` is from
    `VoiceLogFrames.logs`. Also has `charge_nano`, `command`, which dialed or first touched the call, and
    `error_code`, the last one about it.
    """
    is_about_call = frame["call_id"].notna() & ~frame["outcome"].isin(NEVER_SENT)
    exchanges, order = frame[is_about_call], order[is_about_call.to_numpy()]
    by_call = exchanges.groupby("call_id", sort=False)
    calls = pd.DataFrame(
        {
            "run": by_call["run"].first(),
            "command": by_call["command"].first(),
            "space": by_call["space"].first(),
            "created": by_call["sent_at"].min(),
            "updated": by_call["sent_at"].max(),
            "exchanges": by_call.size(),
        }
    )
    # Replies may overtake one another: the latest is the one that was written last.
    state = exchanges.iloc[np.argsort(order, kind="stable")].rename(
        columns={"call_status": "status"}
    )
    state["charge_nano"] = _spent(state)
    fields = ["status", "type", "direction", "from", "to", "duration_ms", "error_code"]
    latest_values = state.groupby("call_id", sort=False)[[*fields, "charge_nano"]].last()
    calls = calls.join(latest_values)
    says_something = state["status"].notna() | state["charge_nano"].notna()
    replied_at = (
        state[says_something & (state["space"] != "replayed")].groupby("call_id")["sent_at"].max()
    )
    return merged_with_logs(calls.reset_index(), replied_at, logs)


def _spent(exchanges: pd.DataFrame) -> pd.Series[Any]:
    """Return what was paid: a replayed charge is 0, and counts only for a call that has no other."""
    charge = exchanges["charge_nano"]
    replayed = exchanges["space"] == "replayed"
    if not replayed.any():
        return charge
    paid = set(exchanges.loc[~replayed & charge.notna(), "call_id"])
    is_repeated = replayed & exchanges["call_id"].isin(paid)
    return charge.where(~replayed, charge * 0).mask(is_repeated)
