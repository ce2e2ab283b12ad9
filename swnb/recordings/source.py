"""What replaying and comparing need of a run, wherever it is kept."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from swnb.redact import declare_secret, is_clean, redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from swnb.exchange import Exchange


DECLARED = "hidden_fields"  # the fact that names what `Client(secret_fields=…)` declared secret


def redacted_as_now(exchange: Exchange) -> Exchange:
    """Take out of an exchange what was recorded of it when fewer rules were known."""
    for name in ("request", "response"):
        body = getattr(exchange, name)
        if body is not None and not is_clean(json.dumps(body).encode()):
            setattr(exchange, name, redact(body))
    exchange.error_message = exchange.error_message and redact_text(exchange.error_message)
    return exchange


def declare(facts: Mapping[str, Any]) -> None:
    """Take for secret what the client of a recorded run was told to."""
    names = facts.get(DECLARED)
    if isinstance(names, list):
        declare_secret(name for name in names if isinstance(name, str))


class Source(Protocol):
    """A recorded run: its exchanges in the order in which they were sent, one at a time.

    A place is a number that `get` takes; `where` names it for people (`line 4`).
    """

    name: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """What is known of the run as a whole."""
        ...

    @property
    def masked(self) -> bool:
        """Whether phone numbers are masked in it."""
        ...

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Give every exchange with its place."""
        ...

    def get(self, place: int) -> Exchange:
        """Give one exchange again."""
        ...

    def where(self, place: int) -> str:
        """Name a place for a message."""
        ...

    def extras_of(self, place: int, exchange: Exchange) -> list[str]:
        """Name the parameters of an exchange that were unknown to the catalogue that recorded it."""
        ...

    def close(self) -> None:
        """Let go of the file, if it is this source's own."""
        ...
