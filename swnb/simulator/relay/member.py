"""One RELAY session of a space: what it subscribed, which calls it owns, what it has not acknowledged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from swnb.simulator.relay import frames
from swnb.simulator.stage.deliveries import Deliveries

_MOST_KEPT = 10_000  # events for a session that is not connected


@dataclass(eq=False, slots=True)
class Line:
    """One connection: how texts are sent on it, how it breaks, and how it is closed in good order."""

    send: Callable[[str], None]
    cut: Callable[[], None]
    close: Callable[[], None]


@dataclass(eq=False, slots=True)
class Member:
    """A session, which outlives its connections.

    `waiting` are the events that were sent, or are to be sent when it is connected again, by the id
    of their frames. A session that does not acknowledge has none.
    """

    protocol: str
    state: str = field(repr=False)  # with which a session can be taken over
    deliveries: Deliveries = field(repr=False)
    acknowledges: bool = True
    line: Line | None = None
    contexts: set[str] = field(default_factory=set)
    owned: set[str] = field(default_factory=set)
    tags: dict[str, str] = field(default_factory=dict)  # by the call that was dialed under each
    answered: set[str] = field(default_factory=set)  # the tags of dials that were answered
    waiting: dict[str, str] = field(default_factory=dict)

    def event(self, frame_id: str, params: dict[str, Any]) -> None:
        """Send an event, or keep it until the session is connected again."""
        text = frames.request(
            frame_id, "signalwire.event", {**params, "event_channel": self.protocol}
        )
        if self.acknowledges:
            self.waiting[frame_id] = text
            if not self.line and len(self.waiting) > _MOST_KEPT:
                del self.waiting[next(iter(self.waiting))]
        if self.line:
            if self.acknowledges:
                self.deliveries.begin()
            self.line.send(text)

    def acknowledge(self, frame_id: Any) -> None:
        """Forget an event that has arrived."""
        if self.waiting.pop(frame_id, None) is not None and self.line:
            self.deliveries.done()

    def attach(self, line: Line) -> None:
        """Take a connection; what was not acknowledged is sent again by `resend`."""
        former = self.detach()
        if former:
            former.close()
        self.line = line

    def resend(self) -> None:
        """Send again what was not acknowledged, under the same ids."""
        if self.line:
            self.deliveries.begin(len(self.waiting))
            for text in self.waiting.values():
                self.line.send(text)

    def detach(self) -> Line | None:
        """Lose the connection, and return it: what is on its way on it does not arrive."""
        line, self.line = self.line, None
        if line:
            self.deliveries.done(len(self.waiting))
        return line
