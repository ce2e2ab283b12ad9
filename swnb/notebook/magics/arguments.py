"""The arguments of a magic line, read with the parameters of its command.

The options are the command's parameters, `--control-id` or `--control_id` for `control_id`, and take
one value each: `--name value` or `--name=value`. A string becomes the JSON type of its parameter (`5`
and `5.0` stay different), and the model validates the rest, so no rule is written twice. Names are
never abbreviated: `--vol` is an error that names `--volume`.

A list option may be repeated; a list of enum values also takes them separated by commas. A list of
free strings does not, because a string may contain a comma.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any

from swnb.commands import Command
from swnb.commands.schema import Parameter, parameters
from swnb.errors import InvalidCommand, Problem
from swnb.notebook.json_text import number_or_text
from swnb.notebook.magics.variables import Namespace, Word, id_or_value
from swnb.notebook.parameters import escape_parameters
from swnb.redact import is_secret

OUTPUT = "-o"
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
_NUMERIC = frozenset({"number", "integer"})
_STRUCTURED = frozenset({"json", "object"})


@dataclass(slots=True)
class Arguments:
    """What a line says: the CALL as a value, parameters by wire name, the variable for `-o`."""

    call: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    output: str | None = None


def options(model: type[Command]) -> dict[str, Parameter]:
    """Return the parameters that a line may set, by wire name: all except the secret ones."""
    all_parameters = {**parameters(model), **escape_parameters()}
    return {name: parameter for name, parameter in all_parameters.items() if not is_secret(name)}


def option_name(wire: str) -> str:
    """Return a parameter's option, such as `--control-id`."""
    return f"--{wire.replace('_', '-')}"


def kinds(parameter: Parameter) -> frozenset[str]:
    """Return the kinds of JSON that a parameter accepts."""
    return frozenset(shape.kind for shape in parameter.shapes)


def scalar_item(parameter: Parameter) -> Parameter | None:
    """Return the item of a list of scalars; None if the parameter accepts no such list."""
    list_items = (shape.item for shape in parameter.shapes if shape.item)
    return next((item for item in list_items if not kinds(item) & _STRUCTURED), None)


def is_scalar(parameter: Parameter) -> bool:
    """Return whether a parameter can be written on the line: a scalar, or a list of scalars."""
    return bool(kinds(parameter) - _STRUCTURED - {"list"}) or scalar_item(parameter) is not None


def takes_call(model: type[Command]) -> bool:
    """Return whether a command names a call: all except `dial` do, `update` by its `id`."""
    return model.on_call or "id" in parameters(model)


def line_error(model: type[Command], path: str, message: str) -> InvalidCommand:
    """Return the error for a mistake on a line, which is then not sent."""
    return InvalidCommand(model.method(), [Problem(path, message)])


def secret_error(model: type[Command], path: str) -> InvalidCommand:
    """Return the error for a secret in a magic."""
    return line_error(
        model,
        path,
        "magics take no secrets, because cells and history are saved; "
        f"use Python: sw.calling.{model.method()}(…) with getpass.getpass()",
    )


def parse(model: type[Command], words: list[Word], namespace: Namespace) -> Arguments:
    """Return the arguments in the words after a command's name.

    Raises `InvalidCommand` for the first word that is an unknown option, lacks its value, or is a
    secret.
    """
    arguments = Arguments()
    values: dict[str, list[Any]] = {}
    allowed = options(model)
    queue = deque(words)
    while queue:
        word = queue.popleft()
        if not word.head.startswith("-"):
            _set_call(model, word, arguments, namespace)
        elif word.head == OUTPUT:
            arguments.output = _output(model, queue, namespace)
        else:
            parameter = _option(model, word, allowed)
            value = _value(model, parameter, word, queue)
            values.setdefault(parameter.wire, []).append(
                True if value is None else _typed(model, parameter, value, namespace)
            )
    arguments.params = {name: _joined(model, allowed[name], all_) for name, all_ in values.items()}
    return arguments


def _set_call(model: type[Command], word: Word, arguments: Arguments, namespace: Namespace) -> None:
    if not takes_call(model):
        raise line_error(
            model, "", "takes no CALL, only options; a string with spaces needs quotes"
        )
    if arguments.call is not None:
        raise line_error(model, "", "takes one CALL and options; a string with spaces needs quotes")
    reference = word.reference
    arguments.call = reference.resolve(namespace) if reference else word.text(namespace)


def _output(model: type[Command], queue: deque[Word], namespace: Namespace) -> str:
    name = queue.popleft().text(namespace) if queue else ""
    if not name.isidentifier() or iskeyword(name):
        raise line_error(model, OUTPUT, "needs the name of the variable for the reply")
    return name


def _option(model: type[Command], word: Word, allowed: dict[str, Parameter]) -> Parameter:
    name = word.head.partition("=")[0].lstrip("-").replace("-", "_")
    if is_secret(name):
        raise secret_error(model, name)
    if not word.head.startswith("--") or name not in allowed:
        names = [*map(option_name, allowed), OUTPUT]
        close = get_close_matches(option_name(name), names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the options are {', '.join(names)}"
        raise line_error(model, name, f"is not an option; {hint}")
    return allowed[name]


def _value(
    model: type[Command], parameter: Parameter, word: Word, queue: deque[Word]
) -> Word | None:
    """Return an option's value; None for a boolean without one, which is true."""
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
    """Return a value as the JSON type of its parameter; what does not fit stays a string."""
    if word.reference:
        value = word.reference.resolve(namespace)
        return value if kinds(parameter) & _STRUCTURED else id_or_value(value)
    if not is_scalar(parameter):
        raise line_error(
            model,
            parameter.wire,
            "is an object or a list of objects: put it into the body of %%sw, or use a {variable}",
        )
    text = word.text(namespace)
    item = scalar_item(parameter)
    if item and kinds(item) == {"enum"} and "string" not in kinds(parameter):
        return [part.strip() for part in text.split(",")]
    if "boolean" in kinds(parameter) and text in _BOOLEANS:
        return _BOOLEANS[text]
    return number_or_text(text) if kinds(parameter) & _NUMERIC else text


def _joined(model: type[Command], parameter: Parameter, values: list[Any]) -> Any:
    """Return one value made of all values of an option."""
    if "list" not in kinds(parameter):
        if len(values) > 1:
            raise line_error(model, parameter.wire, "occurs twice on the line")
        return values[0]
    if len(values) == 1 and (isinstance(values[0], list) or "string" in kinds(parameter)):
        return values[0]
    return [part for value in values for part in (value if isinstance(value, list) else [value])]
