"""What replies and voice logs say about calls, whichever is later.

A reply says how a call was when a command was accepted; a voice log that was read later knows more, above
all its charge. So the later of the two counts, field by field: what the voice log does not say (a fabric
leg has no status) stays as in the reply. A replay says nothing new about a call.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from swnb.exchange import OVER, dollars

_FIELDS = {
    **{name: name for name in ("status", "type", "direction", "from", "to")},
    **{name: name for name in ("charge_nano", "duration_ms")},
}
# How old a call may be, when its voice log without a price is read, to be read again later.
PRICED_WITHIN = pd.Timedelta(days=180)


def pending(calls: pd.DataFrame, space: str) -> list[str]:
    """Return the ids of the calls of a space that are not final, from what `merged_with_logs` returns.

    A call that only a sync has read, and whose voice log has no status, is left out.
    """
    is_pending = (calls["space"] == space) & ~calls["final"]
    has_exchanges = calls["exchanges"] > 0
    has_status = calls["logged_status"].notna()
    return calls.loc[is_pending & (has_exchanges | has_status), "call_id"].tolist()


def _is_final(calls: pd.DataFrame, logs: pd.DataFrame) -> pd.Series[bool]:
    """Return which calls are final: deleted, or ended and priced, or too old to be priced."""
    ended = logs["status"].isin(OVER)
    lasted = (calls["duration_ms"].astype("Int64") > 0).fillna(value=False)
    free = (logs["charge_nano"] == 0).fillna(value=False) & ~(logs["lines"] > 0).fillna(value=False)
    unpriced = logs["charge_nano"].isna() | (free & lasted)
    old = logs["seen_at"] - calls["created"] > PRICED_WITHIN
    return logs["discarded_at"].notna() | (ended & (~unpriced | old))


def merged_with_logs(
    calls: pd.DataFrame, replied_at: pd.Series[Any], logs: pd.DataFrame
) -> pd.DataFrame:
    """Return all calls: what replies said of them, and what voice logs said later.

    `calls` has the columns of `swnb.log.columns.CALLS` and `space`; `replied_at` is, by call, when the latest
    reply that said something of it was asked for; `logs` is from `VoiceLogFrames.logs`. Adds `logged_at`
    (when the voice log that counts was read; missing if the reply counts), `logged_status`, `created_at`,
    `discarded_at`, `parent_id`, `source`, `billing_ms`, `charge` (US dollars; `charge_nano` is exact) and
    `final` (nothing more is expected of the call). If a voice log has charge lines and no charge, the sum of
    the lines counts as the charge so far.
    """
    ids = pd.Index(calls["call_id"], dtype=object).append(pd.Index(logs["id"])).unique()
    replied, logged = calls.set_index("call_id").reindex(ids), logs.set_index("id").reindex(ids)
    log_counts = logged["seen_at"].notna() & ~(replied_at.reindex(ids) > logged["seen_at"])
    logged_as_read = logged
    logged = logged.assign(
        charge_nano=logged["charge_nano"].fillna(logged["lines_nano"].where(logged["lines"] > 0))
    )
    latest = {
        name: _latest(replied[name], logged[field], log_counts) for name, field in _FIELDS.items()
    }
    updated_at = replied["updated"].where(
        ~(replied["updated"] < logged["seen_at"]), logged["seen_at"]
    )
    merged = replied.assign(
        **latest,
        **{name: logged[name] for name in ("created_at", "discarded_at", "parent_id", "source")},
        billing_ms=logged["billing_ms"],
        logged_status=logged["status"],
        logged_at=logged["seen_at"].where(log_counts & logged["charge_nano"].notna()),
        space=replied["space"].astype(object).fillna(logged["space"]),
        created=replied["created"].fillna(logged["created_at"]).fillna(logged["seen_at"]),
        updated=updated_at.fillna(logged["seen_at"]),
        exchanges=replied["exchanges"].fillna(0),
    )
    nano = merged["charge_nano"].astype("Int64")
    merged = merged.assign(
        charge_nano=nano, charge=dollars(nano), final=_is_final(merged, logged_as_read)
    )
    return merged.rename_axis("call_id").reset_index()


def _latest(
    replied: pd.Series[Any], logged: pd.Series[Any], log_counts: pd.Series[bool]
) -> pd.Series[Any]:
    return replied.astype(object).mask(log_counts & logged.notna(), logged.astype(object))
