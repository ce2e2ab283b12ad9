"""What was sent, beside what it cost: exchanges of the log joined to calls.

The exchanges are the frame of a log (`sw.log.exchanges()`), small beside an account's calls, so
they come to pandas whole. Their calls are then looked up by id, on the engine that holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.costs.questions.statuses import Explain, meanings
from swnb.costs.tables.frames import check_keys, collected, finished, labels, opened
from swnb.costs.tables.tables import Tables
from swnb.exchange import NEVER_SENT, SENDING_FAILED, dollars as usd

_AT_ONCE = 20_000  # ids in one filter; more make the query itself slow to read
_PERCENTILES = (50, 90, 95, 99)
_LABELS = ("command", "run", "outcome", "space", "type", "direction", "error_code")


def per_run(tables: Tables, exchanges: Any) -> pd.DataFrame:
    """Say what each run cost: the calls that it was the first to speak to.

    Columns: `run`, `exchanges` (that were sent), `calls` (found among the tables), `charge` (USD),
    `unpriced` (calls without a charge yet).
    A call belongs to one run, so the charges add up to that of all the calls.
    """
    sent = _sent("per_run", exchanges, ["run", "call_id", "sent_at"])
    first = sent.dropna(subset="call_id").sort_values("sent_at", kind="stable")
    return _joined(tables, "per_run", sent, first.drop_duplicates("call_id"), "run")


def per_command(tables: Tables, exchanges: Any) -> pd.DataFrame:
    """Say what the calls cost that each command was sent to.

    Columns: `command`, `exchanges`, `calls` (found among the tables), `charge` (USD),
    `unpriced` (calls without a charge yet). A call counts once under each command that was sent to
    it, so the charges overlap.
    """
    sent = _sent("per_command", exchanges, ["command", "call_id"])
    pairs = sent.dropna(subset="call_id").drop_duplicates(["command", "call_id"])
    return _joined(tables, "per_command", sent, pairs, "command")


def _joined(
    tables: Tables, question: str, sent: pd.DataFrame, pairs: pd.DataFrame, key: str
) -> pd.DataFrame:
    calls = _calls(question, tables, pairs["call_id"].unique().tolist())
    known = pairs.merge(calls, left_on="call_id", right_on="id")
    groups = known.groupby(key, dropna=False)["charge"]
    counted = sent.groupby(key, dropna=False).size().rename("exchanges").reset_index()
    sums = groups.agg(calls="size", charge="sum", priced="count").reset_index()
    sums["unpriced"] = sums["calls"] - sums.pop("priced")
    facts = ["calls", "charge", "unpriced"]
    found = counted.merge(sums, how="left", on=key).fillna(dict.fromkeys(facts, 0))
    found = found.astype(dict.fromkeys(facts, "int64"))
    found = finished(found, (key,), ["exchanges", *facts])
    return found.assign(charge=usd(found["charge"]))


def _calls(question: str, tables: Tables, ids: Sequence[str]) -> pd.DataFrame:
    """Look up the charges of calls by id."""
    lazy = opened(question, "calls", tables.calls, ["id", "charge"], tables.unit)
    parts = [
        collected(lazy.filter(nw.col("id").is_in(ids[start : start + _AT_ONCE])))
        for start in range(0, max(len(ids), 1), _AT_ONCE)
    ]
    found = pd.concat(parts, ignore_index=True)
    return found.astype({"id": object, "charge": "Int64"})


def _sent(question: str, exchanges: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Bring the exchanges that left to pandas, labels as text or None."""
    lazy = opened(question, "exchanges", exchanges, [*columns, "outcome"])
    frame = collected(lazy)
    frame = frame[~frame["outcome"].isin(NEVER_SENT)].drop(columns="outcome")
    for name in {*columns} & {*_LABELS, "call_id"}:
        frame[name] = labels(frame[name])
    return frame


def latency(exchanges: Any, *keys: str) -> pd.DataFrame:
    """Give the time to the answer in percentiles, by `command` unless keys are given.

    Retries are in it; exchanges without an answer are not. Percentiles are interpolated between
    the two nearest times. Columns: the keys, `exchanges`, and `p50`, `p90`, `p95`, `p99` and `max`
    (ms), the command with the most exchanges first.
    """
    keys = keys or ("command",)
    check_keys("latency", "exchanges", keys, _LABELS)
    frame = _sent("latency", exchanges, [*keys, "elapsed_ms"]).dropna(subset="elapsed_ms")
    groups = frame.astype({"elapsed_ms": "float64"}).groupby(list(keys), dropna=False)["elapsed_ms"]
    facts = {
        "exchanges": groups.size(),
        **{f"p{percent}": groups.quantile(percent / 100) for percent in _PERCENTILES},
        "max": groups.max(),
    }
    found = pd.DataFrame(facts).reset_index()
    by, ascending = ["exchanges", *keys], [False, *(True for _ in keys)]
    return found.sort_values(by, ascending=ascending, ignore_index=True)


def refusals(exchanges: Any, *, explain: Explain | None = None) -> pd.DataFrame:
    """Count the commands that failed by error code and command, with what the code means.

    Columns: `error_code` (None where no readable answer came), `command`, `exchanges`, `calls`
    (that are known by id) and `meaning`, the most frequent first.
    """
    lazy = opened(
        "refusals", "exchanges", exchanges, ["error_code", "command", "call_id", "outcome"]
    )
    frame = collected(lazy.filter(nw.col("outcome").is_in(SENDING_FAILED)))
    keys = ["error_code", "command"]
    for name in (*keys, "call_id"):
        frame[name] = labels(frame[name])
    groups = frame.groupby(keys, dropna=False)["call_id"]
    found = groups.agg(exchanges="size", calls="nunique").reset_index()
    found["error_code"] = labels(found["error_code"])
    found = found.sort_values(
        ["exchanges", *keys], ascending=[False, True, True], ignore_index=True
    )
    return found.assign(meaning=meanings(found["error_code"], explain))
