"""Who is asking: credentials from arguments or the environment, and the shape of a call id."""

from __future__ import annotations

import os
from typing import Any

from swnb.client.replies import Reply
from swnb.errors import ConfigurationError, Problem
from swnb.exchange import UUID
from swnb.hidden import HiddenText

VARIABLES = {
    "project": "SIGNALWIRE_PROJECT_ID",
    "token": "SIGNALWIRE_API_TOKEN",
    "host": "SIGNALWIRE_SPACE",
}
# A shorter one is no token, and part of too many words to be looked for in what comes back.
SHORTEST_TOKEN = 8


def credentials(project: str | None, token: str | None, host: str | None) -> tuple[str, str, str]:
    """Give project, token and host, the environment standing in for what is not given.

    Raises `ConfigurationError` that names what is missing, all three variables, and the way to do
    without an account.
    """
    given = {"project": project, "token": token, "host": host}
    found = {name: value or os.environ.get(VARIABLES[name], "") for name, value in given.items()}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise ConfigurationError(
            f"missing: {', '.join(missing)}",
            advice=f"Set {', '.join(VARIABLES.values())}, or pass project=, token= and host=. "
            "Without an account, swnb.simulate() gives a client on a simulated space.",
        )
    if len(found["token"]) < SHORTEST_TOKEN:
        raise ConfigurationError(
            f"token: is malformed, it must be at least {SHORTEST_TOKEN} characters long",
            advice="Copy it whole: the dashboard of the space shows it once, when it is made.",
        )
    return found["project"], found["token"], found["host"]


def call_id_of(value: Any) -> Any:
    """Give the id of a call named by its id, a `Call` or a reply."""
    if isinstance(value, dict):
        return value.get("id") or (value.call_id if isinstance(value, Reply) else None)
    return getattr(value, "id", value)


def hidden_id(value: Any) -> Any:
    """Return the id of a call as `call_id_of` does, hidden if it may be a token in the wrong place."""
    value = call_id_of(value)
    doubtful = isinstance(value, str) and len(value) >= SHORTEST_TOKEN and not UUID.fullmatch(value)
    return HiddenText(value) if doubtful else value


def revealed_id(value: Any) -> Any:
    """Return a call id as it is sent, once it is known that it is one."""
    return value.reveal() if isinstance(value, HiddenText) else value


def call_id_problems(value: Any, *, unchecked: bool = False) -> list[Problem]:
    """Say what keeps a value from being a call id; unchecked, any text is one."""
    if isinstance(value, str) and (unchecked or UUID.fullmatch(value)):
        return []
    if value is None:
        message = "is required: the id of the call, a UUID"
    elif unchecked:
        message = "must be a string"
    else:
        message = (
            "must be a UUID such as 3f2504e0-4f89-41d3-9a0c-0305e82c3301; "
            "with unchecked=True it is sent as it is"
        )
    return [Problem("call_id", message)]
