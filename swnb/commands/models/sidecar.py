"""The AI sidecar: an observer that listens to a call and advises its agent, unheard by the caller."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import AfterValidator, Field
from typing_extensions import TypedDict

from swnb.commands.addresses import HttpUrl
from swnb.commands.base import Command
from swnb.commands.models.sidecar_parts import MODELS, Permissions, Prompt, Swaig
from swnb.commands.types import Integer, JsonObject, Leg, about, wrong


class SidecarParams(TypedDict, total=False):
    """How a sidecar is tuned."""

    idle_timeout_ms: Annotated[
        Integer | None,
        about(
            "How long the customer is silent before the sidecar thinks; less is quicker.",
            unit="milliseconds",
            ge=50,
            le=5000,
            assumed=200,
        ),
    ]
    min_interval_ms: Annotated[
        Integer | None,
        about(
            "The least time between two thoughts.",
            unit="milliseconds",
            ge=0,
            le=60000,
            assumed=0,
        ),
    ]
    max_iters_per_tick: Annotated[
        Integer | None, about("How many functions one thought may call.", ge=1, le=20, assumed=5)
    ]
    max_history_tokens: Annotated[
        Integer | None,
        about(
            "How much it remembers; beyond that the oldest is dropped.",
            unit="tokens",
            ge=1000,
            le=200000,
            assumed=8000,
        ),
    ]
    act_on_channel: Annotated[
        bool | None,
        about("Whether its functions act on the call, or are only reported.", assumed=True),
    ]
    final_summary: Annotated[
        bool | None, about("Whether it sums up its own session at the end.", assumed=False)
    ]
    ai_summary: Annotated[
        bool | None, about("Whether the conversation is summed up at the end.", assumed=False)
    ]
    ai_summary_prompt: Annotated[str | None, about("How that should be written.")]
    summary_model: Annotated[
        str | None,
        about("The model that writes it.", assumed=MODELS[0], examples=MODELS),
    ]
    live_events: Annotated[bool | None, about("Whether each utterance is posted.", assumed=False)]
    verbose_utterances: Annotated[
        bool | None,
        about("Whether those posts hold word times and alternatives.", assumed=False),
    ]
    speech_engine: Annotated[
        Literal["deepgram", "google"] | None,
        about("Who recognises the speech.", assumed="deepgram"),
    ]
    speech_timeout: Annotated[
        Integer | None,
        about(
            "How long to wait before speech is settled; 0 is the engine's own.",
            unit="milliseconds",
            ge=0,
            le=600000,
        ),
    ]
    vad_silence_ms: Annotated[
        Integer | None,
        about(
            "How long a silence ends speech; 0 is the engine's own.",
            unit="milliseconds",
            ge=0,
            le=60000,
        ),
    ]
    vad_thresh: Annotated[
        Integer | None,
        about("How readily sound counts as voice; 0 is the engine's own.", ge=0, le=10000),
    ]
    debug_level: Annotated[
        Integer | None, about("How much the speech engine logs.", ge=0, le=100, assumed=0)
    ]
    debug: Annotated[bool | None, about("Whether the sidecar logs much.", assumed=False)]
    transcribe_prompt: Annotated[
        str | None, about("Words that the recognition should expect; not the sidecar's prompt.")
    ]


class SidecarSummarize(TypedDict, total=False):
    """A summary of the conversation so far."""

    webhook: Annotated[HttpUrl | None, about("Where it is posted; else the command's url.")]
    prompt: Annotated[str | None, about("How it is written; else as ai_summary_prompt says.")]


class SidecarAction(TypedDict):
    """Summarise instead of attaching a sidecar."""

    summarize: Annotated[SidecarSummarize, about("Summarise the conversation so far.")]


def _both_legs(value: list[Leg]) -> list[Leg]:
    if set(value) != set(get_args(Leg)):
        raise wrong(f"must name both legs: {' and '.join(get_args(Leg))}")
    return value


class AiSidecar(Command):
    """Attach an AI observer to an answered call, or have the conversation summed up.

    It listens and posts advice for the agent to `url`; it never speaks on the call. Without `url`
    its posts go to RELAY alone. With `action` the conversation is summed up once and nothing is
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

    lang: Annotated[str, about("The language that is spoken, as one BCP-47 tag.", min_length=1)]
    prompt: Annotated[
        Prompt | None,
        about(
            "How it should advise: a text, sections, or a file on the platform. Set one: what it "
            "does without is minimal."
        ),
    ] = None
    model: Annotated[
        str | None,
        about("The model that advises and sums up.", assumed=MODELS[0], examples=MODELS),
    ] = None
    direction: Annotated[
        Annotated[list[Leg], AfterValidator(_both_legs)] | None,
        about("Whom it listens to: always both.", assumed=list(get_args(Leg))),
    ] = None
    customer_role: Annotated[
        Leg | None,
        about("Who is the customer, after whose turns it thinks.", assumed="remote-caller"),
    ] = None
    url: Annotated[
        HttpUrl | None,
        about("Where its posts go; credentials may be part of it (user:password@)."),
    ] = None
    SWAIG: Annotated[Swaig | None, about("The functions and MCP servers it can use.")] = None
    permissions: Annotated[
        Permissions | None, about("What its functions may do: everything, unless said otherwise.")
    ] = None
    global_data: Annotated[
        JsonObject | None, about("Any JSON object, there for prompts and functions.")
    ] = None
    hints: Annotated[
        list[str] | None, about("Words that the recognition should favour.", min_length=1)
    ] = None
    params_: Annotated[SidecarParams | None, about("How it is tuned.")] = None
    action: Annotated[
        SidecarAction | None, about("Sum up the conversation instead of attaching a sidecar.")
    ] = None


class AiSidecarPoke(Command):
    """Tell the sidecar something and have it respond at once."""

    wire: ClassVar[str] = "calling.ai_sidecar.poke"
    group: ClassVar[str] = "AI sidecar"
    example: ClassVar[dict[str, Any]] = {"text": "The customer has asked for a refund."}

    text: Annotated[str, about("What it is told.")] = Field(kw_only=False)


class AiSidecarAsk(Command):
    """Ask the sidecar a question beside the conversation.

    The answer to the command holds an `ask_id`; the sidecar's own arrives at its `url` as an
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
    """Read the sidecar's counters: thoughts, function calls, tokens and so on.

    The answer may be one line of text, `+OK` and then `key=value` pairs.
    """

    wire: ClassVar[str] = "calling.ai_sidecar.status"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI sidecar"
