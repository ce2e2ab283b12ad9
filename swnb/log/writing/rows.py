"""Conversion between `Exchange` and the rows of the log.

`Sent` and `Ended` are the two halves of an exchange as they are inserted, or kept in memory while the
file cannot be written. Nothing here opens, locks or commits.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, get_args

from swnb.event import Source, said
from swnb.exchange import DIALS, Exchange, Outcome, Space
from swnb.log.odd_cells import Odd, WarnOf, read_json, readable_row
from swnb.log.writing.sqlite_errors import IGNORED, FileUnavailable

# `what` is derived from the body when a row is written, so that a frame never reads bodies.
SENT = ("run", "sent_at", "command", "call_id", "control_id", "space", "from", "to", "what")
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
_COMMAND, _SPACE = SENT.index("command"), SENT.index("space")


def _attribute(column: str) -> str:
    return "from_" if column == "from" else column


_sent_values = attrgetter(*map(_attribute, SENT[:-1]))
_ended_values = attrgetter(*map(_attribute, ENDED))


@dataclass(slots=True)
class Sent:
    """What is about to be sent; its `id` is negative until the file assigns one."""

    id: int
    row: tuple[Any, ...]
    body: str | None

    @property
    def lasting(self) -> bool:
        """Whether it must survive a loss of power, because it may start a call."""
        return bool(self.row[_COMMAND] in DIALS and self.row[_SPACE] != "replayed")


@dataclass(slots=True)
class Ended:
    """How an exchange ended; `charges` are (call_id, description, nano-dollars)."""

    exchange: int
    row: tuple[Any, ...]
    body: str | None
    charges: list[Line]


Half = Sent | Ended
Line = tuple[str | None, str, int]
# Made once: `json.dumps` makes one for each call with other options.
_encode = json.JSONEncoder(allow_nan=False, separators=(",", ":")).encode
# How deep a body that is not JSON is followed: it may contain itself.
_DEPTH = 50
# Defaults for odd cells that an exchange needs: it may have been sent and cost something.
_UNKNOWN = {"sent_at": 0, "command": "", "space": "live"}
_LABELS = {"outcome": get_args(Outcome), "space": get_args(Space), "source": get_args(Source)}
# Runs one SELECT with its values and returns all rows.
Read = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]


def sent_half(exchange: Exchange, provisional: int) -> Sent:
    """Return what is known before an exchange is sent."""
    body = to_json(exchange.request)
    what = what_of(exchange.command, body)
    return Sent(provisional, (*_sent_values(exchange), what), body)


def what_of(command: Any, body: Any) -> str | None:
    """Return what a command with this body (JSON text) says, None if it says nothing that can be read."""
    try:
        return said(command, json.loads(body)) or None
    except (TypeError, ValueError, AttributeError, RecursionError):
        return None


def ended_half(exchange: Exchange, id_: int) -> Ended:
    """Return what is known after the exchange with this id, provisional or not, ended."""
    charges = [(exchange.call_id, *line) for line in exchange.charges]
    return Ended(id_, _ended_values(exchange), to_json(exchange.response), charges)


def names(table: str, columns: Iterable[str]) -> str:
    """Return columns quoted for SQL: `from` and `to` are keywords."""
    return ", ".join(f'{table}."{column}"' for column in columns)


def insertion(table: str, columns: Sequence[str]) -> str:
    """Return the SQL that inserts a row with these columns."""
    spelt = ", ".join(f'"{column}"' for column in columns)
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({spelt}) VALUES ({marks})"  # noqa: S608 - names of our own


_INSERT_SENT = insertion("sent", SENT)
_INSERT_ENDED = insertion("ended", ("exchange", *ENDED))
_INSERT_REQUEST = insertion("requests", ("exchange", "body"))
_INSERT_RESPONSE = insertion("responses", ("ended", "body"))
_INSERT_CHARGE = insertion("charge_lines", ("ended", "call_id", "description", "charge_nano"))

# One exchange per row, as `exchange_of` reads it; its latest end counts.
SELECT_EXCHANGES = f"""
    SELECT sent.id, {names("sent", SENT)}, requests.body, ended.id, {names("ended", ENDED)},
        responses.body
    FROM sent
    LEFT JOIN requests ON requests.exchange = sent.id
    LEFT JOIN ended ON ended.id = (SELECT max(id) FROM ended WHERE exchange = sent.id)
    LEFT JOIN responses ON responses.ended = ended.id
"""  # noqa: S608 - names of our own
_CUT = len(SENT) + 2
_ONE = SELECT_EXCHANGES + " WHERE sent.id = ?"
CHARGE_LINE = ("call_id", "description", "charge_nano")
_CHARGES = f"SELECT id, {names('charge_lines', CHARGE_LINE)} FROM charge_lines WHERE ended = ?"  # noqa: S608 - names of our own


def insert_sent(connection: sqlite3.Connection, half: Sent) -> int:
    """Insert the first half and return the exchange's id."""
    key = execute(connection, _INSERT_SENT, half.row)
    if half.body is not None:
        execute(connection, _INSERT_REQUEST, (key, half.body))
    return key


def insert_ended(connection: sqlite3.Connection, exchange: int, half: Ended) -> int:
    """Insert the second half of the exchange with this id, and return its own."""
    key = execute(connection, _INSERT_ENDED, (exchange, *half.row))
    if half.body is not None:
        execute(connection, _INSERT_RESPONSE, (key, half.body))
    for line in half.charges:
        execute(connection, _INSERT_CHARGE, (key, *line))
    return key


def execute(connection: sqlite3.Connection, sql: str, values: tuple[Any, ...]) -> int:
    """Insert one row and return its id. Raises `FileUnavailable` if a trigger drops it."""
    try:
        cursor = connection.execute(sql, values)
    except (OverflowError, UnicodeEncodeError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
        # A reply cannot be trusted: a number above 64 bits must not lose the rest of its row.
        cursor = connection.execute(sql, tuple(map(_storable, values)))
    if cursor.rowcount != 1:  # RAISE(IGNORE); the id would be that of another row
        raise FileUnavailable(*IGNORED)
    return int(cursor.lastrowid or 0)


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else None
    return value if value is None or isinstance(value, float) else str(value)


def to_json(body: Any) -> str | None:
    """Return a body as JSON text; values that JSON cannot represent are replaced by their type's name.

    A refused command may contain anything that a user can type.
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


def read_exchange(
    read: Read, warn_of: WarnOf, unwritten: Sequence[Half], key: int
) -> Exchange | None:
    """Return one exchange from the file and the unwritten rows, or None if there is none."""
    rows, odd = read(_ONE, (key,)), list[Odd]()
    sent, ended = _halves(rows[0], odd) if rows else (None, None)
    if ended:
        ended.charges = charge_lines(read(_CHARGES, (rows[0][_CUT],)), odd)
    for half in unwritten:
        if isinstance(half, Sent) and half.id == key:
            sent = half
        elif isinstance(half, Ended) and half.exchange == key:
            ended = half
    exchange = _joined(sent, ended, odd) if sent else None
    warn_of(odd)
    return exchange


def exchange_of(row: tuple[Any, ...], odd: list[Odd]) -> Exchange:
    """Return the exchange of a row, without its charge lines; odd cells are added to `odd`."""
    return _joined(*_halves(row, odd), odd)


def charge_lines(rows: Iterable[tuple[Any, ...]], odd: list[Odd]) -> list[Line]:
    """Return the charge lines of rows with their ids; those without an amount are left out."""
    lines = [readable_row("charge_lines", row[0], CHARGE_LINE, row[1:], odd) for row in rows]
    return [(call_id, text or "", nano) for call_id, text, nano in lines if nano is not None]


def _halves(row: tuple[Any, ...], odd: list[Odd]) -> tuple[Sent, Ended | None]:
    key, end = row[0], row[_CUT]
    values = labelled("sent", key, SENT, row[1 : _CUT - 1], odd)
    sent = Sent(key, values, row[_CUT - 1])
    if end is None:
        return sent, None
    values = labelled("ended", end, ENDED, row[_CUT + 1 : -1], odd)
    return sent, Ended(end, values, row[-1], [])


def labelled(
    table: str, row: int, columns: Sequence[str], values: Sequence[Any], odd: list[Odd]
) -> tuple[Any, ...]:
    """Return a row as `readable_row` does, without labels that no exchange or event can have."""
    checked = list(readable_row(table, row, columns, values, odd))
    for place, column in enumerate(columns):
        if checked[place] is not None and checked[place] not in _LABELS.get(
            column, (checked[place],)
        ):
            if checked[place] is values[place]:
                odd.append(Odd(table, row, column, "is not a known value"))
            checked[place] = None
    return tuple(checked)


def _joined(sent: Sent, ended: Ended | None, odd: list[Odd]) -> Exchange:
    """Return the exchange of two halves; a value in the later half wins if it has one."""
    facts = dict(zip(map(_attribute, SENT), sent.row, strict=True))
    del facts["what"]
    facts = {name: _UNKNOWN.get(name) if value is None else value for name, value in facts.items()}
    facts |= {"id": sent.id, "request": read_json("requests", sent.id, "body", sent.body, odd)}
    if ended:
        later = zip(map(_attribute, ENDED), ended.row, strict=True)
        facts |= {name: value for name, value in later if value is not None}
        facts["response"] = read_json("responses", ended.exchange, "body", ended.body, odd)
        facts["charges"] = [(description, nano) for _, description, nano in ended.charges]
    return Exchange(**facts)
