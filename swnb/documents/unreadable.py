"""Why a text or a file cannot be read as a document at all."""

from __future__ import annotations

from swnb.errors import Problem


class Unreadable(Exception):
    """The one problem of a text that cannot be read, with its line if that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.problem = Problem("", message if line is None else f"line {line}: {message}")
