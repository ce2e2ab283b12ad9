"""Everything that swnb raises or warns about.

::

    SwnbError
    ├── ConfigurationError      credentials, host or an option are missing or malformed
    ├── InvalidCommand          refused before anything was sent; every problem with its path
    │   ├── UnknownCommand      no such command; the closest name is given
    │   └── BudgetExceeded      a dial that could cost more than the run's budget has left
    ├── SendError               a request left, or tried to; carries its exchange
    │   ├── ApiError            the platform said no (400 to 422), with its errors explained
    │   ├── RateLimited         429 to the last attempt
    │   ├── Unavailable         503 to the last attempt, with word that it was not carried out
    │   ├── Redirected          the host answered with a redirect, which is never followed
    │   ├── ConnectionFailed    no connection was made: the platform has not seen the request
    │   └── OutcomeUnknown      the request left and no answer to it that can be read came back
    │       └── UnreadableReply     an answer came that is not the platform's JSON
    ├── LogError                the log file is damaged, or newer than this swnb
    │   └── DamagedRow          a row that cannot be read in full: a warning, the rest is shown
    ├── NotCopied               a client, call or log was pickled or copied (a TypeError)
    ├── DamagedTables           a folder of Parquet tables holds torn or foreign files
    ├── RecordingError          a recording is torn, edited, newer or holds a secret
    ├── NoRecording             a replay was asked for something that was not recorded
    └── RunsDiffer              two runs that were to be the same are not (an AssertionError)

    SwnbWarning (a UserWarning)
    ├── LogWarning              the log cannot be written or is on a file system unfit for it
    └── RecordingWarning        a recording holds requests that are no longer valid

A message says what happened, where, and what to do. It never echoes an input, because inputs
may be secret; the one exception is the number in E.164 that another spelling of one likely means. In a notebook an error prints as one short block, through IPython's
`_render_traceback_` hook, and shows as a card when it is displayed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from swnb.exchange import Exchange


class SwnbError(Exception):
    """The root of all errors of swnb."""

    title = "swnb"

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        message = visible(message)  # it may quote what the platform or a file says
        super().__init__(message)
        self.message = message
        self.advice = advice

    def lines(self) -> list[str]:
        """Give the message as the lines that are printed, advice last."""
        return [self.message, *([self.advice] if self.advice else [])]

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def __reduce__(self) -> tuple[Any, ...]:
        """Let an error cross to another process whatever its constructor asks for."""
        return _restore, (type(self), self.args, self.__dict__)

    def _render_traceback_(self) -> list[str]:
        """Print one short block in IPython instead of a page of machinery."""
        first, *rest = str(self).split("\n")
        return [f"{type(self).__name__}: {first}", *(f"  {line}" for line in rest)]

    def _html_parts(self) -> list[html.Markup]:
        return [html.line(line) for line in str(self).split("\n")]

    def _repr_html_(self) -> str:
        return html.card(type(self).__name__, html.badge(self.title, "bad"), self._html_parts())


def _restore(kind: type[SwnbError], args: tuple[Any, ...], state: dict[str, Any]) -> SwnbError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(SwnbError):
    """Credentials, the host or an option are missing or malformed; nothing was sent."""

    title = "configuration"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a command: its path (`play[0].params.text`) and what is wrong."""

    path: str
    message: str
    # The broken rule's name, pydantic's or the catalogue's own, whatever the message's words.
    kind: str = field(default="rule", compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidCommand(SwnbError, ValueError):
    """A command was refused before anything was sent.

    `problems` holds every problem at once, each with its path; `command` is the method name.
    """

    title = "not sent"

    def __init__(self, command: str, problems: Sequence[Problem]) -> None:
        self.command = command
        self.problems = list(problems)
        super().__init__(self._headline())

    def _headline(self) -> str:
        return "\n".join(
            f"{self.command}.{problem}" if problem.path else f"{self.command}: {problem}"
            for problem in self.problems
        )


class UnknownCommand(InvalidCommand):
    """There is no such command; the message names the closest one."""

    def _headline(self) -> str:
        return "; ".join(problem.message for problem in self.problems)


class BudgetExceeded(InvalidCommand):
    """A `dial` was refused because the run could then cost more than its budget; nothing was sent."""

    title = "budget"

    def __init__(self, command: str, message: str) -> None:
        super().__init__(command, [Problem("", message)])
        self.advice = (
            "sw.reconcile() brings in what calls that are over did cost; or give a higher budget."
        )


class SendError(SwnbError):
    """A request was sent, or tried to be; `exchange` is its redacted record."""

    title = "failed"

    def __init__(self, message: str, *, exchange: Exchange, advice: str | None = None) -> None:
        super().__init__(message, advice=advice)
        self.exchange = exchange

    @property
    def status(self) -> int | None:
        """The HTTP status, or None where no answer came."""
        return self.exchange.http_status

    @property
    def request_id(self) -> str | None:
        """The platform's id of the request, for its support."""
        return self.exchange.request_id

    def lines(self) -> list[str]:
        """Give the message, then the request's id where there is one, then the advice."""
        lines = super().lines()
        if self.request_id:
            lines.insert(1, f"request id {self.request_id}")
        return lines

    def _html_parts(self) -> list[html.Markup]:
        pairs = [
            ("command", html.mono(self.exchange.command)),
            ("HTTP", self.status),
            ("attempts", self.exchange.attempts),
        ]
        return [html.facts(pairs), *super()._html_parts()]


@dataclass(frozen=True, slots=True)
class ApiProblem:
    """One entry of the platform's `errors` array, with our explanation of its code."""

    code: str
    message: str
    attribute: str | None = None
    type: str | None = None
    explanation: str | None = None

    def __str__(self) -> str:
        where = f"{self.attribute}: " if self.attribute else ""
        why = f" ({self.explanation})" if self.explanation else ""
        return f"{where}{self.message} [{self.code}]{why}"


class ApiError(SendError):
    """The platform refused the request (400 to 422); `errors` holds every reason it gave."""

    title = "refused"

    def __init__(
        self,
        message: str,
        *,
        exchange: Exchange,
        errors: Sequence[ApiProblem] = (),
        advice: str | None = None,
    ) -> None:
        self.errors = list(errors)
        super().__init__(message, exchange=exchange, advice=advice)

    def lines(self) -> list[str]:
        """Give the message, every reason, the request's id and the advice."""
        first, *rest = super().lines()
        return [first, *map(str, self.errors), *rest]


class RateLimited(SendError):
    """The platform answered 429 to the last attempt; the command was not carried out."""

    title = "rate limited"


class Unavailable(SendError):
    """The platform answered 503 with `Retry-After` to the last attempt: it was not carried out."""

    title = "unavailable"


class Redirected(SendError):
    """The host answered with a redirect, which is never followed with credentials."""

    title = "redirected"


class ConnectionFailed(SendError):
    """No connection could be made: the platform has not seen the request."""

    title = "no connection"


class OutcomeUnknown(SendError):
    """The request began to leave and no answer to it came back: the platform may have acted."""

    title = "outcome unknown"


class UnreadableReply(OutcomeUnknown):
    """An answer came that is not the platform's JSON; the message shows how it begins."""

    title = "unreadable reply"


class LogError(SwnbError):
    """The log file is damaged, is no log, or was written by a newer swnb."""

    title = "log"


class NotCopied(SwnbError, TypeError):
    """A client, a call or a log can be neither pickled nor copied, nor what holds one."""

    title = "not copied"

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(f"{what} can be neither pickled nor copied", advice=advice)


class DamagedTables(SwnbError, ValueError):
    """A folder of tables holds files that are torn or foreign; `paths` lists them."""

    title = "tables"

    def __init__(self, problems: dict[Path, str]) -> None:
        self.paths = list(problems)
        super().__init__(
            "\n".join(f"{path}: {problem}" for path, problem in problems.items()),
            advice="write those months again, move the files away, or pass skip_damaged=True",
        )


class RecordingError(SwnbError):
    """A recording cannot be used: it is torn, edited, of a newer version, or holds a secret."""

    title = "recording"


class NoRecording(SwnbError):
    """A replay was asked for something that was not recorded."""

    title = "no recording"


class RunsDiffer(SwnbError, AssertionError):
    """Two runs that were to be the same are not; the message says in what."""

    title = "runs differ"


class SwnbWarning(UserWarning):
    """The root of all warnings of swnb."""

    def __init__(self, message: str) -> None:
        super().__init__(visible(message))


class LogWarning(SwnbWarning):
    """The log cannot be written, or lies on a file system that is unfit for it."""


class RecordingWarning(SwnbWarning):
    """A recording holds requests that are no longer valid, or what is known as secret by now."""


class DamagedRow(LogError, LogWarning):
    """Rows of the log hold what cannot be read; a warning, once, and all else is shown."""
