"""Writing what is heard in batches: the first events at once, the rest of a burst together.

A commit takes the interpreter's lock from a busy cell, so that one for each event would fall behind.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from swnb.event import Event
    from swnb.log import Log

TOGETHER = 0.01  # seconds within which the rest of a burst is written together
_BURST, _WITHIN = 8, 0.02  # so many events within so many seconds are a burst


class BatchWriter:
    """Writes events to a log on one event loop; `tell` is called with those that are new."""

    def __init__(self, log: Log, tell: Callable[[list[Event]], None]) -> None:
        self._log = log
        self._tell = tell
        self._waiting: list[tuple[Event, asyncio.Future[bool]]] = []
        self._came: deque[float] = deque(maxlen=_BURST)
        self._written = 0.0
        self._due: asyncio.TimerHandle | None = None

    async def write(self, event: Event) -> bool:
        """Write an event with others and return whether it is new. Raises `LogError`."""
        return await self.put(event)

    def put(self, event: Event) -> asyncio.Future[bool]:
        """Let an event be written with others; the future has whether it is new."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[bool] = loop.create_future()
        self._waiting.append((event, future))
        self._came.append(loop.time())
        if self._due is None:
            self._due = loop.call_later(self._wait(loop.time()), self._flush, loop)
        return future

    def _wait(self, at: float) -> float:
        """Return how long an event waits for others: not at all, unless it is of a burst."""
        if len(self._came) < _BURST or at - self._came[0] > _WITHIN:
            return 0.0
        return max(0.0, self._written + TOGETHER - at)

    def _flush(self, loop: asyncio.AbstractEventLoop) -> None:
        batch, self._waiting, self._due = self._waiting, [], None
        try:
            new = self._log.hear([event for event, _ in batch])
        except Exception as error:  # noqa: BLE001 - whoever waits for the write is told
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        finally:
            self._written = loop.time()
        self._tell([event for (event, _), is_new in zip(batch, new, strict=True) if is_new])
        for (_, future), is_new in zip(batch, new, strict=True):
            if not future.done():
                future.set_result(is_new)
