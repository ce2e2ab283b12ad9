"""Connections that write a request in one piece, and note when it begins to leave.

The standard library writes the head and the body of a request one after the other: two system calls
and, over TLS, two records. For the small bodies of commands the second is a good part of the time
that sending takes (`benchmarks/send.py`).

What went wrong does not tell when: a timeout, a reset or a TLS error may come before the request, in
a proxy's tunnel, or after it. So each connection says when it begins to write one.
"""

from __future__ import annotations

import threading
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection


class Progress(threading.local):
    """Whether the request that this thread is sending has begun to leave."""

    left = True


progress = Progress()


def notes_progress(pool: HTTPConnectionPool) -> bool:
    """Say whether the connections of a pool note when a request begins to leave."""
    return issubclass(pool.ConnectionCls, _OneWrite)


class _OneWrite(HTTPConnection):
    """Holds what is written during a request, and sends it when the request is complete."""

    _held: bytearray | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Write a request, in one piece."""
        self._held = bytearray()
        try:
            super().request(*args, **kwargs)
            whole = bytes(self._held)
        finally:
            self._held = None
        progress.left = True
        super().send(whole)

    def send(self, data: Any) -> None:
        """Hold bytes until the request is complete; connect first, as the class above does."""
        if self._held is None or not isinstance(data, bytes):
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        self._held += data


class _OneWriteTls(_OneWrite, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _OneWrite


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _OneWriteTls


_POOLS = {"http": _Pool, "https": _TlsPool}


class Adapter(HTTPAdapter):
    """The adapter of `requests`, with connections that write a request in one piece."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools that connect directly."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        """Make the pools that connect through a proxy; SOCKS needs connections of its own."""
        manager = super().proxy_manager_for(*args, **kwargs)
        if type(manager) is ProxyManager:
            manager.pool_classes_by_scheme = _POOLS
        return manager
