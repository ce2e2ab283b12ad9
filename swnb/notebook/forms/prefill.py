"""What fills a form: the last request of its command in the log, or JSON that is pasted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swnb.commands.base import Command
from swnb.commands.schema import parameters
from swnb.commands.types import ESCAPES
from swnb.errors import ConfigurationError, InvalidCommand, Problem
from swnb.notebook.fields.base import UNSET
from swnb.notebook.fields.free_json import NotJson, parse
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.session.session import Session


def last_sent(session: Session, model: type[Command]) -> tuple[dict[str, Any], str | None]:
    """Give the parameters and the call of the command's last request, secrets left out.

    Raises `ConfigurationError` where the log has none.
    """
    frame = session.log.exchanges()
    found = frame[(frame["command"] == model.wire) & (frame["outcome"] != "refused")]
    if found.empty:
        raise ConfigurationError(f"{model.method()}: the log holds no request of this command yet")
    exchange = session.log.get(int(found["id"].iloc[-1]))
    params = exchange.request.get("params", {}) if isinstance(exchange.request, Mapping) else {}
    return as_value(model, without_secrets(params)), exchange.call_id


def without_secrets(value: Any) -> Any:
    """Copy JSON without whatever redaction has been at; an object or list may become smaller."""
    if isinstance(value, str):
        return UNSET if REDACTED in value else value
    if isinstance(value, Mapping):
        pairs = ((key, without_secrets(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not UNSET}
    if isinstance(value, list):
        return [item for item in map(without_secrets, value) if item is not UNSET]
    return value


def as_value(model: type[Command], params: Mapping[str, Any]) -> dict[str, Any]:
    """Give the value of a form for parameters as they are sent: unknown ones are extras."""
    known = {*parameters(model), *ESCAPES}
    value = {name: item for name, item in params.items() if name in known}
    extras = {name: item for name, item in params.items() if name not in known}
    return {**value, "extras": extras} if extras else value


def pasted(model: type[Command], text: str) -> tuple[dict[str, Any], str | None]:
    """Read parameters, or a whole request with them, from JSON; the call where it names one.

    Raises `InvalidCommand` for what is not JSON, no object, or the request of another command.
    """
    body = parse(text)
    if isinstance(body, NotJson):
        raise _refused(model, f"the pasted text {body.message}")
    if not isinstance(body, dict):
        raise _refused(model, "the pasted text must be a JSON object")
    if not isinstance(body.get("params"), dict) or "command" not in body:
        return body, None
    if body["command"] != model.wire:
        raise _refused(model, f"the pasted request is of another command than {model.wire}")
    call_id = body.get("id")
    return as_value(model, body["params"]), call_id if isinstance(call_id, str) else None


def _refused(model: type[Command], message: str) -> InvalidCommand:
    return InvalidCommand(model.method(), [Problem("", message)])
