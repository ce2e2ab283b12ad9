"""A call that one holds in one's hand: its commands without its id, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NoReturn, Self

from swnb import commands as c
from swnb.client.doors import CallDoors
from swnb.errors import InvalidCommand, NotCopied, OutcomeUnknown, Problem, SwnbError
from swnb.exchange import OVER
from swnb.hidden import HiddenDict
from swnb.session.answers.replies import Reply
from swnb.session.calling import Commands, no_command, update_own
from swnb.session.interrupts import of_call, tell
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.client import Client
    from swnb.commands.base import Command
    from swnb.exchange import Exchange

POLL = 2.0  # seconds between two looks at a call of a live space


class CallReply(Reply):
    """The reply to a command of a `Call`; what the command started can be controlled from here."""

    def __init__(self, reply: Reply, call: Call) -> None:
        super().__init__(reply, reply.exchange)
        self.call = call

    def __reduce_ex__(self, _protocol: object) -> tuple[type[Reply], tuple[Any, ...]]:
        return Reply, (dict(self), self.exchange)  # what was answered, without the call in hand

    @property
    def operation(self) -> str | None:
        """The operation that the command started or acted on (`play`, `record` …)."""
        model = c.Command.catalogue[self.exchange.command]
        return model.starts or model.controls

    def stop(self) -> CallReply:
        """Stop the operation."""
        return self._control("stop")

    def pause(self, **params: Any) -> CallReply:
        """Pause the playback or the recording."""
        return self._control("pause", **params)

    def resume(self) -> CallReply:
        """Resume the playback or the recording."""
        return self._control("resume")

    def volume(self, volume: float) -> CallReply:
        """Change the volume of the playback, in dB from -40 to 40."""
        return self._control("volume", volume=volume)

    def _control(self, what: str, **params: Any) -> CallReply:
        operation = self.operation or c.find(self.exchange.command).method()
        if self.control_id is not None:
            params["control_id"] = self.control_id
        return self.call.control(operation, what, **params)


def _needs_control_id(model: type[Command]) -> bool:
    field = model.model_fields.get("control_id")
    return field is not None and field.is_required()


class Call(CallDoors, Commands):
    """One call: `call.play(play=[…])`, `call.user_event(event={…})`, `call.end()`.

    Control ids are made and remembered (`play-1`, `play-2` …; `checkout.play-1` in a run of that
    name), and a command that controls an operation acts on the latest open one unless `control_id=`
    names another. Status, charge and addresses are those of the latest answer; `refresh()` asks the
    voice log.
    """

    update = update_own(c.UpdateOwn)

    def __init__(self, client: Client, call_id: str, *, unchecked: bool = False) -> None:
        self.client = client
        self._unchecked = unchecked
        self.id = call_id
        self.last: Reply | None = None

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        advice = "pass call.id, and take it in hand again with sw.call(id)"
        raise NotCopied("a call, which belongs to its client,", advice)

    @property
    def status(self) -> str | None:
        """The call's status in the latest answer, None before the first."""
        return self.last.status if self.last is not None else None

    @property
    def charge(self) -> float | None:
        """What the call has cost so far in US dollars, as the latest answer has it."""
        return self.last.charge if self.last is not None else None

    @property
    def ended(self) -> bool:
        """Whether the call is over, as far as the latest answer says."""
        return self.status in OVER

    def refresh(self) -> Self:
        """Ask the voice log for the call's status, durations and charge."""
        self.last = self.client.voice_log(self.id, unchecked=self._unchecked)
        return self

    def wait(self, status: str = "answered", *, timeout: float = 60.0) -> Self:
        """Refresh until the call has the status, or is over.

        A live space is asked every two seconds, a simulated one (whose clock moves with each
        request) at once. In a dry run there is nothing to wait for, and it is over after one
        look. Raises `SwnbError` after `timeout` seconds of the space's time.
        """
        asked = 0.0
        try:
            while self.refresh().status != status and not self.ended and not self.client.dry_run:
                if asked >= timeout:
                    raise SwnbError(f"call.wait: still {self.status} after {timeout:g} s")
                replayed = self.last is not None and self.last.exchange.space == "replayed"
                asked += self.client.pause(POLL, replayed=replayed)
        except KeyboardInterrupt as stop:
            known = f"; it was {self.status} when it was asked last" if self.status else ""
            said = f"call.wait was interrupted; it waited for the call to be {status}{known}"
            tell(stop, said, *of_call(self.id))
            raise
        return self

    def stop(self, operation: str) -> CallReply:
        """Stop the latest open operation of a kind: `call.stop("play")`."""
        return self.control(operation, "stop")

    def control(self, operation: str, what: str, **params: Any) -> CallReply:
        """Send the command that does `what` to an operation, such as `play`, `pause`.

        Raises `UnknownCommand` where there is none, naming the closest.
        """
        return self.command(c.find(f"{operation}_{what}"), params)

    def operations(self) -> dict[str, list[str]]:
        """Give the control ids of what was started here and not stopped, by operation."""
        if self.ended:  # and with it all that was open on it
            return {}
        return {
            name: list(ids) for name, ids in self.client.operations(self.id).open.items() if ids
        }

    def command(self, model: type[Command], params: Mapping[str, Any]) -> CallReply:
        """Send a command to this call, with a control id where it needs one and has none."""
        self.client.check_open(model.method())
        params = given = HiddenDict(params)
        if self._unchecked:
            given.setdefault("unchecked", True)
        if given.get("control_id") is None and _needs_control_id(model):
            given["control_id"] = self._control_id(model, given)
        operations = self.client.operations(self.id)
        try:
            reply = self.client.command(model, given, self.id if model.on_call else None)
        except (OutcomeUnknown, KeyboardInterrupt):
            if model.starts:  # it may run: its id is taken, and it can be stopped
                operations.note(model, given.get("control_id"))
            raise
        operations.note(model, given.get("control_id"))
        if "status" in reply:
            self.last = reply
        return CallReply(reply, self)

    def _control_id(self, model: type[Command], given: Mapping[str, Any]) -> str:
        operations = self.client.operations(self.id)
        if model.starts:
            return operations.next(model.starts, self.client.log.named_run)
        latest = operations.latest(model.controls or "")
        if latest is None:
            message = f"is required: no {model.controls} that was started on this call is open"
            self.refuse(model, given, "control_id", message)
        return latest

    def refuse(
        self, model: type[Command], given: Mapping[str, Any], path: str, message: str
    ) -> NoReturn:
        """Log that a command was refused before it was sent, and raise `InvalidCommand`."""
        error = InvalidCommand(model.method(), [Problem(path, message)])
        self.client.refuse(model.wire, given, self.id, error)
        raise error

    if not TYPE_CHECKING:  # type checkers know every command from the class

        def __getattr__(self, name: str) -> Any:
            """Name the closest command: what is asked for here is none."""
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(no_command(name))

    def __repr__(self) -> str:
        exchange = self.last.exchange if self.last is not None else None
        facts = [(exchange and exchange.call_status) or "not asked yet"]
        if exchange and exchange.from_:
            facts.append(f"{exchange.from_} → {exchange.to}")
        if exchange and exchange.charge is not None:
            facts.append(f"${exchange.charge:.6g}")
        return visible(f"<Call {self.id} · {' · '.join(facts)}>")

    def _repr_html_(self) -> str:
        from swnb.cards import call_card  # noqa: PLC0415 - cards are made only where they show

        shown = self.last.shown if self.last is not None else None
        exchange: Exchange | None = self.last.exchange if self.last is not None else None
        return call_card(self.id, shown, self.operations(), exchange)
