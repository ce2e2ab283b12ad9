"""Who is asking: credentials from arguments or the environment, and the shape of a call id."""

from __future__ import annotations

import os
import re
import string
import warnings
from typing import Any

from swnb.commands.values import lone_surrogate
from swnb.errors import ConfigurationError, Problem, SwnbWarning
from swnb.exchange import UUID
from swnb.hidden import HiddenText
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
# A shorter one is no token, and part of too many words to be looked for in what comes back.
SHORTEST_TOKEN = 8


def credentials(project: str | None, token: str | None, host: str | None) -> tuple[str, str, str]:
    """Return project, token and host, the environment standing in for what is not given.

    What was pasted along with them (spaces, a line end, `https://` before the host) is left out.

    Raises `ConfigurationError` that names what is missing, all three variables, and the way to do
    without an account, and for a host that is only a name.
    """
    given = {"project": project, "token": token, "host": host}
    found = {name: value or os.environ.get(VARIABLES[name], "") for name, value in given.items()}
    for name, value in found.items():
        found[name] = value.strip(_PASTED) if isinstance(value, str) else value
        if found[name] != value and found[name]:
            warnings.warn(
                f"{name} ({VARIABLES[name]}): spaces, line ends or invisible characters at its ends "
                "were left out",
                SwnbWarning,
                stacklevel=4,  # who makes the client
            )
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
    return found["project"], found["token"], _host(found["host"])


def _host(host: Any) -> Any:
    """Return the host of a space's address, as a browser shows it; any other text as it is.

    Raises `ConfigurationError` for the name of a space where its host is asked for.
    """
    if not isinstance(host, str):
        return host
    found = _ADDRESS.sub(r"\1", host)
    if _NAME.fullmatch(found) and not is_loopback(found):
        raise ConfigurationError(
            "host: must be a bare host name such as example.signalwire.com; "
            f"did you mean {f'{found.lower()}.signalwire.com'!r}?"
        )
    return found


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
    """Return the id of a call named by its id, a `Call` or a reply."""
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
    """Return what keeps a value from being a call id; unchecked, any text is one."""
    if isinstance(value, str) and (unchecked or UUID.fullmatch(value)):
        wrong = lone_surrogate(value)
        return [Problem("call_id", wrong)] if wrong else []
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
