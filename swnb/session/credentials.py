"""Who is asking: credentials from arguments or the environment, and the shape of a call id."""

from __future__ import annotations

import os
import re
import string
import warnings
from typing import Any

from swnb.errors import ConfigurationError, Problem, SwnbWarning
from swnb.exchange import UUID
from swnb.hidden import HiddenText
from swnb.json_values import lone_surrogate
from swnb.session.answers.replies import Reply
from swnb.transports.live import is_loopback

VARIABLES = {
    "project": "SIGNALWIRE_PROJECT_ID",
    "token": "SIGNALWIRE_API_TOKEN",
    "host": "SIGNALWIRE_SPACE",
}
_PASTED = string.whitespace + "\u00a0\u200b\u2060\ufeff"
_ADDRESS = re.compile(r"(?i)\Ahttps://([^/?#@\\\s]+)/?\Z")
_NAME = re.compile(r"[A-Za-z0-9-]+")
# A shorter string is not a token, and is part of too many words to be redacted in answers.
SHORTEST_TOKEN = 8


def credentials(project: str | None, token: str | None, host: str | None) -> tuple[str, str, str]:
    """Return project, token and host, from the environment if they are not passed.

    What was pasted with them (spaces, a line end, `https://` before the host) is left out.

    Parameters
    ----------
    project, token, host : str or None
        The credentials.

    Raises
    ------
    ConfigurationError
        If one is missing or malformed, or the host is only the name of a space.

    """
    passed = {"project": project, "token": token, "host": host}
    values = {name: value or os.environ.get(VARIABLES[name], "") for name, value in passed.items()}
    for name, value in values.items():
        values[name] = value.strip(_PASTED) if isinstance(value, str) else value
        if values[name] != value and values[name]:
            warnings.warn(
                f"{name} ({VARIABLES[name]}): spaces, line ends or invisible characters at its ends "
                "were left out",
                SwnbWarning,
                stacklevel=4,  # who makes the client
            )
    missing = [name for name, value in values.items() if not value]
    if missing:
        raise ConfigurationError(
            f"missing: {', '.join(missing)}",
            advice=f"Set {', '.join(VARIABLES.values())}, or pass project=, token= and host=. "
            "Without an account, swnb.simulate() returns a client on a simulated space.",
        )
    if len(values["token"]) < SHORTEST_TOKEN:
        raise ConfigurationError(
            f"token: is malformed, it must be at least {SHORTEST_TOKEN} characters long",
            advice="Copy it whole: the dashboard of the space shows it once, when it is made.",
        )
    return values["project"], values["token"], _host(values["host"])


def _host(host: Any) -> Any:
    """Return the host of a space's address, as a browser shows it; anything else as it is.

    Raises `ConfigurationError` if it is only the name of a space.
    """
    if not isinstance(host, str):
        return host
    bare = _ADDRESS.sub(r"\1", host)
    if _NAME.fullmatch(bare) and not is_loopback(bare):
        raise ConfigurationError(
            "host: must be a bare host name such as example.signalwire.com; "
            f"did you mean {f'{bare.lower()}.signalwire.com'!r}?"
        )
    return bare


def secret_names(fields: Any) -> list[str]:
    """Return the names of a client's secret fields.

    Raises `ConfigurationError` if they are not a list of names, or one is a path, which would hide
    nothing.
    """
    names = [] if isinstance(fields, str) else list(fields)
    plain = [name for name in names if isinstance(name, str) and any(map(str.isalnum, name))]
    if isinstance(fields, str) or len(plain) < len(names):
        raise ConfigurationError(
            "secret_fields: must be a list of names", advice='Such as secret_fields=["member_id"].'
        )
    if any(mark in name for name in plain for mark in ".["):
        raise ConfigurationError(
            "secret_fields: must be names of fields, not paths",
            advice="Name the field alone; it is secret at every depth.",
        )
    return plain


def call_id_of(value: Any) -> Any:
    """Return the id of a call that is passed as its id, a `Call` or a reply."""
    if isinstance(value, dict):
        return value.get("id") or (value.call_id if isinstance(value, Reply) else None)
    return getattr(value, "id", value)


def hidden_id(value: Any) -> Any:
    """Return the id of a call as `call_id_of` does, hidden if it may be a misplaced token."""
    value = call_id_of(value)
    suspect = isinstance(value, str) and len(value) >= SHORTEST_TOKEN and not UUID.fullmatch(value)
    return HiddenText(value) if suspect else value


def revealed_id(value: Any) -> Any:
    """Return a call id as it is sent, once it has been checked."""
    return value.reveal() if isinstance(value, HiddenText) else value


def call_id_problems(value: Any, *, unchecked: bool = False) -> list[Problem]:
    """Return what is wrong with a call id; unchecked, any string is one."""
    if isinstance(value, str) and (unchecked or UUID.fullmatch(value)):
        message = lone_surrogate(value)
        return [Problem("call_id", message)] if message else []
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
