"""The 42 commands as methods: `sw.calling.play(call_id, …)` and `call.play(…)` from one list.

Each line of the list is a descriptor that takes the parameters, the help and the signature of its
model, for type checkers (through `ParamSpec`) as for Shift-Tab (through `__signature__`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import (
    TYPE_CHECKING,
    Any,
    Generic,
    Literal,
    NoReturn,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypedDict,
    TypeVar,
    cast,
    overload,
)

from swnb import commands as c
from swnb.errors import Problem
from swnb.hidden import HiddenDict, HiddenTuple
from swnb.session.answers.replies import Reply
from swnb.session.credentials import hidden_id
from swnb.session.help.method import docstring_of, signature_of
from swnb.session.session import Session

if TYPE_CHECKING:
    from swnb.commands.base import Command

P = ParamSpec("P")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)


class Identified(Protocol):
    """What has the id of a call: a `Call`."""

    @property
    def id(self) -> str:
        """The id of the call."""


CallId: TypeAlias = str | Reply | Identified


class OnCall(Protocol[R_co]):
    """A call that sends commands to itself."""

    def command(
        self, model: type[Command], params: Mapping[str, Any], values: tuple[Any, ...] = ()
    ) -> R_co:
        """Send a command to this call."""


class Updated(OnCall[R_co], Protocol[R_co]):
    """A call that updates itself, and knows its id."""

    id: str

    def _refuse(
        self, model: type[Command], params: Mapping[str, Any], *problems: Problem
    ) -> NoReturn:
        """Log that a command was refused before it was sent, and raise `InvalidCommand`."""


class PauseParameters(TypedDict, total=False):
    """What `pause` takes beside the control id."""

    behavior: Literal["skip", "silence"]
    extras: dict[str, Any]
    unchecked: bool


class WireMethod(Protocol[P]):
    """A command whose call comes first, by position or as `call_id=`."""

    @overload
    def __call__(self, call_id: CallId, /, *args: P.args, **params: P.kwargs) -> Reply: ...
    @overload
    def __call__(self, *, call_id: CallId, **params: Any) -> Reply: ...


def named(function: Any, model: type[Command], owner: str) -> Any:
    """Return a method with the name, the help and the signature of its command."""
    function.__name__ = function.__qualname__ = model.method()
    function.__doc__ = docstring_of(model, owner)
    function.__signature__ = signature_of(model, owner)
    return function


# What people type who come from elsewhere.
_USUAL_NAMES = {
    "cost": "charge",
    "hang_up": "end",
    "hangup": "end",
    "price": "charge",
    "send": "user_event",
    "state": "status",
    "wait": "wait_until",
}


def nearest(name: str, names: Iterable[str]) -> str:
    """Return a message about an unknown name that says which of these names was probably meant."""
    usual = _USUAL_NAMES.get(name)
    public = [candidate for candidate in names if not candidate.startswith("_")]
    close = [usual] if usual in public else get_close_matches(name, public, n=1)
    hint = f"; did you mean {close[0]!r}?" if close else "; docs/reference.md lists what there is"
    return f"there is no {name!r} here{hint}"


class CommandMethod(Generic[P]):
    """A method with the parameters, the help and the signature of a command's model."""

    def __init__(self, model: Callable[P, Command]) -> None:
        # A type checker reads the parameters of the model's constructor; it is a class all the same.
        self.model = cast("type[Command]", model)
        self._bound: dict[type, Any] = {}

    def bind(self, obj: Any, send: Callable[..., Any], owner: str) -> Any:
        """Bind the method that sends to its object; its help is written once for each class.

        `owner` is what people type before the method: "sw", "sw.calling" or "call".
        """
        kind = type(obj)
        if kind not in self._bound:
            self._bound[kind] = named(send, self.model, owner)
        return self._bound[kind].__get__(obj, kind)


class command(CommandMethod[P]):  # noqa: N801 - it reads as a keyword in the list of commands
    """One command on a call, as a method of `Calling` and of a call."""

    @overload
    def __get__(self, obj: Calling, owner: type[Calling]) -> WireMethod[P]: ...
    @overload
    def __get__(self, obj: OnCall[R], owner: type[Any]) -> Callable[P, R]: ...
    @overload
    def __get__(self, obj: None, owner: type[Commands]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        model = self.model

        def to_call(calling: Calling, call_id: Any = None, *values: Any, **params: Any) -> Reply:
            call_id, params, values = hidden_id(call_id), HiddenDict(params), HiddenTuple(values)
            return calling._session.command(model, params, call_id, values)  # noqa: SLF001 - defined below

        def to_self(call: OnCall[R], *values: Any, **params: Any) -> R:
            params, values = HiddenDict(params), HiddenTuple(values)
            return call.command(model, params, values)

        if obj is None:
            return self
        if isinstance(obj, Calling):
            return self.bind(obj, to_call, "sw.calling")
        return self.bind(obj, to_self, "call")


class space_command(CommandMethod[P]):  # noqa: N801 - as above
    """One command whose request names no call beside its parameters: `dial` and `update`."""

    @overload
    def __get__(self, obj: Calling, owner: type[Calling]) -> Callable[P, Reply]: ...
    @overload
    def __get__(self, obj: None, owner: type[Calling]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        model = self.model

        def send(calling: Calling, *values: Any, **params: Any) -> Reply:
            params, values = HiddenDict(params), HiddenTuple(values)
            return calling._session.command(model, params, None, values)  # noqa: SLF001 - as above

        return self if obj is None else self.bind(obj, send, "sw.calling")


class update_own(CommandMethod[P]):  # noqa: N801 - it reads as a keyword in the class body
    """`update` on a `Call` itself: its parameters less the id, which the call fills in."""

    @overload
    def __get__(self, obj: Updated[R], owner: type[Any]) -> Callable[P, R]: ...
    @overload
    def __get__(self, obj: None, owner: type[Any]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        def send(call: Updated[R], *values: Any, **params: Any) -> R:
            params, values = HiddenDict(params), HiddenTuple(values)
            problems = c.UpdateOwn.by_name(values, params)[1]
            if "id" in params:  # it would be another call's
                problems.append(Problem("id", "is not a parameter here: it is the call's own"))
            if problems:
                call._refuse(c.Update, params, *problems)  # noqa: SLF001 - its protocol is above
            return call.command(c.Update, {"id": call.id, **params})

        return self if obj is None else self.bind(obj, send, "call")


class Commands:
    """The 40 commands that act on a call."""

    end = command(c.End)
    transfer = command(c.Transfer)
    disconnect = command(c.Disconnect)
    play = command(c.Play)
    play_pause = command(c.PlayPause)
    play_resume = command(c.PlayResume)
    play_stop = command(c.PlayStop)
    play_volume = command(c.PlayVolume)
    record = command(c.Record)
    record_pause = command(c.RecordPause)
    record_resume = command(c.RecordResume)
    record_stop = command(c.RecordStop)
    collect = command(c.Collect)
    collect_stop = command(c.CollectStop)
    collect_start_input_timers = command(c.CollectStartInputTimers)
    detect = command(c.Detect)
    detect_stop = command(c.DetectStop)
    tap = command(c.Tap)
    tap_stop = command(c.TapStop)
    transcribe = command(c.Transcribe)
    transcribe_stop = command(c.TranscribeStop)
    stream = command(c.Stream)
    stream_stop = command(c.StreamStop)
    denoise = command(c.Denoise)
    denoise_stop = command(c.DenoiseStop)
    ai_hold = command(c.AiHold)
    ai_unhold = command(c.AiUnhold)
    ai_message = command(c.AiMessage)
    ai_stop = command(c.AiStop)
    ai_sidecar = command(c.AiSidecar)
    ai_sidecar_poke = command(c.AiSidecarPoke)
    ai_sidecar_ask = command(c.AiSidecarAsk)
    ai_sidecar_stop = command(c.AiSidecarStop)
    ai_sidecar_status = command(c.AiSidecarStatus)
    live_transcribe = command(c.LiveTranscribe)
    live_translate = command(c.LiveTranslate)
    send_fax_stop = command(c.SendFaxStop)
    receive_fax_stop = command(c.ReceiveFaxStop)
    refer = command(c.Refer)
    user_event = command(c.UserEvent)


class Calling(Commands):
    """The wire level: every command with the names and keywords of the platform's own SDKs.

    The call's id comes first, by position or as `call_id=`; the reply is a dict. A method raises
    `InvalidCommand` before anything is sent, and a `SendError` if the platform rejected the command
    or did not answer.
    """

    dial = space_command(c.Dial)
    update = space_command(c.Update)

    def __init__(self, session: Session) -> None:
        self._session = session

    if not TYPE_CHECKING:  # type checkers know every command from the class

        def __getattr__(self, name: str) -> Any:
            """Raise `AttributeError` with the closest command."""
            raise AttributeError(nearest(name, dir(self)))

    def __repr__(self) -> str:
        return f"<Calling on {self._session.host}>"
