"""What replaying and comparing need from a run, wherever it is stored."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Protocol

from swnb.redact import declare_secret, is_clean, redact, redact_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from swnb.event import Event
    from swnb.exchange import Exchange


DECLARED = "hidden_fields"  # the fact with the names that `Client(secret_fields=…)` declared


def redacted_as_now(exchange: Exchange) -> Exchange:
    """Redact, by the present rules, an exchange that was recorded under fewer ones; return it."""
    for name in ("request", "response"):
        body = getattr(exchange, name)
        if body is not None and not is_clean(json.dumps(body).encode()):
            setattr(exchange, name, redact(body))
    exchange.error_message = exchange.error_message and redact_text(exchange.error_message)
    return exchange


def declare(facts: Mapping[str, Any]) -> None:
    """Declare the secret fields that the client of a recorded run had declared."""
    names = facts.get(DECLARED)
    if isinstance(names, list):
        declare_secret(name for name in names if isinstance(name, str))


class Source(Protocol):
    """A recorded run: its exchanges in the order in which they were sent.

    A place is a number that `get` takes; `where` describes it for people (`line 4`).
    """

    name: str

    @property
    def facts(self) -> Mapping[str, Any]:
        """The facts of the whole run."""
        ...

    @property
    def masked(self) -> bool:
        """Whether phone numbers are masked in it."""
        ...

    @property
    def hears(self) -> bool:
        """Whether what was heard is in it too: recordings of format 1 have exchanges alone."""
        ...

    def places(self) -> Iterator[tuple[int, Exchange]]:
        """Yield every exchange with its place."""
        ...

    def get(self, place: int) -> Exchange:
        """Return the exchange at a place."""
        ...

    def events(self) -> Iterator[tuple[int, Event]]:
        """Yield every event in order, with the number of exchanges that came before it."""
        ...

    def where(self, place: int) -> str:
        """Return a place's name for a message."""
        ...

    def extras_of(self, place: int, exchange: Exchange) -> list[str]:
        """Return the names of parameters that the catalogue did not know when it was recorded."""
        ...

    def close(self) -> None:
        """Close the file, if it belongs to this source."""
        ...
