"""Who is asking: credentials from arguments or the environment, and the shape of a call id."""

from __future__ import annotations

import os
from typing import Any

from swnb.client.replies import Reply
from swnb.errors import ConfigurationError, Problem
from swnb.exchange import UUID

VARIABLES = {
    "project": "SIGNALWIRE_PROJECT_ID",
    "token": "SIGNALWIRE_API_TOKEN",
    "host": "SIGNALWIRE_SPACE",
}


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
    return found["project"], found["token"], found["host"]


def secret_names(given: Any) -> list[str]:
    """Return the names of fields that a client was given as secret.

    Raises `ConfigurationError` for what is no list of names, and for a path: it would hide nothing.
    """
    names = [] if isinstance(given, str) else list(given)
    plain = [name for name in names if isinstance(name, str) and any(map(str.isalnum, name))]
    if isinstance(given, str) or len(plain) < len(names):
        raise ConfigurationError(
            "secret_fields: must be a list of names", advice='Such as secret_fields=["member_id"].'
        )
    if any(mark in name for name in plain for mark in ".["):
        raise ConfigurationError(
            "secret_fields: must be names of fields, not paths",
            advice="Name the field alone; it is secret wherever it stands.",
        )
    return plain


def call_id_of(value: Any) -> Any:
    """Give the id of a call named by its id, a `Call` or a reply."""
    if isinstance(value, dict):
        return value.get("id") or (value.call_id if isinstance(value, Reply) else None)
    return getattr(value, "id", value)


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
