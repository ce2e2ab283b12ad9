"""What is known of a call: from the latest answer about it, and from what was heard since."""

from __future__ import annotations

from collections.abc import Mapping

from swnb.exchange import OVER
from swnb.session.answers.replies import Reply, text_of


class Facts:
    """The facts of a call; `last` is the latest answer about it."""

    last: Reply | None = None
    # A state that was heard, and the latest answer when it was: the next one counts again.
    _heard: tuple[Reply | None, str] | None = None
    _told: Mapping[str, str] = {}  # what the offer of an inbound call said of it

    @property
    def status(self) -> str | None:
        """The call's status as last answered or heard, None before that."""
        if self._heard and self._heard[0] is self.last:
            return self._heard[1]
        return self.last.status if self.last is not None else None

    @property
    def charge(self) -> float | None:
        """What the call has cost so far in US dollars, as the latest answer has it."""
        return self.last.charge if self.last is not None else None

    @property
    def duration(self) -> float | None:
        """How long the call lasted, in seconds, as the latest answer has it."""
        milliseconds = self.last.exchange.duration_ms if self.last is not None else None
        return None if milliseconds is None else milliseconds / 1000

    @property
    def from_(self) -> str | None:
        """Who calls: a number or an address."""
        return self._fact("from")

    @property
    def to(self) -> str | None:
        """Who is called: a number or an address."""
        return self._fact("to")

    @property
    def direction(self) -> str | None:
        """Inbound or outbound, as the platform names it."""
        return self._fact("direction")

    @property
    def type(self) -> str | None:
        """What kind of call it is, as the platform names it."""
        return self._fact("type")

    @property
    def created(self) -> str | None:
        """When the call was created, as the voice log writes it; None before `refresh()`."""
        return self._fact("created_at")

    @property
    def ended(self) -> bool:
        """Whether the call is over, as far as the latest answer says."""
        return self.status in OVER

    def _fact(self, name: str) -> str | None:
        known = text_of(self.last, name) if self.last is not None else None
        return self._told.get(name) if known is None else known

    def _shown_status(self) -> str | None:
        """Return the status as it may be shown: without what the platform echoes."""
        if self._heard and self._heard[0] is self.last:
            return self._heard[1]
        return self.last.exchange.call_status if self.last is not None else None


def note_state(call: Facts, status: str) -> None:
    """Note a state that was heard of a call, as replies name it."""
    call._heard = (call.last, status)  # noqa: SLF001 - the class is defined here


def note_offer(call: Facts, told: Mapping[str, str]) -> None:
    """Note what the offer of a call said of it: `from`, `to`, `direction`."""
    call._told = told  # noqa: SLF001 - the class is defined here
