"""Syncing the voice logs into the log: those of a period, or of the calls that are not final.

A sync is one exchange, which says how many pages and calls it read; what the platform said of them is
in tables of its own (`swnb.log.voice_logs.pages`). Each page is stored together with the link to the next, so
that a sync that is killed continues where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from swnb.errors import ApiError, InvalidCommand, Problem, SwnbError
from swnb.exchange import VOICE_LOGS_PATH, Exchange, now
from swnb.hidden import sealed
from swnb.log.voice_logs.entries import micros
from swnb.progress import counter, progress
from swnb.redact import redact, redact_text
from swnb.session.interrupts import ANY_CALL, telling
from swnb.session.voice_logs.listing import COMMAND, Listing, undisturbed
from swnb.session.voice_logs.reading import query_of, reading
from swnb.session.voice_logs.readings import EVENTS, voice_log, voice_log_events
from swnb.session.voice_logs.report import SyncReport
from swnb.transports.replay import Replay

if TYPE_CHECKING:
    from datetime import date

    from swnb.session.session import Session

T = TypeVar("T")
PAGE_SIZE = 1000  # the most that the platform returns at once
_TOGETHER = 50  # calls whose events are stored in one transaction


@telling(
    "sync was interrupted; what it had read is in the log",
    "It only reads. Run it again with the same period, and it continues.",
    ANY_CALL,
)
def sync(
    session: Session,
    *,
    created_after: str | date | None = None,
    created_before: str | date | None = None,
    with_events: bool = False,
) -> SyncReport:
    """Read the voice logs of a period into the log, deleted ones too, and report what was new.

    Reading twice adds nothing, and a sync of the same period that was interrupted continues where
    it stopped. A progress bar counts the calls. A replay returns the numbers that were recorded and
    adds nothing to the log.

    Parameters
    ----------
    created_after, created_before : str, date or datetime, optional
        The period; everything by default. A time without a zone is UTC.
    with_events : bool, default False
        Also read the events of each entry that is new or has changed, with one request for each.

    Returns
    -------
    SyncReport
        How many voice logs were read, and what was new.

    Raises
    ------
    InvalidCommand
        If a bound is malformed.
    SendError, SwnbError
        If a page cannot be read; what was read before it is in the log.
    LogError
        If the log cannot be written.

    Examples
    --------
    >>> sw.sync(created_after="2026-08-01")

    """
    bounds = {"created_after": created_after, "created_before": created_before}
    query = _query(session, bounds, with_events)
    path = f"{VOICE_LOGS_PATH}?{urlencode(query)}"
    report = SyncReport("sync", session.log, dry_run=session.dry_run)
    request = {"method": "GET", "path": redact_text(path, session.secrets)}
    exchange = Exchange("sync", session.transport.space, now(), request=request)
    if session.dry_run:
        exchange.outcome = "dry_run"
        session.log.record(exchange)
        return report
    if session.routing.replays(reading(COMMAND, path)):
        _repeat(session, path, report, with_events=with_events)
        return report
    with sealed(), _logged(session, exchange, report):
        _read_listing(session, path, exchange, report)
    if with_events:
        after, before = (micros(query.get(name)) for name in bounds)
        _read_events(session, session.log.voice_logs.without_events(after, before), report)
    return report


@telling(
    "reconcile was interrupted; what it had read is in the log",
    "It only reads. Run it again, and it asks about the remaining calls.",
    ANY_CALL,
)
def reconcile(session: Session) -> SyncReport:
    """Read the voice log of each call that is not final; the client's `reconcile` has the details."""
    session.check_open("reconcile")
    report = SyncReport("reconcile", session.log, dry_run=session.dry_run)
    pending = session.routing.pending_calls()
    counted = progress(pending, "reconcile", "calls")
    with session.log.synced.intake() as stored, counted as counting:
        for call_id in counting:
            before = session.routing.known_entry(call_id, stored)
            reply = _read_of_call(session, voice_log, call_id, report)
            if reply is not None:
                report.add_one(before, reply.exchange.response)
    return report


def _repeat(session: Session, path: str, report: SyncReport, *, with_events: bool) -> None:
    """Report the numbers of a recorded sync, and read the events that it read."""
    report.repeat(session.read(reading(COMMAND, path)))
    if with_events and isinstance(session.transport, Replay):
        for call_id in session.transport.following(EVENTS):
            events = _read_of_call(session, voice_log_events, call_id, report)
            report.events += len(events or ())


def _query(session: Session, bounds: dict[str, Any], with_events: Any) -> dict[str, Any]:
    """Return the query of the first page. Raises `InvalidCommand`, which is logged."""
    session.check_open("sync")
    problems = []
    if not isinstance(with_events, bool):
        problems.append(Problem("with_events", "must be True or False"))
    query: dict[str, Any] = {}
    try:
        query = query_of(**bounds, include_deleted=True, page_size=PAGE_SIZE)
    except InvalidCommand as error:
        problems = [*error.problems, *problems]
    if problems:
        refusal = InvalidCommand("sync", problems)
        session.refuse("sync", bounds, None, refusal)
        raise refusal
    return query


@contextmanager
def _logged(session: Session, exchange: Exchange, report: SyncReport) -> Iterator[None]:
    """Log the sync before its first page is asked for, and how it ended."""
    session.log.start(exchange)
    exchange.outcome = "unknown"  # what an interruption leaves behind
    try:
        yield
        exchange.outcome = "accepted"
        exchange.response = report.counts()
    except BaseException as error:
        if not exchange.error_message:
            message = error.message if isinstance(error, SwnbError) else None
            exchange.error_message = message or f"interrupted by {type(error).__name__}"
        raise
    finally:
        session.sender.log_result(exchange)


def _read_listing(session: Session, path: str, exchange: Exchange, report: SyncReport) -> None:
    name = f"{session.project}@{session.transport.host}{path}"
    listing = Listing(session.transport, exchange, session.secrets, name)
    start = session.log.synced.unread(name)
    report.continued = start is not None
    try:
        _store(session, listing, start or path, report)
    except ApiError:
        if start is None or report.pages:
            raise
        # The link has expired: what was read before it is stored, and is read again.
        exchange.error_code = exchange.error_message = None
        session.log.synced.forget(name)
        report.continued = False
        _store(session, listing, path, report)


def _store(session: Session, listing: Listing, path: str, report: SyncReport) -> None:
    synced = session.log.synced
    with undisturbed(), synced.intake() as intake, counter("sync", "calls") as bar:
        for page in listing.pages(path):
            report.add(page.entries, intake.store(page))
            bar.update(len(page.entries))


def _read_events(session: Session, ids: list[str], report: SyncReport) -> None:
    batch: dict[str, Any] = {}
    with progress(ids, "events", "calls") as counting:
        for place, call_id in enumerate(counting, 1):
            events = _read_of_call(session, voice_log_events, call_id, report)
            if events is not None:
                batch[call_id] = redact(events, session.secrets)
                report.events += len(events)
            if len(batch) == _TOGETHER or place == len(ids):
                session.log.synced.store_events(batch, now())
                batch = {}


def _read_of_call(
    session: Session, read: Callable[..., T], call_id: str, report: SyncReport
) -> T | None:
    """Read something about a call; None if the platform does not know the call."""
    try:
        return read(session, call_id, unchecked=True)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        report.missing.append(call_id)
        return None
