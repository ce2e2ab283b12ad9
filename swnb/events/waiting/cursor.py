"""Which events an inbox has returned, so that waiting again goes on to the next."""

from __future__ import annotations


class Cursor:
    """What has been returned of the events after `since`, by their ids."""

    def __init__(self, since: int) -> None:
        self.since = since
        self._returned: set[int] = set()

    def has_returned(self, key: int | None) -> bool:
        """Return whether the event with this id was returned."""
        return key in self._returned

    def note(self, key: int | None) -> None:
        """Note that an event is returned."""
        if key is not None:
            self._returned.add(key)
