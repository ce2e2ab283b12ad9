"""Where a run is found: in a recording's file, in a log, or in the hands of whoever made it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.errors import ConfigurationError, LogError
from swnb.log import Log
from swnb.recordings import RecordingFile
from swnb.runs.run import Run
from swnb.session.session import Face, session_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import ExitStack

    from swnb.recordings.source import Source

PathOrLog = str | os.PathLike[str] | Log


Comparable = str | os.PathLike[str] | Run | Log | Face


def is_file(run: str | os.PathLike[str]) -> bool:
    """Say whether this is a recording's path, and not the name of a run.

    Raises `ConfigurationError` for what is neither.
    """
    if not isinstance(run, str | os.PathLike):
        raise ConfigurationError("a run is named by a recording's path, or by its name in the log")
    return not isinstance(run, str) or run.endswith(".jsonl") or "/" in run or "\\" in run


def opened(log: PathOrLog) -> Log:
    """Open a log that is there, or take one that is open. Raises `LogError`."""
    if isinstance(log, Log):
        return log
    if not Path(log).exists():
        raise LogError(
            f"log {os.fspath(log)!r}: there is no such file",
            advice="Name the log that holds the run (log=, or --log), or a recording by its path.",
        )
    return Log(log)


def patterns_of(ignore: str | Sequence[str]) -> tuple[str, ...]:
    """Take one pattern of paths, or several. Raises `ConfigurationError` for anything else."""
    found = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    if not all(isinstance(pattern, str) and pattern for pattern in found):
        raise ConfigurationError("ignore: must be paths, such as response.*_ms")
    return found


def source_of(run: Comparable, log: PathOrLog, stack: ExitStack) -> Source:
    """Give a run wherever it is; what is opened for that is closed with the stack."""
    if isinstance(run, Run):
        return run.source()
    if isinstance(run, Face):
        run = session_of(run).log
    if isinstance(run, Log):
        return run.source()
    if is_file(run):
        recording = RecordingFile(run)
        stack.callback(recording.close)
        return recording
    held = log if isinstance(log, Log) else stack.enter_context(opened(log))
    return held.source(str(run))
