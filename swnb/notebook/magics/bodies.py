"""The JSON below `%%sw`: the parameters of a command, exactly as written.

The body is the object of all parameters. If the catalogue has only one parameter for the command, a
free JSON object (`user_event` and its `event`), the body may be that object itself, without the
wrapping: it is read that way unless the parameter's name is its only key and contains an object.

A string that is just `$name` or `{name}` is a variable; all other strings are sent unchanged.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from swnb.commands import Command, wire_name
from swnb.commands.schema import parameters
from swnb.notebook.json_text import NotJson, Pairs, parse_json
from swnb.notebook.magics.arguments import kinds, line_error, secret_error
from swnb.notebook.magics.variables import Namespace, fill_variables
from swnb.redact import secret_keys

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def sole_json(model: type[Command]) -> str | None:
    """Return the command's only parameter if that is a free JSON object, else None."""
    own = list(parameters(model).values())
    return own[0].wire if len(own) == 1 and kinds(own[0]) == {"json"} else None


def read_body(model: type[Command], text: str, namespace: Namespace) -> dict[str, Any]:
    """Return the parameters in a body.

    Raises `InvalidCommand` for text that is not JSON (with line and column), a duplicate key and a
    secret at any depth, and `SwnbError` for an unknown variable.
    """
    if not text.strip():
        return {}
    try:
        written = _parse(model, text)
        for path in _secrets(written):
            raise secret_error(model, path)
        body = fill_variables(written, namespace)
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
    """Return the options and the body in one dict; raise `InvalidCommand` if both set a name."""
    for key in body:
        if wire_name(key) in line:
            raise line_error(model, wire_name(key), "is set both on the line and in the body")
    return {**line, **body}


def _parse(model: type[Command], text: str) -> Any:
    def unique(pairs: Pairs) -> dict[str, Any]:
        for key, count in Counter(key for key, _ in pairs).items():
            if count > 1:
                raise line_error(model, key, "occurs twice in one object of the body")
        return dict(pairs)

    try:
        return parse_json(text, unique)
    except NotJson as error:
        raise line_error(model, "", f"the body {error}") from None


def _secrets(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all non-empty values that are named like a secret."""
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
