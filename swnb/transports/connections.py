"""Connections that write a request in one piece, record when it begins to leave, and never fork.

The standard library writes the head and the body of a request separately: two system calls and, over
TLS, two records. For the small bodies of commands the second is a good part of the sending time
(`benchmarks/send.py`).

An error does not say when it happened: a timeout, a reset or a TLS error can come before the request,
in a proxy's tunnel, or after it, and each can be reported as another. So each connection records when
it begins to write a request.

A forked process shares its parent's sockets and would read its parent's answers. So the idle
connections of a pool are set aside in a child process, neither used nor closed.
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
    """The idle connections of a pool, which belong to one process."""

    def __init__(self, maxsize: int = 0) -> None:
        super().__init__(maxsize)
        _everywhere.add(self)

    def renew(self) -> None:
        """Start again in a child, with a new lock, since another thread may hold the old one."""
        _of_parents.append(self.queue)
        queue.LifoQueue.__init__(self, self.maxsize)


_everywhere: weakref.WeakSet[_Waiting] = weakref.WeakSet()
_of_parents: list[Any] = []  # referenced here, because unreferenced sockets are closed


def _in_child() -> None:
    for waiting in list(_everywhere):
        waiting.renew()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)


class _Connection(HTTPConnection):
    """Buffers what is written during a request, and sends it when the request is complete."""

    _held: bytearray | None = None
    _answer: Answer | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write a request in one piece."""
        self._held = bytearray()
        try:
            super().request(*args, **kwargs)
            whole = memoryview(self._held)
        finally:
            self._held = None
        # Before the first byte: if writing fails, nobody can tell how many bytes have left.
        attempt.left = True
        while whole:
            self.sock.settimeout(attempt.allowed())
            whole = whole[self.sock.send(whole) :]

    def send(self, data: Any) -> None:
        """Buffer bytes until the request is complete; connect first, as the base class does."""
        if self._held is None or not isinstance(data, bytes):
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        self._held += data

    def response_class(  # type: ignore[override]  # a class in the base; it is called the same way
        self, *args: Any, **kwargs: Any
    ) -> Answer:
        """Return the object that reads an answer."""
        self._answer = Answer(*args, **kwargs)
        return self._answer

    def getresponse(self) -> Any:
        """Read a whole answer, and close the connection if more than the answer came."""
        answer = super().getresponse()  # it reads the body too, because every caller needs it
        pending = getattr(
            self.sock, "pending", None
        )  # bytes that TLS has decrypted and nobody has read
        if (self._answer and self._answer.reader.surplus) or (pending and pending()):
            self.close()
        return answer


@cache
def _careful(pool: type[HTTPConnectionPool]) -> type[HTTPConnectionPool]:
    """Return a pool class with swnb's connections, over TLS or SOCKS like its own."""
    if pool.QueueCls is _Waiting:
        return pool
    connection = type("Connection", (_Connection, pool.ConnectionCls), {})
    return type("Pool", (pool,), {"ConnectionCls": connection, "QueueCls": _Waiting})


class Adapter(HTTPAdapter):
    """The adapter of `requests`, with swnb's connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Create the pools that connect directly."""
        super().init_poolmanager(*args, **kwargs)
        _make_careful(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Return the pools that connect through a proxy."""
        return _make_careful(super().proxy_manager_for(*args, **kwargs))


def _make_careful(manager: Any) -> Any:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _careful(pools[scheme]) for scheme in pools}
    return manager


def drop_waiting(pool: HTTPConnectionPool) -> None:
    """Close the idle connections of a pool; those in use by other threads continue."""
    waiting = pool.pool
    while waiting is not None:
        try:
            connection = waiting.get(block=False)
        except queue.Empty:
            return
        if connection:
            connection.close()
