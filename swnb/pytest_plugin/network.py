"""No hidden network: in a replay, a connection to anything but this machine fails the test."""

from __future__ import annotations

import socket
import traceback
from contextlib import contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOCAL = frozenset({"localhost", "", "0.0.0.0", "::", "::1"})  # noqa: S104 - to compare with
_LIBRARIES = ("site-packages", "lib/python", "/swnb/")


@contextmanager
def loopback_only() -> Iterator[list[str]]:
    """Refuse every other connection while the block runs, and list them.

    Yields
    ------
    list of str
        What was refused: where it wanted to go, and the line that wanted it.

    """
    refused: list[str] = []
    connect, connect_ex, sendto, resolve = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.socket.sendto,
        socket.getaddrinfo,
    )

    def refuse(host: Any, port: Any) -> None:
        if not _is_local(host):
            refused.append(f"{_text(host)}:{port}{_asker()}")
            pytest.fail(message(refused), pytrace=False)

    def checked(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0], address[1])
        return connect(self, address)

    def checked_ex(self: socket.socket, address: Any) -> Any:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(address[0], address[1])
        return connect_ex(self, address)

    def checked_sendto(self: socket.socket, data: Any, *rest: Any) -> int:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            refuse(rest[-1][0], rest[-1][1])
        return sendto(self, data, *rest)

    def resolved(host: Any, port: Any, *args: Any, **options: Any) -> Any:
        refuse(host, port)
        return resolve(host, port, *args, **options)

    with (
        patch.object(socket.socket, "connect", checked),
        patch.object(socket.socket, "connect_ex", checked_ex),
        patch.object(socket.socket, "sendto", checked_sendto),
        patch.object(socket, "getaddrinfo", resolved),
    ):
        yield refused


def message(refused: list[str]) -> str:
    """Return what a test is told that wanted to reach another machine."""
    return (
        f"hidden network: a replay reaches nothing but this machine, and this wanted {refused[0]}; "
        "answer it from a stand-in, or leave it out of the test"
    )


def _is_local(host: Any) -> bool:
    name = "" if host is None else _text(host)
    try:
        return name in _LOCAL or ip_address(name).is_loopback
    except ValueError:  # the name of a host
        return False


def _text(host: Any) -> str:
    return host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)


def _asker() -> str:
    """Return the innermost line of the project's own code, for the message."""
    for frame in reversed(traceback.extract_stack()[:-3]):
        if not any(part in frame.filename for part in _LIBRARIES):
            return f", from {frame.filename}:{frame.lineno}"
    return ""
