"""What a request asks of a space: its command, its call and its parameters, checked.

Reading never fails, because even a torn request is counted and may meet a fault; checking rejects
it with everything that is wrong at once. Only wire names are parameters here: the escapes of a command
and `from_` for `from` are the client's, and unknown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import parse_qsl

from swnb.commands.base import Command
from swnb.commands.schema import parameters
from swnb.errors import InvalidCommand, Problem
from swnb.exchange import CALLS_PATH, VOICE_LOGS_PATH, loads
from swnb.simulator.answers import Rejection, error_of, plain_error, reject, reject_all

Reading = Literal["voice_logs", "voice_log", "voice_log_events"]
Route = Literal["commands"] | Reading


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request and where it goes.

    `route` is None for a path that does not exist. `command` is the name on the wire, or that of
    the reading; `document` is the JSON object of a command, None if the body is none.
    """

    route: Route | None
    command: str | None = None
    call_id: str | None = None
    query: Mapping[str, str] | None = None
    document: dict[str, Any] | None = None


class Seen(NamedTuple):
    """One request that arrived; `status` is None if the connection was reset instead.

    `body` is the JSON object that was sent, redacted; None if there was none.
    """

    method: str
    path: str
    command: str | None
    call_id: str | None
    status: int | None
    body: Any = None


def read_arrival(method: str, target: str, body: bytes) -> Arrival:
    """Read a request as far as it can be read."""
    path, _, query = target.partition("?")
    if method == "POST" and path == CALLS_PATH:
        document = _object(body)
        command, call_id = _addressed(document or {})
        return Arrival("commands", command, call_id, document=document)
    if method == "GET" and path == VOICE_LOGS_PATH:
        parameters_sent = dict(parse_qsl(query, keep_blank_values=True))
        return Arrival("voice_logs", "voice_logs", query=parameters_sent)
    if method == "GET" and path.startswith(f"{VOICE_LOGS_PATH}/"):
        log_id, _, rest = path.removeprefix(f"{VOICE_LOGS_PATH}/").partition("/")
        reading = _OF_ONE_LOG.get(rest)
        return Arrival(reading, reading, log_id)
    return Arrival(None)


_OF_ONE_LOG: dict[str, Reading] = {"": "voice_log", "events": "voice_log_events"}


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _addressed(document: Mapping[str, Any]) -> tuple[str | None, str | None]:
    command = document.get("command")
    if not isinstance(command, str):
        return None, None
    model = Command.catalogue.get(command)
    params = document.get("params")
    # `update` names its call among its parameters; `dial` names none.
    named = "id" in parameters(model) if model else False
    place = params if named and isinstance(params, dict) else document
    call_id = place.get("id") if named or not model or model.on_call else None
    return command, call_id if isinstance(call_id, str) else None


def model_of(document: Mapping[str, Any]) -> type[Command]:
    """Return the model of the command that is sent."""
    name = document.get("command")
    if name is None:
        raise reject("missing_required_parameter", "is required", "command")
    model = Command.catalogue.get(name) if isinstance(name, str) else None
    if model is None:
        raise reject("invalid_command_attempted", "is not a command", "command")
    return model


def checked(model: type[Command], document: Mapping[str, Any]) -> Command:
    """Return the command in a document, or reject it with every problem in it."""
    problems = list(_around(model, document))
    params = document.get("params")
    command = None
    if isinstance(params, dict):
        names = parameters(model)
        problems += [Problem(name, *_UNKNOWN) for name in params if name not in names]
        try:
            command = model(**{name: params[name] for name in params if name in names})
            problems += [Problem(path, _NULL) for path in _dropped(params, command.params)]
        except InvalidCommand as invalid:
            problems += invalid.problems
        except RecursionError:
            raise Rejection(plain_error(400)) from None
        if model.wire == "calling.collect" and not params.keys() & {"digits", "speech"}:
            # The platform's text names 400 for this one omission.
            raise Rejection(plain_error(400))
    if problems or command is None:
        sent = params if isinstance(params, dict) else {}
        raise reject_all([error_of(problem, model, sent) for problem in problems])
    return command


_NULL = "must not be null; leave it out instead"
_UNKNOWN = ("is not a parameter", "extra_forbidden")
_REQUIRED = ("is required", "missing")


def _around(model: type[Command], document: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with the envelope itself."""
    expected = {"command", "params"} | ({"id"} if model.on_call else set())
    for name in document:
        if name not in expected:
            yield Problem(name, "does not belong beside this command")
    if model.on_call and not isinstance(document.get("id"), str):
        not_a_string = ("must be a string", "string_type")
        yield Problem("id", *(not_a_string if "id" in document else _REQUIRED))
    if not isinstance(document.get("params"), dict):
        not_an_object = ("must be an object", "dict_type")
        yield Problem("params", *(not_an_object if "params" in document else _REQUIRED))


def _dropped(received: Any, sent: Any, path: str = "") -> Iterator[str]:
    """Yield the path of every null that a client would leave out instead of sending it."""
    if received == sent:
        return
    if isinstance(received, dict):
        for name, item in received.items():
            below = f"{path}.{name}".lstrip(".")
            if name in sent:
                yield from _dropped(item, sent[name], below)
            elif item is None:
                yield below
    elif isinstance(received, list):
        for index, pair in enumerate(zip(received, sent, strict=True)):
            yield from _dropped(*pair, f"{path}[{index}]")
