"""The AI sidecar: it listens to a call and advises the agent; the caller never hears it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.models.sidecar_parts import MODELS, Permissions, Prompt, Swaig
from swnb.commands.types import Integer, JsonObject, Leg, about, wrong


class SidecarParams(TypedDict, total=False):
    """A sidecar's settings."""

    idle_timeout_ms: Annotated[
        Integer | None,
        about(
            "How long the customer must be silent before the sidecar responds; lower is faster.",
            unit="milliseconds",
            ge=50,
            le=5000,
            assumed=200,
        ),
    ]
    min_interval_ms: Annotated[
        Integer | None,
        about(
            "The minimum time between two responses.",
            unit="milliseconds",
            ge=0,
            le=60000,
            assumed=0,
        ),
    ]
    max_iters_per_tick: Annotated[
        Integer | None, about("The most functions one response may call.", ge=1, le=20, assumed=5)
    ]
    max_history_tokens: Annotated[
        Integer | None,
        about(
            "How much history to keep; the oldest is dropped first.",
            unit="tokens",
            ge=1000,
            le=200000,
            assumed=8000,
        ),
    ]
    act_on_channel: Annotated[
        bool | None,
        about("Whether its functions act on the call or are only reported.", assumed=True),
    ]
    final_summary: Annotated[
        bool | None, about("Whether to summarize the sidecar's session at the end.", assumed=False)
    ]
    ai_summary: Annotated[
        bool | None, about("Whether to summarize the conversation at the end.", assumed=False)
    ]
    ai_summary_prompt: Annotated[str | None, about("The prompt for that summary.")]
    summary_model: Annotated[
        str | None,
        about("The model that writes the summary.", assumed=MODELS[0], examples=MODELS),
    ]
    live_events: Annotated[bool | None, about("Whether to post each utterance.", assumed=False)]
    verbose_utterances: Annotated[
        bool | None,
        about("Whether those posts include word timings and alternatives.", assumed=False),
    ]
    speech_engine: Annotated[
        Literal["deepgram", "google"] | None,
        about("The speech recognition engine.", assumed="deepgram"),
    ]
    speech_timeout: Annotated[
        Integer | None,
        about(
            "How long to wait before speech is final; 0 uses the engine's default.",
            unit="milliseconds",
            ge=0,
            le=600000,
        ),
    ]
    vad_silence_ms: Annotated[
        Integer | None,
        about(
            "The length of silence that ends speech; 0 uses the engine's default.",
            unit="milliseconds",
            ge=0,
            le=60000,
        ),
    ]
    vad_thresh: Annotated[
        Integer | None,
        about("The voice detection threshold; 0 uses the engine's default.", ge=0, le=10000),
    ]
    debug_level: Annotated[
        Integer | None, about("How much the speech engine logs.", ge=0, le=100, assumed=0)
    ]
    debug: Annotated[bool | None, about("Whether the sidecar logs debug output.", assumed=False)]
    transcribe_prompt: Annotated[
        str | None, about("Words that speech recognition should expect; not the sidecar's prompt.")
    ]


class SidecarSummarize(TypedDict, total=False):
    """A summary of the conversation so far."""

    webhook: Annotated[
        HttpUrl | None, about("The URL to post it to; defaults to the command's url.")
    ]
    prompt: Annotated[str | None, about("The prompt for it; defaults to ai_summary_prompt.")]


class SidecarAction(TypedDict):
    """Summarize instead of attaching a sidecar."""

    summarize: Annotated[SidecarSummarize, about("Summarize the conversation so far.")]


def _both_legs(value: list[Leg]) -> list[Leg]:
    if set(value) != set(get_args(Leg)):
        raise wrong(f"must name both legs: {' and '.join(get_args(Leg))}")
    return value


class AiSidecar(Command):
    """Attach an AI observer to an answered call, or summarize the conversation.

    It listens and posts advice for the agent to `url`; it never speaks on the call. Without `url`,
    it posts to RELAY only. With `action`, the conversation is summarized once and nothing is
    attached.
    """

    wire: ClassVar[str] = "calling.ai_sidecar"
    group: ClassVar[str] = "AI sidecar"
    example: ClassVar[dict[str, Any]] = {
        "lang": "en-US",
        "prompt": {"pom": [{"title": "Task", "bullets": ["Advise the agent", "Be brief"]}]},
        "url": "https://example.com/sidecar",
        "SWAIG": {
            "functions": [
                {
                    "function": "find_order",
                    "description": "Find an order by its number",
                    "parameters": {
                        "type": "object",
                        "properties": {"order_id": {"type": "string"}},
                        "required": ["order_id"],
                    },
                }
            ]
        },
        "hints": ["ORD", "refund"],
        "params": {"idle_timeout_ms": 250, "final_summary": True},
    }

    lang: Annotated[str, about("The spoken language, as one BCP-47 tag.", min_length=1)]
    prompt: Annotated[
        Prompt | None,
        about(
            "How to advise: a string, sections, or a file on the platform. Recommended: without a "
            "prompt the advice is minimal."
        ),
    ] = None
    model: Annotated[
        str | None,
        about("The model that advises and summarizes.", assumed=MODELS[0], examples=MODELS),
    ] = None
    direction: Annotated[
        Annotated[list[Leg], AfterValidator(_both_legs)] | None,
        about("Whom it listens to: always both.", assumed=list(get_args(Leg))),
    ] = None
    customer_role: Annotated[
        Leg | None,
        about(
            "Which leg is the customer; the sidecar responds after their turns.",
            assumed="remote-caller",
        ),
    ] = None
    url: Annotated[
        HttpUrl | None,
        about("The URL it posts to; may contain credentials (user:password@)."),
    ] = None
    SWAIG: Annotated[Swaig | None, about("The functions and MCP servers it can use.")] = None
    permissions: Annotated[
        Permissions | None, about("What its functions may do; everything by default.")
    ] = None
    global_data: Annotated[
        JsonObject | None, about("Any JSON object, available to prompts and functions.")
    ] = None
    hints: Annotated[
        list[str] | None, about("Words that speech recognition should favor.", min_length=1)
    ] = None
    params_: Annotated[SidecarParams | None, about("The sidecar's settings.")] = None
    action: Annotated[
        SidecarAction | None, about("Summarize the conversation instead of attaching a sidecar.")
    ] = None


class AiSidecarPoke(Command):
    """Send the sidecar a message and have it respond at once."""

    wire: ClassVar[str] = "calling.ai_sidecar.poke"
    group: ClassVar[str] = "AI sidecar"
    example: ClassVar[dict[str, Any]] = {"text": "The customer has asked for a refund."}

    text: Annotated[str, about("The message.")] = Field(kw_only=False)


class AiSidecarAsk(Command):
    """Ask the sidecar a question outside the conversation.

    The reply to the command has an `ask_id`; the sidecar's answer is posted to its `url` as an
    `ask_answer` with the same id.
    """

    wire: ClassVar[str] = "calling.ai_sidecar.ask"
    group: ClassVar[str] = "AI sidecar"
    example: ClassVar[dict[str, Any]] = {"text": "Which objections were raised so far?"}

    text: Annotated[str, about("The question.")] = Field(kw_only=False)


class AiSidecarStop(Command):
    """Detach the sidecar from the call."""

    wire: ClassVar[str] = "calling.ai_sidecar.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI sidecar"


class AiSidecarStatus(Command):
    """Read the sidecar's counters: responses, function calls, tokens and so on.

    The reply may be one line of text: `+OK`, then `key=value` pairs.
    """

    wire: ClassVar[str] = "calling.ai_sidecar.status"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI sidecar"
