"""What prefills a form: the last request of its command in the log, or pasted JSON."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from swnb.commands.base import Command
from swnb.commands.schema import parameters
from swnb.commands.types import ESCAPES
from swnb.errors import ConfigurationError, InvalidCommand, LogError, Problem
from swnb.notebook.fields.base import UNSET
from swnb.notebook.json_text import NotJson, parse_json
from swnb.redact import REDACTED

if TYPE_CHECKING:
    from swnb.exchange import Exchange
    from swnb.session.session import Session


def last_sent(session: Session, model: type[Command]) -> tuple[dict[str, Any], str | None]:
    """Return the parameters and the call id of the command's last request, without secrets.

    Raises `ConfigurationError` if the log has no such request.
    """
    last = _last_id(session, model)
    if last is None:
        raise ConfigurationError(f"{model.method()}: the log has no request of this command yet")
    return sent_by(model, session.log.get(last))


def sent_by(model: type[Command], exchange: Exchange) -> tuple[dict[str, Any], str | None]:
    """Return the parameters and the call id of an exchange of a command, without secrets."""
    params = exchange.request.get("params", {}) if isinstance(exchange.request, Mapping) else {}
    return as_value(model, without_secrets(params)), exchange.call_id


def was_sent(session: Session, model: type[Command]) -> bool:
    """Return whether the log has a request of this command; False if it cannot be read."""
    with suppress(LogError):
        return _last_id(session, model) is not None
    return False


def _last_id(session: Session, model: type[Command]) -> int | None:
    frame = session.log.exchanges()
    requests = frame[(frame["command"] == model.wire) & (frame["outcome"] != "refused")]
    return None if requests.empty else int(requests["id"].iloc[-1])


def without_secrets(value: Any) -> Any:
    """Return a copy of JSON without redacted strings; objects and lists may become smaller."""
    if isinstance(value, str):
        return UNSET if REDACTED in value else value
    if isinstance(value, Mapping):
        pairs = ((key, without_secrets(item)) for key, item in value.items())
        return {key: item for key, item in pairs if item is not UNSET}
    if isinstance(value, list):
        return [item for item in map(without_secrets, value) if item is not UNSET]
    return value


def as_value(model: type[Command], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the value of a form for parameters as they were sent; unknown ones become extras."""
    own = {*parameters(model), *ESCAPES}
    value = {name: item for name, item in params.items() if name in own}
    extras = {name: item for name, item in params.items() if name not in own}
    return {**value, "extras": extras} if extras else value


def pasted(model: type[Command], text: str) -> tuple[dict[str, Any], str | None]:
    """Return the parameters, and the call id if there is one, from the JSON of a request.

    The JSON is the object of the parameters, or a whole request. Raises `InvalidCommand` if it is
    not valid JSON, not an object, or the request of another command.
    """
    try:
        body = parse_json(text)
    except NotJson as error:
        raise _refused(model, f"the pasted text {error}") from None
    if not isinstance(body, dict):
        raise _refused(model, "the pasted text must be a JSON object")
    if not isinstance(body.get("params"), dict) or "command" not in body:
        return body, None
    if body["command"] != model.wire:
        raise _refused(model, f"the pasted request is for another command, not {model.wire}")
    call_id = body.get("id")
    return as_value(model, body["params"]), call_id if isinstance(call_id, str) else None


def _refused(model: type[Command], message: str) -> InvalidCommand:
    return InvalidCommand(model.method(), [Problem("", message)])
