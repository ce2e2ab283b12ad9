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

from swnb.exchange import OVER, dollars
from swnb.log.odd_cells import Odd, mended, shown_json
from swnb.log.voice_logs.entries import COLUMNS, Line, lines_of, micros, row_of
from swnb.log.voice_logs.pages import entries_of
from swnb.log.writing.journal import Journal

_TIMES = ("created_at", "discarded_at", "seen_at")
_WHOLE = ("charge_nano", "lines_nano", "lines", "duration_ms", "billing_ms")
_LABELS = ("type", "direction", "status", "source", "space")
_NAMES = (*COLUMNS, "space", "seen_at")
_FIELDS = {
    **{name: name for name in ("status", "type", "direction", "from", "to")},
    "charge_nano": "charge_nano",
    "duration": "duration_ms",
}
_PAGES = "SELECT page, space, seen_at, ids, body FROM voice_log_pages WHERE page > ? ORDER BY page"
_EVENTS = "SELECT rowid, call_id, seen_at, body FROM voice_log_events"
_DISCARDED = COLUMNS.index("discarded_at")
_CHARGE = COLUMNS.index("charge_nano")
_COUNT = COLUMNS.index("lines")
# How old a call may be when its voice log is read and says no price, for it to be asked about again.
PRICED_WITHIN = pd.Timedelta(days=180)


class VoiceLogFrames:
    """The voice logs in a log, each as it was read last; safe to use from threads.

    A deleted log says nothing but that it is: what was known of it stays.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._generation = self._journal.generation
        self._page = 0
        self._logs = _logs_frame([])
        self._lines = _lines_frame([])

    def logs(self) -> pd.DataFrame:
        """Give one row per voice log, oldest first.

        Its columns are those of `swnb.log.voice_logs.entries`, `space`, `seen_at` (when it was read) and
        `charge` (US dollars); times are in UTC, the rest in nano-dollars and milliseconds.
        """
        return self._refreshed()[0].copy()

    def lines(self) -> pd.DataFrame:
        """Give the charge lines: `call_id`, `description`, `charge` in nano-dollars."""
        return self._refreshed()[1].copy()

    def differences(self) -> pd.DataFrame:
        """Return the calls whose charge is not the sum of its charge lines.

        Columns: call_id, created, type, charge (NaN if there are only lines), lines (their sum) and
        difference (charge less lines), in US dollars.
        """
        return differences(self.logs())

    def events(self, call_id: str | None = None) -> pd.DataFrame:
        """Give the events that the platform noted, of all calls they were read of, or of one.

        Columns: call_id, event_at, level, name, event (a dict: the whole of it).
        """
        rows = [
            (key, micros(event.get("event_at")), event.get("level"), event.get("name"), event)
            for key, _, found in self._event_rows()
            if call_id in (None, key)
            for event in found
        ]
        names = ["call_id", "event_at", "level", "name", "event"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(event_at=times(frame["event_at"]))

    def without_events(self, after: int | None, before: int | None) -> list[str]:
        """Give the ids of the logs created between two times whose events were not read since."""
        read = {key: seen for key, seen, _ in self._event_rows()}
        logs = self.logs()
        chosen = logs["discarded_at"].isna()
        if after is not None:
            chosen &= logs["created_at"] > pd.Timestamp(after, unit="us", tz="UTC")
        if before is not None:
            chosen &= logs["created_at"] < pd.Timestamp(before, unit="us", tz="UTC")
        known = times(logs["id"].map(read))
        return logs.loc[chosen & ~(known >= logs["seen_at"]), "id"].tolist()

    def _event_rows(self) -> list[tuple[str | None, int, list[dict[str, Any]]]]:
        """Return of which call events were read, when, and the events."""
        rows, odd = [], list[Odd]()
        for row, *values, text in self._journal.read(_EVENTS):
            names = ("call_id", "seen_at")
            key, seen = mended("voice_log_events", row, names, values, odd)
            body = shown_json("voice_log_events", row, "body", text, odd)
            found = body if isinstance(body, list) else []
            rows.append((key, seen or 0, [event for event in found if isinstance(event, dict)]))
        self._journal.tell(odd)
        return rows

    def _refreshed(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        with self._lock:
            if self._generation != self._journal.generation:
                self._begin()
            rows: dict[str, tuple[Any, ...]] = {}
            lines: dict[str, list[Line]] = {}
            odd: list[Odd] = []
            for page, *values, ids, body in self._journal.read(_PAGES, (self._page,)):
                space, seen = mended("voice_log_pages", page, ("space", "seen_at"), values, odd)
                for key, entry in entries_of(page, ids, body, odd):
                    row = (*row_of(entry), space, seen or 0)
                    rows[key] = _newest(rows.get(key), row)
                    if not _is_gone(row):
                        lines[key] = lines_of(entry)
                self._page = page
            self._journal.tell(odd)
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
    if known is None or not _is_gone(row):
        return row
    return (*known[:_DISCARDED], row[_DISCARDED], *known[_DISCARDED + 1 : -1], row[-1])


def _is_gone(row: tuple[Any, ...]) -> bool:
    """Return whether a log says nothing but that it was deleted."""
    return row[_DISCARDED] is not None and row[_CHARGE] is None and not row[_COUNT]


def differences_of(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return `differences` of rows of `swnb.log.voice_logs.entries.COLUMNS`, oldest first."""
    logs = _logs_frame([(*row, None, None) for row in rows])
    return differences(logs.sort_values("created_at", kind="stable"))


def differences(logs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `VoiceLogFrames.logs` that `swnb.log.voice_logs.entries.is_off` is true of."""
    charge, lines = logs["charge_nano"], logs["lines_nano"]
    off = (charge.fillna(0) != lines).fillna(value=True)
    facts = {
        "call_id": logs["id"],
        "created": logs["created_at"],
        "type": logs["type"],
        "charge": dollars(charge),
        "lines": dollars(lines),
        "difference": dollars(charge.fillna(0) - lines),
    }
    return pd.DataFrame(facts)[off].reset_index(drop=True)


def _with_discarded(fresh: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Let what was known of logs stay where they were deleted since."""
    says = fresh["charge_nano"].notna() | (fresh["lines"] > 0)
    gone = fresh["discarded_at"].notna() & ~says & fresh["id"].isin(known.index)
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
    return frame.assign(charge=dollars(frame["charge_nano"]))


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
    ours = (calls["space"] == space) & ~calls["settled"]
    asked = calls["exchanges"] > 0
    going = calls["logged_status"].notna()
    return calls.loc[ours & (asked | going), "call_id"].tolist()


def _settled(calls: pd.DataFrame, log: pd.DataFrame) -> pd.Series[bool]:
    """Return which calls a voice log is done with: deleted, or over and priced, or too old for it."""
    over = log["status"].isin(OVER)
    lasted = (calls["duration"].astype("Int64") > 0).fillna(value=False)
    free = (log["charge_nano"] == 0).fillna(value=False) & ~(log["lines"] > 0).fillna(value=False)
    unpriced = log["charge_nano"].isna() | (free & lasted)
    old = log["seen_at"] - calls["created"] > PRICED_WITHIN
    return log["discarded_at"].notna() | (over & (~unpriced | old))


def with_logs(calls: pd.DataFrame, told: pd.Series[Any], found: pd.DataFrame) -> pd.DataFrame:
    """Give the calls that replies are about, with what voice logs said later, and the other calls.

    `calls` has the columns of `swnb.log.columns.CALLS` and `space`; `told` is, by call, when the
    latest reply that said something of it was asked for; `found` is from `VoiceLogFrames.logs`.
    Adds `logged_at` (when the voice log that counts was read; missing where the reply counts),
    `logged_status`, `created_at`, `discarded_at`, `parent_id`, `source`, `billing_ms`, `charge` (US
    dollars; `charge_nano` is exact) and `settled` (nothing more is to be asked about the call). If a
    log has charge lines and no charge, the lines are what is known to be charged.
    """
    ids = pd.Index(calls["call_id"], dtype=object).append(pd.Index(found["id"])).unique()
    known, log = calls.set_index("call_id").reindex(ids), found.set_index("id").reindex(ids)
    newer = log["seen_at"].notna() & ~(told.reindex(ids) > log["seen_at"])
    as_said = log
    log = log.assign(
        charge_nano=log["charge_nano"].fillna(log["lines_nano"].where(log["lines"] > 0))
    )
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
    nano = merged["charge_nano"].astype("Int64")
    merged = merged.assign(
        charge_nano=nano, charge=dollars(nano), settled=_settled(merged, as_said)
    )
    return merged.rename_axis("call_id").reset_index()


def _chosen(said: pd.Series[Any], logged: pd.Series[Any], newer: pd.Series[bool]) -> pd.Series[Any]:
    return said.astype(object).mask(newer & logged.notna(), logged.astype(object))
