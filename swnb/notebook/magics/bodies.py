"""The JSON below `%%sw`: the parameters of a command, exactly as they are written.

The body is the object of all parameters. Where the catalogue knows one parameter only, and that is
a free JSON object (`user_event` and its `event`), the body may be that object itself, without the
wrapping: it is taken so unless the parameter's name is its only key and holds an object.

Texts that are nothing but `$name` or `{name}` are variables; all other text stays.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from swnb.commands import Command, wire_name
from swnb.commands.schema import parameters
from swnb.errors import InvalidCommand
from swnb.notebook.magics.arguments import kinds, line_error, secret
from swnb.notebook.magics.variables import Namespace, filled
from swnb.redact import secret_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def sole_json(model: type[Command]) -> str | None:
    """Name the command's only parameter where it is a free JSON object, else None."""
    known = list(parameters(model).values())
    return known[0].wire if len(known) == 1 and kinds(known[0]) == {"json"} else None


def read_body(model: type[Command], text: str, namespace: Namespace) -> dict[str, Any]:
    """Give the parameters that a body holds.

    Raises `InvalidCommand` for what is not JSON (with line and column), a key that stands twice, a
    secret at any depth, and `SwnbError` for a variable that there is not.
    """
    if not text.strip():
        return {}
    try:
        written = _loaded(model, text)
        for path in _secrets(written):
            raise secret(model, path)
        body = filled(written, namespace)
    except RecursionError:
        raise line_error(model, "", "the body is nested too deeply") from None
    if not isinstance(body, dict):
        raise line_error(model, "", "the body must be a JSON object: { … }")
    sole = sole_json(model)
    if sole and not (body.keys() == {sole} and isinstance(body[sole], dict)):
        return {sole: body}
    return body


def merged(
    model: type[Command], line: Mapping[str, Any], body: Mapping[str, Any]
) -> dict[str, Any]:
    """Put the options and the body together; raises `InvalidCommand` for what both give."""
    for key in body:
        if wire_name(key) in line:
            raise line_error(model, wire_name(key), "is given both on the line and in the body")
    return {**line, **body}


def _loaded(model: type[Command], text: str) -> Any:
    def pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(found)
        if len(made) < len(found):
            twice = next(
                key for key, count in Counter(key for key, _ in found).items() if count > 1
            )
            raise line_error(model, twice, "stands twice in one object of the body")
        return made

    def constant(name: str) -> Any:
        raise line_error(model, "", f"the body holds {name}, which JSON has no form for")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise _torn(model, error) from None


def _torn(model: type[Command], error: json.JSONDecodeError) -> InvalidCommand:
    what = error.msg[:1].lower() + error.msg[1:]
    where = f"line {error.lineno}, column {error.colno} of the body"
    return line_error(model, "", f"the body is not JSON: {what} ({where})")


def _secrets(value: Any, path: str = "") -> Iterator[str]:
    """Give the paths of all that is named like a secret and holds something."""
    if isinstance(value, dict):
        hidden = secret_keys(value)
        for key, item in value.items():
            here = f"{path}.{key}".lstrip(".")
            if key in hidden:
                yield here
            else:
                yield from _secrets(item, here)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _secrets(item, f"{path}[{number}]")
