"""Reading the voice logs: one entry, its events, or all entries page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from swnb.commands.moments import instant, moment, written
from swnb.errors import InvalidCommand, Problem, SwnbError
from swnb.exchange import VOICE_LOGS_PATH, Request
from swnb.session.answers.belonging import NO_ENTRIES
from swnb.session.answers.outcome import describe, look_or_ask
from swnb.session.answers.replies import DryRun, Reply, VoiceLog, entries_in
from swnb.session.credentials import call_id_problems, hidden_id, revealed_id

if TYPE_CHECKING:
    from swnb.session.session import Session

PAGE_SIZES = range(1, 1001)
MOST_STALE = 10  # pages in a row without anything new


def reading(name: str, path: str, call_id: str | None = None) -> Request:
    """Return the request of a reading, which may always be repeated."""
    return Request(name, "GET", path, repeatable=True, call_id=call_id)


def reading_of_call(
    session: Session, name: str, call_id: Any, tail: str = "", *, unchecked: bool
) -> Request:
    """Return the request that reads one call's log. Raises `InvalidCommand`, which is logged."""
    session.check_open(name)
    call_id = hidden_id(call_id)
    problems = call_id_problems(call_id, unchecked=unchecked)
    if problems:
        error = InvalidCommand(name, problems)
        session.refuse(name, {}, call_id, error)
        raise error
    call_id = revealed_id(call_id)
    return reading(name, f"{VOICE_LOGS_PATH}/{quote(call_id, safe='')}{tail}", call_id)


def entries(page: Reply) -> list[dict[str, Any]]:
    """Return the entries of a page, none in a dry run. Raises `SwnbError` if it has no list of them."""
    return [] if isinstance(page, DryRun) else data_of(page, page.exchange.command)


def data_of(page: Any, command: str) -> list[dict[str, Any]]:
    """Return the entries in the `data` of a page. Raises `SwnbError` if it has none."""
    data = entries_in(page)
    if data is None:
        raise SwnbError(f"{command}: {NO_ENTRIES}", advice=look_or_ask(command))
    return data


class Trail:
    """Where a listing has led; raises `SwnbError` if it goes in a circle, or on without an end.

    Each page may have a fresh link, so what the pages hold is looked at as well.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._paths: set[str] = set()
        self._pages = {hash(())}  # an empty page has nothing new
        self._stale = 0

    def follow(self, path: str) -> str:
        """Remember the link to a page and return it."""
        if path in self._paths:
            raise self._lost("the platform's links lead back to a page already read")
        self._paths.add(path)
        return path

    def take(self, entries: Sequence[Mapping[str, Any]]) -> None:
        """Remember the entries of a page."""
        # One page may come twice: calls that begin in between move the others down.
        page = hash(tuple(str(entry.get("id", entry)) for entry in entries))
        self._stale = self._stale + 1 if page in self._pages else 0
        self._pages.add(page)
        if self._stale == MOST_STALE:
            raise self._lost(
                f"{MOST_STALE} pages in a row were empty or had been read before, and the platform "
                "links to more"
            )

    def _lost(self, what: str) -> SwnbError:
        return SwnbError(f"{self._command}: {what}", advice=look_or_ask(self._command))


def next_page(page: dict[str, Any], host: str) -> str | None:
    """Return the path of the page after this one, None after the last.

    Raises `SwnbError` if the link leads anywhere but to the listing on this host: credentials are
    sent with it.
    """
    links = page.get("links")
    link = links.get("next") if isinstance(links, dict) else None
    if not link:
        return None
    try:
        parts = urlsplit(str(link))
    except ValueError:
        parts = urlsplit("//")
    own_host = parts.netloc.lower() in ("", host.lower())
    if not own_host or parts.path != VOICE_LOGS_PATH:
        raise SwnbError(
            "voice_logs: the link to the next page leads away from the voice logs and was not followed"
        )
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


class VoiceLogs:
    """The voice logs that match a filter, newest first as the platform returns them.

    Iterating reads one page after the other, each when it is needed, and starts over each time.
    `links.next` is followed on the client's own host only; links that lead back, and page after page
    without anything new, raise `SwnbError`.

    Attributes
    ----------
    path : str
        The path of the first page.

    """

    def __init__(self, session: Session, query: dict[str, Any]) -> None:
        self._session = session
        self.path = VOICE_LOGS_PATH + (f"?{urlencode(query)}" if query else "")

    def __iter__(self) -> Iterator[VoiceLog]:
        for page in self.pages():
            shown = page.shown.get("data", ())
            for entry, redacted in zip(entries(page), shown, strict=False):
                # An exchange of its own, so that each entry shows itself and not its page.
                exchange = replace(page.exchange, response=redacted)
                describe(exchange, redacted)
                yield VoiceLog(entry, exchange)

    def pages(self) -> Iterator[Reply]:
        """Yield the pages as they are read, each with `data` and `links`."""
        trail = Trail("voice_logs")
        path: str | None = self.path
        while path:
            page = self._session.read(reading("voice_logs", trail.follow(path)))
            trail.take(entries(page))
            yield page
            path = next_page(page, self._session.host)

    def __repr__(self) -> str:
        return f"<VoiceLogs {self.path} on {self._session.host}, read as you iterate>"


def query_of(**filters: Any) -> dict[str, Any]:
    """Return the query of a listing: booleans as true and false, times in ISO 8601 and UTC.

    A time without a zone is UTC.

    Raises `InvalidCommand` with every problem at once.
    """
    problems = []
    query: dict[str, Any] = {}
    for name, value in filters.items():
        if value is None:
            continue
        if name == "page_size":
            if isinstance(value, bool) or not isinstance(value, int) or value not in PAGE_SIZES:
                problems.append(Problem(name, "must be a whole number from 1 to 1000"))
            query[name] = value
        elif name == "include_deleted":
            if not isinstance(value, bool):
                problems.append(Problem(name, "must be True or False"))
            query[name] = "true" if value else "false"
        else:
            try:
                query[name] = moment(value)
            except ValueError as error:
                problems.append(Problem(name, str(error)))
    problems += _period(query.get("created_after"), query.get("created_before"))
    if problems:
        raise InvalidCommand("voice_logs", problems)
    return {
        name: written(value) if isinstance(value, date) else value for name, value in query.items()
    }


def _period(after: date | None, before: date | None) -> list[Problem]:
    """Return what keeps two bounds from being a period: it would hold nothing."""
    if after is None or before is None or instant(after) < instant(before):
        return []
    return [Problem("created_before", "must be later than created_after; the period is empty")]
