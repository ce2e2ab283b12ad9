"""Misbehavior on request: what a space answers, or does to the connection, instead of replying."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches
from email.utils import format_datetime
from typing import Literal, get_args

from swnb.commands.base import Command
from swnb.commands.moments import instant
from swnb.errors import ConfigurationError
from swnb.simulator.answers import Answer, plain_error
from swnb.simulator.requests import Reading

Kind = Literal[
    "429", "500", "502", "503", "504", "slow", "reset", "truncated", "html", "empty", "redirect"
]

_HTML = b"<!doctype html><title>Simulated</title><p>This is a page instead of JSON.</p>"
_UNACTED = b'{"id": "00000000-0000-4000-8000-000000000000", "status": "queued"}'


@dataclass(slots=True)
class Fault:
    """One kind of misbehavior, for the next requests, as many as are `left`.

    With `after_acting` the command is carried out first. `retry_after` is in seconds or a time,
    which becomes a date; `seconds` is how late a slow answer comes; `to` is where a redirect points.
    """

    kind: str
    left: int
    after_acting: bool
    command: str | None
    retry_after: float | datetime | None = None
    seconds: float = 1.0
    to: str = "https://example.com/"

    def __post_init__(self) -> None:
        _ensure_known("kind", self.kind, get_args(Kind))
        if self.command is not None:
            _ensure_known("command", self.command, (*Command.catalogue, *get_args(Reading)))
        if self.left < 1 or self.seconds < 0:
            raise ConfigurationError("misbehave: times must be at least 1 and seconds at least 0")

    @property
    def acts(self) -> bool:
        """Whether the command is carried out anyway; a late answer is a true one."""
        return self.after_acting or self.kind == "slow"

    def meets(self, command: str | None) -> bool:
        """Return whether it falls on a request for this command."""
        return self.left > 0 and self.command in (None, command)

    def answer(self, real: Answer | None) -> Answer:
        """Return the answer instead of the real one, which is None if nothing was carried out."""
        if self.kind == "slow" and real:
            return replace(real, delay=self.seconds)
        body = real.body if real else _UNACTED
        json = {"content-type": "application/json"}
        answers = {
            "reset": Answer(200, json, body, cut="reset"),
            "truncated": Answer(200, json, body, cut="truncated"),
            "html": Answer(200, {"content-type": "text/html; charset=utf-8"}, _HTML),
            "empty": Answer(204, {}, b""),
            "redirect": Answer(302, {"location": self.to}, b""),
        }
        return answers.get(self.kind) or self._error()

    def _error(self) -> Answer:
        error = plain_error(int(self.kind))
        if self.retry_after is None:
            return error
        return replace(error, headers={**error.headers, "retry-after": self._retry_after()})

    def _retry_after(self) -> str:
        if isinstance(self.retry_after, datetime):
            return format_datetime(instant(self.retry_after), usegmt=True)
        return f"{self.retry_after:g}"


def _ensure_known(name: str, value: str, names: tuple[str, ...]) -> None:
    if value not in names:
        close = get_close_matches(value, names, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"use one of {', '.join(names)}"
        raise ConfigurationError(f"misbehave.{name}: there is no {value!r}; {hint}")
