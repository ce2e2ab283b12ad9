"""Input and detection: digits and speech from the caller, machines, faxes and tones.

Results are posted to `status_url`; the reply to the command only confirms that it was accepted.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Required

from pydantic import Field
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.types import (
    ControlId,
    DtmfSet,
    Filled,
    Integer,
    Number,
    about,
    made,
)


class CollectDigits(TypedDict, total=False):
    """How to collect digits."""

    max: Required[Annotated[Integer, about("The maximum number of digits.", gt=0)]]
    terminators: Annotated[
        DtmfSet | None, about("The digits that end the input; an empty string means none.")
    ]
    digit_timeout: Annotated[
        Number | None,
        about(
            "How long to wait for the next digit; defaults to the space's setting.",
            unit="seconds",
            gt=0,
        ),
    ]


class CollectSpeech(TypedDict, total=False):
    """How to collect speech."""

    end_silence_timeout: Annotated[
        Number | None, about("The length of silence that ends the input.", unit="seconds", gt=0)
    ]
    speech_timeout: Annotated[
        Number | None, about("The longest time for speech.", unit="seconds", gt=0)
    ]
    language: Annotated[
        str | None,
        about(
            "A BCP-47 tag, optionally after an engine (Deepgram:en-US); defaults to the space's."
        ),
    ]
    hints: Annotated[
        list[str] | None, about("Words and phrases that speech recognition should favor.")
    ]
    model: Annotated[str | None, about("The engine's name of a model; only the engine checks it.")]
    engine: Annotated[
        Literal["Google", "Google.V2", "Deepgram"] | None,
        about("The speech recognition engine; case-sensitive."),
    ]


class Collect(Command):
    """Collect digits, speech, or both from the caller.

    The input is posted to `status_url`. With `start_input_timers=False`, the timer for the first
    input starts only when `collect_start_input_timers` is sent, so that a prompt can finish first.
    """

    wire: ClassVar[str] = "calling.collect"
    group: ClassVar[str] = "Input"
    starts: ClassVar[str | None] = "collect"
    ends: ClassVar[frozenset[str]] = frozenset(
        {"digit", "speech", "no_input", "no_match", "finished", "error"}
    )
    any_of: ClassVar[tuple[str, ...]] = ("digits", "speech")
    example: ClassVar[dict[str, Any]] = {
        "control_id": "pin-1",
        "initial_timeout": 5,
        "digits": {"max": 4, "terminators": "#", "digit_timeout": 2.5},
        "status_url": "https://example.com/pin",
    }

    control_id: Annotated[
        Filled, about("Your name for this collection; unique among the call's running ones.")
    ] = made()
    initial_timeout: Annotated[
        Number | None,
        about(
            "How long to wait for the first input; defaults to the space's setting.",
            unit="seconds",
            gt=0,
        ),
    ] = None
    digits: Annotated[CollectDigits | None, about("How to collect digits.")] = None
    speech: Annotated[CollectSpeech | None, about("How to collect speech.")] = None
    continuous: Annotated[
        bool | None,
        about("Whether to start again after each result, until it is stopped.", assumed=False),
    ] = None
    partial_results: Annotated[
        bool | None, about("Whether to post partial results.", assumed=False)
    ] = None
    send_start_of_input: Annotated[
        bool | None, about("Whether to post an event at the first sign of input.", assumed=False)
    ] = None
    start_input_timers: Annotated[
        bool | None,
        about("Whether to start the timer for the first input at once.", assumed=False),
    ] = None
    status_url: Annotated[HttpUrl | None, about("The URL to post results to.")] = None

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Require something to collect."""
        if not {*cls.any_of} & given.keys():
            yield "", "needs digits, speech, or both"


class CollectStop(Command):
    """Stop collecting."""

    wire: ClassVar[str] = "calling.collect.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Input"
    controls: ClassVar[str | None] = "collect"
    example: ClassVar[dict[str, Any]] = {"control_id": "pin-1"}

    control_id: ControlId = made()


class CollectStartInputTimers(Command):
    """Start the timer for the first input."""

    wire: ClassVar[str] = "calling.collect.start_input_timers"
    group: ClassVar[str] = "Input"
    controls: ClassVar[str | None] = "collect"
    example: ClassVar[dict[str, Any]] = {"control_id": "pin-1"}

    control_id: ControlId = made()


class MachineParams(TypedDict, total=False):
    """How to tell an answering machine from a person."""

    initial_timeout: Annotated[
        Number | None, about("How long to wait for a voice.", unit="seconds", assumed=4.5)
    ]
    end_silence_timeout: Annotated[
        Number | None,
        about("The silence after the voice that decides.", unit="seconds", assumed=1),
    ]
    machine_ready_timeout: Annotated[
        Number | None,
        about(
            "How long to wait for the end of the greeting; defaults to end_silence_timeout.",
            unit="seconds",
        ),
    ]
    machine_voice_threshold: Annotated[
        Number | None,
        about("Voice of at least this length is a machine.", unit="seconds", assumed=1.25),
    ]
    machine_words_threshold: Annotated[
        Integer | None, about("At least this number of words is a machine.", assumed=6)
    ]
    detect_interruptions: Annotated[
        bool | None,
        about("Whether to detect a person who interrupts the greeting.", assumed=False),
    ]
    detect_message_end: Annotated[
        bool | None, about("Whether to detect the end of the greeting.", assumed=True)
    ]


class MachineDetector(TypedDict, total=False):
    """Detect an answering machine."""

    type: Required[Annotated[Literal["machine"], about("An answering machine.")]]
    params: Annotated[MachineParams | None, about("How to tell it from a person.")]


class FaxParams(TypedDict, total=False):
    """Which fax tone to detect."""

    tone: Annotated[
        Literal["CNG", "CED", "cng", "ced"] | None,
        about("The tone to detect; either by default."),
    ]


class FaxDetector(TypedDict, total=False):
    """Detect a fax machine."""

    type: Required[Annotated[Literal["fax"], about("A fax machine.")]]
    params: Annotated[FaxParams | None, about("Which tone to detect.")]


class DigitParams(TypedDict, total=False):
    """Which digits to detect."""

    digits: Annotated[DtmfSet | None, about("The digits to detect; an empty string means any.")]


class DigitDetector(TypedDict, total=False):
    """Detect DTMF digits."""

    type: Required[Annotated[Literal["digit"], about("DTMF digits.")]]
    params: Annotated[DigitParams | None, about("Which digits to detect.")]


Detector = Annotated[MachineDetector | FaxDetector | DigitDetector, Field(discriminator="type")]


class Detect(Command):
    """Detect an answering machine, a fax or certain digits on the line.

    It runs for at most `timeout` seconds; findings are posted to `status_url`.
    """

    wire: ClassVar[str] = "calling.detect"
    group: ClassVar[str] = "Detection"
    starts: ClassVar[str | None] = "detect"
    ends: ClassVar[frozenset[str]] = frozenset(
        {"HUMAN", "MACHINE", "UNKNOWN", "CED", "CNG", *"0123456789ABCD*#", "finished"}
    )
    example: ClassVar[dict[str, Any]] = {
        "control_id": "machine-1",
        "detect": {"type": "machine", "params": {"initial_timeout": 4.5, "end_silence_timeout": 1}},
        "timeout": 30,
        "status_url": "https://example.com/detected",
    }

    control_id: Annotated[
        Filled, about("Your name for this detection; unique among the call's running ones.")
    ] = made()
    detect: Annotated[Detector, about("What to detect.")]
    timeout: Annotated[
        Number | None, about("The longest time to run.", unit="seconds", ge=0, assumed=30)
    ] = None
    status_url: Annotated[HttpUrl | None, about("The URL to post findings to.")] = None


class DetectStop(Command):
    """Stop a detection."""

    wire: ClassVar[str] = "calling.detect.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Detection"
    controls: ClassVar[str | None] = "detect"
    example: ClassVar[dict[str, Any]] = {"control_id": "machine-1"}

    control_id: ControlId = made()
