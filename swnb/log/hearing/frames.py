"""The frames of what was heard: all of it beside what was sent, and when user events arrived."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

from swnb.event import Event, canonical
from swnb.exchange import NEVER_SENT, short_name
from swnb.log.columns import HEARD
from swnb.log.hearing.rows import repeats_of, stored_events
from swnb.log.reading.frames import Frames, shaped
from swnb.log.writing.journal import Journal

_TIME: Any = "datetime64[us, UTC]"


def events_frame(
    journal: Journal,
    frames: Frames,
    *,
    run: str | None,
    call_id: str | None = None,
    kind: str | None = None,
) -> pd.DataFrame:
    """Return what was sent and heard, oldest first, with the columns of `HEARD`."""
    sent = _sent_rows(frames, run, call_id, kind)
    repeats = repeats_of(journal)
    heard = [
        _heard_row(event, repeats.get(event.id or 0, 0))
        for event in stored_events(journal, run=run, call_id=call_id, kind=kind)
    ]
    rows = sorted([*sent, *heard], key=lambda row: (row["time"] is None, row["time"] or 0))
    columns = {column.name: [row[column.name] for row in rows] for column in HEARD}
    frame = pd.DataFrame(
        {name: pd.Series(column, dtype=object) for name, column in columns.items()}
    )
    for name in ("time", "at"):
        whole = pd.to_numeric(frame[name]).astype("Int64")
        frame[name] = pd.to_datetime(whole, unit="us", utc=True).astype(_TIME)
    return shaped(frame, HEARD)


def _sent_rows(
    frames: Frames, run: str | None, call_id: str | None, kind: str | None
) -> list[dict[str, Any]]:
    frame = frames.exchanges(run=run)
    keep = pd.Series(data=True, index=frame.index)
    if call_id is not None:
        keep &= frame["call_id"] == call_id
    if kind is not None:
        keep &= frame["command"].astype(object).map(short_name) == kind
    frame = frames.with_bodies(frame[keep].reset_index(drop=True))
    return [_sent_row(row) for row in frame.to_dict("records")]


def _sent_row(row: dict[Any, Any]) -> dict[str, Any]:
    request = row["request"]
    params = request.get("params") if isinstance(request, dict) else None
    return {
        "time": None if pd.isna(row["sent_at"]) else row["sent_at"].value // 1000,
        "direction": "sent",
        "source": "command",
        "kind": short_name(row["command"]),
        "state": _missing(row["outcome"]),
        "call_id": _missing(row["call_id"]),
        "control_id": _missing(row["control_id"]),
        "at": None,
        "body": params,
        "type": _missing(row["command"]),
        "signed": None,
        "repeats": 0,
        "run": _missing(row["run"]),
        "id": row["id"],
    }


def _heard_row(event: Event, repeats: int) -> dict[str, Any]:
    row: dict[str, Any] = {column.name: getattr(event, column.name, None) for column in HEARD}
    return row | {"time": event.seen_at, "direction": "heard", "repeats": repeats}


def _missing(value: Any) -> Any:
    return None if value is None or value is pd.NaT or value != value else value  # noqa: PLR0124 - NaN


def with_heard(journal: Journal, sent: pd.DataFrame) -> pd.DataFrame:
    """Return sent user events with the time when each was first heard, in order, each once."""
    waiting: dict[tuple[str | None, str], list[int]] = defaultdict(list)
    for event in stored_events(journal, kind="user_event"):
        waiting[event.call_id, canonical(event.payload)].append(event.seen_at)
    heard: list[int | None] = []
    for call_id, body, outcome in zip(sent["call_id"], sent["event"], sent["outcome"], strict=True):
        times = waiting.get((call_id, canonical(body))) or waiting.get((None, canonical(body)))
        arrived = outcome not in NEVER_SENT and times
        heard.append(times.pop(0) if arrived and times else None)
    whole = pd.Series(heard, index=sent.index, dtype="Int64")
    return sent.assign(heard_at=pd.to_datetime(whole, unit="us", utc=True).astype(_TIME))
