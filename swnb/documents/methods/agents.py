"""Methods that run AI agents, and that transcribe and translate."""

from __future__ import annotations

from swnb.documents.shapes import (
    FLAG,
    FREE,
    INTEGER,
    TEXT,
    URL,
    Field,
    Shape,
    enum,
    field,
    fields,
    integer,
    listed,
    method,
    number,
)

_LEG = enum("remote-caller", "local-caller")
_ENGINE = enum("deepgram", "google")
_STOP = enum("stop")
_WITH_TEXT = ("text", "pom")


def _prompt(*more: Field) -> Shape:
    return fields(
        field("text", "The prompt as text.", TEXT),
        field("pom", "The prompt as sections with titles and bullets.", listed(FREE, at_least=1)),
        field("max_tokens", "The most tokens of an answer.", integer(0, 4096), assumed=256),
        field("temperature", "How freely the model chooses words.", number(0, 1.5), assumed=1),
        field("top_p", "The share of likely words it chooses from.", number(0, 1), assumed=1),
        field("confidence", "How sure the recognition must be.", number(0, 1), assumed=0.6),
        field("presence_penalty", "How much to avoid old topics.", number(-2, 2), assumed=0),
        field("frequency_penalty", "How much to avoid repetition.", number(-2, 2), assumed=0),
        *more,
        one_of=_WITH_TEXT,
    )


_DATA = field("global_data", "Data that the agent can read.", FREE)
_POSTED = field("post_prompt_url", "The URL to post the summary to.", URL)
_SUMMARIZE = fields(
    field(
        "summarize*",
        "Make a summary now.",
        fields(
            field("webhook", "Where to post it.", TEXT),
            field("prompt", "How to make it.", TEXT),
        ),
    )
)


def _start(*more: Field) -> Shape:
    return fields(
        field(
            "start*",
            "Begin, with these settings.",
            fields(
                *more,
                field("direction*", "Whose speech.", listed(_LEG)),
                field("webhook", "Where to post what is heard.", TEXT),
                field("ai_summary", "Make a summary at the end.", FLAG),
                field("ai_summary_prompt", "How to make it.", TEXT),
                field("live_events", "Send events while it runs.", FLAG),
                field(
                    "speech_timeout",
                    "The longest utterance.",
                    INTEGER,
                    unit="milliseconds",
                    assumed=60000,
                ),
                field(
                    "vad_silence_ms",
                    "The silence that ends an utterance.",
                    INTEGER,
                    unit="milliseconds",
                    assumed=300,
                ),
                field("vad_thresh", "How loud speech must be.", INTEGER, assumed=400),
                field("debug_level", "How much is logged.", INTEGER, assumed=0),
                field("speech_engine", "What recognizes speech.", _ENGINE, assumed="deepgram"),
            ),
        )
    )


METHODS = (
    method(
        "ai",
        "Let an AI agent lead the conversation.",
        fields(
            field(
                "prompt*",
                "Who the agent is and what it does.",
                _prompt(field("contexts", "The steps of its conversation.", FREE)),
            ),
            field("post_prompt", "What to sum up when it is over.", _prompt()),
            _POSTED,
            _DATA,
            field("hints", "Words to expect, or patterns to correct.", listed(TEXT, FREE)),
            field("languages", "The languages it speaks.", listed(FREE)),
            field("multilingual", "How it follows a change of language.", FREE),
            field("params", "Its settings.", FREE),
            field("pronounce", "How to say certain words.", listed(FREE)),
            field("SWAIG", "The functions it can call.", FREE),
        ),
    ),
    method(
        "ai_sidecar",
        "Let an AI agent listen to a conversation and advise.",
        fields(
            field("prompt", "What it does.", TEXT, FREE),
            field("lang*", "The language of the call.", Shape("string", low=1)),
            field("model", "The language model.", TEXT, assumed="gpt-4o-mini"),
            field(
                "direction",
                "Whose speech it hears.",
                listed(_LEG),
                assumed=["remote-caller", "local-caller"],
            ),
            field("customer_role", "Which side is the customer.", _LEG, assumed="remote-caller"),
            field("url", "The URL to post its events to.", URL),
            field("SWAIG", "The functions it can call.", FREE),
            field("permissions", "What its functions may do.", FREE),
            _DATA,
            field("hints", "Words to expect.", listed(TEXT, at_least=1)),
            field("params", "Its settings.", FREE),
            field("action", "Make a summary now.", _SUMMARIZE),
        ),
    ),
    method(
        "amazon_bedrock",
        "Let an agent on Amazon Bedrock lead the conversation.",
        fields(
            field(
                "prompt*",
                "Who the agent is and what it does.",
                _prompt(
                    field(
                        "voice_id",
                        "Its voice.",
                        enum("tiffany", "matthew", "amy", "lupe", "carlos"),
                        assumed="matthew",
                    )
                ),
            ),
            field("post_prompt", "What to sum up when it is over.", _prompt()),
            _POSTED,
            _DATA,
            field("params", "Its settings.", FREE),
            field("SWAIG", "The functions it can call.", FREE),
        ),
    ),
    method(
        "live_transcribe",
        "Transcribe the call while it runs.",
        fields(
            field(
                "action*",
                "Begin, sum up or stop.",
                _start(field("lang*", "The language to recognize.", TEXT)),
                _SUMMARIZE,
                enum("stop", "summarize"),
            )
        ),
    ),
    method(
        "live_translate",
        "Translate the call while it runs.",
        fields(
            field(
                "action*",
                "Begin, sum up, say something or stop.",
                _start(
                    field("from_lang*", "The language that is spoken.", TEXT),
                    field("to_lang*", "The language to translate into.", TEXT),
                    field("from_voice", "The voice of one side.", TEXT),
                    field("to_voice", "The voice of the other.", TEXT),
                    field(
                        "filter_from",
                        "The tone of one side, or prompt: and how to change it.",
                        TEXT,
                    ),
                    field("filter_to", "The tone of the other side, likewise.", TEXT),
                ),
                _SUMMARIZE,
                fields(
                    field(
                        "inject*",
                        "Say something to one side.",
                        fields(
                            field("message*", "What to say.", TEXT),
                            field("direction*", "To whom.", _LEG),
                        ),
                    )
                ),
                enum("stop", "summarize"),
            )
        ),
    ),
    method(
        "transcribe",
        "Transcribe the call in the background.",
        fields(field("status_url", "The URL to post the transcript to.", URL)),
    ),
    method("transcribe_stop", "Stop that transcription."),
)
