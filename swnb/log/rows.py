"""Between `Exchange` and the rows of the log: what is written at the start and at the end.

`Sent` and `Ended` are the two halves of an exchange as they are inserted, or as they are kept in
memory while the file cannot be written. Nothing here opens, locks or commits.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from swnb.exchange import Exchange
from swnb.visible import whole

SENT = ("run", "sent_at", "command", "call_id", "control_id", "space", "from", "to")
ENDED = (
    "outcome",
    "call_id",
    "http_status",
    "call_status",
    "type",
    "direction",
    "from",
    "to",
    "charge_nano",
    "duration_ms",
    "error_code",
    "error_message",
    "attempts",
    "elapsed_us",
    "request_id",
)


def _attribute(column: str) -> str:
    return "from_" if column == "from" else column


_sent_values = attrgetter(*map(_attribute, SENT))
_ended_values = attrgetter(*map(_attribute, ENDED))


@dataclass(slots=True)
class Sent:
    """What is about to leave; `id` is negative, and stands for it until the file gives it one."""

    id: int
    row: tuple[Any, ...]
    body: str | None


@dataclass(slots=True)
class Ended:
    """How an exchange ended; `charges` are (call_id, description, nano-dollars)."""

    exchange: int
    row: tuple[Any, ...]
    body: str | None
    charges: list[tuple[str | None, str, int]]


Half = Sent | Ended
# Made once: `json.dumps` makes one for each call that is not its default.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
# How deep a body that JSON cannot hold is followed: it may contain itself.
_DEPTH = 50
# Runs one SELECT with its values and gives all rows.
Read = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


def sent_half(exchange: Exchange, provisional: int) -> Sent:
    """Take what is known before an exchange leaves."""
    return Sent(provisional, _sent_values(exchange), to_json(exchange.request))


def ended_half(exchange: Exchange, id_: int) -> Ended:
    """Take what is known after the exchange with this id, provisional or not, ended."""
    charges = [(exchange.call_id, *line) for line in exchange.charges]
    return Ended(id_, _ended_values(exchange), to_json(exchange.response), charges)


def names(table: str, columns: Iterable[str]) -> str:
    """Spell columns for SQL: `from` and `to` are its own words."""
    return ", ".join(f'{table}."{column}"' for column in columns)


def _insert(table: str, columns: Sequence[str]) -> str:
    spelt = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({spelt}) VALUES ({marks})"  # noqa: S608 - names of our own


_INSERT_SENT = _insert("sent", SENT)
_INSERT_ENDED = _insert("ended", ("exchange", *ENDED))
_INSERT_REQUEST = _insert("requests", ("exchange", "body"))
_INSERT_RESPONSE = _insert("responses", ("ended", "body"))
_INSERT_CHARGE = _insert("charge_lines", ("ended", "call_id", "description", "charge_nano"))

_SELECT_SENT = f"""
    SELECT {names("sent", SENT)}, body
    FROM sent LEFT JOIN requests ON requests.exchange = sent.id WHERE sent.id = ?
"""  # noqa: S608 - names of our own
_SELECT_ENDED = f"""
    SELECT ended.id, {names("ended", ENDED)}, body
    FROM ended LEFT JOIN responses ON responses.ended = ended.id
    WHERE ended.exchange = ? ORDER BY ended.id
"""  # noqa: S608 - names of our own
_SELECT_CHARGES = "SELECT call_id, description, charge_nano FROM charge_lines WHERE ended = ?"


def insert_sent(connection: sqlite3.Connection, half: Sent) -> int:
    """Insert the first half and give the exchange's id."""
    key = _execute(connection, _INSERT_SENT, half.row)
    if half.body is not None:
        connection.execute(_INSERT_REQUEST, (key, half.body))
    return key


def insert_ended(connection: sqlite3.Connection, exchange: int, half: Ended) -> None:
    """Insert the second half of the exchange with this id."""
    key = _execute(connection, _INSERT_ENDED, (exchange, *half.row))
    if half.body is not None:
        connection.execute(_INSERT_RESPONSE, (key, half.body))
    for line in half.charges:
        _execute(connection, _INSERT_CHARGE, (key, *line))


def _execute(connection: sqlite3.Connection, sql: str, values: tuple[Any, ...]) -> int:
    try:
        cursor = connection.execute(sql, values)
    except (OverflowError, UnicodeEncodeError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        # A reply is not ours to trust: a number past 64 bits must not cost the rest of its row.
        cursor = connection.execute(sql, tuple(map(_storable, values)))
    return int(cursor.lastrowid or 0)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    return value if value is None or isinstance(value, float) else str(value)


def to_json(body: Any) -> str | None:
    """Write a body as JSON text; what JSON has no form for is named, not lost or raised.

    A refused command may hold anything that a user can type.
    """
    if body is None:
        return None
    try:
        return _encode(body)
    except (TypeError, ValueError, RecursionError):
        return _encode(_plain(body, _DEPTH))


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth and isinstance(value, Mapping):
        return {str(key): _plain(item, depth - 1) for key, item in value.items()}
    if depth and isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value]
    return f"<{type(value).__name__}>"


def from_json(body: str | None) -> Any:
    """Read a stored body."""
    return None if body is None else json.loads(body)


def shown_json(body: str | None) -> Any:
    """Read a stored body for a frame, which could not be shown with half of a surrogate pair."""
    value = from_json(body)
    return whole(value) if body and "\\u" in body else value


def read_exchange(read: Read, kept: Sequence[Half], key: int) -> Exchange | None:
    """Put one exchange together from the file and the kept rows; None where there is none."""
    rows = read(_SELECT_SENT, (key,))
    starts = [Sent(key, row[:-1], row[-1]) for row in rows]
    starts += [half for half in kept if isinstance(half, Sent) and half.id == key]
    if not starts:
        return None
    ends = [
        Ended(key, row[1:-1], row[-1], read(_SELECT_CHARGES, row[:1]))
        for row in read(_SELECT_ENDED, (key,))
    ]
    ends += [half for half in kept if isinstance(half, Ended) and half.exchange == key]
    return joined(starts[0], ends[-1] if ends else None)


def joined(sent: Sent, ended: Ended | None) -> Exchange:
    """Put an exchange together from its halves."""
    known = dict(zip(map(_attribute, SENT), sent.row, strict=True))
    known |= {"id": sent.id, "request": from_json(sent.body)}
    if ended:
        later = zip(map(_attribute, ENDED), ended.row, strict=True)
        known |= {name: value for name, value in later if value is not None}
        known["response"] = from_json(ended.body)
        known["charges"] = [(description, nano) for _, description, nano in ended.charges]
    return Exchange(**known)
