"""The value types of the catalogue: exact numbers, free JSON, URLs, DTMF, SWML.

Each is an `Annotated` alias whose validator states its rule in words. Values pass through
unchanged (`5` stays `5` where a number is asked for), so none of them converts.
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

# The two escape hatches that every command takes and that are no parameters of the platform.
ESCAPES = ("extras", "unchecked")


def wire_name(field: str) -> str:
    """Give a field's name on the wire: `from_` is `from`, all others are themselves."""
    return field.removesuffix("_")


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


def wrong(message: str, kind: str = "rule") -> PydanticCustomError:
    """Make the error of a rule, its message in our words."""
    return PydanticCustomError("rule", "{text}", {"text": message, "kind": kind})


def check_number(value: Any) -> Any:
    """Take an int or a finite float, as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong("must be a number")
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong("must be a finite number")
    return value


def check_integer(value: Any) -> Any:
    """Take an int, or a float without a fraction (JSON Schema's integer), as it is."""
    if isinstance(value, bool) or not (
        isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    ):
        raise wrong("must be a whole number")
    return value


def check_json_object(value: Any) -> FreeJson:
    """Take a JSON object of any content."""
    if not isinstance(value, dict):
        raise wrong("must be an object (a dict)", "dict_type")
    return FreeJson(value)


Number = Annotated[float, PlainValidator(check_number)]
Integer = Annotated[int, PlainValidator(check_integer)]
JsonObject = Annotated[dict[str, Any], PlainValidator(check_json_object)]


@dataclass(frozen=True, slots=True)
class TextRule:
    """A rule that a string must keep: `rule` says it in words, `holds` decides.

    `meant` says what a string that breaks it likely means. A rule that has it goes by what a string
    looks like and may be wrong about it, so that `unchecked=True` sends what it refuses.
    """

    rule: str
    holds: Callable[[str], object]
    meant: Callable[[str], str] | None = None
    kind: str = "rule"  # the name of the rule, for whoever must not depend on its words

    def __call__(self, value: str, info: ValidationInfo) -> str:
        """Take a string that keeps the rule, as it is."""
        if self.holds(value):
            return value
        if self.meant is None:
            raise wrong(f"must be {self.rule}", self.kind)
        if info.context and info.context["unchecked"]:
            return value
        meant = self.meant(value) or "unchecked=True sends it as it is"
        raise wrong(f"must be {self.rule}; {meant}", self.kind)


def matches(pattern: str) -> Callable[[str], object]:
    """Make the test of a whole text against a pattern."""
    return re.compile(pattern).fullmatch


def is_url(value: str, schemes: frozenset[str]) -> bool:
    """Say whether a text is a URL of one of these schemes with a host; credentials may be in it."""
    if re.search(r"[\x00-\x20]", value):  # urlsplit would drop some of them without a word
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != -1
    except ValueError:  # a torn IPv6 host, or a port that is no number
        return False


def either(pick: Callable[[Any], str | None], rule: str) -> Discriminator:
    """Choose the branch of a union by the value itself, so that errors are about one branch.

    `pick` gives the tag of a branch, or None where the value has none of the known forms; `rule`
    completes the sentence "must be …" for that case.
    """
    return Discriminator(
        pick,
        custom_error_type="form",
        custom_error_message=f"must be {rule}",
    )


Filled = Annotated[str, AfterValidator(TextRule("a text that is not empty", bool))]
DtmfSet = Annotated[
    str,
    AfterValidator(
        TextRule("DTMF digits: 0-9, A-D in either case, * or #", matches("[0-9A-Da-d*#]*"))
    ),
]
# The name that an operation is given where it starts, and that later commands find it by.
ControlId = Annotated[Filled, about("The name you gave the operation when you started it.")]
# Which of a call's two audio directions is meant.
AudioDirection = Literal["listen", "speak", "both"]
# The same two as the speech commands name them: by whom they come from.
Leg = Literal["remote-caller", "local-caller"]
