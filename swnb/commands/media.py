"""Playing and recording."""

from __future__ import annotations
from typing import Annotated, Any, ClassVar, Literal
from pydantic import Field
from typing_extensions import Required, TypedDict
from swnb.commands.base import Command
from swnb.commands.types import JsonObject, Number, Integer, about, made


class TtsParams(TypedDict, total=False):
    """Text to speech."""

    text: Required[Annotated[str, about("What to say.")]]


class TtsItem(TypedDict):
    """Say a text."""

    type: Literal["tts"]
    params: TtsParams


class SilenceParams(TypedDict):
    duration: Annotated[Number, about("How long.", unit="seconds", gt=0)]


class SilenceItem(TypedDict):
    type: Literal["silence"]
    params: SilenceParams


MediaItem = Annotated[TtsItem | SilenceItem, Field(discriminator="type")]


class Play(Command):
    """Play audio, speech, silence or a ringtone into a call."""

    wire: ClassVar[str] = "calling.play"
    group: ClassVar[str] = "Playing"
    starts: ClassVar[str | None] = "play"
    example: ClassVar[dict[str, Any]] = {
        "control_id": "greeting-1",
        "play": [{"type": "tts", "params": {"text": "Hello"}}],
    }

    play: Annotated[list[MediaItem], about("What to play, in order.")]
    control_id: Annotated[
        str, about("Your name for this playback; unique among the call's open ones.")
    ] = made()
    volume: Annotated[
        Number | None, about("Change in volume.", unit="dB", ge=-40, le=40, assumed=0)
    ] = None
    loop: Annotated[Integer | None, about("How often", ge=0)] = None
    from_: str | None = None


class UserEvent(Command):
    """Hand an event of your own to whoever listens to the call."""

    wire: ClassVar[str] = "calling.user_event"
    group: ClassVar[str] = "Events"
    example: ClassVar[dict[str, Any]] = {"event": {"action": "order.confirmed"}}
    event: Annotated[JsonObject, about("Any JSON object.")]
