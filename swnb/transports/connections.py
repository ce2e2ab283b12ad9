"""Connections that write a request in one piece.

The standard library writes the head and the body of a request one after the other: two system calls
and, over TLS, two records. For the small bodies of commands the second is a good part of the time
that sending takes (`benchmarks/send.py`).
"""

from __future__ import annotations

from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


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


class Adapter(HTTPAdapter):
    """The adapter of `requests`, with connections that write a request in one piece."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Make the pools; those of a proxy stay the adapter's own."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
