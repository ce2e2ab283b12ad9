"""The AI agent on a call: hold it, speak to it, stop it."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator
from typing_extensions import TypedDict

from swnb.commands.base import Command
from swnb.commands.types import JsonObject, TextRule, about, matches


class AiHold(Command):
    """Put a caller on hold, away from the AI agent."""

    wire: ClassVar[str] = "calling.ai_hold"
    group: ClassVar[str] = "AI"
    example: ClassVar[dict[str, Any]] = {
        "timeout": "120",
        "prompt": "Tell the caller that you are looking up the order.",
    }

    timeout: Annotated[
        Annotated[
            str,
            AfterValidator(
                TextRule(
                    'a whole number of seconds given as a text, as in "300"', matches("[0-9]+")
                )
            ),
        ]
        | None,
        about(
            "How long the hold lasts at most. A text of digits: the platform refuses a number.",
            unit="seconds",
        ),
    ] = None
    prompt: Annotated[
        str | None, about("What the agent is told, and tells the caller, before the hold begins.")
    ] = None


class AiUnhold(Command):
    """Bring a caller back from hold to the AI agent."""

    wire: ClassVar[str] = "calling.ai_unhold"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI"


class AiReset(TypedDict, total=False):
    """What of an AI conversation is begun anew."""

    full_reset: Annotated[bool | None, about("Whether the whole history is forgotten.")]
    user_prompt: Annotated[str | None, about("The user prompt to go on with.")]
    system_prompt: Annotated[str | None, about("The system prompt to go on with.")]


class AiMessage(Command):
    """Put a message into the conversation with the AI agent, or begin it anew.

    A `system` message instructs the agent unheard, a `user` message is answered as if the caller
    had said it, an `assistant` message stands in the history as the agent's own. The platform
    expects `role` and `message_text` together, or `reset`, and enforces neither.
    """

    wire: ClassVar[str] = "calling.ai_message"
    group: ClassVar[str] = "AI"
    example: ClassVar[dict[str, Any]] = {
        "role": "system",
        "message_text": "The order ORD-12345 has been shipped.",
        "global_data": {"order_id": "ORD-12345", "coupon": None},
    }

    role: Annotated[
        Literal["system", "user", "assistant"] | None, about("In whose name the message stands.")
    ] = None
    message_text: Annotated[str | None, about("The message.")] = None
    reset: Annotated[AiReset | None, about("What to begin anew.")] = None
    global_data: Annotated[
        JsonObject | None, about("Any JSON object, merged into the session's global data.")
    ] = None


class AiStop(Command):
    """End the AI session on a call."""

    wire: ClassVar[str] = "calling.ai.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI"

    control_id: Annotated[
        str | None, about("Reserved: the platform ignores it, since a call has one AI session.")
    ] = None
