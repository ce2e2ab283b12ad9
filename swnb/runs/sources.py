"""Where a run is read from: a recording's file, a log, or an object that has one."""

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
    """Return whether a run is named by a recording's path, not by its name in a log.

    Parameters
    ----------
    run : str or path
        The path or the name.

    Raises
    ------
    ConfigurationError
        If it is neither a string nor a path.

    """
    if not isinstance(run, str | os.PathLike):
        raise ConfigurationError("a run must be a recording's path, or its name in the log")
    return not isinstance(run, str) or run.endswith(".jsonl") or "/" in run or "\\" in run


def opened(log: PathOrLog) -> Log:
    """Open a log that exists, or return one that is open.

    Parameters
    ----------
    log : str, path or Log
        The log.

    Raises
    ------
    LogError
        If there is no such file.

    """
    if isinstance(log, Log):
        return log
    if not Path(log).exists():
        raise LogError(
            f"log {os.fspath(log)!r}: there is no such file",
            advice="Name the log that has the run (log=, or --log), or a recording by its path.",
        )
    return Log(log)


def patterns_of(ignore: str | Sequence[str]) -> tuple[str, ...]:
    """Return one pattern of paths, or several, as a tuple.

    Parameters
    ----------
    ignore : str or sequence of str
        Such as ``"response.*_ms"``.

    Raises
    ------
    ConfigurationError
        If a pattern is not a non-empty string.

    """
    patterns = (ignore,) if isinstance(ignore, str) else tuple(ignore)
    if not all(isinstance(pattern, str) and pattern for pattern in patterns):
        raise ConfigurationError("ignore: must be paths, such as response.*_ms")
    return patterns


def source_of(run: Comparable, log: PathOrLog, stack: ExitStack) -> Source:
    """Return a run that can be read.

    Parameters
    ----------
    run : str, path, Run, Log or Client
        What names the run, or has it.
    log : str, path or Log
        Where names of runs are looked up.
    stack : ExitStack
        Closes what is opened.

    """
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
    log = log if isinstance(log, Log) else stack.enter_context(opened(log))
    return log.source(str(run))
