"""The columns of the log's frames: the one table that reading, exporting and docs/log.md use.

They stand in the order of use; of exchanges, a narrow terminal shows the first and the last. Each dtype has one kind of missing value: None among objects, NaN in floats
and categories, NA in `Int64`, NaT among times; `int64` has none. Categories are unordered and hold the labels that occur, in the order in which they were first read. Strings are
`object` (of str and None) under every pandas: only that grows by a row without being copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from swnb.exchange import NANO

Dtype = Literal["int64", "Int64", "float64", "category", "object", "datetime64[us, UTC]"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its dtype and unit as users see it, and where in the file it comes from.

    `sent` and `ended` name the column of each table that fills it; if both do, the reply's value wins.
    `divisor` turns the file's integers into the unit.
    """

    name: str
    dtype: Dtype
    about: str
    unit: str | None = None
    sent: str | None = None
    ended: str | None = None
    divisor: int = 1


COLUMNS = (
    Column("sent_at", "datetime64[us, UTC]", "when it was about to leave", "UTC", sent="sent_at"),
    Column("command", "category", "the command's name on the wire", sent="command"),
    Column(
        "outcome",
        "category",
        "`sent` (open), `accepted`, `rejected` (the platform said no), `failed` (it never arrived), "
        "`unknown` (it may have arrived), `refused` (invalid, not sent), `dry_run` (not sent)",
        ended="outcome",
    ),
    Column("call_status", "category", "the call's status in the answer", ended="call_status"),
    Column("what", "object", "what it says, in one line: an event's JSON, the text that is spoken, the digits that are wanted", sent="what"),
    Column("charge", "float64", "the call's charge so far", "USD", ended="charge_nano", divisor=NANO),
    Column("elapsed_ms", "float64", "time to the answer, retries included", "ms", ended="elapsed_us", divisor=1000),
    Column("error_message", "object", "what went wrong", ended="error_message"),
    Column("call_id", "object", "the call; for a dial, from the reply", sent="call_id", ended="call_id"),
    Column("from", "category", "the calling number or address", sent="from", ended="from"),
    Column("to", "category", "the called number or address", sent="to", ended="to"),
    Column("duration_ms", "Int64", "the call's duration so far", "ms", ended="duration_ms"),
    Column("attempts", "Int64", "how many times it was sent", ended="attempts"),
    Column("type", "category", "the kind of call leg", ended="type"),
    Column("direction", "category", "inbound or outbound, as the platform names it", ended="direction"),
    Column("control_id", "object", "the operation on the call", sent="control_id"),
    Column("request_id", "object", "the platform's id of the request", ended="request_id"),
    Column("run", "category", "the run that sent it", sent="run"),
    Column("space", "category", "`live`, `simulated` or `replayed`", sent="space"),
    Column("error_code", "category", "the first error's code", ended="error_code"),
    Column("http_status", "Int64", "the answer's HTTP status", ended="http_status"),
    Column("id", "int64", "the exchange's number in the log; negative if it is not written yet", sent="id"),
)  # fmt: skip

BODIES = (
    Column("request", "object", "the body as sent, secrets redacted: a dict"),
    Column("response", "object", "the body as received: a dict, or a string that was not JSON"),
)

CALLS = (
    Column("call_id", "object", "the call"),
    Column("run", "category", "the run that dialed it or first touched it"),
    Column("status", "category", "its latest known status"),
    Column("type", "category", "the kind of call leg"),
    Column("direction", "category", "inbound or outbound, as the platform names it"),
    Column("from", "category", "the calling number or address"),
    Column("to", "category", "the called number or address"),
    Column("charge", "float64", "its latest known charge; 0 if it was replayed", "USD"),
    Column("duration_ms", "Int64", "its latest known duration", "ms"),
    Column("created", "datetime64[us, UTC]", "when an exchange first named it", "UTC"),
    Column("updated", "datetime64[us, UTC]", "when the latest exchange about it was sent", "UTC"),
    Column(
        "exchanges",
        "int64",
        "how many exchanges were about it; 0 for a call that only a sync has read",
    ),
)

CHARGES = (
    Column("call_id", "object", "the call"),
    Column("description", "category", "what the line charges for"),
    Column("charge", "float64", "the line's amount; 0 if it was replayed", "USD"),
)

EVENTS = (
    Column("id", "int64", "the exchange"),
    Column("sent_at", "datetime64[us, UTC]", "when it was about to leave", "UTC"),
    Column("call_id", "object", "the call"),
    Column("outcome", "category", "as in the exchanges"),
    Column("event", "object", "the event: a dict"),
    Column(
        "heard_at", "datetime64[us, UTC]", "when it was first heard; missing if it was not", "UTC"
    ),
)

HEARD = (
    Column(
        "time", "datetime64[us, UTC]", "when it was sent or heard: the order of the rows", "UTC"
    ),
    Column("direction", "category", "`sent` or `heard`"),
    Column(
        "source", "category", "`command`, `relay`, `callback`, `voice_log`, `listener` or `wait`"
    ),
    Column("kind", "category", "the command, or what the event is about: `state`, `play`, `gap` …"),
    Column("state", "category", "the outcome of a command; the state of a call, operation or wait"),
    Column("call_id", "object", "the call, None if it is not known"),
    Column("control_id", "object", "the operation on the call"),
    Column("at", "datetime64[us, UTC]", "the event's own time", "UTC"),
    Column("body", "object", "the parameters that were sent, or heard"),
    Column("type", "category", "the name on the wire"),
    Column("signed", "object", "whether the signature was right, None if there was none to check"),
    Column("repeats", "int64", "how often it came again"),
    Column("run", "category", "the run"),
    Column("id", "int64", "its number among the exchanges, or among the events"),
)

TIMELINE = (
    Column("elapsed", "float64", "time since the first step", "s"),
    Column("since", "float64", "time since the step before", "s"),
    Column("direction", "category", "`sent`, `reply`, `heard`, or `known` for what was charged"),
    Column("source", "category", "as in `events()`; several that tell the same are joined by ` + `"),
    Column("kind", "category", "the command, or what the event is about; `charge` at the end"),
    Column("state", "category", "the outcome of a command, the call's status in its reply, an event's state"),
    Column("control_id", "object", "the operation on the call"),
    Column("told", "object", "what it says, in one line"),
    Column("charge", "float64", "the call's charge so far", "USD"),
    Column("call_id", "object", "the leg"),
    Column(
        "at",
        "datetime64[us, UTC]",
        "its place on the call's clock, which is virtual in a simulated space",
        "UTC",
    ),
    Column("seen_at", "datetime64[us, UTC]", "when it was sent or heard", "UTC"),
    Column("repeats", "int64", "how often it came again"),
    Column("id", "object", "its number among the exchanges, or among the events"),
    Column("body", "object", "what was sent, answered or heard"),
)  # fmt: skip

RUNS = (
    Column("name", "object", "the run"),
    Column("started_at", "datetime64[us, UTC]", "when it first began", "UTC"),
    Column("space", "category", "`live`, `simulated` or `replayed`"),
    Column("exchanges", "int64", "how many exchanges it has"),
    Column("errors", "int64", "how many were rejected, refused, failed or unknown"),
    Column(
        "charge", "float64", "the latest charges of the calls that it was the first to touch", "USD"
    ),
    Column("mode", "object", "`live`, `simulated`, `replayed`, or `dry` for a rehearsal"),
    Column("host", "object", "the space's host"),
    Column("project", "object", "the project, masked"),
    Column("note", "object", "its note"),
    Column("notebook", "object", "the notebook, if its name is known"),
    Column("parameters", "object", "its parameters: a dict"),
    Column("commit", "object", "the Git commit that was checked out"),
    Column("dirty", "object", "whether files differed from that commit"),
    Column("python", "object", "the version of Python"),
    Column("swnb", "object", "the version of swnb"),
    Column("packages", "object", "the versions of the packages that matter for a run: a dict"),
)
