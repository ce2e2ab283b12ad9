"""Pydantic's findings in our words: every problem of a command with its path."""

from __future__ import annotations
from typing import Any
from swnb.errors import Problem


def problems_of(error: Any, given: Any, model: Any) -> list[Problem]:
    return [
        Problem(".".join(map(str, e["loc"])), e["msg"]) for e in error.errors(include_url=False)
    ]
