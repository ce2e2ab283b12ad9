"""Waiting for an event that an inbox has not returned yet."""

from __future__ import annotations

from typing import Any

from swnb.errors import InvalidCommand, Problem
from swnb.event import Asked, Event
from swnb.event.reading import KINDS
from swnb.events.hub import hub_of
from swnb.events.waiting.cursor import Cursor
from swnb.events.waiting.waiter import Found, Wanted, await_event
from swnb.log.reading.expectations import lacking_of, nearest_of
from swnb.session.calling import CallId
from swnb.session.credentials import call_id_of
from swnb.session.session import Session

_MORE = ("ai", "sidecar", "post_prompt", "unknown", "gap")


def wait_for(
    session: Session,
    cursor: Cursor,
    kind: str,
    *,
    call: CallId | None,
    where: Any,
    timeout: float,
    since: float | None,
) -> Event:
    """Return the earliest event that fits and was not returned; see `Inbox.wait_for`."""
    known = {*KINDS, *_MORE}
    if kind not in known:
        problem = Problem("kind", f"is no kind of event; {nearest_of(str(kind), known)}")
        raise InvalidCommand("wait_for", [problem])
    call_id = None if call is None else call_id_of(call)

    def fits(event: Event) -> bool:
        if event.kind != kind or (call_id is not None and event.call_id not in (call_id, None)):
            return False
        if since is not None:
            return event.seen_at >= since * 1e6
        return not cursor.has_returned(event.id)

    def find(events: list[Event]) -> Found | None:
        told = (event for event in events if fits(event) and holds(event, where))
        return next(map(Found, told), None)

    asked = Asked.of(kind, call_id=call_id, where=where)
    what = f"inbox.wait_for({kind!r}{'' if where is None else f', where={where!r}'})"
    start = cursor.since if since is None else 0
    listened = Wanted(what, asked, find, since=start, hears=True, latest=lambda: _latest(session))
    found = await_event(session, listened, timeout).event
    if found is None:  # a dry run hears nothing
        return Event("wait", kind, 0, "", call_id=call_id)
    cursor.note(found.id)
    return found


def holds(event: Event, where: Any) -> bool:
    """Return whether an event contains the expected part of a payload."""
    if where is None:
        return True
    told = event.payload if event.kind == "user_event" else {**event.params, **event.result}
    return not list(lacking_of(where, told))


def _latest(session: Session) -> str | None:
    heard = [event for event in hub_of(session).after() if event.source != "wait"]
    return f"{heard[-1].kind} {heard[-1].state or ''}".strip() if heard else None
