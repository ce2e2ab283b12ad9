"""The 42 commands as methods: `sw.calling.play(call_id, …)` and `call.play(…)` from one list.

Each line of the list is a descriptor that takes the parameters, the help and the signature of its
model, for type checkers (through `ParamSpec`) as for Shift-Tab (through `__signature__`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import (
    TYPE_CHECKING,
    Any,
    Concatenate,
    Generic,
    ParamSpec,
    Self,
    cast,
    get_type_hints,
    overload,
)

from swnb import commands as c
from swnb.errors import UnknownCommand
from swnb.hidden import HiddenDict
from swnb.session.credentials import hidden_id

if TYPE_CHECKING:
    from swnb.client import Client
    from swnb.commands.base import Command
    from swnb.session.answers.replies import Reply
    from swnb.session.call import Call, CallReply

P = ParamSpec("P")


def signature_of(model: type[Command], *, call_id: bool) -> inspect.Signature:
    """Give the signature of a command's method: its parameters, each by keyword.

    Where no call id is asked for, a `Call` is the sender, which makes control ids by itself.
    """
    hints = get_type_hints(model)
    made = set() if call_id else {"control_id"}
    needed = {name for name, field in model.model_fields.items() if field.is_required()} - made
    names = [name for name in model.model_fields if name not in c.ESCAPES]
    found = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if name in needed else None,
            annotation=hints[name],
        )
        for name in sorted(names, key=lambda name: name not in needed)
    ]
    found += [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=model.model_fields[name].default,
            annotation=hints[name],
        )
        for name in c.ESCAPES
    ]
    first = [inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)]
    if call_id:
        first.append(
            inspect.Parameter("call_id", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str)
        )
    return inspect.Signature([*first, *found])


def dressed(function: Any, model: type[Command], *, call_id: bool) -> Any:
    """Give a method the name, the help and the signature of its command."""
    function.__name__ = function.__qualname__ = model.method()
    function.__doc__ = f"{inspect.getdoc(model)}\n\nSends `{model.wire}`; see docs/commands.md."
    function.__signature__ = signature_of(model, call_id=call_id)
    return function


def no_command(name: str) -> str:
    """Say that there is no command of this name, and name the closest."""
    try:
        return f"{c.find(name).wire!r} is not a command on a call"
    except UnknownCommand as error:
        return str(error)


class _Method(Generic[P]):
    """A method with the parameters, the help and the signature of a command's model."""

    def __init__(self, model: Callable[P, Command]) -> None:
        self.model = cast("type[Command]", model)
        self._dressed: dict[type, Any] = {}

    def _bind(self, obj: Any, send: Callable[..., Any], *, call_id: bool = False) -> Any:
        """Bind the method that sends to its object; it is dressed once for each class."""
        kind = type(obj)
        if kind not in self._dressed:
            self._dressed[kind] = dressed(send, self.model, call_id=call_id)
        return self._dressed[kind].__get__(obj, kind)


class command(_Method[P]):  # noqa: N801 - it reads as a keyword in the list of commands
    """One command on a call, as a method of `Calling` and of `Call`."""

    @overload
    def __get__(self, obj: Call, owner: type[Call]) -> Callable[P, CallReply]: ...
    @overload
    def __get__(
        self, obj: Calling, owner: type[Calling]
    ) -> Callable[Concatenate[str, P], Reply]: ...
    @overload
    def __get__(self, obj: None, owner: type[Commands]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        model = self.model

        def to_call(calling: Calling, call_id: Any = None, **params: Any) -> Reply:
            call_id, params = hidden_id(call_id), HiddenDict(params)
            return calling.client.command(model, params, call_id)

        def to_self(call: Call, **params: Any) -> CallReply:
            params = HiddenDict(params)
            return call.command(model, params)

        if obj is None:
            return self
        if isinstance(obj, Calling):
            return self._bind(obj, to_call, call_id=True)
        return self._bind(obj, to_self)


class space_command(_Method[P]):  # noqa: N801 - as above
    """One command whose request names no call beside its parameters: `dial` and `update`."""

    @overload
    def __get__(self, obj: Calling, owner: type[Calling]) -> Callable[P, Reply]: ...
    @overload
    def __get__(self, obj: None, owner: type[Calling]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        model = self.model

        def send(calling: Calling, **params: Any) -> Reply:
            params = HiddenDict(params)
            return calling.client.command(model, params)

        return self if obj is None else self._bind(obj, send)


class update_own(_Method[P]):  # noqa: N801 - as above
    """`update` on a `Call` itself: its parameters less the id, which the call fills in."""

    @overload
    def __get__(self, obj: Call, owner: type[Call]) -> Callable[P, CallReply]: ...
    @overload
    def __get__(self, obj: None, owner: type[Call]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        def send(call: Call, **params: Any) -> CallReply:
            params = HiddenDict(params)
            if "id" in params:  # it would be another call's
                call.refuse(c.Update, params, "id", "is not a parameter here: it is the call's own")
            return call.command(c.Update, {"id": call.id, **params})

        return self if obj is None else self._bind(obj, send)


class dialling(_Method[P]):  # noqa: N801 - as above
    """`dial` on a `Client`: it starts a call and gives it into one's hand."""

    @overload
    def __get__(self, obj: Client, owner: type[Client]) -> Callable[P, Call]: ...
    @overload
    def __get__(self, obj: None, owner: type[Client]) -> Self: ...
    def __get__(self, obj: Any, owner: Any) -> Any:
        def send(client: Client, **params: Any) -> Call:
            params = HiddenDict(params)
            return client.taken(client.calling.dial(**params))

        return self if obj is None else self._bind(obj, send)


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

    The call's id comes first, by position or as `call_id=`; the reply is a dict. Raises
    `InvalidCommand` before anything is sent, and the errors of `swnb.errors.SendError` after.
    """

    dial = space_command(c.Dial)
    update = space_command(c.Update)

    def __init__(self, client: Client) -> None:
        self.client = client

    if not TYPE_CHECKING:  # type checkers know every command from the class

        def __getattr__(self, name: str) -> Any:
            """Name the closest command: what is asked for here is none."""
            raise AttributeError(no_command(name))

    def __repr__(self) -> str:
        return f"<Calling on {self.client.host}>"
