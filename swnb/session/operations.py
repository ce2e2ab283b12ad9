"""The control ids of one call: which were made, and which operations are still open."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from swnb import commands as c
from swnb.exchange import MAY_HAVE_WORKED
from swnb.recordings.generated import control_id_of, prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from swnb.commands.base import Command
    from swnb.log.writing.control_ids import Use


class Operations:
    """What was started on a call and not stopped, oldest first, by operation.

    An operation may have ended by itself since: the platform says so only by status callback.
    """

    def __init__(self) -> None:
        self.open: dict[str, list[str]] = defaultdict(list)
        self._used: set[str] = set()
        # Where to look on for a free number, by the first id of a kind.
        self._free: dict[str, int] = {}

    @classmethod
    def known(cls, uses: Iterable[Use]) -> Self:
        """Take up what the log says was sent to the call with a control id."""
        found = cls()
        for use in uses:
            model = c.Command.catalogue.get(use.command)
            if model and use.outcome in MAY_HAVE_WORKED:
                found.note(model, use.control_id)
        return found

    def begin(self, run: str) -> None:
        """Count anew in a run that begins, so that its ids come from its name and order alone.

        The ids of what is still open stay taken: the platform would refuse them.
        """
        taken = {each for ids in self.open.values() for each in ids}
        ours = {each for each in self._used if each.startswith(prefix(run))}
        self._used -= ours - taken
        self._free.clear()

    def next(self, operation: str, run: str | None) -> str:
        """Give a control id that this call has not had in the run, such as `checkout.play-1`."""
        first = control_id_of(run, operation, 1)
        number = self._free.get(first, 1)
        while (made := control_id_of(run, operation, number)) in self._used:
            number += 1
        self._free[first] = number
        return made

    def latest(self, operation: str) -> str | None:
        """Give the control id of the operation that was started last and is not stopped."""
        return self.open[operation][-1] if self.open[operation] else None

    def note(self, model: type[Command], control_id: str | None) -> None:
        """Take in a command that the platform accepted, or may have."""
        if control_id is None:
            return
        self._used.add(control_id)
        if model.starts:
            if control_id not in self.open[model.starts]:
                self.open[model.starts].append(control_id)
        elif (
            model.controls
            and model.wire.endswith(".stop")
            and control_id in self.open[model.controls]
        ):
            self.open[model.controls].remove(control_id)
