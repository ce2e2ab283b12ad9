"""The value types of the catalogue: exact numbers, free JSON, URLs, DTMF, SWML.

Each is an `Annotated` alias whose validator states its rule in words. None of them converts a value:
`5` stays `5` for a number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Discriminator, Field, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

# The two arguments that every command takes and that are not parameters of the platform.
ESCAPES = ("extras", "unchecked")


def wire_name(field: str) -> str:
    """Return a field's name on the wire: `from` for `from_`; other names are unchanged."""
    return field.removesuffix("_")


def about(text: str, *, unit: str | None = None, assumed: Any = None, **bounds: Any) -> Any:
    """Return a field's description: its meaning, unit, platform default and bounds.

    It belongs inside `Annotated`, never in the place of a field's value, so that type checkers see
    which fields are required.

    Parameters
    ----------
    text : str
        What the parameter means, in one sentence.
    unit : str, optional
        The unit of a number, such as `"seconds"`.
    assumed : optional
        The value that the platform uses if the parameter is not sent.
    **bounds
        pydantic's bounds (`ge`, `le`, `min_length` …) and `examples`.

    """
    extra = {
        key: value for key, value in (("unit", unit), ("assumed", assumed)) if value is not None
    }
    return Field(description=text, json_schema_extra=extra or None, **bounds)


def made() -> Any:
    """Mark a control id that the wire requires and that a `Call` generates.

    Type checkers take this for a default value, so `call.play(play=[…])` needs no control id;
    pydantic takes the empty `Field` for a required one.
    """
    return Field()


class FreeJson(dict[str, Any]):
    """A JSON object whose content is the user's own: null in it is data."""


def wrong(message: str, kind: str = "rule") -> PydanticCustomError:
    """Return the error of a broken rule, with a message of our own."""
    return PydanticCustomError("rule", "{text}", {"text": message, "kind": kind})


def check_number(value: Any) -> Any:
    """Return an int or a finite float unchanged; raise a rule's error for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong("must be a finite number")
    return value


def check_integer(value: Any) -> Any:
    """Return an int, or a float without a fraction (as JSON Schema defines integers), unchanged."""
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        raise wrong("must be a whole number")
    return value


def check_json_object(value: Any) -> FreeJson:
    """Return a JSON object of any content, marked as free JSON."""
    if not isinstance(value, dict):
        raise wrong("must be an object (a dict)", "dict_type")
    return FreeJson(value)


Number = Annotated[float, PlainValidator(check_number)]
Integer = Annotated[int, PlainValidator(check_integer)]
JsonObject = Annotated[dict[str, Any], PlainValidator(check_json_object)]


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule for strings: `rule` states it in words, `holds` checks it.

    `meant` returns what a string that breaks the rule likely means. A rule with `meant` judges by
    how a string looks and may be wrong, so `unchecked=True` skips it.
    """

    rule: str
    holds: Callable[[str], object]
    meant: Callable[[str], str] | None = None
    kind: str = "rule"  # the name of the rule, for whoever must not depend on its words

    def __call__(self, value: str, info: ValidationInfo) -> str:
        """Return a string that follows the rule unchanged; raise the rule's error for others."""
        if self.holds(value):
            return value
        if self.meant is None:
            raise wrong(f"must be {self.rule}", self.kind)
        if info.context and info.context["unchecked"]:
            return value
        meant = self.meant(value) or "unchecked=True sends it unchanged"
        raise wrong(f"must be {self.rule}; {meant}", self.kind)


def matches(pattern: str) -> Callable[[str], object]:
    """Return a test of whether a whole string matches a pattern."""
    return re.compile(pattern).fullmatch


def is_url(value: str, schemes: frozenset[str]) -> bool:
    """Return whether a string is a URL with one of these schemes and a host; credentials are allowed."""
    if re.search(r"[\x00-\x20]", value):  # urlsplit would silently drop some of them
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != -1
    except ValueError:  # a malformed IPv6 host, or a port that is not a number
        return False


def either(pick: Callable[[Any], str | None], rule: str) -> Discriminator:
    """Return a discriminator that picks a union's branch by the value, so errors are about one branch.

    `pick` returns the tag of a branch, or None if the value has none of the known forms; `rule`
    completes the sentence "must be …" for that case.
    """
    return Discriminator(
        pick,
        custom_error_type="form",
        custom_error_message=f"must be {rule}",
    )


Filled = Annotated[str, AfterValidator(TextRule("a non-empty string", bool))]
DtmfSet = Annotated[
    str,
    AfterValidator(
        TextRule("DTMF digits: 0-9, A-D in either case, * or #", matches("[0-9A-Da-d*#]*"))
    ),
]
# The name that an operation gets when it starts, by which later commands find it.
ControlId = Annotated[Filled, about("The control id of the running operation.")]
# Which of a call's two audio directions is meant.
AudioDirection = Literal["listen", "speak", "both"]
# The same two, as the speech commands name them: by who speaks.
Leg = Literal["remote-caller", "local-caller"]
