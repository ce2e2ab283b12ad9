"""Input and detection: digits and speech from the caller, machines, faxes and tones.

Results arrive at `status_url`; the answer to the command says only that it was accepted.
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
    """How digits are collected."""

    max: Required[Annotated[Integer, about("How many digits at most.", gt=0)]]
    terminators: Annotated[
        DtmfSet | None, about("The digits that end the input; an empty text is none.")
    ]
    digit_timeout: Annotated[
        Number | None,
        about("How long to wait for the next digit; else the space's own.", unit="seconds", gt=0),
    ]


class CollectSpeech(TypedDict, total=False):
    """How speech is collected."""

    end_silence_timeout: Annotated[
        Number | None, about("How long a silence ends the input.", unit="seconds", gt=0)
    ]
    speech_timeout: Annotated[
        Number | None, about("How long speech may take at most.", unit="seconds", gt=0)
    ]
    language: Annotated[
        str | None,
        about("A BCP-47 tag, or one with an engine before it (Deepgram:en-US); else the space's."),
    ]
    hints: Annotated[
        list[str] | None, about("Words and phrases that the recognition should favour.")
    ]
    model: Annotated[
        str | None, about("The engine's own name of a model, which only the engine checks.")
    ]
    engine: Annotated[
        Literal["Google", "Google.V2", "Deepgram"] | None,
        about("Who recognises the speech; upper and lower case matter."),
    ]


class Collect(Command):
    """Collect digits, speech, or both from the caller.

    What was entered arrives at `status_url`. With `start_input_timers=False` the time for the first
    input runs only once `collect_start_input_timers` is sent, so that a prompt can end first.
    """

    wire: ClassVar[str] = "calling.collect"
    group: ClassVar[str] = "Input"
    starts: ClassVar[str | None] = "collect"
    ends: ClassVar[frozenset[str]] = frozenset(
        {"digit", "speech", "no_input", "no_match", "finished", "error"}
    )
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
        about("How long to wait for the first input; else the space's own.", unit="seconds", gt=0),
    ] = None
    digits: Annotated[CollectDigits | None, about("How digits are collected.")] = None
    speech: Annotated[CollectSpeech | None, about("How speech is collected.")] = None
    continuous: Annotated[
        bool | None,
        about("Whether to begin again after each result, until it is stopped.", assumed=False),
    ] = None
    partial_results: Annotated[
        bool | None, about("Whether results are posted while they grow.", assumed=False)
    ] = None
    send_start_of_input: Annotated[
        bool | None, about("Whether the first sign of input is posted.", assumed=False)
    ] = None
    start_input_timers: Annotated[
        bool | None,
        about("Whether the time for the first input runs from the start.", assumed=False),
    ] = None
    status_url: Annotated[HttpUrl | None, about("Where results are posted.")] = None

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Ask for something to collect."""
        if "digits" not in given and "speech" not in given:
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
    """Let the time for the first input run."""

    wire: ClassVar[str] = "calling.collect.start_input_timers"
    group: ClassVar[str] = "Input"
    controls: ClassVar[str | None] = "collect"
    example: ClassVar[dict[str, Any]] = {"control_id": "pin-1"}

    control_id: ControlId = made()


class MachineParams(TypedDict, total=False):
    """How an answering machine is told from a person."""

    initial_timeout: Annotated[
        Number | None, about("How long to wait for a voice.", unit="seconds", assumed=4.5)
    ]
    end_silence_timeout: Annotated[
        Number | None,
        about("How long a silence after the voice settles it.", unit="seconds", assumed=1),
    ]
    machine_ready_timeout: Annotated[
        Number | None,
        about(
            "How long to wait until the machine's greeting is over; else end_silence_timeout.",
            unit="seconds",
        ),
    ]
    machine_voice_threshold: Annotated[
        Number | None,
        about("The length of voice from which it is a machine.", unit="seconds", assumed=1.25),
    ]
    machine_words_threshold: Annotated[
        Integer | None, about("The number of words from which it is a machine.", assumed=6)
    ]
    detect_interruptions: Annotated[
        bool | None,
        about("Whether to notice a person who cuts the greeting short.", assumed=False),
    ]
    detect_message_end: Annotated[
        bool | None, about("Whether to notice the end of the greeting.", assumed=True)
    ]


class MachineDetector(TypedDict, total=False):
    """Look for an answering machine."""

    type: Required[Annotated[Literal["machine"], about("An answering machine.")]]
    params: Annotated[MachineParams | None, about("How it is told from a person.")]


class FaxParams(TypedDict, total=False):
    """Which fax tone is looked for."""

    tone: Annotated[
        Literal["CNG", "CED", "cng", "ced"] | None,
        about("The tone to look for; without it, either."),
    ]


class FaxDetector(TypedDict, total=False):
    """Look for a fax machine."""

    type: Required[Annotated[Literal["fax"], about("A fax machine.")]]
    params: Annotated[FaxParams | None, about("Which tone.")]


class DigitParams(TypedDict, total=False):
    """Which digits are looked for."""

    digits: Annotated[DtmfSet | None, about("The digits to look for; an empty text is any.")]


class DigitDetector(TypedDict, total=False):
    """Look for DTMF digits."""

    type: Required[Annotated[Literal["digit"], about("DTMF digits.")]]
    params: Annotated[DigitParams | None, about("Which digits.")]


Detector = Annotated[MachineDetector | FaxDetector | DigitDetector, Field(discriminator="type")]


class Detect(Command):
    """Find out whether a machine, a fax or certain digits are on the line.

    It runs for at most `timeout` seconds, and what it finds arrives at `status_url`.
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
    detect: Annotated[Detector, about("What to look for.")]
    timeout: Annotated[
        Number | None, about("How long to look at most.", unit="seconds", ge=0, assumed=30)
    ] = None
    status_url: Annotated[HttpUrl | None, about("Where findings are posted.")] = None


class DetectStop(Command):
    """Stop a detection."""

    wire: ClassVar[str] = "calling.detect.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "Detection"
    controls: ClassVar[str | None] = "detect"
    example: ClassVar[dict[str, Any]] = {"control_id": "machine-1"}

    control_id: ControlId = made()
