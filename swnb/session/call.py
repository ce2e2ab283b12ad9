"""A call that one holds in one's hand: its commands without its id, and what is known of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import (
    TYPE_CHECKING,
    Any,
    Literal,
    NoReturn,
    ParamSpec,
    Self,
    TypedDict,
    Unpack,
    overload,
)

from swnb import commands as c
from swnb.errors import InvalidCommand, NotCopied, OutcomeUnknown, Problem, SwnbError
from swnb.exchange import OVER
from swnb.hidden import HiddenDict, HiddenTuple
from swnb.session.answers.replies import Reply, text_of
from swnb.session.calling import CommandMethod, Commands, nearest
from swnb.session.interrupts import of_call, tell
from swnb.session.session import Session
from swnb.session.voice_logs.readings import voice_log
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.exchange import Exchange

    Model = type[Command]  # in the class, `type` is a fact of the call

POLL = 2.0  # seconds between two looks at a call of a live space


P = ParamSpec("P")


class PauseParameters(TypedDict, total=False):
    """What `pause` takes beside the control id."""

    behavior: Literal["skip", "silence"]
    extras: dict[str, Any]
    unchecked: bool


class CallReply(Reply):
    """The reply to a command of a `Call`; what the command started can be controlled from here.

    Attributes
    ----------
    call : Call
        The call that the command was sent to.

    """

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

    def pause(self, **params: Unpack[PauseParameters]) -> CallReply:
        """Pause the playback or the recording.

        Parameters
        ----------
        **params
            Those of `record_pause`: `behavior` is "skip" or "silence", what a recording is to
            hold of the pause. `play_pause` has none.

        """
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


class update_own(CommandMethod[P]):  # noqa: N801 - it reads as a keyword in the class body
    """`update` on a `Call` itself: its parameters less the id, which the call fills in."""

    @overload
    def __get__(self, obj: Call, owner: type[Call]) -> Callable[P, CallReply]: ...
    @overload
    def __get__(self, obj: None, owner: type[Call]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        def send(call: Call, *values: Any, **params: Any) -> CallReply:
            params, values = HiddenDict(params), HiddenTuple(values)
            problems = c.UpdateOwn.by_name(values, params)[1]
            if "id" in params:  # it would be another call's
                problems.append(Problem("id", "is not a parameter here: it is the call's own"))
            if problems:
                call._refuse(c.Update, params, *problems)  # noqa: SLF001 - defined below
            return call.command(c.Update, {"id": call.id, **params})

        return self if obj is None else self.bind(obj, send, "call")


class Call(Commands):
    """What a call knows and does without the rooms above; people see `swnb.Call`."""

    update = update_own(c.UpdateOwn)

    def __init__(self, session: Session, call_id: str, *, unchecked: bool = False) -> None:
        self._session = session
        self._unchecked = unchecked
        self.id = call_id
        self.last: Reply | None = None

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        advice = "pass call.id, and take it again with sw.call(id)"
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
    def duration(self) -> float | None:
        """How long the call lasted, in seconds, as the latest answer has it."""
        milliseconds = self.last.exchange.duration_ms if self.last is not None else None
        return None if milliseconds is None else milliseconds / 1000

    @property
    def from_(self) -> str | None:
        """Who calls: a number or an address."""
        return self._said("from")

    @property
    def to(self) -> str | None:
        """Who is called: a number or an address."""
        return self._said("to")

    @property
    def direction(self) -> str | None:
        """Inbound or outbound, as the platform names it."""
        return self._said("direction")

    @property
    def type(self) -> str | None:
        """What kind of call it is, as the platform names it."""
        return self._said("type")

    @property
    def created(self) -> str | None:
        """When the call was created, as the platform writes it; the voice log says it."""
        return self._said("created_at")

    @property
    def ended(self) -> bool:
        """Whether the call is over, as far as the latest answer says."""
        return self.status in OVER

    def refresh(self) -> Self:
        """Ask the voice log for the call's status, durations and charge."""
        self.last = voice_log(self._session, self.id, unchecked=self._unchecked)
        return self

    def wait_until(self, status: str = "answered", *, timeout: float = 60.0) -> Self:
        """Refresh until the call has the status, or is over.

        A live space is asked every two seconds, a simulated one (whose clock moves with each
        request) at once. In a dry run there is nothing to wait for, and it is over after one
        look. Raises `SwnbError` after `timeout` seconds of the space's time.
        """
        asked = 0.0
        try:
            while self.refresh().status != status and not self.ended and not self._session.dry_run:
                if asked >= timeout:
                    raise SwnbError(f"call.wait_until: still {self.status} after {timeout:g} s")
                replayed = self.last is not None and self.last.exchange.space == "replayed"
                asked += self._session.routing.pause(POLL, replayed=replayed)
        except KeyboardInterrupt as stop:
            known = f"; it was {self.status} when it was asked last" if self.status else ""
            said = f"call.wait_until was interrupted; it waited for the call to be {status}{known}"
            tell(stop, said, *of_call(self.id))
            raise
        return self

    def belongs_to(self, session: Session) -> bool:
        """Return whether it sends by this session."""
        return self._session is session

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
        operations = self._session.operations.of(self.id)
        return {name: list(ids) for name, ids in operations.open.items() if ids}

    def command(
        self, model: Model, params: Mapping[str, Any], values: tuple[Any, ...] = ()
    ) -> CallReply:
        """Send a command, given as its model, with a control id if it needs one and has none.

        `values` are parameters given by position.
        """
        self._session.check_open(model.method())
        params = given = HiddenDict(params)
        if self._unchecked:
            given.setdefault("unchecked", True)
        if given.get("control_id") is None and _needs_control_id(model):
            given["control_id"] = self._control_id(model, given)
        operations = self._session.operations.of(self.id)
        try:
            reply = self._session.command(model, given, self.id if model.on_call else None, values)
        except (OutcomeUnknown, KeyboardInterrupt):
            if model.starts:  # it may run: its id is taken, and it can be stopped
                operations.note(model, given.get("control_id"))
            raise
        operations.note(model, given.get("control_id"))
        if "status" in reply:
            self.last = reply
        return CallReply(reply, self)

    def _control_id(self, model: Model, given: Mapping[str, Any]) -> str:
        operations = self._session.operations.of(self.id)
        control_id = operations.control_id_for(model, self._session.log.named_run)
        if control_id is None:
            message = f"is required: no {model.controls} that was started on this call is open"
            self._refuse(model, given, Problem("control_id", message))
        return control_id

    def _said(self, name: str) -> str | None:
        return text_of(self.last, name) if self.last is not None else None

    def _refuse(self, model: Model, params: Mapping[str, Any], *problems: Problem) -> NoReturn:
        """Log that a command was refused before it was sent, and raise `InvalidCommand`."""
        error = InvalidCommand(model.method(), problems)
        self._session.refuse(model.wire, params, self.id, error)
        raise error

    if not TYPE_CHECKING:  # type checkers know every command from the class

        def __getattr__(self, name: str) -> Any:
            """Name the closest command: what is asked for here is none."""
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(nearest(name, dir(self)))

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
