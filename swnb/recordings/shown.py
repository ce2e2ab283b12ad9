"""A recording as people read it: one headline an exchange or event, and below it what was said.

Times, ports and other things that differ from run to run are left out, and ids are numbered in the order
in which they appear, so that two of these texts differ where the flows do.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from swnb.event import told
from swnb.exchange import short_name
from swnb.recordings.settling import ID, still
from swnb.visible import visible
from swnb.words import counted, money

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.event import Event
    from swnb.exchange import Exchange
    from swnb.recordings.file import RecordingFile

_FACTS = ("name", "test", "mode", "note", "parameters")


def shown(recording: RecordingFile) -> Iterator[str]:
    """Yield the lines of a recording for people.

    Parameters
    ----------
    recording : RecordingFile
        An open recording.

    Yields
    ------
    str
        A line without a line end.

    """
    numbers: dict[str, str] = {}

    def plain(line: str) -> str:
        return ID.sub(lambda match: numbers.setdefault(match[0], f"#{len(numbers) + 1}"), line)

    events = list(recording.events())
    yield f"{counted(len(recording), 'exchange')} · {counted(len(events), 'event')}"
    for name in _FACTS:
        if recording.facts.get(name):
            yield visible(f"{name}: {_json(recording.facts[name])}")
    waiting = iter(events)
    event = next(waiting, None)
    for number, (_, exchange) in enumerate(recording.places(), 1):
        while event is not None and event[0] < number:
            yield from map(plain, _heard(event[1]))
            event = next(waiting, None)
        yield from map(plain, _sent(exchange))
    while event is not None:
        yield from map(plain, _heard(event[1]))
        event = next(waiting, None)


def _sent(exchange: Exchange) -> Iterator[str]:
    kind = short_name(exchange.command)
    request = exchange.request if isinstance(exchange.request, dict) else {}
    facts = [
        exchange.outcome,
        str(exchange.http_status or ""),
        exchange.call_status or "",
        "" if exchange.charge_nano is None else money(exchange.charge_nano),
        f"call {exchange.call_id}" if exchange.call_id else "",
    ]
    yield ""
    yield visible(f"→ {kind}  {' · '.join(filter(None, facts))}")
    params = request.get("params", request.get("path"))
    if params:
        yield f"    {_json(params)}"
    if exchange.error_message:
        yield visible(f"    ✗ {' '.join(exchange.error_message.split())}")
    if exchange.response is not None:
        yield f"    = {_json(exchange.response)}"


def _heard(event: Event) -> Iterator[str]:
    parts = [event.state or "", event.control_id or "", f"by {event.source}"]
    yield visible(f"← {event.kind}  {' · '.join(filter(None, parts))}")
    what = told(event.kind, still(event.body))
    if what:
        yield visible(f"    {what}")


def _json(value: Any) -> str:
    text = still(value)
    shown_text = (
        text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, sort_keys=True)
    )
    return visible(shown_text)
