"""What a simulated space answers: HTTP answers, and rejections in the platform's error shape.

A rejection is raised as soon as there is a reason and becomes an answer in one place. A problem that the
catalogue finds gets the platform's error code by its place and its kind, never by its wording.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from swnb.commands.base import Command
from swnb.commands.schema import parameters
from swnb.errors import Problem

_DOCUMENTATION = "https://signalwire.com/docs/apis/error-codes"

# The parameter where a problem lies (any, if empty), the kind of problem (any, if empty), and the
# code that the platform has for it; the first that fits is taken.
_CODES = (
    ("", "extra_forbidden", "unsupported_option"),
    ("", "missing", "missing_required_parameter"),
    ("codecs", "", "invalid_codecs_format"),
    ("custom_variables", "too_long", "too_many_custom_variables"),
    ("custom_variables", "dict_type", "must_be_object"),
    ("custom_variables", "reserved_name", "reserved_custom_variable_name"),
    ("custom_variables", "variable_name", "invalid_custom_variable_name"),
    ("custom_variables", "", "invalid_custom_variable_value"),
    ("", "string_type", "not_a_string"),
    ("", "bool_type", "not_a_boolean"),
    ("", "dict_type", "not_a_hash"),
    ("", "model_attributes_type", "not_a_hash"),
    ("", "http_url", "not_an_http_url"),
)
# The code by how many of those are sent of which exactly one is wanted.
_ONE_OF: dict[int, str | None] = {0: "inline_swml_or_swml_webhook_required", 1: None}


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer; `delay` seconds late, or `cut` off by a fault while it is sent."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    delay: float = 0.0
    cut: Literal["reset", "truncated"] | None = None


def json_answer(status: int, value: Any) -> Answer:
    """Return an answer that is a JSON value."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(value).encode())


def plain_error(status: int) -> Answer:
    """Return an answer that is a status alone, in the platform's shape: `{"error": "Not Found"}`."""
    return json_answer(status, {"error": HTTPStatus(status).phrase})


class Rejection(Exception):
    """Why a request is not carried out, as the answer that it gets."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


def reject(
    code: str, message: str, attribute: str | None = None, *, status: int = 422
) -> Rejection:
    """Return the rejection for one reason, in the platform's `errors` shape."""
    return reject_all([error(code, message, attribute)], status=status)


def reject_all(errors: Sequence[Mapping[str, Any]], *, status: int = 422) -> Rejection:
    """Return the rejection for several reasons at once."""
    return Rejection(json_answer(status, {"errors": list(errors)}))


def error(code: str, message: str, attribute: str | None = None) -> dict[str, Any]:
    """Return one entry of the `errors` array."""
    return {
        "type": "validation_error",
        "code": code,
        "message": message,
        "attribute": attribute,
        "url": _DOCUMENTATION,
    }


def error_of(problem: Problem, model: type[Command], params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the entry for a problem that the catalogue found in the parameters of a command."""
    code = _code_between(problem, model, params) or next(
        (
            code
            for path, kind, code in _CODES
            if problem.path.startswith(path) and kind in ("", problem.kind)
        ),
        "invalid_parameter",
    )
    return error(code, problem.message, problem.path or None)


def _code_between(problem: Problem, model: type[Command], params: Mapping[str, Any]) -> str | None:
    """Return the code of a broken rule between parameters, read off those that were sent."""
    if problem.kind != "rule" or problem.path not in parameters(model):
        return None
    if problem.path in model.one_of:
        sent = sum(name in params for name in model.one_of)
        return _ONE_OF.get(sent, "incompatible_parameters")
    return None if problem.path in params else "missing_required_parameter"
