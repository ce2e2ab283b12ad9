"""The control ids of each call: which were made, and which operations are still open."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Self

from swnb import commands as c
from swnb.exchange import MAY_HAVE_WORKED
from swnb.recordings.generated import control_id_of, prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from swnb.commands.base import Command
    from swnb.log import Log
    from swnb.log.writing.control_ids import Use
    from swnb.session.sending.routing import Routing


class Operations:
    """What was started on a call and not stopped, oldest first, by operation.

    An operation may have ended by itself since: the platform says so only by status callback.
    """

    def __init__(self) -> None:
        self.open: dict[str, list[str]] = defaultdict(list)
        self._used: set[str] = set()
        # The number to try next, by the first id of a kind.
        self._free: dict[str, int] = {}

    @classmethod
    def known(cls, uses: Iterable[Use]) -> Self:
        """Return the operations of a call by what the log says was sent to it."""
        operations = cls()
        for use in uses:
            model = c.Command.of_wire(use.command)
            if model and use.outcome in MAY_HAVE_WORKED:
                operations.note(model, use.control_id)
        return operations

    def begin(self, run: str) -> None:
        """Count from 1 again in a run that begins: its ids come from its name and order alone.

        The ids of what is still open stay in use: the platform would reject them.
        """
        still_open = {control_id for ids in self.open.values() for control_id in ids}
        of_run = {control_id for control_id in self._used if control_id.startswith(prefix(run))}
        self._used -= of_run - still_open
        self._free.clear()

    def next(self, operation: str, run: str | None) -> str:
        """Return a control id that is new to this call in the run, such as `checkout.play-1`."""
        first = control_id_of(run, operation, 1)
        number = self._free.get(first, 1)
        while (control_id := control_id_of(run, operation, number)) in self._used:
            number += 1
        self._free[first] = number
        return control_id

    def latest(self, operation: str) -> str | None:
        """Return the control id of the operation that was started last and is not stopped."""
        return self.open[operation][-1] if self.open[operation] else None

    def control_id_for(self, model: type[Command], run: str | None) -> str | None:
        """Return the control id that a command is to have: a new one, or that of what is open."""
        if model.starts:
            return self.next(model.starts, run)
        return self.latest(model.controls) if model.controls else None

    def note(self, model: type[Command], control_id: str | None) -> None:
        """Note a command that the platform accepted, or may have accepted."""
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


def needs_control_id(model: type[Command]) -> bool:
    """Return whether a command cannot be sent without a control id."""
    field = model.model_fields.get("control_id")
    return field is not None and field.is_required()


class OperationsByCall:
    """The operations of every call of a session: begun here, or known from the log."""

    def __init__(self, log: Log, routing: Routing) -> None:
        self._log = log
        self._routing = routing
        self._calls: dict[str, Operations] = {}

    def of(self, call_id: str) -> Operations:
        """Return the operations of a call."""
        if call_id not in self._calls:
            routing = self._routing
            # The cells of a run that is repeated are about to use its ids again.
            repeated = self._log.run if routing.run_replayed else routing.recorded_run
            operations = Operations.known(self._log.control_ids_sent(call_id, but=repeated))
            if self._log.named_run:
                operations.begin(self._log.named_run)
            self._calls[call_id] = operations
        return self._calls[call_id]

    def forget(self, call_id: str) -> None:
        """Begin with no operations on a call: a replay returns one that it returned before."""
        self._calls[call_id] = Operations()

    def restart(self, run: str) -> None:
        """Count control ids from 1 again in a run that begins, as the same cells did before.

        If the run replays itself, what it left open is about to be opened again as well.
        """
        if self._routing.run_replayed is not None:
            self._calls.clear()
        for operations in self._calls.values():
            operations.begin(run)
