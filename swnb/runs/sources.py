"""Where a run is found: in a recording's file, in a log, or in the hands of a client."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.client import Client
from swnb.errors import LogError
from swnb.log import Log
from swnb.recordings import RecordingFile

if TYPE_CHECKING:
    from contextlib import ExitStack

    from swnb.recordings.source import Source

PathOrLog = str | os.PathLike[str] | Log
Comparable = str | os.PathLike[str] | Log | Client


def is_file(run: str | os.PathLike[str]) -> bool:
    """Say whether this is a recording's path, and not the name of a run."""
    return not isinstance(run, str) or run.endswith(".jsonl") or "/" in run or "\\" in run


def opened(log: PathOrLog) -> Log:
    """Open a log that is there, or take one that is open. Raises `LogError`."""
    if isinstance(log, Log):
        return log
    if not Path(log).exists():
        raise LogError(
            f"log {os.fspath(log)!r}: there is no such file",
            advice="Name the log that holds the run with log=, or a recording by its path.",
        )
    return Log(log)


def run_of(log: Log, name: str) -> Source:
    """Give a run of a log by its name. Raises `LogError` that names the closest."""
    try:
        return log.source(name)
    except LogError:
        close = get_close_matches(name, log.run_names(), n=1)
        advice = f"Did you mean {close[0]!r}?" if close else "log.runs() lists its runs."
        raise LogError(f"log {log.path!r}: holds no such run", advice=advice) from None


def source_of(run: Comparable, log: PathOrLog, stack: ExitStack) -> Source:
    """Give a run wherever it is; what is opened for that is closed with the stack."""
    if isinstance(run, Client):
        run = run.log
    if isinstance(run, Log):
        return run.source()
    if is_file(run):
        recording = RecordingFile(run)
        stack.callback(recording.close)
        return recording
    held = log if isinstance(log, Log) else stack.enter_context(opened(log))
    return run_of(held, str(run))
