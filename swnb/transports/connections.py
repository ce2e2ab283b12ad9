"""Connections that write a request in one piece, record when it begins to leave, and never fork.

The standard library writes the head and the body of a request separately: two system calls and, over
TLS, two records. It also builds the head again, header by header, and copies the answer through several
layers. For the small bodies of commands all this is a good part of the sending time
(`benchmarks/send.py`), so a request is written and an answer read here; the pools, proxies and TLS are
urllib3's.

An error does not say when it happened: a timeout, a reset or a TLS error can come before the request,
in a proxy's tunnel, or after it, and each can be reported as another. So each connection records when
it begins to write a request.

A forked process shares its parent's sockets and would read its parent's answers. So the idle
connections of a pool are set aside in a child process, neither used nor closed.
"""

from __future__ import annotations

import os
import queue
import re
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
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


_CONTROL = re.compile(r"[\0- \x7f]")
_everywhere: weakref.WeakSet[_Waiting] = weakref.WeakSet()
_of_parents: list[Any] = []  # referenced here, because unreferenced sockets are closed


def _in_child() -> None:
    for waiting in list(_everywhere):
        waiting.renew()


if hasattr(os, "register_at_fork"):  # not on Windows, which has no fork
    os.register_at_fork(after_in_child=_in_child)


@dataclass(slots=True)
class Whole:
    """An answer that was read completely, with the attributes that a pool looks at or sets."""

    status: int
    headers: dict[str, str]
    data: bytes
    version_string: str = "HTTP/1.1"
    length_remaining: int = 0
    retries: Any = None
    _connection: Any = None
    _pool: Any = None


class _Connection(HTTPConnection):
    """Sends a request in one piece, and reads its answer completely."""

    response_class = Answer  # reads the answer of a proxy, too, no longer than allowed
    _method = "GET"

    def request(  # type: ignore[override]  # urllib3 passes more, about answers that are not read at once
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], **_: Any
    ) -> None:
        """Write a request whose headers are complete, but for the length of the body."""
        if _CONTROL.search(url):
            raise ValueError("the path contains a space or a control character")
        if self.sock is None:
            self.connect()
        self._method = method
        lines = [f"{method} {url} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers)]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join(lines).encode("ascii")
        whole = memoryview(b"%b\r\n\r\n%b" % (head, body or b""))
        # Before the first byte: if writing fails, nobody can tell how many bytes have left.
        attempt.left = True
        while whole:
            self.sock.settimeout(attempt.allowed())
            whole = whole[self.sock.send(whole) :]

    def getresponse(self) -> Any:
        """Read a whole answer, and close the connection if its end is in doubt or more came."""
        answer = Answer(self.sock, method=self._method)
        try:
            answer.begin()
            body = answer.read()
        finally:
            answer.close()
        # Bytes that TLS has decrypted and nobody has read.
        pending = getattr(self.sock, "pending", None)
        if answer.will_close or answer.reader.surplus or (pending and pending()):
            self.close()
        return Whole(answer.status, answer.merged(), body)


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
