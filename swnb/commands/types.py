"""The value types of the catalogue: exact numbers, free JSON, URLs, DTMF, SWML.

Each is an `Annotated` alias whose validator states its rule in words. Values pass through
unchanged (`5` stays `5` where a number is asked for), so none of them converts.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, PlainValidator
from pydantic_core import PydanticCustomError


def about(text: str, *, unit: str | None = None, assumed: Any = None, **bounds: Any) -> Any:
    """Describe a field: what it is, its unit, the value the platform assumes, and its bounds.

    It stands inside `Annotated`, never as a field's value, so that type checkers see which fields
    are required.
    """
    extra = {
        key: value for key, value in (("unit", unit), ("assumed", assumed)) if value is not None
    }
    return Field(description=text, json_schema_extra=extra or None, **bounds)


def made() -> Any:
    """Mark a control id that is required on the wire and that a `Call` makes by itself.

    Type checkers read the call as a default value, so `call.play(play=[…])` needs no control id;
    pydantic reads the empty `Field` as required.
    """
    return Field()


class FreeJson(dict[str, Any]):
    """Marks a JSON object whose content is the user's own: null is data in it."""


def wrong(message: str) -> PydanticCustomError:
    """Make the error of a rule, its message in our words."""
    return PydanticCustomError("rule", "{text}", {"text": message})


def check_number(value: Any) -> Any:
    """Take an int or a finite float, as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("must be a number")
    if not math.isfinite(value):
        raise wrong("must be a finite number")
    return value


def check_integer(value: Any) -> Any:
    """Take an int, or a float without a fraction (JSON Schema's integer), as it is."""
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        raise wrong("must be a whole number")
    return value


def free_json(value: Any) -> Any:
    """Copy a JSON value, refusing what JSON cannot hold; null, order and numbers stay."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return check_number(value)
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise wrong(f"holds a key that is {_kind(key)}; JSON keys are strings")
        return {key: free_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [free_json(item) for item in value]
    raise wrong(f"holds a {_kind(value)}, which JSON has no form for")


def _kind(value: Any) -> str:
    kind = type(value)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def check_json_object(value: Any) -> FreeJson:
    """Take a JSON object of any content."""
    if not isinstance(value, Mapping):
        raise wrong("must be an object (a dict)")
    return FreeJson(free_json(value))


Number = Annotated[float, PlainValidator(check_number)]
Integer = Annotated[int, PlainValidator(check_integer)]
JsonObject = Annotated[dict[str, Any], PlainValidator(check_json_object)]
