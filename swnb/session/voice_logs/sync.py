"""Bringing the voice logs into the log: those of a period, or of the calls that are not final.

A sync is one exchange, which says how many pages and calls it read; what the platform said of them is
in tables of its own (`swnb.log.voice_logs.pages`). Each page is stored together with the link to the next, so
that a sync that is killed goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from swnb.errors import ApiError, InvalidCommand, Problem, SwnbError
from swnb.exchange import VOICE_LOGS_PATH, Exchange, now
from swnb.hidden import sealed
from swnb.log.voice_logs.entries import micros
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
PAGE_SIZE = 1000  # the most that the platform gives at once
_TOGETHER = 50  # calls whose events are stored in one transaction


@telling(
    "sync was interrupted; what it read until then is in the log",
    "It only reads. Call it again with the same period, and it goes on.",
    ANY_CALL,
)
def sync(
    session: Session,
    *,
    created_after: str | date | None = None,
    created_before: str | date | None = None,
    with_events: bool = False,
) -> SyncReport:
    """Read the voice logs of a period into the log, deleted ones too, and say what was new.

    Without bounds it reads all there are. `with_events` also reads the events of each log of
    the period that is new or has changed, with one request for each. Reading twice adds
    nothing; a sync of the same period that was interrupted goes on where it stopped. A progress
    bar counts the calls.

    A replay gives the numbers that were recorded, and brings nothing in: what the platform said
    is in the log that it was brought into, not in a recording.

    Raises `InvalidCommand` for a bad bound, a `SendError` or `SwnbError` where a page cannot be
    read, and `LogError` where it cannot be written; what was read until then stays.

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
    with sealed(), _noted(session, exchange, report):
        _read_listing(session, path, exchange, report)
    if with_events:
        after, before = (micros(query.get(name)) for name in bounds)
        _read_events(session, session.log.voice_logs.without_events(after, before), report)
    return report


@telling(
    "reconcile was interrupted; what it read until then is in the log",
    "It only reads. Call it again, and it asks about the calls that are left.",
    ANY_CALL,
)
def reconcile(session: Session) -> SyncReport:
    """Ask the voice logs about each call that the log is not done with, and say what was new.

    A call is final when a voice log said that it is over, and its price (a charge; 0 only with
    charge lines, or if the call never lasted). One that no voice log was read of, that went on
    or was not priced when it was, or that is a fabric leg (which never says that it is over),
    is asked about, with one request; for a price until 180 days after the call. Calls that the
    platform does not know are listed as `missing`. Raises as `sync`.
    """
    session.check_open("reconcile")
    report = SyncReport("reconcile", session.log, dry_run=session.dry_run)
    with session.log.synced.intake() as stored:
        for call_id in progress(session.routing.pending_calls(), "reconcile", "calls"):
            known = session.routing.known_entry(call_id, stored)
            reply = _asked(session, voice_log, call_id, report)
            if reply is not None:
                report.add_one(known, reply.exchange.response)
    return report


def _repeat(session: Session, path: str, report: SyncReport, *, with_events: bool) -> None:
    """Return the numbers of a recorded sync, and ask for the events that it asked for."""
    report.repeat(session.read(reading(COMMAND, path)))
    if with_events and isinstance(session.transport, Replay):
        for call_id in session.transport.following(EVENTS):
            events = _asked(session, voice_log_events, call_id, report)
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
def _noted(session: Session, exchange: Exchange, report: SyncReport) -> Iterator[None]:
    """Log the sync before its first page is asked for, and how it ended."""
    session.log.start(exchange)
    exchange.outcome = "unknown"  # what an interruption leaves behind
    try:
        yield
        exchange.outcome = "accepted"
        exchange.response = report.counts()
    except BaseException as error:
        if not exchange.error_message:
            known = error.message if isinstance(error, SwnbError) else None
            exchange.error_message = known or f"interrupted by {type(error).__name__}"
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
        # The link has expired: what was read until there is known, and is read again.
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
    held: dict[str, Any] = {}
    for place, call_id in enumerate(progress(ids, "events", "calls"), 1):
        events = _asked(session, voice_log_events, call_id, report)
        if events is not None:
            held[call_id] = redact(events, session.secrets)
            report.events += len(events)
        if len(held) == _TOGETHER or place == len(ids):
            session.log.synced.store_events(held, now())
            held = {}


def _asked(session: Session, read: Callable[..., T], call_id: str, report: SyncReport) -> T | None:
    """Read something about a call, None where the platform does not know the call."""
    try:
        return read(session, call_id, unchecked=True)
    except ApiError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        report.missing.append(call_id)
        return None


def progress(items: list[T], what: str, unit: str) -> Iterable[T]:
    """Return the items, counted by a progress bar where somebody sees it."""
    from tqdm.auto import tqdm  # noqa: PLC0415 - few clients sync

    found: Iterable[T] = tqdm(items, desc=what, unit=f" {unit}", disable=None)
    return found


def counter(what: str, unit: str) -> Any:
    """Make a progress bar that counts without knowing how far it is to go."""
    from tqdm.auto import tqdm  # noqa: PLC0415 - few clients sync

    return tqdm(desc=what, unit=f" {unit}", disable=None)
