"""What is wrong with the values of a form, with the messages of the Python API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from swnb.errors import InvalidCommand, Problem
from swnb.session.credentials import call_id_problems

if TYPE_CHECKING:
    from swnb.commands.base import Command


def check(model: type[Command], params: Mapping[str, Any], call_id: str | None) -> list[Problem]:
    """Return every problem of a request, those of its call id first."""
    unchecked = params.get("unchecked") is True
    problems = call_id_problems(call_id, unchecked=unchecked) if model.on_call else []
    return problems + problems_of(model, params)


def problems_of(model: type[Command], params: Mapping[str, Any]) -> list[Problem]:
    """Return every problem of a command's parameters."""
    try:
        model(**params)
    except InvalidCommand as error:
        return error.problems
    return []
