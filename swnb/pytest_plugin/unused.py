"""`--swnb-unused`: the recordings, and the lines in them, that no test of a whole run has used."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from swnb.pytest_plugin.cases import FOLDER, case_of
from swnb.recordings.writing import KIND
from swnb.words import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from swnb.exchange import Exchange

_KEY = "swnb_unused"
_NAMED = 3


class Unused:
    """Collects what was used, in this process and in those of xdist, and lists what was not."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._asked: set[str] = set()  # recordings that some test is marked with
        # What all tests left of each: the times and commands of exchanges.
        self._left: dict[str, dict[str, str]] = {}
        self._folders: set[str] = set()
        self._partial = ""  # why not all tests were run
        self._seen = 0

    def note(self, path: Path, left: Sequence[Exchange]) -> None:
        """Note what a test has left of a recording: several may each use a part of it."""
        self._meet(str(path), {str(exchange.sent_at): exchange.command for exchange in left})

    def _meet(self, path: str, left: dict[str, str]) -> None:
        before = self._left.get(path, left)
        self._left[path] = {time: name for time, name in before.items() if time in left}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Note what there is before anything is left out."""
        self._seen = len(items)
        for item in items:
            self._folders.add(str(item.path.parent))
            case = case_of(item)
            if case is not None:
                self._asked.add(str(case.path))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note whether some tests were left out: a shard, -k, -m, or a file by its name."""
        named = self._config.args_source is pytest.Config.ArgsSource.ARGS
        folders = all(
            (self._config.invocation_params.dir / arg).is_dir() for arg in self._config.args
        )
        if named and not folders and not self._is_worker:
            self._partial = "some files or tests were named"
        if len(session.items) < self._seen:
            self._partial = "some tests were left out"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand what this process knows to the one that started it."""
        if session.testsfailed or session.shouldstop or session.shouldfail:
            self._partial = self._partial or "some tests failed"
        if self._is_worker:
            self._config.workeroutput[_KEY] = {  # type: ignore[attr-defined] # of xdist
                "asked": sorted(self._asked),
                "left": self._left,
                "folders": sorted(self._folders),
                "partial": self._partial,
            }

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a process of xdist knows."""
        told = getattr(node, "workeroutput", {}).get(_KEY)
        if told is None:
            self._partial = "a process ended early"
            return
        self._asked.update(told["asked"])
        self._folders.update(told["folders"])
        self._partial = self._partial or told["partial"]
        for path, left in told["left"].items():
            self._meet(path, left)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """List what nobody used, if all tests ran."""
        write = terminalreporter.write_line
        terminalreporter.section("unused recordings")
        if self._partial:
            write(f"not judged: {self._partial}")
            return
        root = self._config.rootpath
        lines = [f"{_relative(path, root)}: no test asks for it" for path in self._stale()]
        for path, times in sorted(self._left.items()):
            left = list(times.values())
            if left:
                more = f" and {len(left) - _NAMED} more" if len(left) > _NAMED else ""
                what = f"{', '.join(left[:_NAMED])}{more}"
                told = counted(len(left), "exchange")
                lines.append(f"{_relative(path, root)}: {told} that no test used: {what}")
        for line in lines or ["none"]:
            write(line)

    @property
    def _is_worker(self) -> bool:
        return hasattr(self._config, "workerinput")

    def _stale(self) -> list[str]:
        """Return the recordings beside the tests that no test is marked with."""
        there = {
            str(path)
            for folder in self._folders
            for path in (Path(folder) / FOLDER).rglob("*.jsonl")
            if _is_recording(path)
        }
        return sorted(there - self._asked)


def _is_recording(path: Path) -> bool:
    with path.open("rb") as file:
        return KIND.encode() in file.readline()


def _relative(path: str, root: Path) -> str:
    try:
        return os.fspath(Path(path).relative_to(root))
    except ValueError:
        return path
