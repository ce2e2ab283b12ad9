"""The rows of runs: each is written with the first exchange or event of its run."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from swnb.exchange import now
from swnb.log.writing.rows import to_json
from swnb.log.writing.sqlite_errors import IGNORED, FileUnavailable
from swnb.version import VERSION

_RUN = """
    INSERT OR IGNORE INTO runs (name, started_at, space, swnb, facts, sent_before, ended_before)
    SELECT ?, ?, ?, ?, ?,
        coalesce((SELECT max(id) FROM sent), 0), coalesce((SELECT max(id) FROM ended), 0)
"""


class RunRows:
    """The runs that this process began, and which of them the file has.

    `written` are the names that need no row any more; whoever commits a row adds its name.
    """

    def __init__(self) -> None:
        self._begun: dict[str, tuple[int, dict[str, Any]]] = {}
        self.written: set[str] = set()

    def begin(self, run: str, facts: Mapping[str, Any]) -> None:
        """Begin a run, or continue it with more facts."""
        started_at, run_facts = self.begun(run) or (now(), {})
        self._begun[run] = (started_at, {**run_facts, **facts})

    def begun(self, run: str) -> tuple[int, dict[str, Any]] | None:
        """Return when a run began, and its facts; None for a run that did not begin here."""
        return self._begun.get(run)

    def insert(self, connection: sqlite3.Connection, spaces: Iterable[tuple[str, str]]) -> None:
        """Insert the rows of runs with their spaces, where the file has none."""
        for run, space in spaces:
            if run in self.written:
                continue
            started_at, facts = self._begun.get(run) or (now(), {})
            values = (run, started_at, space, VERSION, to_json(facts))
            if connection.execute(_RUN, values).rowcount != 1:
                existing = connection.execute("SELECT 1 FROM runs WHERE name = ?", (run,))
                if not existing.fetchone():
                    raise FileUnavailable(*IGNORED)
