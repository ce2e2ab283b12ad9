"""Connections that write a request in one piece, note when it begins to leave, and stay in one process.

The standard library writes the head and the body of a request one after the other: two system calls
and, over TLS, two records. For the small bodies of commands the second is a good part of the time
that sending takes (`benchmarks/send.py`).

What went wrong does not tell when: a timeout, a reset or a TLS error may come before the request, in
a proxy's tunnel, or after it, and each may be reported as any other. So each connection says when it
begins to write one.

A process that was forked shares its parent's sockets, and would read its parent's answers. So the
connections that wait in a pool are set aside in a child, where they are neither used nor closed.
"""

from __future__ import annotations

import os
import queue
import weakref
from functools import cache
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection

from swnb.transports.answers import Answer, attempt


class _Waiting(queue.LifoQueue[HTTPConnection | None]):
    """The connections of a pool that wait for their next request, of this process alone."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        _everywhere.add(self)

    def renew(self) -> None:
        """Begin anew in a child: with a lock of its own, since another thread may hold this one."""
        _of_parents.append(self.queue)
        queue.LifoQueue.__init__(self, self.maxsize)


_everywhere: weakref.WeakSet[_Waiting] = weakref.WeakSet()
_of_parents: list[Any] = []  # kept, because what nobody holds is closed


def _in_child() -> None:
    for waiting in list(_everywhere):
        waiting.renew()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)


class _Connection(HTTPConnection):
    """Holds what is written during a request, and sends it when the request is complete."""

    _held: bytearray | None = None
    _answer: Answer | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write a request, in one piece."""
        self._held = bytearray()
        try:
            super().request(*args, **kwargs)
            whole = memoryview(self._held)
        finally:
            self._held = None
        # Before the first byte: if writing fails, nobody can tell how many have left.
        attempt.left = True
        while whole:
            self.sock.settimeout(attempt.allowed())
            whole = whole[self.sock.send(whole) :]

    def send(self, data: Any) -> None:
        """Hold bytes until the request is complete; connect first, as the class above does."""
        if self._held is None or not isinstance(data, bytes):
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        self._held += data

    def response_class(  # type: ignore[override]  # a class there; what is called is the same
        self, *args: Any, **kwargs: Any
    ) -> Answer:
        """Make the object that reads an answer."""
        self._answer = Answer(*args, **kwargs)
        return self._answer

    def getresponse(self) -> Any:
        """Read an answer whole, and close where more came than it."""
        answer = super().getresponse()  # it reads the body, too: nobody asks here for less
        pending = getattr(self.sock, "pending", None)  # what TLS has decrypted, and nobody has read
        if (self._answer and self._answer.reader.surplus) or (pending and pending()):
            self.close()
        return answer


@cache
def _careful(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """Return a kind of pool with connections of ours, over TLS or SOCKS where its own are."""
    if pool.QueueCls is _Waiting:
        return pool
    connection = type("Connection", (_Connection, pool.ConnectionCls), {})
    return type("Pool", (pool,), {"ConnectionCls": connection, "QueueCls": _Waiting})


class Adapter(HTTPAdapter):
    """The adapter of `requests`, with connections of ours."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools that connect directly."""
        super().init_poolmanager(*args, **kwargs)
        _make_careful(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools that connect through a proxy."""
        return _make_careful(super().proxy_manager_for(*args, **kwargs))


def _make_careful(manager: Any) -> Any:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _careful(pools[scheme]) for scheme in pools}
    return manager


def drop_waiting(pool: HTTPConnectionPool) -> None:
    """Close the connections that wait in a pool; those in use, by other threads, go on."""
    waiting = pool.pool
    while waiting is not None:
        try:
            connection = waiting.get(block=False)
        except queue.Empty:
            return
        if connection:
            connection.close()
