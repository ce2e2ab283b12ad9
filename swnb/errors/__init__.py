"""Everything that swnb raises or warns about.

::

    SwnbError
    ├── ConfigurationError      credentials, host or an option are missing or malformed
    ├── InvalidCommand          swnb refused the command before sending; every problem and its path
    │   ├── UnknownCommand      there is no such command; the message names the closest one
    │   └── BudgetExceeded      a dial that could cost more than is left of the run's budget
    ├── InvalidSwml             swnb refused a SWML document; every problem and its path
    ├── SendError               a request was sent, or could not be sent; carries its exchange
    │   ├── ApiError            the platform rejected the request (400 to 422), errors explained
    │   ├── RateLimited         HTTP 429 to the last attempt
    │   ├── Unavailable         HTTP 503 to the last attempt; the command was not carried out
    │   ├── Redirected          the host answered with a redirect, which is never followed
    │   ├── ConnectionFailed    no connection: the platform has not received the request
    │   └── OutcomeUnknown      the request left, and no readable answer to it came back
    │       └── UnreadableReply     the answer is not the platform's JSON
    ├── LogError                the log file is damaged, or newer than this swnb
    │   └── DamagedRow          a row that cannot be read in full: a warning, the rest is shown
    ├── NotCopied               a client, call or log cannot be pickled or copied (a TypeError)
    ├── DamagedTables           a folder of Parquet tables has torn or foreign files
    ├── RecordingError          a recording is torn, edited, too new, or contains a secret
    ├── WaitTimeout             what was waited for did not come in time; lists what did
    ├── CallOver                what was waited for can no longer come: the call is over
    ├── NoRecording             a replay was asked for something that was not recorded
    └── RunsDiffer              two runs that should be the same differ (an AssertionError)

    SwnbWarning (a UserWarning)
    ├── LogWarning              the log cannot be written, or its file system is unfit for it
    └── RecordingWarning        a recording has requests that are no longer valid

A message says what happened, where, and what to do. It never echoes an input, because inputs may
be secret; the exceptions are names (of a run, a file, a command) and the number in E.164 that
another spelling likely means. In a notebook an error prints as one short block, through IPython's
`_render_traceback_` hook, and displays as a card.
"""

from __future__ import annotations

from swnb.errors.base import ConfigurationError, NotCopied, SwnbError, SwnbWarning
from swnb.errors.commands import (
    BudgetExceeded,
    InvalidCommand,
    InvalidSwml,
    Problem,
    UnknownCommand,
)
from swnb.errors.records import (
    DamagedRow,
    DamagedTables,
    LogError,
    LogWarning,
    NoRecording,
    RecordingError,
    RecordingWarning,
    RunsDiffer,
)
from swnb.errors.sending import (
    ApiError,
    ApiProblem,
    ConnectionFailed,
    OutcomeUnknown,
    RateLimited,
    Redirected,
    SendError,
    Unavailable,
    UnreadableReply,
)
from swnb.errors.waiting import CallOver, WaitTimeout

__all__ = [
    "ApiError",
    "ApiProblem",
    "BudgetExceeded",
    "CallOver",
    "ConfigurationError",
    "ConnectionFailed",
    "DamagedRow",
    "DamagedTables",
    "InvalidCommand",
    "InvalidSwml",
    "LogError",
    "LogWarning",
    "NoRecording",
    "NotCopied",
    "OutcomeUnknown",
    "Problem",
    "RateLimited",
    "RecordingError",
    "RecordingWarning",
    "Redirected",
    "RunsDiffer",
    "SendError",
    "SwnbError",
    "SwnbWarning",
    "Unavailable",
    "UnknownCommand",
    "UnreadableReply",
    "WaitTimeout",
]
