"""The line that shows a wait: what for, how long, and what was heard last; one honest line at the end."""

from __future__ import annotations

import sys
import time

from swnb.visible import visible

_SHOWN_AFTER = 1.0  # seconds; a shorter wait shows nothing


class Progress:
    """A line on standard error that is written over itself."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._began = time.monotonic()
        self._width = 0
        self._shown = ""

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return time.monotonic() - self._began

    def show(self, state: str | None) -> None:
        """Show how it stands, at most once a second."""
        if self.elapsed < _SHOWN_AFTER:
            return
        latest = f", latest: {state}" if state else ""
        line = f"{self._what}: waiting for {int(self.elapsed)} s{latest}"
        if line != self._shown:
            self._write(line)
            self._shown = line

    def end(self, outcome: str) -> None:
        """Replace the line by how it ended, if there was one."""
        if self._shown:
            self._write(f"{self._what}: {outcome} after {self.elapsed:.0f} s", "\n")

    def _write(self, line: str, end: str = "") -> None:
        line = visible(line)
        sys.stderr.write(f"\r{line.ljust(self._width)}{end}")
        sys.stderr.flush()
        self._width = max(self._width, len(line))
