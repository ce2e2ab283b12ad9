"""What a simulated space answers: HTTP answers, and the refusals in the platform's error shape.

A refusal is raised where the reason is found and becomes an answer in one place. A problem that the
catalogue finds gets the platform's error code that fits its wording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from swnb.errors import Problem

_DOCUMENTATION = "https://signalwire.com/docs/apis/error-codes"

# The parameter where a problem lies (any, where empty), words of the catalogue's message, and the
# code that the platform has for it; the first that fits is taken.
_CODES = (
    ("", "is not a parameter", "unsupported_option"),
    ("url", "one of url and swml is required", "inline_swml_or_swml_webhook_required"),
    ("", "is required", "missing_required_parameter"),
    ("", "must not be given together", "incompatible_parameters"),
    ("codecs", "", "invalid_codecs_format"),
    ("custom_variables", "must have at most", "too_many_custom_variables"),
    ("custom_variables", "must be an object", "must_be_object"),
    ("custom_variables", "reserved prefixes", "reserved_custom_variable_name"),
    ("custom_variables", "must be named", "invalid_custom_variable_name"),
    ("custom_variables", "", "invalid_custom_variable_value"),
    ("", "must be a string", "not_a_string"),
    ("", "must be True or False", "not_a_boolean"),
    ("", "must be an object", "not_a_hash"),
    ("", "http:// or https:// URL", "not_an_http_url"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `delay` seconds late, or `cut` off by a fault while it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    delay: float = 0.0
    cut: Literal["reset", "truncated"] | None = None


def json_answer(status: int, value: Any) -> Answer:
    """Answer with a JSON value."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())


def plain_error(status: int) -> Answer:
    """Answer with a status alone, in the platform's shape: `{"error": "Not Found"}`."""
    return json_answer(status, {"error": HTTPStatus(status).phrase})


class Refusal(Exception):
    """Why a request is not carried out, as the answer it gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def refuse(code: str, message: str, attribute: str | None = None, *, status: int = 422) -> Refusal:
    """Refuse for one reason, in the platform's `errors` shape."""
    return refuse_all([error(code, message, attribute)], status=status)


def refuse_all(errors: Sequence[Mapping[str, Any]], *, status: int = 422) -> Refusal:
    """Refuse for several reasons at once."""
    return Refusal(json_answer(status, {"errors": list(errors)}))


def error(code: str, message: str, attribute: str | None = None) -> dict[str, Any]:
    """Make one entry of the `errors` array."""
    return {
        "type": "validation_error",
        "code": code,
        "message": message,
        "attribute": attribute,
        "url": _DOCUMENTATION,
    }


def error_of(problem: Problem) -> dict[str, Any]:
    """Make the entry for a problem that the catalogue found."""
    code = next(
        (
            code
            for where, words, code in _CODES
            if problem.path.startswith(where) and words in problem.message
        ),
        "invalid_parameter",
    )
    return error(code, problem.message, problem.path or None)
