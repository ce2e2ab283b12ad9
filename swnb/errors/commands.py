"""The errors of commands that swnb refuses before it sends anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from swnb.errors.base import SwnbError

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of a command: its path (`play[0].params.text`) and what is wrong there."""

    path: str
    message: str
    # The broken rule's name, pydantic's or the catalogue's own, whatever the message's words.
    kind: str = field(default="rule", compare=False, repr=False)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class InvalidCommand(SwnbError, ValueError):
    """swnb refused a command before sending it: nothing happened on the platform.

    Correct the parameters that the message names and send the command again.

    Parameters
    ----------
    command : str
        The method name of the command, such as `play_pause`.
    problems : sequence of Problem
        Every problem of the command, each with its path.

    """

    title = "refused"

    def __init__(self, command: str, problems: Sequence[Problem]) -> None:
        self.command = command
        self.problems = list(problems)
        super().__init__(self._headline())

    def _headline(self) -> str:
        return "\n".join(
            f"{self.command}.{problem}" if problem.path else f"{self.command}: {problem}"
            for problem in self.problems
        )


class InvalidSwml(SwnbError, ValueError):
    """swnb refused a SWML document: it cannot be read, or a part of it is not SWML.

    Correct what the message names; `swnb.swml(…, unchecked=True)` takes what could be read as it is.

    Parameters
    ----------
    source : str
        The file that was read, or `swml` for a document without one.
    problems : sequence of Problem
        Every problem of the document, each with its path.

    """

    title = "refused"

    def __init__(self, source: str, problems: Sequence[Problem]) -> None:
        self.source = source
        self.problems = list(problems)
        super().__init__("\n".join(f"{source}: {problem}" for problem in self.problems))


class UnknownCommand(InvalidCommand):
    """There is no command of this name; nothing was sent, and the message names the closest one."""

    def _headline(self) -> str:
        return "; ".join(problem.message for problem in self.problems)


class BudgetExceeded(InvalidCommand):
    """swnb refused a `dial` because the run could exceed its budget; no call was made."""

    def __init__(self, command: str, message: str) -> None:
        super().__init__(command, [Problem("", message)])
        self.advice = (
            "Run sw.reconcile() to record the final cost of finished calls, or set a higher budget."
        )
