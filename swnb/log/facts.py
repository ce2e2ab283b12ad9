"""What the voice logs say as frames, and which of it is newer than what replies said.

A reply says how a call stood when a command was taken; a voice log that was read later knows more, its
charge above all. So of each call the later of the two counts, field by field: what the voice log does
not say (a fabric leg has no status) stays as the reply had it. A replay is no news about a call.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from swnb.exchange import NANO
from swnb.log.journal import Journal
from swnb.log.rows import from_json
from swnb.log.voice_logs import COLUMNS

_TIMES = ("created_at", "discarded_at", "seen_at")
_WHOLE = ("charge_nano", "lines_nano", "duration_ms", "billing_ms")
_FIELDS = {
    **{name: name for name in ("status", "type", "direction", "from", "to")},
    "charge": "charge",
    "duration": "duration_ms",
}
_NAMES = ("number", "id", "seen_at", *COLUMNS)
_LOGS = "SELECT {} FROM voice_logs ORDER BY created_at, number"
_LINES = """
    SELECT id, description, voice_log_charges.charge_nano
    FROM voice_log_charges JOIN voice_logs ON number = log
    ORDER BY created_at, log, line
"""
_EVENTS = """
    SELECT id, event_at, level, name, body FROM voice_log_events JOIN voice_logs ON number = log
    WHERE ? IS NULL OR id = ? ORDER BY created_at, log, place
"""
_DIFFERENCES = """
    SELECT id, created_at, type, charge_nano, lines_nano FROM voice_logs
    WHERE charge_nano <> lines_nano ORDER BY created_at, number
"""


def logs(journal: Journal) -> pd.DataFrame:
    """Give the stored voice logs, oldest first: `id`, `seen_at`, their columns, `charge` in USD."""
    spelt = ", ".join(f'"{name}"' for name in _NAMES)
    frame = pd.DataFrame(journal.read(_LOGS.format(spelt)), columns=list(_NAMES))
    for name in _TIMES:
        frame[name] = times(frame[name])
    for name in _WHOLE:
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    return frame.assign(charge=frame["charge_nano"].astype("float64") / NANO)


def lines(journal: Journal) -> pd.DataFrame:
    """Give the charge lines of the voice logs: `call_id`, `description`, `charge` in nano-dollars."""
    return pd.DataFrame(journal.read(_LINES), columns=["call_id", "description", "charge"])


def events(journal: Journal, call_id: str | None) -> pd.DataFrame:
    """Give the events of all voice logs, or of one: call_id, event_at, level, name, event (dict)."""
    names = ["call_id", "event_at", "level", "name", "event"]
    frame = pd.DataFrame(journal.read(_EVENTS, (call_id, call_id)), columns=names)
    return frame.assign(
        event_at=times(frame["event_at"]),
        event=pd.Series(map(from_json, frame["event"]), index=frame.index, dtype=object),
    )


def differences(journal: Journal) -> pd.DataFrame:
    """Give the calls whose charge is not the sum of its lines, and both, in US dollars."""
    names = ["call_id", "created", "type", "charge", "lines"]
    frame = pd.DataFrame(journal.read(_DIFFERENCES), columns=names)
    nano = frame[["charge", "lines"]].astype("int64")
    apart = (nano["charge"] - nano["lines"]) / NANO
    return frame.assign(created=times(frame["created"]), **(nano / NANO), difference=apart)


def times(micros: pd.Series[Any]) -> pd.Series[Any]:
    """Give microseconds since 1970 as times in UTC."""
    whole = pd.array(micros.tolist(), dtype="Int64")
    found = pd.Series(pd.to_datetime(whole, unit="us", utc=True), index=micros.index)
    return found.dt.as_unit("us")


def with_logs(calls: pd.DataFrame, told: pd.Series[Any], found: pd.DataFrame) -> pd.DataFrame:
    """Give the calls that replies are about, with what voice logs said later, and the other calls.

    `calls` has the columns of `swnb.log.columns.CALLS`; `told` is, by call, when the latest reply
    that said something of it was asked for; `found` is from `logs`. Adds `logged_at` (when the voice
    log that counts was read; missing where the reply counts), `created_at`, `parent_id`, `source`
    and `billing_ms`.
    """
    ids = pd.Index(calls["call_id"]).append(pd.Index(found["id"])).unique()
    known, log = calls.set_index("call_id").reindex(ids), found.set_index("id").reindex(ids)
    newer = log["seen_at"].notna() & ~(told.reindex(ids) > log["seen_at"])
    merged = known.assign(
        **{
            name: _chosen(known[name], log[field], newer) for name, field in _FIELDS.items()
        },
        created=known["created"].fillna(log["created_at"]).fillna(log["seen_at"]),
        updated=known["updated"].where(~(known["updated"] < log["seen_at"]), log["seen_at"]),
        exchanges=known["exchanges"].fillna(0),
        logged_at=log["seen_at"].where(newer & log["charge_nano"].notna()),
        created_at=log["created_at"],
        parent_id=log["parent_id"],
        source=log["source"],
        billing_ms=log["billing_ms"],
    )
    merged["updated"] = merged["updated"].fillna(log["seen_at"])
    return merged.rename_axis("call_id").reset_index()


def _chosen(
    said: pd.Series[Any], logged: pd.Series[Any], newer: pd.Series[bool]
) -> pd.Series[Any]:
    return said.astype(object).mask(newer & logged.notna(), logged.astype(object))
