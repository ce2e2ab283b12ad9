"""What is on its way out of a space: events that nobody has acknowledged, callbacks without an answer."""

from __future__ import annotations

import threading


class Deliveries:
    """Counts what is on its way, so that a test or a wait can let all of it arrive first."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._open = 0

    def begin(self, count: int = 1) -> None:
        """Note that something is on its way."""
        with self._changed:
            self._open += count

    def done(self, count: int = 1) -> None:
        """Note that something has arrived, or never will."""
        with self._changed:
            self._open -= count
            self._changed.notify_all()

    def settle(self, timeout: float) -> bool:
        """Wait until nothing is on its way; return whether that came within real seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._open <= 0, timeout)
