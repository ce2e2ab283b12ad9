"""One command and its outcome: the row of the log, the line of a recording, the input of a replay.

`Request` and `Response` cross the transport seam and may contain secrets; an `Exchange` is their
record, redacted once, when it is created. Money is an integer number of nano-dollars, and a time is
an integer number of microseconds since 1970 in UTC.
"""

from __future__ import annotations

import json
import re
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pandas import Series

CALLS_PATH = "/api/calling/calls"
VOICE_LOGS_PATH = "/api/voice/logs"
CALLBACKS = "swnb:callbacks"  # in logs and recordings, for the URL of a receiver of callbacks
DIALS = ("dial", "calling.dial")  # what starts a call: over REST, and over RELAY
DEFAULT_LOG = "swnb-log.sqlite"  # in the working directory, unless log= names another file

Space = Literal["live", "simulated", "replayed"]

Outcome = Literal[
    "sent",  # open: it left, or was about to, and nothing more is known
    "accepted",  # the platform accepted it
    "rejected",  # the platform rejected it
    "failed",  # it never arrived
    "unknown",  # it may have arrived
    "refused",  # swnb refused it as invalid; it was not sent
    "dry_run",  # valid, and not sent because the client is a dry run
]

# What an outcome says about the platform: one place for every module that asks.
NEVER_SENT: tuple[Outcome, ...] = ("refused", "dry_run")
NEVER_ARRIVED: tuple[Outcome, ...] = (*NEVER_SENT, "failed")
MAY_HAVE_WORKED: tuple[Outcome, ...] = ("sent", "accepted", "unknown")
SENDING_FAILED: tuple[Outcome, ...] = ("rejected", "failed", "unknown")
ERRORS: tuple[Outcome, ...] = (*SENDING_FAILED, "refused")

# The statuses of a call that has ended and is not charged any more.
OVER = frozenset({"ended", "completed", "failed", "busy", "no-answer", "canceled"})

NANO = 1_000_000_000
_LARGEST = 2**63 - 1
_EXACT = 2**53  # integers below it are exact in a double
REQUEST_ID_HEADERS = ("x-request-id", "x-signalwire-request-id", "request-id", "x-amzn-requestid")


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request that is about to be sent, and the command it carries.

    `command` is the wire name (`calling.play`) or the name of a reading (`voice_log`); `params` is
    exactly what is sent, secrets included, so the repr shows neither `params` nor `body`.
    """

    command: str
    method: Literal["GET", "POST"]
    path: str
    repeatable: bool
    call_id: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """The HTTP answer to the last of `attempts`, after `elapsed` seconds in total.

    `doubt` says why it was not accepted as the request's answer when it was recorded.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    attempts: int = 1
    elapsed: float = 0.0
    doubt: str | None = None

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request, from the first header that has one."""
        return next(
            (self.headers[name] for name in REQUEST_ID_HEADERS if name in self.headers), None
        )


class Transport(Protocol):
    """The seam between a client and a space: live, simulated or replayed."""

    space: Space
    host: str

    def send(self, request: Request) -> Response:
        """Send one request and return the answer, or raise `TransportFailure`."""
        ...

    def renew(self) -> None:
        """Close idle connections: an answer did not belong to its request, or was unreadable."""
        ...

    def close(self) -> None:
        """Close all connections."""
        ...


class TransportFailure(Exception):
    """No answer came; the client turns this into the error that people see.

    `arrived` is False if the request certainly never left.
    """

    def __init__(self, reason: str, *, arrived: bool, attempts: int, elapsed: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.arrived = arrived
        self.attempts = attempts
        self.elapsed = elapsed


@dataclass(slots=True)
class Exchange:
    """The redacted record of one command and how it ended.

    `request` is the body as sent (`{"command": …, "id": …, "params": …}`) and `response` the body
    as received: JSON, or text if it was not JSON. Its numbers are the platform's own.
    """

    command: str
    space: Space
    sent_at: int
    call_id: str | None = None
    control_id: str | None = None
    from_: str | None = None
    to: str | None = None
    request: Any = None
    id: int | None = None
    run: str | None = None
    outcome: Outcome = "sent"
    http_status: int | None = None
    call_status: str | None = None
    type: str | None = None
    direction: str | None = None
    charge_nano: int | None = None
    duration_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None
    attempts: int = 0
    elapsed_us: int | None = None
    request_id: str | None = None
    response: Any = None
    charges: list[tuple[str, int]] = field(default_factory=list)

    @property
    def charge(self) -> float | None:
        """The charge in US dollars, None if there is none."""
        return None if self.charge_nano is None else self.charge_nano / NANO

    @property
    def sent(self) -> datetime:
        """When it was about to be sent, in UTC."""
        return datetime.fromtimestamp(self.sent_at / 1e6, UTC)

    @property
    def elapsed_ms(self) -> float | None:
        """How long it took in milliseconds, including retries; None if it has not ended."""
        return None if self.elapsed_us is None else self.elapsed_us / 1000


def read_money(value: Any) -> int | None:
    """Return an amount of US dollars as whole nano-dollars, or None if it is not an amount.

    A float is read by its shortest text, which is the platform's own text for a charge of at most
    15 significant digits. Fractions of a nano-dollar are rounded, halves away from zero. An amount
    too large for the log counts as none.
    """
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return None
    try:
        nano = int((Decimal(str(value)) * NANO).to_integral_value(ROUND_HALF_UP))
    except (ArithmeticError, ValueError):
        return None
    return nano if abs(nano) <= _LARGEST else None


def whole(value: Any) -> int | None:
    """Return a whole number, written as 9638 or 9638.0 in JSON, and None for anything else.

    A number too large for the log counts as none.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) <= _LARGEST else None


def dollars(nano: Series[Any]) -> Series[Any]:
    """Return whole nano-dollars as the nearest US dollars (float64), NaN for missing ones."""
    if (nano.abs() >= _EXACT).any():  # a quotient of Python's integers is rounded once
        amounts = nano.astype(object).map(lambda amount: amount / NANO, na_action="ignore")
        return amounts.where(nano.notna(), float("nan")).astype("float64")
    return nano.astype("float64") / NANO


def short_name(command: Any) -> str:
    """Return a command's name without its prefix: `play_pause` for `calling.play.pause`."""
    return str(command).removeprefix("calling.").replace(".", "_")


def now() -> int:
    """Return the present time in microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def refuse_constant(name: str) -> Any:
    """Raise `ValueError` for NaN and infinity, which Python's `json` reads as numbers."""
    message = f"{name} is not valid JSON"
    raise ValueError(message)


# One decoder for all calls: `json.loads` would make one for each.
_DECODER = json.JSONDecoder(parse_constant=refuse_constant)


def loads(body: bytes) -> Any:
    """Return the value of a JSON text. Raise `ValueError` for anything else, also NaN and infinity."""
    try:
        return _DECODER.decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None


# A number as JSON writes it.
JSON_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
