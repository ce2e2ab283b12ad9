"""The events of voice logs, which can be read again at any time: they fill what was not heard."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from swnb.errors import ApiError, ConfigurationError
from swnb.event import Event, of_voice_log
from swnb.events.hub import hub_of
from swnb.exchange import now
from swnb.progress import progress
from swnb.session.call import Call, session_of_call
from swnb.session.session import Session
from swnb.session.voice_logs import sync
from swnb.session.voice_logs.readings import voice_log_events

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.session.voice_logs.report import SyncReport

_HEARING = ("relay", "callback", "listener")


def read_events(session: Session, call_id: str) -> list[Event]:
    """Read the events of a call's voice log into the log; those it has already are not doubled."""
    entries = voice_log_events(session, call_id)
    space = session.transport.space
    events = [of_voice_log(call_id, entry, seen_at=now(), space=space) for entry in entries]
    hub_of(session).note(*events)
    return events


def call_events(  # noqa: D417 - it is a method of the call
    call: Call, *, refresh: bool = False
) -> DataFrame:
    """Return what was sent to the call and heard of it, in one frame, oldest first.

    Parameters
    ----------
    refresh : bool, default False
        Read the events of its voice log first, which fill what was not heard.

    Returns
    -------
    pandas.DataFrame
        The table "events()" of docs/log.md has the columns with dtypes and units.

    Raises
    ------
    SendError
        If the events cannot be read.
    LogError
        If the log cannot be read or written.

    Examples
    --------
    >>> call.events(refresh=True)[["time", "direction", "kind", "state"]]

    """
    session = session_of_call(call)
    if refresh:
        read_events(session, call.id)
    return session.log.events(call.id)


def reconcile(  # noqa: D417 - the client binds the session
    session: Session, *, with_events: bool | None = None
) -> SyncReport:
    """Read the voice log of each call that is not final in the log, and report what was new.

    A call is final once a voice log has said that it is over and what it cost (a charge; 0 only
    with charge lines, or if the call lasted no time). Every other call is asked about with one
    request, for a price until 180 days after the call.

    Parameters
    ----------
    with_events : bool, optional
        Also read the events of these voice logs, with one request for each: they fill what was not
        heard. By default, if this run has listened or received callbacks.

    Returns
    -------
    SyncReport
        How many voice logs were read, and what was new; calls that the platform does not know are
        `missing`.

    Raises
    ------
    ConfigurationError
        If `with_events` is not a bool.
    SendError, SwnbError
        If a voice log cannot be read; what was read before it is in the log.

    Examples
    --------
    >>> sw.reconcile()

    """
    if with_events not in (None, True, False):
        raise ConfigurationError("reconcile.with_events: must be True or False")
    session.check_open("reconcile")
    pending = session.routing.pending_calls()
    report = sync.reconcile(session)
    if with_events is None:
        with_events = any(event.source in _HEARING for event in hub_of(session).after())
    if with_events and not session.dry_run:
        with progress(pending, "reconcile events", "calls") as counting:
            report.events += sum(_count(session, call_id) for call_id in counting)
    return report


def _count(session: Session, call_id: str) -> int:
    """Read the events of a call and return how many there are; 0 if its voice log is gone."""
    try:
        return len(read_events(session, call_id))
    except ApiError as error:
        if error.exchange.http_status != HTTPStatus.NOT_FOUND:
            raise
        return 0
