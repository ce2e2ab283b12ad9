"""What a magic line says, read by the parameters of its command.

The options are the command's parameters, `--control-id` or `--control_id` for `control_id`, and take
one value each: `--name value` or `--name=value`. A text becomes the JSON that its parameter asks
for (`5` and `5.0` stay apart), and what is left is for the model to judge, so no rule stands here
twice. Names are never completed from their beginning: `--vol` is an error that names `--volume`.

A list takes its option several times; a list of enum values also takes them with commas between.
A list of free text does not, since a comma may belong to the text.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any

from swnb.commands import ESCAPES, Command
from swnb.commands.schema import Kind, Parameter, Shape, parameters
from swnb.errors import InvalidCommand, Problem
from swnb.notebook.magics.variables import Namespace, Word, plain
from swnb.redact import is_secret

OUTPUT = "-o"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
_NUMERIC = frozenset({"number", "integer"})
_STRUCTURED = frozenset({"json", "object"})


@dataclass(slots=True)
class Arguments:
    """What a line gives: the CALL as a value, parameters by wire name, the variable for `-o`."""

    call: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    output: str | None = None


def _escape(name: str) -> Parameter:
    info = Command.model_fields[name]
    kind: Kind = "boolean" if info.default is False else "json"
    return Parameter(name, False, info.description or "", (Shape(kind, info.annotation),))


def options(model: type[Command]) -> dict[str, Parameter]:
    """Give the parameters that a line may set by wire name: all but the secret ones."""
    known = {**parameters(model), **{name: _escape(name) for name in ESCAPES}}
    return {name: parameter for name, parameter in known.items() if not is_secret(name)}


def option_name(wire: str) -> str:
    """Write a parameter's option: `--control-id`."""
    return f"--{wire.replace('_', '-')}"


def kinds(parameter: Parameter) -> frozenset[str]:
    """Give the kinds of JSON that a parameter takes."""
    return frozenset(shape.kind for shape in parameter.shapes)


def items(parameter: Parameter) -> Parameter | None:
    """Give what a list of scalars holds, or None where the parameter takes no such list."""
    found = (shape.item for shape in parameter.shapes if shape.item)
    return next((item for item in found if not kinds(item) & _STRUCTURED), None)


def is_scalar(parameter: Parameter) -> bool:
    """Say whether a parameter can be given as text: a scalar, or a list of them."""
    return bool(kinds(parameter) - _STRUCTURED - {"list"}) or items(parameter) is not None


def takes_call(model: type[Command]) -> bool:
    """Say whether a command names a call: all but `dial` do, `update` by its `id`."""
    return model.on_call or "id" in parameters(model)


def line_error(model: type[Command], path: str, message: str) -> InvalidCommand:
    """Make the error of something that keeps a line from being sent."""
    return InvalidCommand(model.method(), [Problem(path, message)])


def secret(model: type[Command], path: str) -> InvalidCommand:
    """Make the error of a secret that is given to a magic."""
    return line_error(
        model,
        path,
        "secrets are never given to a magic, since cells and history are saved; "
        f"use Python: sw.calling.{model.method()}(…) with getpass.getpass()",
    )


def parse(model: type[Command], words: list[Word], namespace: Namespace) -> Arguments:
    """Read the words behind a command's name.

    Raises `InvalidCommand` for the first thing that is no option, lacks its value, or is a secret.
    """
    found = Arguments()
    given: dict[str, list[Any]] = {}
    known = options(model)
    queue = deque(words)
    while queue:
        word = queue.popleft()
        if not word.head.startswith("-"):
            _take_call(model, word, found, namespace)
        elif word.head == OUTPUT:
            found.output = _output(model, queue, namespace)
        else:
            parameter = _option(model, word, known)
            value = _value(model, parameter, word, queue)
            given.setdefault(parameter.wire, []).append(
                True if value is None else _typed(model, parameter, value, namespace)
            )
    found.params = {name: _joined(model, known[name], values) for name, values in given.items()}
    return found


def _take_call(model: type[Command], word: Word, found: Arguments, namespace: Namespace) -> None:
    if not takes_call(model):
        raise line_error(model, "", "takes no CALL, only options; a text with spaces needs quotes")
    if found.call is not None:
        raise line_error(model, "", "takes one CALL and options; a text with spaces needs quotes")
    reference = word.reference
    found.call = reference.resolve(namespace) if reference else word.text(namespace)


def _output(model: type[Command], queue: deque[Word], namespace: Namespace) -> str:
    name = queue.popleft().text(namespace) if queue else ""
    if not name.isidentifier() or iskeyword(name):
        raise line_error(model, OUTPUT, "needs the name of a variable for the reply")
    return name


def _option(model: type[Command], word: Word, known: dict[str, Parameter]) -> Parameter:
    name = word.head.partition("=")[0].lstrip("-").replace("-", "_")
    if is_secret(name):
        raise secret(model, name)
    if not word.head.startswith("--") or name not in known:
        spellings = [*map(option_name, known), OUTPUT]
        close = get_close_matches(option_name(name), spellings, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(spellings)}"
        raise line_error(model, name, f"is not an option; {hint}")
    return known[name]


def _value(
    model: type[Command], parameter: Parameter, word: Word, queue: deque[Word]
) -> Word | None:
    """Give an option's value, None for a boolean that stands alone and so is true."""
    name, equals, _ = word.head.partition("=")
    if equals:
        return word.after(f"{name}=")
    alone = not queue or queue[0].head.startswith("--")
    if kinds(parameter) == {"boolean"} and (alone or queue[0].head == OUTPUT):
        return None
    if alone:
        raise line_error(
            model, parameter.wire, f"needs a value: {option_name(parameter.wire)} VALUE"
        )
    return queue.popleft()


def _typed(model: type[Command], parameter: Parameter, word: Word, namespace: Namespace) -> Any:
    """Give a value as the JSON that its parameter asks for; what fits nothing stays text."""
    if word.reference:
        value = word.reference.resolve(namespace)
        return value if kinds(parameter) & _STRUCTURED else plain(value)
    if not is_scalar(parameter):
        raise line_error(
            model, parameter.wire, "has structure: give it in the body of %%sw, or as a {variable}"
        )
    text = word.text(namespace)
    item = items(parameter)
    if item and kinds(item) == {"enum"} and "string" not in kinds(parameter):
        return [part.strip() for part in text.split(",")]
    if kinds(parameter) & _NUMERIC and _NUMBER.fullmatch(text):
        return json.loads(text)
    return _BOOLEANS.get(text, text) if "boolean" in kinds(parameter) else text


def _joined(model: type[Command], parameter: Parameter, values: list[Any]) -> Any:
    """Make one value of all that an option was given."""
    if "list" not in kinds(parameter):
        if len(values) > 1:
            raise line_error(model, parameter.wire, "is given twice on the line")
        return values[0]
    if len(values) == 1 and (isinstance(values[0], list) or "string" in kinds(parameter)):
        return values[0]
    return [part for value in values for part in (value if isinstance(value, list) else [value])]
