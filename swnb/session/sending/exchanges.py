"""The record of a command, a reading or a refusal: its exchange, redacted when it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from swnb import commands as c
from swnb.exchange import CALLS_PATH, Exchange, Request, Space, now
from swnb.hidden import Secrets
from swnb.redact import is_clean, redact, redact_text, secrets_in
from swnb.session.answers.outcome import shown_text
from swnb.session.answers.replies import text_of
from swnb.session.credentials import hidden_id

if TYPE_CHECKING:
    from swnb.commands.base import Command
    from swnb.errors import InvalidCommand


def of_command(
    command: Command,
    call_id: str | None,
    space: Space,
    secrets: Secrets,
    shown: Callable[[Any], Any] | None = None,
) -> tuple[Exchange, Request, Secrets]:
    """Return the exchange and the request of a command, and what to redact in its answer.

    `shown` puts placeholders into the exchange for what the request alone is to say.

    The platform may echo the command's own secrets, so they are added to those of the client.
    """
    envelope, body = command.envelope(call_id), command.body(call_id)
    if shown:
        envelope = shown(envelope)
    if not is_clean(body, secrets):
        secrets = Secrets([*secrets, *secrets_in(command.params)])
        # Each by itself: a password may be the word "params".
        envelope = {name: redact(item, secrets) for name, item in envelope.items()}
    params = envelope["params"]
    exchange = Exchange(
        command.wire,
        space,
        now(),
        text_of(envelope, "id") or text_of(params, "id"),
        text_of(params, "control_id"),
        text_of(params, "from"),
        text_of(params, "to"),
        envelope,
    )
    request = Request(
        command.wire, "POST", CALLS_PATH, command.repeatable, call_id, command.params, body
    )
    return exchange, request, secrets


def of_reading(request: Request, space: Space, secrets: Secrets) -> Exchange:
    """Return the exchange of a request that only reads."""
    path = redact_text(request.path, secrets)
    return Exchange(
        request.command,
        space,
        now(),
        request.call_id and shown_text(request.call_id, secrets),
        request={"method": request.method, "path": path},
    )


def of_refusal(
    error: InvalidCommand,
    command: str,
    params: Mapping[str, Any],
    call_id: Any,
    *,
    space: Space,
    secrets: Secrets,
) -> Exchange:
    """Return the exchange of a command or a reading that was refused before it was sent."""
    named = {c.wire_name(key): value for key, value in params.items()}
    if named.get("unchecked") is not True:
        call_id = hidden_id(call_id)
        named |= {"id": str(hidden_id(named["id"]))} if isinstance(named.get("id"), str) else {}
    exchange = Exchange(command, space, now())
    if isinstance(call_id, str):
        exchange.call_id = shown_text(str(call_id), secrets)
    exchange.request = redact({"command": command, "params": c.printable(named)}, secrets)
    exchange.outcome = "refused"
    exchange.error_message = error.message
    return exchange
