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
                TextRule('a whole number of seconds as a string, such as "300"', matches("[0-9]+"))
            ),
        ]
        | None,
        about(
            "The longest hold, as a string of digits: the platform rejects a number.",
            unit="seconds",
        ),
    ] = None
    prompt: Annotated[
        str | None, about("What the agent is to tell the caller before the hold begins.")
    ] = None


class AiUnhold(Command):
    """Bring a caller back from hold to the AI agent."""

    wire: ClassVar[str] = "calling.ai_unhold"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI"


class AiReset(TypedDict, total=False):
    """What to reset in an AI conversation."""

    full_reset: Annotated[bool | None, about("Whether to clear the whole history.")]
    user_prompt: Annotated[str | None, about("The user prompt to continue with.")]
    system_prompt: Annotated[str | None, about("The system prompt to continue with.")]


class AiMessage(Command):
    """Add a message to the conversation with the AI agent, or reset the conversation.

    A `system` message instructs the agent without being heard, a `user` message is answered as if
    the caller had said it, and an `assistant` message is added to the history as the agent's own.
    The platform expects `role` and `message_text` together, or `reset`, but enforces neither.
    """

    wire: ClassVar[str] = "calling.ai_message"
    group: ClassVar[str] = "AI"
    example: ClassVar[dict[str, Any]] = {
        "role": "system",
        "message_text": "The order ORD-12345 has been shipped.",
        "global_data": {"order_id": "ORD-12345", "coupon": None},
    }

    role: Annotated[
        Literal["system", "user", "assistant"] | None, about("Who the message is from.")
    ] = None
    message_text: Annotated[str | None, about("The message.")] = None
    reset: Annotated[AiReset | None, about("What to reset.")] = None
    global_data: Annotated[
        JsonObject | None, about("A JSON object to merge into the session's global data.")
    ] = None


class AiStop(Command):
    """End the AI session on a call."""

    wire: ClassVar[str] = "calling.ai.stop"
    repeatable: ClassVar[bool] = True
    group: ClassVar[str] = "AI"

    control_id: Annotated[
        str | None, about("Reserved: the platform ignores it because a call has one AI session.")
    ] = None
