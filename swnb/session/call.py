"""One call: its commands without its id, and the facts that are known of it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import (
    TYPE_CHECKING,
    Any,
    NoReturn,
    Self,
    TypeAlias,
    Unpack,
)

from swnb import commands as c
from swnb.errors import ApiError, InvalidCommand, NotCopied, OutcomeUnknown, Problem, SendError
from swnb.hidden import HiddenDict
from swnb.session.answers.replies import Reply, with_resend
from swnb.session.call_facts import Facts
from swnb.session.calling import Commands, PauseParameters, nearest, update_own
from swnb.session.operations import needs_control_id
from swnb.session.session import Session
from swnb.session.voice_logs.readings import voice_log
from swnb.visible import visible

if TYPE_CHECKING:
    from swnb.event import Event

Model: TypeAlias = type[c.Command]  # in the class, `type` is a fact of the call


_GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.GONE)


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

    @property
    def state(self) -> str | None:
        """The state of what the command started, as last heard; None if nothing was heard of it."""
        return None

    @property
    def ended(self) -> bool:
        """Whether the end of what the command started was heard, or its call is over."""
        return self.call.ended

    @property
    def result(self) -> dict[str, Any] | None:
        """What was found: digits, text, a verdict, a recording's URL; None before the end is heard."""
        return None

    def wait(self, *, timeout: float = 60.0) -> Event:
        """Wait until what the command started has ended; `Operation.wait` has the details.

        Parameters
        ----------
        timeout : float, default 60.0
            Seconds of the space's time after which to give up.

        """
        raise NotImplementedError

    def stop(self) -> CallReply:
        """Stop the operation that the command started."""
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
        """Change the volume of the playback.

        Parameters
        ----------
        volume : float
            How much louder or quieter it plays than it was recorded, in dB from -40 to 40.

        """
        return self._control("volume", volume=volume)

    def _control(self, what: str, **params: Any) -> CallReply:
        operation = self.operation or c.find(self.exchange.command).method()
        if self.control_id is not None:
            params["control_id"] = self.control_id
        return self.call.control(operation, what, **params)


class Call(Facts, Commands):
    """What a call knows and does without the rooms above; people see it as `swnb.Call`."""

    update = update_own(c.UpdateOwn)

    def __init__(self, session: Session, call_id: str, *, unchecked: bool = False) -> None:
        self._session = session
        self._unchecked = unchecked
        self.id = call_id

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        advice = "pass call.id, and use sw.call(id) there"
        raise NotCopied("a call, which belongs to its client,", advice)

    def refresh(self) -> Self:
        """Ask the voice log for the call's status, durations and charge."""
        self.last = voice_log(self._session, self.id, unchecked=self._unchecked)
        return self

    def belongs_to(self, session: Session) -> bool:
        """Return whether the call belongs to this session of a client."""
        return self._session is session

    def stop(self, operation: str) -> CallReply:
        """Stop the latest open operation of a kind.

        Parameters
        ----------
        operation : str
            Such as ``"play"``, ``"record"``, ``"collect"``.

        Raises
        ------
        UnknownCommand
            If nothing of that name can be stopped; the message names the closest command.
        InvalidCommand
            If no such operation is open.

        Examples
        --------
        >>> call.play(play=[{"type": "silence", "params": {"duration": 30}}])
        >>> call.stop("play")

        """
        return self.control(operation, "stop")

    def control(self, operation: str, what: str, **params: Any) -> CallReply:
        """Send the command that does something to an operation, such as to pause a playback.

        Parameters
        ----------
        operation : str
            Such as ``"play"``.
        what : str
            Such as ``"pause"``, ``"resume"``, ``"stop"``, ``"volume"``.
        **params
            The parameters of that command.

        Raises
        ------
        UnknownCommand
            If there is no such command; the message names the closest.

        """
        return self.command(c.find(f"{operation}_{what}"), params)

    def operations(self) -> dict[str, list[str]]:
        """Return the control ids of what was started on this call and not stopped.

        Returns
        -------
        dict of str to list of str
            By operation, the latest last; empty once the call has ended.

        """
        opened = {} if self.ended else self._session.operations.of(self.id).open
        return {name: list(ids) for name, ids in opened.items() if ids}

    def command(
        self, model: Model, params: Mapping[str, Any], values: tuple[Any, ...] = ()
    ) -> CallReply:
        """Send a command that is given as its model, as tools that build on swnb do.

        A control id is added if the command needs one and has none.

        Parameters
        ----------
        model : type of Command
            One of `swnb.COMMANDS`.
        params : mapping
            The parameters by name.
        values : tuple, optional
            Parameters by position: at most the command's main one.

        """
        self._session.check_open(model.method())
        params = HiddenDict(params)
        given = HiddenDict(model.by_name(values, params)[0])  # without the control id made here
        if self._unchecked:
            params.setdefault("unchecked", True)
        if params.get("control_id") is None and needs_control_id(model):
            params["control_id"] = self._control_id(model, params)
        operations = self._session.operations.of(self.id)
        try:
            reply = self._session.command(model, params, self.id if model.on_call else None, values)
        except ApiError as rejection:
            if model is not c.End or not _may_be_over(rejection):
                raise
            return self._ended_before(rejection)
        except (OutcomeUnknown, KeyboardInterrupt):
            if model.starts:  # it may be running: its id is in use, and it can be stopped
                operations.note(model, params.get("control_id"))
            raise
        operations.note(model, params.get("control_id"))
        self.last = reply if "status" in reply else self.last
        return with_resend(self._reply(reply), lambda more: self.command(model, {**given, **more}))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """End the call if it is up; what already went wrong is never hidden by that."""
        if self.ended:
            return
        try:
            self.end()
        except Exception as other:
            if error is None:
                raise
            error.add_note(f"and the call could not be ended: {other}")

    def _ended_before(self, rejection: ApiError) -> CallReply:
        """Return the reply of a call that had ended when it was to be ended, or raise the rejection."""
        with suppress(SendError):
            self.refresh()
        if not self.ended or self.last is None:
            raise rejection
        return self._reply(self.last)

    def _reply(self, reply: Reply) -> CallReply:
        made = self._session.reply_class(reply, self)
        if not isinstance(made, CallReply):
            raise TypeError("reply_class must make a CallReply")
        return made

    def _control_id(self, model: Model, params: Mapping[str, Any]) -> str:
        operations = self._session.operations.of(self.id)
        control_id = operations.control_id_for(model, self._session.log.named_run)
        if control_id is None:
            message = f"is required: no {model.controls} that was started on this call is open"
            self._refuse(model, params, Problem("control_id", message))
        return control_id

    def _refuse(self, model: Model, params: Mapping[str, Any], *problems: Problem) -> NoReturn:
        """Log that a command was refused before it was sent, and raise `InvalidCommand`."""
        error = InvalidCommand(model.method(), problems)
        self._session.refuse(model.wire, params, self.id, error)
        raise error

    if not TYPE_CHECKING:  # type checkers know every command from the class

        def __getattr__(self, name: str) -> Any:
            """Raise `AttributeError` with the nearest fact or command."""
            if name.startswith("_"):
                raise AttributeError(name)
            raise AttributeError(nearest(name, dir(self)))

    def __repr__(self) -> str:
        exchange = self.last.exchange if self.last is not None else None
        facts = [self._shown_status() or "not asked yet"]
        if exchange:
            facts += [f"{exchange.from_} → {exchange.to}"] if exchange.from_ else []
            facts += [] if exchange.charge is None else [f"${exchange.charge:.6g}"]
        return visible(f"<Call {self.id} · {' · '.join(facts)}>")

    def _repr_html_(self) -> str:
        from swnb.cards import call_card  # noqa: PLC0415 - cards are made only where they show

        known = self.last.shown if self.last is not None else {}
        shown = {**known, "status": self._shown_status()}
        exchange = self.last.exchange if self.last is not None else None
        return call_card(self.id, shown, self.operations(), exchange)


def _may_be_over(rejection: ApiError) -> bool:
    """Return whether a command was rejected because its call is over, as far as that shows."""
    told = any(problem.code == "invalid_state" for problem in rejection.errors)
    return told or rejection.exchange.http_status in _GONE


def session_of_call(call: Call) -> Session:
    """Return the session of the client that a call belongs to."""
    return call._session  # noqa: SLF001 - the class is defined here
