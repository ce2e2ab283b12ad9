"""Everything that a log knows of a call and its other legs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from swnb.event import told
from swnb.exchange import MAY_HAVE_WORKED, short_name
from swnb.log.hearing.rows import repeats_of, stored_events
from swnb.log.reading.frames import Frames
from swnb.log.timeline.steps import Step, merged, of_event, placed
from swnb.log.writing.journal import Journal
from swnb.words import money

_READINGS = ("voice_log", "voice_logs", "voice_log_events")


def gathered(journal: Journal, frames: Frames, call_id: str) -> tuple[list[str], list[Step]]:
    """Return the ids of a call's legs, its own first, and everything known of them in order."""
    facts = frames.facts()
    legs = _legs(journal, facts, call_id)
    steps = [*_sent(frames, legs), *_heard(journal, legs), *_noted(journal, frames, legs)]
    steps = merged(sorted(steps, key=lambda step: step.seen_at))
    steps = placed([*_gaps(journal, steps), *steps] if steps else [])
    return legs, [*steps, *_charged(frames, facts, legs, steps)]


def _legs(journal: Journal, facts: pd.DataFrame, call_id: str) -> list[str]:
    """Return a call with those that were connected to it, or that the voice logs name as its own."""
    pairs = [
        (event.call_id, (event.params.get("peer") or {}).get("call_id"))
        for event in stored_events(journal, kind="connect")
        if isinstance(event.params.get("peer"), dict)
    ]
    if "parent_id" in facts:
        pairs += list(zip(facts["call_id"], facts["parent_id"], strict=True))
    legs = [call_id]
    for leg in legs:  # it grows
        for pair in pairs:
            other = pair[1] if pair[0] == leg else pair[0] if pair[1] == leg else None
            if isinstance(other, str) and other not in legs:
                legs.append(other)
    return legs


def _sent(frames: Frames, legs: list[str]) -> list[Step]:
    frame = frames.exchanges()
    frame = frame[frame["call_id"].isin(legs)].reset_index(drop=True)
    rows = frames.with_bodies(frame).astype(object).where(lambda cell: cell.notna(), None)
    return [step for row in rows.to_dict("records") for step in _exchange(row)]


def _exchange(row: dict[Any, Any]) -> list[Step]:
    request, response = row["request"], row["response"]
    params = request.get("params") if isinstance(request, dict) else None
    kind = short_name(row["command"])
    sent_at = 0 if row["sent_at"] is None else pd.Timestamp(row["sent_at"]).value // 1000
    sent = Step(
        sent_at,
        "sent",
        "command",
        kind,
        told(kind, params),
        row["outcome"],
        row["control_id"],
        row["call_id"],
        row["space"] or "live",
        lasted_ms=row["duration_ms"],
        id=row["id"],
        body=params,
    )
    if row["elapsed_ms"] is None or row["outcome"] in ("refused", "dry_run", "sent"):
        return [sent]
    about = [row["error_message"], row["http_status"]]
    if row["space"] == "live":  # elsewhere it says nothing about the platform
        about.append(f"{row['elapsed_ms']:.0f} ms")
    reply = replace(
        sent,
        seen_at=sent_at + round(row["elapsed_ms"] * 1000),
        direction="reply",
        told=" · ".join(str(part) for part in about if part),
        state=row["call_status"] if row["outcome"] in MAY_HAVE_WORKED else row["outcome"],
        charge_nano=None if row["charge"] is None else round(row["charge"] * 1_000_000_000),
        body=response,
    )
    return [sent, reply]


def is_reading(step: Step) -> bool:
    """Return whether a step only read the voice logs."""
    return step.direction in ("sent", "reply") and step.kind in _READINGS


def _heard(journal: Journal, legs: list[str]) -> list[Step]:
    repeats = repeats_of(journal)
    return [
        of_event(event, repeats.get(event.id or 0, 0))
        for leg in legs
        for event in stored_events(journal, call_id=leg)
    ]


def _noted(journal: Journal, frames: Frames, legs: list[str]) -> list[Step]:
    """Return the voice logs' own events, unless they were heard as events too."""
    steps = []
    for leg in legs:
        if any(event.source == "voice_log" for event in stored_events(journal, call_id=leg)):
            continue
        for row in frames.voice_logs.events(leg).to_dict("records"):
            at = None if pd.isna(row["event_at"]) else row["event_at"].value // 1000
            name = str(row["name"] or "voice log").removeprefix("call.").removeprefix("calling.")
            steps.append(
                Step(at or 0, "heard", "voice_log", name, call_id=leg, at=at, body=row["event"])
            )
    return steps


def _gaps(journal: Journal, steps: list[Step]) -> list[Step]:
    """Return the times without connection during the call."""
    start, end = min(s.seen_at for s in steps), max(s.seen_at for s in steps)
    return [
        replace(of_event(event), at=event.at if all(s.space == "live" for s in steps) else None)
        for event in stored_events(journal, kind="gap")
        if (event.at or event.seen_at) <= end and event.seen_at >= start
    ]


def _charged(frames: Frames, facts: pd.DataFrame, legs: list[str], steps: list[Step]) -> list[Step]:
    """Return what each leg has cost, with its lines."""
    lines, end = frames.lines(), max((step.at or 0 for step in steps), default=0)
    charges = []
    for row in facts[facts["call_id"].isin(legs)].to_dict("records"):
        nano = row["charge_nano"]
        if pd.isna(nano):
            continue
        own = lines[lines["call_id"] == row["call_id"]]
        parts = [
            {"description": about, "charge_nano": int(part)}
            for about, part in zip(own["description"], own["charge"], strict=True)
            if not pd.isna(part)
        ]
        status = None if pd.isna(row["status"]) else str(row["status"])
        text = " · ".join(f"{part['description']} {money(part['charge_nano'])}" for part in parts)
        charges.append(
            Step(end, "known", "charge", "charge", text, status, None, row["call_id"],
                 at=end, charge_nano=int(nano), body=parts)
        )  # fmt: skip
    return charges
