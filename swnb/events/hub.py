"""One background thread with one event loop for all that a client hears, and what it heard.

The thread starts with the first listener or receiver and ends with the client. It never touches the
kernel's loop, IPython or widgets. What is heard is written before anyone is told of it.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import CancelledError
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from swnb.errors import LogError, SwnbError
from swnb.events import switching
from swnb.events.writer import BatchWriter
from swnb.forks import in_children
from swnb.session.session import Session

if TYPE_CHECKING:
    from swnb.event import Event
    from swnb.log import Log

P = ParamSpec("P")
T = TypeVar("T")

_KEPT = 10_000  # events in memory; older ones are read from the log
_SLICE = 0.05  # seconds between two looks for an interrupt


class Hub:
    """What a client hears: the loop that hears it, and the events since the hub was made.

    `changed` is notified after each batch that was written.
    """

    def __init__(self, log: Log, record: Callable[[Event], None]) -> None:
        self._record = record
        self.changed = threading.Condition()
        # Called on the waiting thread between the slices of a wait, when no timer of it can run.
        self.watchers: list[Callable[[], None]] = []
        self._log = log
        self._heard: deque[Event] = deque(maxlen=_KEPT)
        self._place = 0
        self._dropped = 0  # the id of the last event that is not in memory any more
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._writer = BatchWriter(log, self._tell)
        self.forked = False  # whether this is a child, in which the thread of its parent is not
        in_children(self, Hub._in_child)

    def run(
        self, work: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Do work on the loop and return its result; an interrupt cancels it."""
        future = asyncio.run_coroutine_threadsafe(work(*args, **kwargs), self._started())
        try:
            while not future.done():  # in slices: an interrupt is only seen between them
                with suppress(TimeoutError):
                    return future.result(_SLICE)
            return future.result()
        except CancelledError:
            raise SwnbError("the client was closed meanwhile") from None
        finally:
            future.cancel()

    def _started(self) -> asyncio.AbstractEventLoop:
        if self.forked:
            raise SwnbError(
                "it was opened by the process that this one was forked from, and is open there only",
                advice="Open it here too: sw.listen() or sw.callbacks()",
            )
        if self._loop is None:
            loop = self._loop = asyncio.new_event_loop()
            self._thread = threading.Thread(target=_serve, args=(loop,), name="swnb", daemon=True)
            # A client that is dropped without being closed leaves no thread behind.
            self._finalizer = weakref.finalize(self, _end, loop, self._thread)
            switching.begin()
            self._thread.start()  # an interrupt may come while it waits for the thread
        return self._loop

    async def write(self, event: Event) -> bool:
        """Write an event and return whether it is new; to be awaited on the loop.

        Raises `LogError` if the log cannot be written: the event must not be acknowledged then.
        """
        return await self._writer.write(event)

    def put(self, event: Event) -> asyncio.Future[bool]:
        """Do the same without waiting; the future has whether it is new, or the `LogError`."""
        return self._writer.put(event)

    def note(self, *events: Event) -> list[bool]:
        """Write events at once, on whatever thread; return for each whether it is new."""
        new = self._log.hear(events)
        self._tell([event for event, is_new in zip(events, new, strict=True) if is_new])
        return new

    def record(self, event: Event) -> None:
        """Write an event that swnb tells of itself; a log that cannot be written has warned."""
        with suppress(LogError):
            self.note(event)

    def after(self, key: int = 0, *, call_id: str | None = None) -> list[Event]:
        """Return what was heard in this run after the event with this id, in order.

        Only events of a call, if one is given.
        """
        with self.changed:
            dropped = self._dropped
            kept = [
                event
                for event in self._heard
                if (event.id or 0) > key and call_id in (None, event.call_id)
            ]
        return kept if key >= dropped else [*self._older(key, dropped, call_id), *kept]

    def _older(self, key: int, dropped: int, call_id: str | None) -> Iterator[Event]:
        """Read what is not in memory any more."""
        while key < dropped:
            page = self._log.heard_after(key, run=self._log.run, call=call_id, most=_KEPT)
            yield from (event for event in page if (event.id or 0) <= dropped)
            key = dropped if len(page) < _KEPT else page[-1].id or dropped

    def heard_since(self, place: int) -> tuple[list[Event], int]:
        """Return what was heard after a place in the order of hearing, and the place after it.

        What is not in memory any more is left out: `after` reads it.
        """
        with self.changed:
            new = min(self._place - place, len(self._heard))
            return list(islice(reversed(self._heard), new))[::-1], self._place

    @property
    def place(self) -> int:
        """How many events were heard."""
        return self._place

    @property
    def last(self) -> Event | None:
        """What was heard last, other than how a wait ended; None before the first."""
        with self.changed:
            return next((event for event in reversed(self._heard) if event.source != "wait"), None)

    @property
    def latest(self) -> int:
        """The id of the latest event, 0 before the first."""
        with self.changed:
            return (self._heard[-1].id or 0) if self._heard else 0

    def watch(self) -> None:
        """Let those who show what is heard show it, on the thread that waits."""
        for watcher in [*self.watchers]:
            watcher()

    def _tell(self, events: list[Event]) -> None:
        with self.changed:
            for event in events:
                if len(self._heard) == _KEPT:
                    self._dropped = self._heard[0].id or 0
                self._heard.append(event)
                self._place += 1
                self._record(event)
            self.changed.notify_all()

    def _in_child(self) -> None:
        self.forked = True
        self.changed = threading.Condition()  # the thread may have held the old one
        if self._loop is not None:
            self._finalizer.detach()

    def close(self) -> None:
        """End the thread; what it still does is canceled."""
        if self._loop is not None:
            self._finalizer()
            self._loop = self._thread = None


def hub_of(session: Session) -> Hub:
    """Return the one hub of a session in this process, made when it is first asked for."""

    def record(event: Event) -> None:
        session.routing.append_event(event, session.facts)

    return session.companion(Hub, lambda: Hub(session.log, record))


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()


def _end(loop: asyncio.AbstractEventLoop, thread: threading.Thread) -> None:
    with suppress(RuntimeError):  # it has ended already
        loop.call_soon_threadsafe(loop.stop)
    if thread is not threading.current_thread():
        thread.join()
    switching.end()
