"""Reading the voice logs for a session: it changes nothing, and may always be repeated."""

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
    """Return the voice logs that match, newest first; pages are read as you iterate.

    Parameters
    ----------
    created_after, created_before : str, date or datetime, optional
        The period; a time without a zone is UTC.
    created_on : str or date, optional
        One day, in UTC.
    include_deleted : bool, optional
        Whether deleted entries are listed too.
    page_size : int, optional
        Entries per page, 1 to 1000.

    Returns
    -------
    VoiceLogs

    Raises
    ------
    InvalidCommand
        If a filter is malformed.

    Examples
    --------
    >>> for entry in sw.voice_logs(created_after="2026-08-01"):
    ...     print(entry["id"], entry.charge)

    """
    filters = {
        "created_after": created_after,
        "created_before": created_before,
        "created_on": created_on,
        "include_deleted": include_deleted,
        "page_size": page_size,
    }
    session.check_open("voice_logs")
    try:
        query = query_of(**filters)
    except InvalidCommand as error:
        session.refuse("voice_logs", filters, None, error)
        raise
    return VoiceLogs(session, query)


def voice_log(session: Session, call_id: str, *, unchecked: bool = False) -> Reply:
    """Read one call's entry in the voice logs: status, durations and charge lines.

    The log stores it, as `sync` does.

    Parameters
    ----------
    call_id : str, Call or Reply
        The call.
    unchecked : bool, default False
        Send an id that is not a UUID as it is.

    Returns
    -------
    VoiceLog

    Raises
    ------
    InvalidCommand
        If the id is not a UUID.
    SendError
        If the entry cannot be read.

    Examples
    --------
    >>> sw.voice_log(call).charge

    """
    call_id = hidden_id(call_id)
    reply = session.read(reading_of_call(session, "voice_log", call_id, unchecked=unchecked))
    exchange = reply.exchange
    # A replayed entry is not new, and a log that cannot be written has warned already.
    if exchange.space != "replayed" and isinstance(exchange.response, dict):
        with suppress(LogError):
            session.log.synced.append(Page([exchange.response], exchange.space, now()))
    return reply


def voice_log_events(
    session: Session, call_id: str, *, unchecked: bool = False
) -> list[dict[str, Any]]:
    """Read the events of one call's voice log, in the platform's order.

    Parameters
    ----------
    call_id : str, Call or Reply
        The call.
    unchecked : bool, default False
        Send an id that is not a UUID as it is.

    Returns
    -------
    list of dict
        The events; empty in a dry run.

    Raises
    ------
    InvalidCommand
        If the id is not a UUID.
    SendError
        If the events cannot be read.

    Examples
    --------
    >>> sw.voice_log_events(call)

    """
    call_id = hidden_id(call_id)
    request = reading_of_call(session, EVENTS, call_id, "/events", unchecked=unchecked)
    return list(entries(session.read(request)))
