"""Which listener of a session is open now: known without the inbox, so that waits can ask for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from swnb.exchange import Transport
    from swnb.session.session import Session


class Listening(Protocol):
    """An inbox, as waits and calls know it."""

    @property
    def state(self) -> str:
        """Whether it is listening."""

    def owns(self, call_id: str) -> bool:
        """Return whether the call is one that this connection dialed, or was offered."""

    def carrier(self) -> Transport:
        """Return what carries commands over its connection."""

    def close(self) -> None:
        """Stop."""


class Open:
    """The inbox of a session that is open now; it is closed with the client."""

    inbox: Listening | None = None

    def close(self) -> None:
        """Close it."""
        if self.inbox is not None:
            self.inbox.close()


def listening(session: Session) -> Listening | None:
    """Return the inbox of a session that listens, None if none does."""
    inbox = session.companion(Open, Open).inbox
    return None if inbox is None or inbox.state == "closed" else inbox
