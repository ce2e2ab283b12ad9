"""Transcription and translation while people speak.

Each command has one parameter that says what to do: the text `"stop"`, or an object whose only key
names the action. Texts and summaries arrive at the action's `webhook`.
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
    # A tag is its key in braces: pydantic puts tags into the paths of problems, where a tag that
    # is spelled like a key could not be told from one.
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
        f"one of {', '.join(get_args(FilterPreset))}, or your own words after prompt:",
    ),
]


class Recognition(TypedDict, total=False):
    """What starting to transcribe and starting to translate have in common."""

    direction: Required[Annotated[list[Leg], about("Whose speech is listened to.")]]
    webhook: Annotated[HttpUrl | None, about("Where events are posted.")]
    live_events: Annotated[
        bool | None, about("Whether each utterance is posted as it is recognised.")
    ]
    ai_summary: Annotated[bool | None, about("Whether the end brings a summary made by AI.")]
    ai_summary_prompt: Annotated[str | None, about("How that summary should be written.")]
    speech_engine: Annotated[
        Literal["deepgram", "google"] | None,
        about("Who recognises the speech.", assumed="deepgram"),
    ]
    speech_timeout: Annotated[
        Integer | None,
        about("How long speech may take at most.", unit="milliseconds", assumed=60000),
    ]
    vad_silence_ms: Annotated[
        Integer | None,
        about(
            "How long a silence ends an utterance; else 300 with Deepgram and 500 with Google.",
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
    """How live transcription is done."""

    lang: Annotated[str, about("The language that is spoken, as in en-US.")]


class Summarize(TypedDict, total=False):
    """A summary of the conversation so far."""

    webhook: Annotated[HttpUrl | None, about("Where the summary is posted.")]
    prompt: Annotated[str | None, about("How it should be written.")]


class TranscribeStartAction(TypedDict):
    """Start live transcription."""

    start: Annotated[TranscribeStart, about("Begin, in this way.")]


class SummarizeAction(TypedDict):
    """Ask for a summary."""

    summarize: Annotated[Summarize, about("Summarise the conversation so far.")]


class LiveTranscribe(Command):
    """Start, stop or summarise the transcription of a call while people speak.

    The answer says that the action was accepted; texts and summaries arrive at its `webhook`.
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
    """How live translation is done."""

    from_lang: Required[Annotated[str, about("The language that is spoken, as in en-US.")]]
    to_lang: Required[Annotated[str, about("The language it is put into, as in es-ES.")]]
    from_voice: Annotated[str | None, about("The voice that speaks the first language.")]
    to_voice: Annotated[str | None, about("The voice that speaks the second language.")]
    filter_from: Annotated[
        Filter | None,
        about("How speech from the first language is put: a style, or your words after prompt:."),
    ]
    filter_to: Annotated[
        Filter | None,
        about("How speech from the second language is put: a style, or your words after prompt:."),
    ]


class TranslateStartAction(TypedDict):
    """Start live translation."""

    start: Annotated[TranslateStart, about("Begin, in this way.")]


class Inject(TypedDict):
    """A text put into the conversation."""

    message: Annotated[str, about("What is translated and spoken.")]
    direction: Annotated[Leg, about("Who hears it.")]


class InjectAction(TypedDict):
    """Put a text into the conversation."""

    inject: Annotated[Inject, about("Translate and speak this text.")]


class LiveTranslate(Command):
    """Start, stop or summarise the translation of a call while people speak, or inject a text.

    The answer says that the action was accepted; what comes of it arrives at its `webhook` and, for
    the session as a whole, at `status_url`.
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
    status_url: Annotated[HttpUrl | None, about("Where the session's events are posted.")] = None
