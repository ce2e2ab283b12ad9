"""The errors and warnings of what swnb keeps: logs, tables, recordings and the runs in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb.errors.base import SwnbError, SwnbWarning

if TYPE_CHECKING:
    from pathlib import Path


class LogError(SwnbError):
    """The log file is damaged, is not a log, or was written by a newer swnb."""

    title = "log"


class DamagedTables(SwnbError, ValueError):
    """A folder of tables has torn or foreign files, so it cannot be read whole; see `paths`.

    Parameters
    ----------
    problems : dict of Path to str
        What is wrong, by file.

    """

    title = "tables"

    def __init__(self, problems: dict[Path, str]) -> None:
        self.paths = list(problems)
        super().__init__(
            "\n".join(f"{path}: {problem}" for path, problem in problems.items()),
            advice="Export those months again, move the files away, or pass skip_damaged=True.",
        )


class RecordingError(SwnbError):
    """A recording cannot be used: it is torn, edited, too new, or contains a secret."""

    title = "recording"


class NoRecording(SwnbError):
    """The notebook sent a request that the replayed recording does not contain."""

    title = "no recording"


class RunsDiffer(SwnbError, AssertionError):
    """Two runs that should be the same differ; the message lists the differences."""

    title = "runs differ"


class LogWarning(SwnbWarning):
    """The log cannot be written, or its file system is unfit for it; sending goes on."""


class RecordingWarning(SwnbWarning):
    """A recording has requests that are no longer valid, or values now known to be secret."""


class DamagedRow(LogError, LogWarning):
    """Some rows of the log cannot be read: a warning, shown once; the other rows are shown."""
