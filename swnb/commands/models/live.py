"""Transcription and translation while people speak.

Each command has one parameter that says what to do: the string `"stop"`, or an object whose only key
names the action. Transcripts and summaries are posted to the action's `webhook`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Required, get_args

from pydantic import Field, Tag
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.types import Integer, Leg, about, either

FilterPreset = Literal["polite", "rude", "professional", "shakespeare", "gen-z"]


def _action_among(*names: str) -> Callable[[Any], str | None]:
    # A tag is its key in braces: pydantic puts tags into the paths of problems, and a tag that is
    # spelled like a key would be indistinguishable from it.
    def pick(value: Any) -> str | None:
        if isinstance(value, str):
            return value if value == "stop" else None
        named = [name for name in names if isinstance(value, Mapping) and name in value]
        return f"{{{named[0]}}}" if len(named) == 1 else None

    return pick


def _preset_or_prompt(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    if value in get_args(FilterPreset):
        return "preset"
    return "prompt" if value.startswith("prompt:") else None


Filter = Annotated[
    Annotated[FilterPreset, Tag("preset")]
    | Annotated[str, Field(pattern="^prompt:.+$"), Tag("prompt")],
    either(
        _preset_or_prompt,
        f"one of {', '.join(get_args(FilterPreset))}, or prompt: followed by your own instructions",
    ),
]


class Recognition(TypedDict, total=False):
    """The parameters shared by live transcription and live translation."""

    direction: Required[Annotated[list[Leg], about("Whose speech to recognize.")]]
    webhook: Annotated[HttpUrl | None, about("The URL to post events to.")]
    live_events: Annotated[
        bool | None, about("Whether to post each utterance as it is recognized.")
    ]
    ai_summary: Annotated[bool | None, about("Whether to write an AI summary at the end.")]
    ai_summary_prompt: Annotated[str | None, about("The prompt for that summary.")]
    speech_engine: Annotated[
        Literal["deepgram", "google"] | None,
        about("The speech recognition engine.", assumed="deepgram"),
    ]
    speech_timeout: Annotated[
        Integer | None,
        about("The longest time for speech.", unit="milliseconds", assumed=60000),
    ]
    vad_silence_ms: Annotated[
        Integer | None,
        about(
            "The length of silence that ends an utterance; by default 300 with Deepgram and 500 "
            "with Google.",
            unit="milliseconds",
        ),
    ]
    vad_thresh: Annotated[
        Integer | None,
        about("How loud a sound must be to count as voice.", ge=0, le=1800, assumed=400),
    ]
    debug_level: Annotated[
        Integer | None, about("How much the platform logs.", ge=0, le=2, assumed=0)
    ]


class TranscribeStart(Recognition):
    """How to transcribe."""

    lang: Annotated[str, about("The spoken language, such as en-US.")]


class Summarize(TypedDict, total=False):
    """A summary of the conversation so far."""

    webhook: Annotated[HttpUrl | None, about("The URL to post the summary to.")]
    prompt: Annotated[str | None, about("The prompt for the summary.")]


class TranscribeStartAction(TypedDict):
    """Start live transcription."""

    start: Annotated[TranscribeStart, about("Start, with these settings.")]


class SummarizeAction(TypedDict):
    """Ask for a summary."""

    summarize: Annotated[Summarize, about("Summarize the conversation so far.")]


class LiveTranscribe(Command):
    """Start, stop or summarize the transcription of a call while people speak.

    The reply only confirms the action; transcripts and summaries are posted to its `webhook`.
    """

    wire: ClassVar[str] = "calling.live_transcribe"
    group: ClassVar[str] = "Transcription and translation"
    example: ClassVar[dict[str, Any]] = {
        "action": {
            "start": {
                "lang": "en-US",
                "direction": ["remote-caller", "local-caller"],
                "webhook": "https://example.com/utterances",
                "live_events": True,
            }
        }
    }

    action: Annotated[
        Annotated[
            Annotated[TranscribeStartAction, Tag("{start}")]
            | Annotated[SummarizeAction, Tag("{summarize}")]
            | Annotated[Literal["stop"], Tag("stop")],
            either(
                _action_among("start", "summarize"),
                '"stop" or an object with one of start and summarize',
            ),
        ],
        about('What to do: "stop", or an object with start or summarize.'),
    ]


class TranslateStart(Recognition, total=False):
    """How to translate."""

    from_lang: Required[Annotated[str, about("The spoken language, such as en-US.")]]
    to_lang: Required[Annotated[str, about("The language to translate into, such as es-ES.")]]
    from_voice: Annotated[str | None, about("The voice that speaks the first language.")]
    to_voice: Annotated[str | None, about("The voice that speaks the second language.")]
    filter_from: Annotated[
        Filter | None,
        about("A style for speech from the first language, or prompt: with your instructions."),
    ]
    filter_to: Annotated[
        Filter | None,
        about("A style for speech from the second language, or prompt: with your instructions."),
    ]


class TranslateStartAction(TypedDict):
    """Start live translation."""

    start: Annotated[TranslateStart, about("Start, with these settings.")]


class Inject(TypedDict):
    """A message to add to the conversation."""

    message: Annotated[str, about("The message to translate and speak.")]
    direction: Annotated[Leg, about("Who hears it.")]


class InjectAction(TypedDict):
    """Add a message to the conversation."""

    inject: Annotated[Inject, about("The message to translate and speak.")]


class LiveTranslate(Command):
    """Start, stop or summarize the translation of a call while people speak, or inject a message.

    The reply only confirms the action; its results are posted to its `webhook`, and events of the
    whole session to `status_url`.
    """

    wire: ClassVar[str] = "calling.live_translate"
    group: ClassVar[str] = "Transcription and translation"
    example: ClassVar[dict[str, Any]] = {
        "action": {
            "start": {
                "from_lang": "en-US",
                "to_lang": "es-ES",
                "direction": ["remote-caller", "local-caller"],
                "filter_to": "prompt:Keep product names as they are",
                "speech_timeout": 45000,
            }
        },
        "status_url": "https://example.com/translation",
    }

    action: Annotated[
        Annotated[
            Annotated[TranslateStartAction, Tag("{start}")]
            | Annotated[SummarizeAction, Tag("{summarize}")]
            | Annotated[InjectAction, Tag("{inject}")]
            | Annotated[Literal["stop"], Tag("stop")],
            either(
                _action_among("start", "summarize", "inject"),
                '"stop" or an object with one of start, summarize and inject',
            ),
        ],
        about('What to do: "stop", or an object with start, summarize or inject.'),
    ]
    status_url: Annotated[HttpUrl | None, about("The URL to post the session's events to.")] = None
