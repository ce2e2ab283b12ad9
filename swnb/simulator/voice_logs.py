"""The voice-log endpoints of a simulated space: a list in pages, one log, and its events.

A page is found by position, not by counting: its token says before or after which call it lies, so
pages neither repeat nor skip while new calls arrive. The log of a call has the call's id.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlencode

from swnb.exchange import VOICE_LOGS_PATH
from swnb.simulator.answers import error, reject_all
from swnb.simulator.calls import Call, Moment
from swnb.simulator.legs import leg, timestamp

_PAGE_SIZE = 50
_LARGEST_PAGE = 1000
_NUMBER = re.compile(r"[0-9]{1,9}")
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in the list: the page of calls older, or newer, than the call of this number."""

    newer: bool
    number: int

    def token(self, seed: int) -> str:
        """Return it as an opaque page token."""
        place = (self.number << 1 | self.newer).to_bytes(8, "big")
        check = hashlib.sha256(b"%d" % seed + place).digest()[:8]
        return f"PA{uuid.UUID(bytes=place + check)}"

    @classmethod
    def read(cls, token: str, seed: int) -> Cursor | None:
        """Return the place that a page token stands for, None if it is not one of this space."""
        try:
            place = int.from_bytes(uuid.UUID(token.removeprefix("PA")).bytes[:8], "big")
        except ValueError:
            return None
        cursor = cls(bool(place & 1), place >> 1)
        return cursor if cursor.token(seed) == token else None


@dataclass(frozen=True, slots=True)
class Query:
    """The parameters of the list, checked; `filters` are those of the filters as they were sent."""

    page_number: int
    page_size: int
    cursor: Cursor | None
    include_deleted: bool
    tests: Sequence[Callable[[Call], bool]]
    filters: Mapping[str, str]

    def wants(self, call: Call) -> bool:
        """Return whether a call belongs in the list."""
        return (self.include_deleted or call.discarded_at is None) and all(
            test(call) for test in self.tests
        )


def read_query(sent: Mapping[str, str], seed: int) -> Query:
    """Read the parameters of the list, or reject them with everything that is wrong."""
    readers = {**_READERS, "page_token": _Reader(partial(Cursor.read, seed=seed), *_TOKEN)}
    values = {
        name: reader.read(sent[name]) if name in sent else reader.otherwise
        for name, reader in readers.items()
    }
    broken = [
        error(readers[name].code, readers[name].message, name)
        for name in sent
        if name in readers and values[name] is None
    ]
    if values["page_number"] and "page_token" not in sent:
        broken.append(error("page_token_required", "is required beyond page 0", "page_token"))
    if broken:
        raise reject_all(broken)
    return Query(
        values["page_number"],
        values["page_size"],
        values["page_token"],
        values["include_deleted"],
        _tests(values["created_before"], values["created_after"], values["created_on"]),
        {name: sent[name] for name in _FILTERS if name in sent},
    )


def _whole(text: str, least: int, most: int | None = None) -> int | None:
    if not _NUMBER.fullmatch(text):
        return None
    value = int(text)
    return value if value >= least and (most is None or value <= most) else None


def _time(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _tests(
    before: datetime | None, after: datetime | None, on: datetime | None
) -> list[Callable[[Call], bool]]:
    tests: list[Callable[[Call], bool]] = []
    if before:
        tests.append(lambda call: call.created_at < before)
    if after:
        tests.append(lambda call: call.created_at > after)
    if on:
        tests.append(lambda call: call.created_at.date() == on.date())
    return tests


class _Reader(NamedTuple):
    """How a parameter of the list is read: None means that it cannot be."""

    read: Callable[[str], Any]
    code: str
    message: str
    otherwise: Any = None


_TIME = _Reader(_time, "not_a_datetime", "must be an ISO 8601 date or time")
_TOKEN = ("page_token_is_invalid", "is not a page token of this space")
_READERS = {
    "page_number": _Reader(
        partial(_whole, least=0), "invalid_parameter", "must be a whole number of at least 0", 0
    ),
    "page_size": _Reader(
        partial(_whole, least=1, most=_LARGEST_PAGE),
        "invalid_parameter",
        f"must be a whole number from 1 to {_LARGEST_PAGE}",
        _PAGE_SIZE,
    ),
    "include_deleted": _Reader(_BOOLEANS.get, "not_a_boolean", "must be true or false", False),
    "created_before": _TIME,
    "created_after": _TIME,
    "created_on": _TIME,
}
# The fields that the log of a call has, and those of other kinds have not.
_LACKING = {
    "video_room_pstn_leg": ("billing_ms", "parent_id"),
    "video_room_sip_leg": ("billing_ms", "parent_id"),
    "dialogflow_call": ("direction", "duration_ms", "billing_ms", "parent_id"),
}
_FILTERS = [name for name in _READERS if not name.startswith("page_")]


def page(calls: Sequence[Call], query: Query, base: str, seed: int) -> tuple[list[Call], Any]:
    """Return the calls of one page, newest first, and its links; `base` is the scheme and host."""
    cursor = query.cursor
    if cursor and cursor.newer:
        newer = (calls[index] for index in range(cursor.number + 1, len(calls)))
        shown = list(islice(filter(query.wants, newer), query.page_size))[::-1]
    else:
        older = _before(calls, cursor.number if cursor else len(calls))
        shown = list(islice(filter(query.wants, older), query.page_size))
    return shown, _links(calls, shown, query, base, seed)


def _before(calls: Sequence[Call], number: int) -> Iterator[Call]:
    return (calls[index] for index in range(number - 1, -1, -1))


def _links(
    calls: Sequence[Call], shown: Sequence[Call], query: Query, base: str, seed: int
) -> dict[str, str]:
    def link(number: int | None, cursor: Cursor | None) -> str:
        place = {} if number is None else {"page_number": number}
        token = {"page_token": cursor.token(seed)} if cursor else {}
        parameters = {**place, "page_size": query.page_size, **query.filters, **token}
        return f"{base}{VOICE_LOGS_PATH}?{urlencode(parameters)}"

    links = {"self": link(query.page_number, query.cursor), "first": link(None, None)}
    if shown and any(map(query.wants, _before(calls, shown[-1].number))):
        links["next"] = link(query.page_number + 1, Cursor(newer=False, number=shown[-1].number))
    if shown and query.page_number > 0:
        links["prev"] = link(query.page_number - 1, Cursor(newer=True, number=shown[0].number))
    return links


def entry(call: Call, moment: Moment) -> dict[str, Any]:
    """Return a call as its voice log: all of its leg, or what is left of a deleted one."""
    if call.discarded_at is not None:
        return {
            "id": call.id,
            "discarded_at": timestamp(call.discarded_at),
            "created_at": timestamp(call.created_at),
        }
    shown = leg(call, moment) | {"url": None} | call.particulars
    for name in _LACKING.get(shown["type"], ()):
        del shown[name]
    return shown


def events(call: Call, project: str) -> list[dict[str, Any]]:
    """Return what happened on a call, oldest first."""
    return [
        {
            "event_at": timestamp(event.at),
            "level": "error" if event.name == "calling_call_failed" else "info",
            "name": event.name,
            "details": event.details,
            "project_id": project,
            "log_id": call.id,
        }
        for event in call.events
    ]
