"""What was sent and what it cost: exchanges of the log joined to calls.

The exchanges are the frame of a log (`sw.log.exchanges()`), small next to an account's calls, so all
of them are collected into pandas. Their calls are then looked up by id, on the engine that holds them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import narwhals.stable.v2 as nw
import pandas as pd

from swnb.commands.codes import explain as explain_code
from swnb.costs.questions.statuses import Explain, meanings
from swnb.costs.tables.frames import check_keys, collected, finished, labels, opened
from swnb.costs.tables.tables import Tables
from swnb.exchange import NEVER_SENT, SENDING_FAILED, dollars as usd

_IDS_PER_FILTER = 20_000  # more make the query itself slow to parse
_PERCENTILES = (50, 90, 95, 99)
_LABELS = ("command", "run", "outcome", "space", "type", "direction", "error_code")


def per_run(tables: Tables, exchanges: Any) -> pd.DataFrame:
    """Return what each run cost, counting the calls that it was the first to touch.

    A call belongs to one run, so the charges add up to that of all the calls. Exchanges that were refused
    or rehearsed do not count.

    Parameters
    ----------
    tables : Tables
        The calls.
    exchanges : DataFrame
        The exchanges of a log (`sw.log.exchanges()`), of any engine.

    Returns
    -------
    pandas.DataFrame
        `run` (str or None); `exchanges` (int64, that were sent); `calls` (int64, those among the tables);
        `charge` (float64, US dollars); `unpriced` (int64, calls without a charge yet).

    Raises
    ------
    MissingColumn
        If a frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.per_run(sw.log.tables(), sw.log.exchanges())

    """
    sent = _sent("per_run", exchanges, ["run", "call_id", "sent_at"])
    first = sent.dropna(subset="call_id").sort_values("sent_at", kind="stable")
    return _joined(tables, "per_run", sent, first.drop_duplicates("call_id"), "run")


def per_command(tables: Tables, exchanges: Any) -> pd.DataFrame:
    """Return what the calls cost that each command was sent to.

    A call counts once under each command that was sent to it, so the charges overlap. Exchanges that were
    refused or rehearsed do not count.

    Parameters
    ----------
    tables : Tables
        The calls.
    exchanges : DataFrame
        The exchanges of a log (`sw.log.exchanges()`), of any engine.

    Returns
    -------
    pandas.DataFrame
        `command` (str); `exchanges` (int64, that were sent); `calls` (int64, those among the tables);
        `charge` (float64, US dollars); `unpriced` (int64, calls without a charge yet).

    Raises
    ------
    MissingColumn
        If a frame lacks a column that is needed.
    ValueError
        If a charge is not an amount of money.

    Examples
    --------
    >>> costs.per_command(sw.log.tables(), sw.log.exchanges())

    """
    sent = _sent("per_command", exchanges, ["command", "call_id"])
    pairs = sent.dropna(subset="call_id").drop_duplicates(["command", "call_id"])
    return _joined(tables, "per_command", sent, pairs, "command")


def _joined(
    tables: Tables, question: str, sent: pd.DataFrame, pairs: pd.DataFrame, key: str
) -> pd.DataFrame:
    calls = _calls(question, tables, pairs["call_id"].unique().tolist())
    priced_pairs = pairs.merge(calls, left_on="call_id", right_on="id")
    groups = priced_pairs.groupby(key, dropna=False)["charge"]
    counts = sent.groupby(key, dropna=False).size().rename("exchanges").reset_index()
    sums = groups.agg(calls="size", charge="sum", priced="count").reset_index()
    sums["unpriced"] = sums["calls"] - sums.pop("priced")
    facts = ["calls", "charge", "unpriced"]
    joined = counts.merge(sums, how="left", on=key).fillna(dict.fromkeys(facts, 0))
    joined = joined.astype(dict.fromkeys(facts, "int64"))
    joined = finished(joined, (key,), ["exchanges", *facts])
    return joined.assign(charge=usd(joined["charge"]))


def _calls(question: str, tables: Tables, ids: Sequence[str]) -> pd.DataFrame:
    """Return the charges of calls, looked up by id."""
    lazy = opened(question, "calls", tables.calls, ["id", "charge"], tables.unit)
    parts = [
        collected(lazy.filter(nw.col("id").is_in(ids[start : start + _IDS_PER_FILTER])))
        for start in range(0, max(len(ids), 1), _IDS_PER_FILTER)
    ]
    calls = pd.concat(parts, ignore_index=True)
    return calls.astype({"id": object, "charge": "Int64"})


def _sent(question: str, exchanges: Any, columns: Sequence[str]) -> pd.DataFrame:
    """Return the exchanges that were sent, in pandas, labels as strings or None."""
    lazy = opened(question, "exchanges", exchanges, [*columns, "outcome"])
    frame = collected(lazy)
    frame = frame[~frame["outcome"].isin(NEVER_SENT)].drop(columns="outcome")
    for name in {*columns} & {*_LABELS, "call_id"}:
        frame[name] = labels(frame[name])
    return frame


def latency(exchanges: Any, *keys: str) -> pd.DataFrame:
    """Return percentiles of the time until the answer.

    Retries are part of the time; exchanges without an answer are left out. Percentiles are interpolated
    between the two nearest times.

    Parameters
    ----------
    exchanges : DataFrame
        The exchanges of a log (`sw.log.exchanges()`), of any engine.
    *keys : str, default "command"
        Any of `command`, `run`, `outcome`, `space`, `type`, `direction`, `error_code`.

    Returns
    -------
    pandas.DataFrame
        The keys; `exchanges` (int64); `p50`, `p90`, `p95`, `p99` and `max` (float64, ms). The most frequent
        first.

    Raises
    ------
    UnknownKey
        If exchanges cannot be grouped by a key.
    MissingColumn
        If the frame lacks a column that is needed.

    Examples
    --------
    >>> costs.latency(sw.log.exchanges(), "command", "space")

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
    times = pd.DataFrame(facts).reset_index()
    order, ascending = ["exchanges", *keys], [False, *(True for _ in keys)]
    return times.sort_values(order, ascending=ascending, ignore_index=True)


def refusals(exchanges: Any, *, explain: Explain | None = explain_code) -> pd.DataFrame:
    """Return how many commands failed with each error code, and what the code means.

    A command failed if its outcome is `rejected`, `failed` or `unknown`.

    Parameters
    ----------
    exchanges : DataFrame
        The exchanges of a log (`sw.log.exchanges()`), of any engine.
    explain : callable, mapping or None, optional
        What returns the meaning of an error code; the project's own explanations by default. None
        explains nothing.

    Returns
    -------
    pandas.DataFrame
        `error_code` (str; None if there was no readable answer); `command` (str); `exchanges` (int64);
        `calls` (int64, distinct call ids); `meaning` (str or None). The most frequent first.

    Raises
    ------
    MissingColumn
        If the frame lacks a column that is needed.

    Examples
    --------
    >>> costs.refusals(sw.log.exchanges())

    """
    lazy = opened(
        "refusals", "exchanges", exchanges, ["error_code", "command", "call_id", "outcome"]
    )
    frame = collected(lazy.filter(nw.col("outcome").is_in(SENDING_FAILED)))
    keys = ["error_code", "command"]
    for name in (*keys, "call_id"):
        frame[name] = labels(frame[name])
    groups = frame.groupby(keys, dropna=False)["call_id"]
    counts = groups.agg(exchanges="size", calls="nunique").reset_index()
    counts["error_code"] = labels(counts["error_code"])
    counts = counts.sort_values(
        ["exchanges", *keys], ascending=[False, True, True], ignore_index=True
    )
    return counts.assign(meaning=meanings(counts["error_code"], explain))
