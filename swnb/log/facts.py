"""What the stored voice logs say, as frames, and which of it is newer than what replies said.

A reply says how a call stood when a command was taken; a voice log that was read later knows more, its
charge above all. So of each call the later of the two counts, field by field: what the voice log does
not say (a fabric leg has no status) stays as the reply had it. A replay is no news about a call.

Pages are only ever appended, so that each is read once and its rows are kept as frames.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pandas as pd

from swnb.exchange import NANO, OVER
from swnb.log.journal import Journal
from swnb.log.rows import shown_json
from swnb.log.synced import entries_of
from swnb.log.voice_logs import COLUMNS, Line, lines_of, micros, row_of

_TIMES = ("created_at", "discarded_at", "seen_at")
_WHOLE = ("charge_nano", "lines_nano", "duration_ms", "billing_ms")
_LABELS = ("type", "direction", "status", "source", "space")
_NAMES = (*COLUMNS, "space", "seen_at")
_FIELDS = {
    **{name: name for name in ("status", "type", "direction", "from", "to")},
    "charge": "charge",
    "duration": "duration_ms",
}
_PAGES = "SELECT page, space, seen_at, ids, body FROM voice_log_pages WHERE page > ? ORDER BY page"
_EVENTS = "SELECT call_id, seen_at, body FROM voice_log_events"
_DISCARDED = COLUMNS.index("discarded_at")
_CHARGE = COLUMNS.index("charge_nano")


class VoiceLogFrames:
    """The voice logs in a log, each as it was read last; safe to use from threads.

    A deleted log says nothing but that it is: what was known of it stays.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._page = 0
        self._logs = _logs_frame([])
        self._lines = _lines_frame([])

    def logs(self) -> pd.DataFrame:
        """Give one row per voice log, oldest first.

        Its columns are those of `swnb.log.voice_logs`, `space`, `seen_at` (when it was read) and
        `charge` (US dollars); times are in UTC, the rest in nano-dollars and milliseconds.
        """
        return self._refreshed()[0].copy()

    def lines(self) -> pd.DataFrame:
        """Give the charge lines: `call_id`, `description`, `charge` in nano-dollars."""
        return self._refreshed()[1].copy()

    def differences(self) -> pd.DataFrame:
        """Give the calls whose charge is not the sum of its charge lines.

        Columns: call_id, created, type, charge, lines (their sum) and difference (charge less
        lines), in US dollars.
        """
        logs = self.logs()
        logs = logs[(logs["charge_nano"] != logs["lines_nano"]).fillna(False)]
        charge, lines = logs["charge_nano"].astype("int64"), logs["lines_nano"].astype("int64")
        facts = {
            "call_id": logs["id"],
            "created": logs["created_at"],
            "type": logs["type"],
            "charge": charge / NANO,
            "lines": lines / NANO,
            "difference": (charge - lines) / NANO,
        }
        return pd.DataFrame(facts).reset_index(drop=True)

    def events(self, call_id: str | None = None) -> pd.DataFrame:
        """Give the events that the platform noted, of all calls they were read of, or of one.

        Columns: call_id, event_at, level, name, event (a dict: the whole of it).
        """
        rows = [
            (key, micros(event.get("event_at")), event.get("level"), event.get("name"), event)
            for key, _, body in self._journal.read(_EVENTS)
            if call_id in (None, key)
            for event in shown_json(body)
        ]
        names = ["call_id", "event_at", "level", "name", "event"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(event_at=times(frame["event_at"]))

    def without_events(self, after: int | None, before: int | None) -> list[str]:
        """Give the ids of the logs created between two times whose events were not read since."""
        read = {key: seen for key, seen, _ in self._journal.read(_EVENTS)}
        logs = self.logs()
        chosen = logs["discarded_at"].isna()
        if after is not None:
            chosen &= logs["created_at"] > pd.Timestamp(after, unit="us", tz="UTC")
        if before is not None:
            chosen &= logs["created_at"] < pd.Timestamp(before, unit="us", tz="UTC")
        known = times(logs["id"].map(read))
        return logs.loc[chosen & ~(known >= logs["seen_at"]), "id"].tolist()

    def _refreshed(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        with self._lock:
            rows: dict[str, tuple[Any, ...]] = {}
            lines: dict[str, list[Line]] = {}
            for page, space, seen_at, ids, body in self._journal.read(_PAGES, (self._page,)):
                for key, entry in entries_of(ids, body):
                    found = lines_of(entry)
                    row = (*row_of(entry, found), space, seen_at)
                    rows[key] = _newest(rows.get(key), row)
                    if row[_CHARGE] is not None:
                        lines[key] = found
                self._page = page
            if rows:
                self._add(list(rows.values()), lines)
            return self._logs, self._lines

    def _add(self, rows: list[tuple[Any, ...]], lines: dict[str, list[Line]]) -> None:
        fresh = _logs_frame(rows)
        again = self._logs[self._logs["id"].isin(fresh["id"])].set_index("id")
        if len(again):
            fresh = _with_discarded(fresh, again)
        kept = self._logs[~self._logs["id"].isin(fresh["id"])]
        logs = pd.concat([kept, fresh], ignore_index=True) if len(kept) else fresh
        self._logs = logs.sort_values("created_at", kind="stable", ignore_index=True)
        old = self._lines[~self._lines["call_id"].isin(list(lines))]
        new = _lines_frame([(key, *line) for key, found in lines.items() for line in found])
        self._lines = pd.concat([old, new], ignore_index=True) if len(old) else new


def _newest(known: tuple[Any, ...] | None, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Give the row that counts: the later one, but for a deletion, which only adds its time."""
    if known is None or row[_DISCARDED] is None or row[_CHARGE] is not None:
        return row
    return (*known[:_DISCARDED], row[_DISCARDED], *known[_DISCARDED + 1 : -1], row[-1])


def _with_discarded(fresh: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Let what was known of logs stay where they were deleted since."""
    gone = (
        fresh["discarded_at"].notna() & fresh["charge_nano"].isna() & fresh["id"].isin(known.index)
    )
    if not gone.any():
        return fresh
    deleted = fresh[gone].set_index("id")
    kept = known.loc[deleted.index].assign(
        discarded_at=deleted["discarded_at"], seen_at=deleted["seen_at"]
    )
    return pd.concat([fresh[~gone], kept.reset_index()], ignore_index=True)


def _logs_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    columns = list(zip(*rows, strict=True)) or [()] * len(_NAMES)
    frame = pd.DataFrame(
        {
            name: pd.Series(list(values), dtype=object)
            for name, values in zip(_NAMES, columns, strict=True)
        }
    )
    for name in _TIMES:
        frame[name] = times(frame[name])
    for name in _WHOLE:
        frame[name] = pd.array(frame[name].tolist(), dtype="Int64")
    for name in _LABELS:  # few labels: one text for each, and not one a row
        codes, labels = pd.factorize(frame[name])
        frame[name] = pd.Series(labels, dtype=object).reindex(codes).to_numpy()
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame.assign(charge=frame["charge_nano"].astype("float64") / NANO)


def _lines_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["call_id", "description", "charge"])
    return frame.astype({"call_id": object, "description": object, "charge": "int64"})


def times(micros: pd.Series[Any]) -> pd.Series[Any]:
    """Give microseconds since 1970 as times in UTC, missing where they are."""
    whole = pd.array([None if pd.isna(each) else each for each in micros], dtype="Int64")
    found = pd.Series(pd.to_datetime(whole, unit="us", utc=True), index=micros.index)
    return found.dt.as_unit("us")


def unsettled(calls: pd.DataFrame, space: str) -> list[str]:
    """Give the ids of the calls of a space, as `with_logs` gives them, that no voice log ended.

    A log of a listing that has no status is left alone; a call of one's own is not.
    """
    ours = (calls["space"] == space) & calls["discarded_at"].isna()
    asked = calls["exchanges"] > 0
    over = calls["logged_status"].isin(OVER)
    going = calls["logged_status"].notna()
    return calls.loc[ours & ~over & (asked | going), "call_id"].tolist()


def with_logs(calls: pd.DataFrame, told: pd.Series[Any], found: pd.DataFrame) -> pd.DataFrame:
    """Give the calls that replies are about, with what voice logs said later, and the other calls.

    `calls` has the columns of `swnb.log.columns.CALLS` and `space`; `told` is, by call, when the
    latest reply that said something of it was asked for; `found` is from `VoiceLogFrames.logs`.
    Adds `logged_at` (when the voice log that counts was read; missing where the reply counts),
    `logged_status`, `created_at`, `discarded_at`, `parent_id`, `source` and `billing_ms`.
    """
    ids = pd.Index(calls["call_id"], dtype=object).append(pd.Index(found["id"])).unique()
    known, log = calls.set_index("call_id").reindex(ids), found.set_index("id").reindex(ids)
    newer = log["seen_at"].notna() & ~(told.reindex(ids) > log["seen_at"])
    chosen = {name: _chosen(known[name], log[field], newer) for name, field in _FIELDS.items()}
    later = known["updated"].where(~(known["updated"] < log["seen_at"]), log["seen_at"])
    merged = known.assign(
        **chosen,
        **{name: log[name] for name in ("created_at", "discarded_at", "parent_id", "source")},
        billing_ms=log["billing_ms"],
        logged_status=log["status"],
        logged_at=log["seen_at"].where(newer & log["charge_nano"].notna()),
        space=known["space"].astype(object).fillna(log["space"]),
        created=known["created"].fillna(log["created_at"]).fillna(log["seen_at"]),
        updated=later.fillna(log["seen_at"]),
        exchanges=known["exchanges"].fillna(0),
    )
    return merged.rename_axis("call_id").reset_index()


def _chosen(said: pd.Series[Any], logged: pd.Series[Any], newer: pd.Series[bool]) -> pd.Series[Any]:
    return said.astype(object).mask(newer & logged.notna(), logged.astype(object))
