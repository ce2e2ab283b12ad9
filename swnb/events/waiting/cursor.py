"""Which events an inbox has returned, so that waiting again goes on to the next."""

from __future__ import annotations

from swnb.event import Event


class Cursor:
    """What has been returned of the events after `since`, by their ids."""

    def __init__(self, since: int) -> None:
        self._since = since
        self._returned: set[int] = set()
        self._done: dict[str, int] = {}  # by kind, the id up to which all were returned

    def since(self, kind: str) -> int:
        """Return the id up to which no event of this kind is left."""
        return self._done.get(kind, self._since)

    def has_returned(self, event: Event) -> bool:
        """Return whether the event was returned."""
        if event.id is None:
            return False
        return event.id <= self.since(event.kind) or event.id in self._returned

    def note(self, event: Event, first: int | None) -> None:
        """Note that an event is returned; `first` is the id of the first of its kind that was left."""
        if event.id is None:
            return
        if event.id == first:
            self._done[event.kind] = event.id
            self._returned.discard(event.id)
        else:
            self._returned.add(event.id)
