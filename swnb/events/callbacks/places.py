"""Where callbacks arrive: the public URL of a tunnel, and the socket on this machine."""

from __future__ import annotations

import socket
import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

from swnb.errors import ConfigurationError, SwnbError
from swnb.forks import in_children
from swnb.session.session import Session
from swnb.transports.live import is_loopback

_PORT = 8765  # what the advice names
_LAST_PORT = 65535


def checked_url(public_url: str | None, session: Session, port: int | None) -> str | None:
    """Return the public URL without a slash at its end. Raises `ConfigurationError`."""
    if public_url is None:
        if session.transport.space == "live":
            port = port or _PORT
            raise ConfigurationError(
                "callbacks: the platform cannot reach this machine without a public URL",
                advice=f"Open a tunnel: cloudflared tunnel --url http://127.0.0.1:{port}  or: "
                f'ngrok http {port}\nThen: sw.callbacks(public_url="https://…", port={port})',
            )
        return None
    parts = urlsplit(public_url) if isinstance(public_url, str) else urlsplit("")
    local = parts.scheme == "http" and is_loopback(parts.netloc)
    plain = parts.hostname and not parts.query and not parts.fragment and "@" not in parts.netloc
    if not plain or not (parts.scheme == "https" or local):
        raise ConfigurationError(
            "callbacks.public_url: must be an https URL without a query, such as "
            "https://example.trycloudflare.com"
        )
    return public_url.rstrip("/")


def listening_on(bind: str, port: int) -> socket.socket:
    """Return a socket that listens. Raises `ConfigurationError`, or `SwnbError` if the port is taken."""
    if isinstance(port, bool) or not isinstance(port, int) or not 0 <= port <= _LAST_PORT:
        raise ConfigurationError("callbacks.port: must be a port from 1 to 65535")
    try:
        outside = not ip_address(bind).is_loopback
        listening = socket.create_server((bind, port), backlog=128)
    except ValueError:
        raise ConfigurationError("callbacks.bind: must be an IP address of this machine") from None
    except OSError as error:
        raise SwnbError(
            f"callbacks: port {port} cannot be used on {bind}: {error.strerror}",
            advice="Choose another with port=, or leave it out for a free one.",
        ) from None
    if outside:
        print(  # noqa: T201 - for a person
            f"swnb: callbacks on {bind} can be reached from other machines", file=sys.stderr
        )
    listening.setblocking(False)
    in_children(listening, socket.socket.close)
    return listening
