"""Playing and recording.

Both continue after the reply: their progress, and the URL of a finished recording, are posted to
`status_url`. A control id names each one for the commands that pause, resume and stop it.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.types import (
    AudioDirection,
    ControlId,
    DtmfSet,
    Filled,
    Integer,
    Number,
    TextRule,
    about,
    made,
    matches,
)

Gender = Literal["male", "female"]
# In a name the platform allows periods and hyphens as the only special characters. The underscore
# counts as a letter here, as in most code: if a provider does not know the name, the platform
# rejects it.
Voice = Annotated[
    str,
    AfterValidator(
        TextRule("a voice name of letters, digits, periods and hyphens", matches(r"[\w.-]*"))
    ),
]
Volume = Annotated[Number, Field(ge=-40, le=40)]
Ringtone = Literal[
    "au", "be", "ca", "cn", "cy", "cz", "de", "dk", "dz", "eg", "es", "fi", "fr", "hu", "il", "in",
    "jp", "ko", "pk", "pl", "ro", "rs", "ru", "sa", "tr", "uk", "us", "at", "bg", "br", "ch", "cl",
    "ee", "gr", "it", "lt", "mx", "my", "nl", "no", "nz", "ph", "pt", "se", "sg", "th", "za", "tw",
    "ve", "bong",
]  # fmt: skip


class AudioParams(TypedDict):
    """An audio file."""

    url: Annotated[HttpUrl, about("The URL of the file.")]


class AudioItem(TypedDict):
    """Play an audio file."""

    type: Annotated[Literal["audio"], about("An audio file.")]
    params: Annotated[AudioParams, about("Which file to play.")]


class TtsParams(TypedDict, total=False):
    """Text to speech."""

    text: Required[Annotated[str, about("What to say.")]]
    language: Annotated[
        str | None, about("The language as a BCP-47 tag; defaults to the command's, then en-US.")
    ]
    gender: Annotated[
        Gender | None, about("The voice's gender; defaults to the command's, then female.")
    ]
    voice: Annotated[
        Voice | None,
        about("The provider's name of the voice; defaults to the command's, then one by gender."),
    ]


class TtsItem(TypedDict):
    """Speak a text."""

    type: Annotated[Literal["tts"], about("Text to speech.")]
    params: Annotated[TtsParams, about("The text and how to speak it.")]


class SilenceParams(TypedDict):
    """A pause."""

    duration: Annotated[Number, about("The length of the silence.", unit="seconds", gt=0)]


class SilenceItem(TypedDict):
    """Play silence."""

    type: Annotated[Literal["silence"], about("Silence.")]
    params: Annotated[SilenceParams, about("How long to be silent.")]


class RingtoneParams(TypedDict, total=False):
    """A ringtone."""

    name: Required[
        Annotated[Ringtone, about("The two-letter code of the ringtone's country, or bong.")]
    ]
    duration: Annotated[
        Number | None,
        about("The longest time to play; without it, until it is stopped.", unit="seconds"),
    ]


class RingtoneItem(TypedDict):
    """Play a country's ringtone."""

    type: Annotated[Literal["ringtone"], about("A ringtone.")]
    params: Annotated[RingtoneParams, about("Which ringtone, and for how long.")]


MediaItem = Annotated[AudioItem | TtsItem | SilenceItem | RingtoneItem, Field(discriminator="type")]


class Play(Command):
    """Play audio files, speech, silence or ringtones into a call.

    The reply only confirms that the playback was accepted; `playing`, `paused`, `finished` and
    `error` are posted to `status_url`.
    """

    wire: ClassVar[str] = "calling.play"
    group: ClassVar[str] = "Playing"
    starts: ClassVar[str | None] = "play"
    ends: ClassVar[frozenset[str]] = frozenset({"finished", "error"})
    example: ClassVar[dict[str, Any]] = {
        "control_id": "greeting-1",
        "play": [
            {"type": "tts", "params": {"text": "Your order is on its way.", "language": "en-US"}},
            {"type": "silence", "params": {"duration": 0.5}},
            {"type": "audio", "params": {"url": "https://example.com/jingle.mp3"}},
        ],
        "volume": 3,
    }

    control_id: Annotated[
        Filled, about("Your name for this playback; unique among the call's running playbacks.")
    ] = made()
    play: Annotated[list[MediaItem], about("What to play, in order.")]
    volume: Annotated[
        Volume | None, about("How much louder or quieter to play.", unit="dB", assumed=0)
    ] = None
    direction: Annotated[AudioDirection | None, about("Who hears it.", assumed="listen")] = None
    loop: Annotated[
        Integer | None,
        about("How many times to play the whole list; 0 repeats forever.", ge=0, assumed=1),
    ] = None
    language: Annotated[
        str | None,
        about("The BCP-47 language for speech items without one.", assumed="en-US"),
    ] = None
    voice: Annotated[
        Voice | None, about("The voice for speech items without one; defaults to one by gender.")
    ] = None
    gender: Annotated[
        Gender | None,
        about("The gender of the voice for speech items without one.", assumed="female"),
    ] = None
    status_url: Annotated[HttpUrl | None, about("The URL to post the playback's progress to.")] = (
        None
    )


class _OnPlayback(Command):
    """A command that acts on one playback."""

    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = Play.group
    controls: ClassVar[str | None] = Play.starts
    example: ClassVar[dict[str, Any]] = {"control_id": "greeting-1"}

    control_id: ControlId = made()


class PlayPause(_OnPlayback):
    """Pause a playback."""

    wire: ClassVar[str] = "calling.play.pause"


class PlayResume(_OnPlayback):
    """Resume a paused playback."""

    wire: ClassVar[str] = "calling.play.resume"


class PlayStop(_OnPlayback):
    """Stop a playback."""

    wire: ClassVar[str] = "calling.play.stop"


class PlayVolume(_OnPlayback):
    """Make a running playback louder or quieter."""

    wire: ClassVar[str] = "calling.play.volume"
    example: ClassVar[dict[str, Any]] = {"control_id": "greeting-1", "volume": -6.5}

    volume: Annotated[Volume, about("How much louder or quieter to play.", unit="dB")]


class RecordAudio(TypedDict, total=False):
    """How to record a call."""

    beep: Annotated[bool | None, about("Whether to play a beep first.", assumed=False)]
    format: Annotated[
        Literal["mp3", "wav", "mp4"] | None, about("The file's format.", assumed="mp3")
    ]
    stereo: Annotated[
        bool | None, about("Whether each direction gets its own channel.", assumed=False)
    ]
    direction: Annotated[AudioDirection | None, about("Whose audio to record.", assumed="speak")]
    initial_timeout: Annotated[
        Number | None,
        about("How long to wait for the first speech.", unit="seconds", ge=0, assumed=4),
    ]
    end_silence_timeout: Annotated[
        Number | None,
        about("The silence after speech that ends it.", unit="seconds", ge=0, assumed=0.5),
    ]
    max_length: Annotated[
        Integer | None,
        about("The maximum length; 0 is unlimited.", unit="seconds", ge=0, assumed=0),
    ]
    terminators: Annotated[
        DtmfSet | None, about("The digits that end it when pressed.", assumed="#")
    ]
    input_sensitivity: Annotated[
        Number | None, about("How sensitive voice detection is.", ge=0, le=100, assumed=44)
    ]


class RecordParams(TypedDict):
    """What to record; the platform records only audio."""

    audio: Annotated[RecordAudio, about("How to record audio.")]


class Record(Command):
    """Record a call.

    The reply does not contain the recording: its URL arrives with the `finished` event at
    `status_url`, and with the call's events in the voice log.
    """

    wire: ClassVar[str] = "calling.record"
    group: ClassVar[str] = "Recording"
    starts: ClassVar[str | None] = "record"
    ends: ClassVar[frozenset[str]] = frozenset({"finished", "no_input", "error"})
    example: ClassVar[dict[str, Any]] = {
        "control_id": "recording-1",
        "record": {"audio": {"format": "wav", "stereo": True, "direction": "both"}},
        "status_url": "https://example.com/recordings",
    }

    control_id: Annotated[
        Filled, about("Your name for this recording; unique among the call's running recordings.")
    ] = made()
    record: Annotated[RecordParams, about("What to record, and how.")]
    status_url: Annotated[
        HttpUrl | None, about("The URL to post the recording's events and its URL to.")
    ] = None


class _OnRecording(Command):
    """A command that acts on one recording."""

    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = Record.group
    controls: ClassVar[str | None] = Record.starts
    example: ClassVar[dict[str, Any]] = {"control_id": "recording-1"}

    control_id: ControlId = made()


class RecordPause(_OnRecording):
    """Pause a recording."""

    wire: ClassVar[str] = "calling.record.pause"
    example: ClassVar[dict[str, Any]] = {"control_id": "recording-1", "behavior": "silence"}

    behavior: Annotated[
        Literal["skip", "silence"] | None,
        about("Whether the file skips the pause or keeps it as silence.", assumed="skip"),
    ] = None


class RecordResume(_OnRecording):
    """Resume a paused recording."""

    wire: ClassVar[str] = "calling.record.resume"


class RecordStop(_OnRecording):
    """Stop a recording."""

    wire: ClassVar[str] = "calling.record.stop"
