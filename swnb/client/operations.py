"""The control ids of one call: which were made, and which operations are still open."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from swnb.commands.base import Command


class Operations:
    """What was started on a call and not stopped, oldest first, by operation.

    An operation may have ended by itself since: the platform says so only by status callback.
    """

    def __init__(self, used: Iterable[str] = ()) -> None:
        self.open: dict[str, list[str]] = defaultdict(list)
        self._used = set(used)

    def next(self, operation: str) -> str:
        """Give a control id that this call has not had, such as `play-1`."""
        number = 1
        while f"{operation}-{number}" in self._used:
            number += 1
        return f"{operation}-{number}"

    def latest(self, operation: str) -> str | None:
        """Give the control id of the operation that was started last and is not stopped."""
        return self.open[operation][-1] if self.open[operation] else None

    def note(self, model: type[Command], control_id: str | None) -> None:
        """Take in a command that the platform accepted."""
        if control_id is None:
            return
        self._used.add(control_id)
        if model.starts:
            self.open[model.starts].append(control_id)
        elif (
            model.controls
            and model.wire.endswith(".stop")
            and control_id in self.open[model.controls]
        ):
            self.open[model.controls].remove(control_id)
