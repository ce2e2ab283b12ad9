"""What the stored voice logs say, as frames.

Pages are only appended, so each is read once and its rows are kept as frames.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pandas as pd

from swnb.exchange import dollars
from swnb.log.odd_cells import Odd, readable_row, shown_json
from swnb.log.voice_logs.entries import COLUMNS, Line, lines_of, micros, voice_log_row
from swnb.log.voice_logs.pages import entries_of
from swnb.log.writing.journal import Journal

_TIMES = ("created_at", "discarded_at", "seen_at")
_WHOLE = ("charge_nano", "lines_nano", "lines", "duration_ms", "billing_ms")
_LABELS = ("type", "direction", "status", "source", "space")
_NAMES = (*COLUMNS, "space", "seen_at")
_PAGES = "SELECT page, space, seen_at, ids, body FROM voice_log_pages WHERE page > ? ORDER BY page"
_EVENTS = "SELECT rowid, call_id, seen_at, body FROM voice_log_events"
_DISCARDED = COLUMNS.index("discarded_at")
_CHARGE = COLUMNS.index("charge_nano")
_COUNT = COLUMNS.index("lines")


class VoiceLogFrames:
    """The voice logs in a log, each as it was last read; safe to use from threads.

    A deleted voice log has no fields; what was known before it was deleted stays.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self._reset()

    def _reset(self) -> None:
        self._generation = self._journal.generation
        self._page = 0
        self._logs = _logs_frame([])
        self._lines = _lines_frame([])

    def logs(self, *, copy: bool = True) -> pd.DataFrame:
        """Return one row per voice log, oldest first.

        Parameters
        ----------
        copy : bool, default True
            Whether it may be changed. Without a copy, it is the same object while nothing is new.

        Returns
        -------
        pandas.DataFrame
            `id`, `type`, `direction`, `status`, `source`, `from`, `to`, `parent_id`, `space` (object: str or None);
            `created_at`, `discarded_at`, `seen_at` (datetime64[us, UTC]; the last says when it was read);
            `charge_nano` and `lines_nano` (Int64, nano-dollars; the latter is the sum of the charge lines);
            `lines` (Int64, their number); `duration_ms` and `billing_ms` (Int64, ms); `charge` (float64, US dollars).

        Raises
        ------
        LogError
            If the log cannot be read.

        Examples
        --------
        >>> sw.log.voice_logs.logs()

        """
        logs = self._refreshed()[0]
        return logs.copy() if copy else logs

    def lines(self) -> pd.DataFrame:
        """Return the charge lines of all voice logs.

        Returns
        -------
        pandas.DataFrame
            `call_id`, `description` (object); `charge` (int64, nano-dollars).

        Examples
        --------
        >>> sw.log.voice_logs.lines()

        """
        return self._refreshed()[1].copy()

    def differences(self) -> pd.DataFrame:
        """Return the calls whose charge is not the sum of its charge lines.

        Returns
        -------
        pandas.DataFrame
            `call_id`, `type` (object); `created` (datetime64[us, UTC]); `charge` (NaN if there are only
            lines), `lines` (their sum) and `difference` (charge less lines) (float64, US dollars).

        Examples
        --------
        >>> sw.log.voice_logs.differences()

        """
        return differences(self.logs())

    def events(self, call_id: str | None = None) -> pd.DataFrame:
        """Return the events that the platform noted for calls.

        Parameters
        ----------
        call_id : str, optional
            The call; by default, all calls whose events were read.

        Returns
        -------
        pandas.DataFrame
            `call_id`, `level`, `name`, `event` (object; the last is the whole event as a dict); `event_at`
            (datetime64[us, UTC]).

        Examples
        --------
        >>> sw.log.voice_logs.events(call.id)

        """
        rows = [
            (key, micros(event.get("event_at")), event.get("level"), event.get("name"), event)
            for key, _, call_events in self._event_rows()
            if call_id in (None, key)
            for event in call_events
        ]
        names = ["call_id", "event_at", "level", "name", "event"]
        frame = pd.DataFrame(rows, columns=names)
        return frame.assign(event_at=times(frame["event_at"]))

    def without_events(self, after: int | None, before: int | None) -> list[str]:
        """Return the ids of voice logs whose events were not read since the log changed.

        Parameters
        ----------
        after, before : int or None
            Bounds of when the call was created, in microseconds since 1970; neither is included.

        Returns
        -------
        list of str
            Deleted logs are left out.

        Examples
        --------
        >>> sw.log.voice_logs.without_events(None, None)

        """
        read_at = {key: seen for key, seen, _ in self._event_rows()}
        logs = self.logs()
        selected = logs["discarded_at"].isna()
        if after is not None:
            selected &= logs["created_at"] > pd.Timestamp(after, unit="us", tz="UTC")
        if before is not None:
            selected &= logs["created_at"] < pd.Timestamp(before, unit="us", tz="UTC")
        events_read_at = times(logs["id"].map(read_at))
        return logs.loc[selected & ~(events_read_at >= logs["seen_at"]), "id"].tolist()

    def _event_rows(self) -> list[tuple[str | None, int, list[dict[str, Any]]]]:
        """Return the events that were read: the call's id, when they were read, and the events."""
        rows, odd = [], list[Odd]()
        for row, *values, text in self._journal.read(_EVENTS):
            names = ("call_id", "seen_at")
            key, seen = readable_row("voice_log_events", row, names, values, odd)
            body = shown_json("voice_log_events", row, "body", text, odd)
            events = body if isinstance(body, list) else []
            rows.append((key, seen or 0, [event for event in events if isinstance(event, dict)]))
        self._journal.warn_of(odd)
        return rows

    def _refreshed(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        with self._lock:
            if self._generation != self._journal.generation:
                self._reset()
            rows: dict[str, tuple[Any, ...]] = {}
            lines: dict[str, list[Line]] = {}
            odd: list[Odd] = []
            for page, *values, ids, body in self._journal.read(_PAGES, (self._page,)):
                space, seen = readable_row(
                    "voice_log_pages", page, ("space", "seen_at"), values, odd
                )
                for key, entry in entries_of(page, ids, body, odd):
                    row = (*voice_log_row(entry), space, seen or 0)
                    rows[key] = _newest(rows.get(key), row)
                    if not _is_gone(row):
                        lines[key] = lines_of(entry)
                self._page = page
            self._journal.warn_of(odd)
            if rows:
                self._add(list(rows.values()), lines)
            return self._logs, self._lines

    def _add(self, rows: list[tuple[Any, ...]], lines: dict[str, list[Line]]) -> None:
        fresh = _logs_frame(rows)
        earlier = self._logs[self._logs["id"].isin(fresh["id"])].set_index("id")
        if len(earlier):
            fresh = _with_discarded(fresh, earlier)
        unchanged = self._logs[~self._logs["id"].isin(fresh["id"])]
        logs = pd.concat([unchanged, fresh], ignore_index=True) if len(unchanged) else fresh
        self._logs = logs.sort_values("created_at", kind="stable", ignore_index=True)
        old = self._lines[~self._lines["call_id"].isin(list(lines))]
        new = _lines_frame(
            [(key, *line) for key, call_lines in lines.items() for line in call_lines]
        )
        self._lines = pd.concat([old, new], ignore_index=True) if len(old) else new


def _newest(earlier: tuple[Any, ...] | None, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the row that counts: the later one, except that a deletion only adds its time."""
    if earlier is None or not _is_gone(row):
        return row
    return (*earlier[:_DISCARDED], row[_DISCARDED], *earlier[_DISCARDED + 1 : -1], row[-1])


def _is_gone(row: tuple[Any, ...]) -> bool:
    """Return whether a voice log says only that it was deleted."""
    return row[_DISCARDED] is not None and row[_CHARGE] is None and not row[_COUNT]


def differences_of(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    """Return `differences` of rows with the columns `swnb.log.voice_logs.entries.COLUMNS`, oldest first."""
    frame = _logs_frame([(*row, None, None) for row in rows])
    return differences(frame.sort_values("created_at", kind="stable"))


def differences(logs: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of `VoiceLogFrames.logs` whose charge is not the sum of their lines."""
    charge, lines = logs["charge_nano"], logs["lines_nano"]
    differs = (charge.fillna(0) != lines).fillna(value=True)
    facts = {
        "call_id": logs["id"],
        "created": logs["created_at"],
        "type": logs["type"],
        "charge": dollars(charge),
        "lines": dollars(lines),
        "difference": dollars(charge.fillna(0) - lines),
    }
    return pd.DataFrame(facts)[differs].reset_index(drop=True)


def _with_discarded(fresh: pd.DataFrame, earlier: pd.DataFrame) -> pd.DataFrame:
    """Return the new rows; a log that was deleted since keeps what was known of it."""
    has_charge = fresh["charge_nano"].notna() | (fresh["lines"] > 0)
    is_gone = fresh["discarded_at"].notna() & ~has_charge & fresh["id"].isin(earlier.index)
    if not is_gone.any():
        return fresh
    deleted = fresh[is_gone].set_index("id")
    kept_rows = earlier.loc[deleted.index].assign(
        discarded_at=deleted["discarded_at"], seen_at=deleted["seen_at"]
    )
    return pd.concat([fresh[~is_gone], kept_rows.reset_index()], ignore_index=True)


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
    for name in _LABELS:  # few labels: one string for each, and not one per row
        codes, labels = pd.factorize(frame[name])
        frame[name] = pd.Series(labels, dtype=object).reindex(codes).to_numpy()
        frame[name] = frame[name].astype(object).where(frame[name].notna(), None)
    return frame.assign(charge=dollars(frame["charge_nano"]))


def _lines_frame(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["call_id", "description", "charge"])
    return frame.astype({"call_id": object, "description": object, "charge": "int64"})


def times(micros: pd.Series[Any]) -> pd.Series[Any]:
    """Return microseconds since 1970 as times in UTC; missing values stay missing."""
    integers = pd.array([None if pd.isna(value) else value for value in micros], dtype="Int64")
    parsed = pd.Series(pd.to_datetime(integers, unit="us", utc=True), index=micros.index)
    return parsed.dt.as_unit("us")
