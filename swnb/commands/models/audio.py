"""A call's audio, sent elsewhere or cleaned: taps, streams, transcription, noise reduction."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network
from typing import Annotated, Any, ClassVar, Literal, Required, get_args

from pydantic import AfterValidator, Field, PlainValidator
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.types import (
    AudioDirection,
    ControlId,
    Filled,
    Integer,
    JsonObject,
    TextRule,
    about,
    check_number,
    is_url,
    made,
    wrong,
)

TapCodec = Literal["PCMA", "PCMU", "pcma", "pcmu", "OPUS", "opus"]
Milliseconds = Literal[10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120]
# Python counts these as private ranges. Documentation uses them, including the platform's own
# example of a tap, so a copied example must not fail.
_DOCUMENTATION = tuple(map(IPv4Network, ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")))


def _is_public(value: str) -> bool:
    try:
        address = IPv4Address(value)
    except ValueError:
        return False
    if any(address in network for network in _DOCUMENTATION):
        return True
    return address.is_global and not address.is_multicast


def check_ptime(value: Any) -> Any:
    """Return a known packet time unchanged, given as an int or as a float without a fraction."""
    # A plain Literal would refuse 20.0, which the published schema allows.
    if check_number(value) not in get_args(Milliseconds):
        raise wrong("must be a multiple of 10 from 10 to 120 (milliseconds)")
    return value


PublicAddress = Annotated[
    str,
    AfterValidator(
        TextRule("a public IPv4 address; private and reserved ranges are refused", _is_public)
    ),
]
WsUrl = Annotated[
    str,
    AfterValidator(
        TextRule("a ws:// or wss:// URL", lambda value: is_url(value, frozenset({"ws", "wss"})))
    ),
]
WssUrl = Annotated[
    str,
    AfterValidator(
        TextRule(
            "a wss:// URL; ws:// without TLS is refused",
            lambda value: is_url(value, frozenset({"wss"})),
        )
    ),
]


class TapParams(TypedDict):
    """Which audio to tap."""

    direction: Annotated[AudioDirection, about("Whose audio to send.")]


class TapConfig(TypedDict):
    """What to tap."""

    type: Annotated[Literal["audio"], about("The medium; only audio is supported.")]
    params: Annotated[TapParams, about("Which audio to tap.")]


class RtpParams(TypedDict, total=False):
    """Where to send RTP."""

    addr: Required[Annotated[PublicAddress, about("The receiver's public IPv4 address.")]]
    port: Required[Annotated[Integer, about("The receiver's UDP port.", ge=1, le=65535)]]
    codec: Annotated[TapCodec | None, about("The codec to send; defaults to the call's codec.")]
    ptime: Annotated[
        Annotated[Milliseconds, PlainValidator(check_ptime)] | None,
        about("The audio per packet; defaults to the call's.", unit="milliseconds"),
    ]


class RtpDevice(TypedDict):
    """Send RTP to an address."""

    type: Annotated[Literal["rtp"], about("RTP.")]
    params: Annotated[RtpParams, about("Where to send the audio, and in which format.")]


class WsParams(TypedDict, total=False):
    """Where to send WebSocket frames."""

    uri: Required[Annotated[WsUrl, about("The receiver's ws:// or wss:// URL.")]]
    codec: Annotated[TapCodec | None, about("The codec to send; defaults to the call's codec.")]


class WsDevice(TypedDict):
    """Send audio over a WebSocket."""

    type: Annotated[Literal["ws"], about("A WebSocket.")]
    params: Annotated[WsParams, about("Where to send the audio, and in which format.")]


class Tap(Command):
    """Send a copy of a call's audio to an RTP or WebSocket receiver.

    The tap runs until it is stopped or the call ends; its progress is posted to `status_url`.
    """

    wire: ClassVar[str] = "calling.tap"
    group: ClassVar[str] = "Audio"
    starts: ClassVar[str | None] = "tap"
    ends: ClassVar[frozenset[str]] = frozenset({"finished"})
    example: ClassVar[dict[str, Any]] = {
        "control_id": "tap-1",
        "tap": {"type": "audio", "params": {"direction": "both"}},
        "device": {"type": "rtp", "params": {"addr": "203.0.113.7", "port": 40000, "ptime": 20}},
    }

    control_id: Annotated[
        Filled, about("Your name for this tap; unique among the call's running taps.")
    ] = made()
    tap: Annotated[TapConfig, about("What to tap.")]
    device: Annotated[
        Annotated[RtpDevice | WsDevice, Field(discriminator="type")],
        about("Who receives it."),
    ]
    status_url: Annotated[HttpUrl | None, about("The URL to post the tap's progress to.")] = None


class TapStop(Command):
    """Stop a tap."""

    wire: ClassVar[str] = "calling.tap.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Audio"
    controls: ClassVar[str | None] = "tap"
    example: ClassVar[dict[str, Any]] = {"control_id": "tap-1"}

    control_id: ControlId = made()


class Transcribe(Command):
    """Transcribe the whole call in the background.

    The text is available after the call has ended. A call has one transcription at a time: the
    platform rejects a second one with HTTP 409. For text while people speak, use `live_transcribe`.
    """

    wire: ClassVar[str] = "calling.transcribe"
    group: ClassVar[str] = "Transcription and translation"
    starts: ClassVar[str | None] = "transcribe"
    # A status callback also tells of one that failed.
    ends: ClassVar[frozenset[str]] = frozenset({"finished", "failed"})
    example: ClassVar[dict[str, Any]] = {
        "control_id": "transcript-1",
        "status_url": "https://example.com/transcripts",
    }

    control_id: Annotated[Filled, about("Your name for this transcription.")] = made()
    status_url: Annotated[
        HttpUrl | None, about("The URL to notify when the transcription is finished.")
    ] = None


class TranscribeStop(Command):
    """Stop a transcription."""

    wire: ClassVar[str] = "calling.transcribe.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Transcription and translation"
    controls: ClassVar[str | None] = "transcribe"
    example: ClassVar[dict[str, Any]] = {"control_id": "transcript-1"}

    control_id: ControlId = made()


class Stream(Command):
    """Stream a call's audio to a WebSocket receiver.

    The stream runs until it is stopped or the call ends; its progress is posted to `status_url`.
    """

    wire: ClassVar[str] = "calling.stream"
    group: ClassVar[str] = "Audio"
    starts: ClassVar[str | None] = "stream"
    ends: ClassVar[frozenset[str]] = frozenset({"finished"})
    example: ClassVar[dict[str, Any]] = {
        "control_id": "stream-1",
        "url": "wss://example.com/audio",
        "track": "both_tracks",
        "custom_parameters": {"order_id": "ORD-12345"},
    }

    control_id: Annotated[
        Filled, about("Your name for this stream; unique among the call's running streams.")
    ] = made()
    url: Annotated[WssUrl, about("The receiver's wss:// URL.")]
    name: Annotated[str | None, about("A name for the stream that the receiver can read.")] = None
    codec: Annotated[
        str | None, about("A codec that the receiver supports.", examples=["PCMU", "PCMA", "OPUS"])
    ] = None
    track: Annotated[
        Literal["inbound_track", "outbound_track", "both_tracks"] | None,
        about("Whose audio to stream.", assumed="inbound_track"),
    ] = None
    authorization_bearer_token: Annotated[
        str | None, about("A bearer token sent to the receiver when the stream connects.")
    ] = None
    custom_parameters: Annotated[
        JsonObject | None, about("Any JSON object, passed to the receiver.")
    ] = None
    status_url: Annotated[HttpUrl | None, about("The URL to post the stream's progress to.")] = None
    status_url_method: Annotated[
        Literal["GET", "POST"] | None, about("The HTTP method for status_url.", assumed="POST")
    ] = None


class StreamStop(Command):
    """Stop a stream."""

    wire: ClassVar[str] = "calling.stream.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Audio"
    controls: ClassVar[str | None] = "stream"
    example: ClassVar[dict[str, Any]] = {"control_id": "stream-1"}

    control_id: ControlId = made()


class Denoise(Command):
    """Remove noise from a call's audio. A call has one such filter, so there is no control id."""

    wire: ClassVar[str] = "calling.denoise"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Audio"


class DenoiseStop(Command):
    """Stop removing noise from a call's audio."""

    wire: ClassVar[str] = "calling.denoise.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Audio"
