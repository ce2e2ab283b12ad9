"""The frames that users see: plain `pandas.DataFrame`s made from the cached rows.

Sums of money are made on whole nano-dollars. Frames show the nearest US dollars as float64, which
distinguishes nano-dollars up to 2**23 dollars (over eight million).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from swnb.costs import accessor as _accessor  # noqa: F401 - registers df.sw
from swnb.exchange import ERRORS, NEVER_SENT, dollars
from swnb.log.columns import BODIES, CALLS, CHARGES, EVENTS, RUNS, Column
from swnb.log.odd_cells import Odd, readable_row, shown_json
from swnb.log.reading.calls import Facts, facts_of
from swnb.log.reading.reader import Reader
from swnb.log.reading.table import Table
from swnb.log.voice_logs.frames import VoiceLogFrames, times
from swnb.log.voice_logs.merging import pending
from swnb.log.writing.journal import Journal
from swnb.log.writing.rows import SENT, Ended, Sent, charge_lines, names

USER_EVENT = "calling.user_event"
# Bodies are decoded in slices, so that their text is never all in memory at once.
_SLICE = 10_000
_EPOCH = pd.Timestamp(0, tz="UTC")
_REQUESTS = "SELECT exchange, exchange, body FROM requests WHERE exchange BETWEEN ? AND ?"
_RESPONSES = """
    SELECT ended.exchange, responses.ended, responses.body
    FROM ended JOIN responses ON responses.ended = ended.id
    WHERE ended.exchange BETWEEN ? AND ? ORDER BY ended.id
"""


_RUN = ("name", "started_at", "space", "swnb")
_RUNS = f"SELECT id, {names('runs', _RUN)}, facts FROM runs ORDER BY id"  # noqa: S608 - names of our own
# A line that belongs to no exchange is in no join.
_STRAY = "SELECT id, ended FROM charge_lines WHERE typeof(ended) <> 'integer'"
# The lines of each call's latest reply that has any. Replayed lines cost nothing and never replace what
# was paid: they count only for a call that the log has from replays alone.
_CHARGES = """
    WITH lines AS (
        SELECT charge_lines.*, space = 'replayed' AS replayed
        FROM charge_lines
        JOIN ended ON ended.id = charge_lines.ended
        JOIN sent ON sent.id = ended.exchange
    ), latest AS (
        SELECT call_id AS call, min(replayed) AS replayed,
            coalesce(max(ended) FILTER (WHERE NOT replayed), max(ended)) AS ended
        FROM lines GROUP BY call_id
    )
    SELECT lines.id, call_id, description,
        iif(latest.replayed AND typeof(charge_nano) = 'integer', 0, charge_nano)
    FROM lines JOIN latest ON latest.call IS lines.call_id AND latest.ended = lines.ended
    ORDER BY lines.id
"""


class Frames:
    """Reads one log; safe to use from threads."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._lock = threading.Lock()
        self.voice_logs = VoiceLogFrames(journal)
        self._readers: dict[str | None, Reader] = {None: Reader(journal, None)}
        self._facts: Facts | None = None

    def exchanges(self, *, bodies: bool = False, run: str | None = None) -> pd.DataFrame:
        """Return all exchanges, or those of one run, oldest first."""
        frame = self._typed(run if run == self._journal.run else None)
        if run not in (None, self._journal.run):
            frame = _only(frame, frame["run"] == run)
        return self.with_bodies(frame) if bodies else frame

    def with_bodies(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return exchanges with the columns `request` and `response` added."""
        ids = frame["id"].to_numpy()
        parts = [self._bodies(ids[place : place + _SLICE]) for place in range(0, len(ids), _SLICE)]
        columns = {}
        for number, column in enumerate(BODIES):
            values = [body for part in parts for body in part[number]]
            columns[column.name] = pd.Series(values, index=frame.index, dtype=object)
        return frame.assign(**columns)

    def nano_of(self, exchanges: pd.DataFrame) -> pd.Series[Any]:
        """Return the charges of exchanges in whole nano-dollars (`Int64`)."""
        with self._lock:
            table, unwritten_ids = self._readers[None].refresh()
            charges = table.nano().set_axis(_frame(table, unwritten_ids)["id"])
        return charges.reindex(exchanges["id"]).set_axis(exchanges.index)

    def calls(self) -> pd.DataFrame:
        """Return the latest known state of each call in the exchanges that were sent and the voice logs."""
        return shaped(self.facts(), CALLS)

    def charges(self) -> pd.DataFrame:
        """Return the charge lines of each call's latest reply or voice log that has any."""
        frame = self.lines()
        frame["charge"] = dollars(frame["charge"].astype("int64"))
        return shaped(frame, CHARGES)

    def facts(self) -> pd.DataFrame:
        """Return all that is known of calls, as `facts_of` does; what has not changed is not made again."""
        with self._lock:
            table, unwritten_ids = self._readers[None].refresh()
            logs = self.voice_logs.logs(copy=False)
            if not unwritten_ids and self._facts is not None and self._facts.are_of(table, logs):
                return self._facts.frame.copy()
            frame, order = _frame(table, unwritten_ids), table.order().copy()
            frame["charge_nano"] = table.nano()
            facts = Facts(table, table.version, logs, facts_of(frame, order, logs))
            self._facts = None if unwritten_ids else facts
        return facts.frame.copy()

    def pending_calls(self, space: str) -> list[str]:
        """Return the ids of the calls in a space that are not final."""
        return pending(self.facts(), space)

    def flat(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return calls and charge lines with the column names of `swnb.costs.tables.tables`, in nano-dollars.

        A call without a voice log was created when an exchange first named it.
        """
        facts, lines = self.facts(), self.lines()
        calls = facts.rename(columns={"call_id": "id"}).assign(
            # A call whose only time is odd counts for 1970, as in `Exchange`.
            created_at=facts["created_at"].fillna(facts["created"]).fillna(_EPOCH),
            charge=facts["charge_nano"],
        )
        return calls, lines[lines["call_id"].isin(calls["id"])]

    def lines(self) -> pd.DataFrame:
        """Return the charge lines of `charges`, in whole nano-dollars."""
        odd: list[Odd] = []
        lines = charge_lines(self._journal.read(_CHARGES), odd)
        for row in self._journal.read(_STRAY):
            readable_row("charge_lines", row[0], ["ended"], row[1:], odd)
        self._journal.warn_of(odd)
        for half in self._journal.unwritten():
            if isinstance(half, Ended) and half.charges:
                call_id = half.charges[0][0]
                lines = [line for line in lines if line[0] != call_id] + half.charges
        replied = pd.DataFrame(lines, columns=[column.name for column in CHARGES])
        logged = self.voice_logs.lines()
        facts = self.facts()
        newer = facts.loc[facts["logged_at"].notna(), "call_id"]
        parts = [
            replied[~replied["call_id"].isin(newer)],
            logged[logged["call_id"].isin(newer)],
        ]
        return pd.concat(
            [part for part in parts if len(part)] or [replied.head(0)], ignore_index=True
        )

    def user_events(self) -> pd.DataFrame:
        """Return the user events that were sent or about to be."""
        frame = self._typed(None)
        events = (frame["command"] == USER_EVENT) & ~frame["outcome"].isin(NEVER_SENT)
        frame = self.with_bodies(_only(frame, events))
        frame["event"] = [_event(request) for request in frame["request"]]
        return shaped(frame, [column for column in EVENTS if column.name in frame])

    def runs(self) -> pd.DataFrame:
        """Return the runs that have exchanges."""
        frame = self._typed(None)
        calls = self.facts()
        nano = calls["charge_nano"].fillna(0).groupby(calls["run"], observed=False).sum()
        per_run = frame["run"]
        counted = pd.DataFrame(
            {
                "exchanges": per_run.value_counts(),
                "errors": per_run[frame["outcome"].isin(ERRORS)].value_counts(),
                "charge": dollars(nano),
            }
        ).fillna(0)
        rows = self._run_rows()
        runs = pd.DataFrame([row[:-1] for row in rows], columns=list(_RUN))
        runs["started_at"] = times(runs["started_at"])
        for column in RUNS:
            if column.name not in (*_RUN, *counted):
                values = [row[-1].get(column.name) for row in rows]
                runs[column.name] = pd.Series(values, index=runs.index, dtype=object)
        return shaped(runs.join(counted, on="name"), RUNS)

    def _typed(self, run: str | None) -> pd.DataFrame:
        with self._lock:
            if run not in self._readers:  # the whole log, or a run that is or was the current one
                self._readers[run] = Reader(self._journal, run)
            return _frame(*self._readers[run].refresh())

    def _bodies(self, ids: npt.NDArray[np.int64]) -> tuple[list[Any], list[Any]]:
        span = (int(ids.min()), int(ids.max()))
        requests = {key: rest for key, *rest in self._journal.read(_REQUESTS, span)}
        responses = {key: rest for key, *rest in self._journal.read(_RESPONSES, span)}
        for half in self._journal.unwritten():
            if isinstance(half, Sent):
                requests[half.id] = [half.id, half.body]
            else:
                responses[half.exchange] = [half.exchange, half.body]
        odd: list[Odd] = []
        keys = ids.tolist()
        sent = [_body("requests", requests.get(key), odd) for key in keys]
        answered = [_body("responses", responses.get(key), odd) for key in keys]
        self._journal.warn_of(odd)
        return sent, answered

    def _run_rows(self) -> list[tuple[Any, ...]]:
        odd, rows = list[Odd](), list[tuple[Any, ...]]()
        for key, *values, text in self._journal.read(_RUNS):
            facts = shown_json("runs", key, "facts", text, odd)
            row = readable_row("runs", key, _RUN, values, odd)
            rows.append((*row, facts if isinstance(facts, dict) else {}))
        self._journal.warn_of(odd)
        names_seen = {row[0] for row in rows}
        for half in self._journal.unwritten():
            if not isinstance(half, Sent):
                continue
            run, space = (half.row[SENT.index(name)] for name in ("run", "space"))
            started = self._journal.runs.begun(run)
            if run not in names_seen and started:
                names_seen.add(run)
                rows.append((run, started[0], space, None, started[1]))
        return rows


def _frame(table: Table, unwritten_ids: Sequence[int]) -> pd.DataFrame:
    frame = table.frame()
    if unwritten_ids:
        frame["id"] = np.concatenate([frame["id"].to_numpy()[: -len(unwritten_ids)], unwritten_ids])
    return frame


def _only(frame: pd.DataFrame, selected: pd.Series[bool]) -> pd.DataFrame:
    """Return some rows, their categories without the labels of the others."""
    part = frame[selected].reset_index(drop=True)
    for name in part.columns[part.dtypes == "category"]:
        part[name] = part[name].cat.remove_unused_categories()
    return part


def _body(table: str, row: list[Any] | None, odd: list[Odd]) -> Any:
    return shown_json(table, row[0], "body", row[1], odd) if row else None


def _event(request: Any) -> Any:
    params = request.get("params") if isinstance(request, dict) else None
    return params.get("event") if isinstance(params, dict) else None


def shaped(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    """Return these columns with their dtypes, also for an empty frame or after a join."""
    shaped = {}
    for column in columns:
        values = frame[column.name]
        if column.dtype.startswith("datetime64") and values.dtype != column.dtype:
            values = pd.to_datetime(values.astype("int64"), unit="us", utc=True)
        shaped[column.name] = values.astype(column.dtype)
    return pd.DataFrame(shaped)
