"""What a session reads from the voice logs: readings change nothing, and may always be repeated."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from swnb.errors import InvalidCommand, LogError
from swnb.exchange import now
from swnb.log.voice_logs.pages import Page
from swnb.session.credentials import hidden_id
from swnb.session.voice_logs.reading import VoiceLogs, entries, query_of, reading_of_call

if TYPE_CHECKING:
    from datetime import date

    from swnb.session.answers.replies import Reply
    from swnb.session.session import Session


EVENTS = "voice_log_events"


def voice_logs(
    session: Session,
    *,
    created_after: str | date | None = None,
    created_before: str | date | None = None,
    created_on: str | date | None = None,
    include_deleted: bool | None = None,
    page_size: int | None = None,
) -> VoiceLogs:
    """Return the voice logs that match, newest first; pages are fetched as one iterates."""
    given = {
        "created_after": created_after,
        "created_before": created_before,
        "created_on": created_on,
        "include_deleted": include_deleted,
        "page_size": page_size,
    }
    session.check_open("voice_logs")
    try:
        query = query_of(**given)
    except InvalidCommand as error:
        session.refuse("voice_logs", given, None, error)
        raise
    return VoiceLogs(session, query)


def voice_log(session: Session, call_id: str, *, unchecked: bool = False) -> Reply:
    """Read one call's entry in the voice logs: status, durations and charge lines.

    The log takes it in, as `sync` does.
    """
    call_id = hidden_id(call_id)
    reply = session.read(reading_of_call(session, "voice_log", call_id, unchecked=unchecked))
    exchange = reply.exchange
    # What was replayed is no news, and a log that cannot be written has warned of that.
    if exchange.space != "replayed" and isinstance(exchange.response, dict):
        with suppress(LogError):
            session.log.synced.append(Page([exchange.response], exchange.space, now()))
    return reply


def voice_log_events(
    session: Session, call_id: str, *, unchecked: bool = False
) -> list[dict[str, Any]]:
    """Read the events of one call's voice log, as the platform orders them.

    In a dry run there are none.
    """
    call_id = hidden_id(call_id)
    request = reading_of_call(session, EVENTS, call_id, "/events", unchecked=unchecked)
    return list(entries(session.read(request)))
