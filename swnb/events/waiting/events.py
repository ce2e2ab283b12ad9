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

    left: list[int] = []  # the id of the first event of the kind that was not returned

    def is_left(event: Event) -> bool:
        if event.kind != kind:
            return False
        if since is not None:
            return event.seen_at >= since * 1e6
        if cursor.has_returned(event):
            return False
        if not left:
            left.append(event.id or 0)
        return True

    def fits(event: Event) -> bool:
        return is_left(event) and (call_id is None or event.call_id in (call_id, None))

    def find(events: list[Event]) -> Found | None:
        told = (event for event in events if fits(event) and holds(event, where))
        return next(map(Found, told), None)

    asked = Asked.of(kind, call_id=call_id, where=where)
    what = f"inbox.wait_for({kind!r}{'' if where is None else f', where={where!r}'})"
    start = cursor.since(kind) if since is None else 0
    listened = Wanted(what, asked, find, since=start, hears=True, latest=lambda: _latest(session))
    found = await_event(session, listened, timeout).event
    if found is None:  # a dry run hears nothing
        return Event("wait", kind, 0, "", call_id=call_id)
    cursor.note(found, left[0] if left else None)
    return found


def holds(event: Event, where: Any) -> bool:
    """Return whether an event contains the expected part of a payload."""
    if where is None:
        return True
    told = event.payload if event.kind == "user_event" else {**event.params, **event.result}
    return not list(lacking_of(where, told))


def _latest(session: Session) -> str | None:
    event = hub_of(session).last
    return f"{event.kind} {event.state or ''}".strip() if event else None
