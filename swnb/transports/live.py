"""The way to a space over HTTPS, or over HTTP to a simulated one on loopback.

`requests` finds the proxies, the CA bundle and the certificates, and its adapter makes the pool of
connections: once for a client, where a `Session` works all of it out again for each call. Requests
then go straight to that pool, which more than halves the time of one (`benchmarks/send.py`).
Redirects are never followed, so the credentials reach one host only.

When a request is repeated: where no connection was made, and after 429 and 503, always; where it
may have arrived (a timeout, a reset, 500, 502, 504), only if repeating it is harmless. So a `dial`
reaches the platform at most once, 429 and 503 answers apart.
"""

from __future__ import annotations

import re
import time
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, cast

import requests
from urllib3 import BaseHTTPResponse, HTTPConnectionPool, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    IncompleteRead,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from swnb.errors import ConfigurationError
from swnb.exchange import Request, Response, TransportFailure
from swnb.transports.connections import Adapter

if TYPE_CHECKING:
    from swnb.exchange import Space

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
RETRIES = 2
BACKOFF = 0.5  # seconds before the first repetition, doubled before each further one
LONGEST_WAIT = 60.0  # a Retry-After beyond it is left to the caller

_HOST = re.compile(
    r"(?P<name>(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>\d{1,5}))?"
)
_LOOPBACK = re.compile(r"localhost|127(\.\d{1,3}){3}|\[::1\]", re.IGNORECASE)
_PASSING = frozenset({429, 503})  # not carried out: may be repeated whatever it was
_DOUBTFUL = frozenset({500, 502, 504})  # may have been carried out


def base_url(host: str) -> str:
    """Give the root URL of a space: https, or http to loopback.

    Raises `ConfigurationError` unless the host is a bare host name with an optional port.
    """
    found = _HOST.fullmatch(host)
    if not found:
        raise ConfigurationError(
            "host: must be a bare host name such as example.signalwire.com, "
            "without a scheme, a path, a user or spaces"
        )
    return f"{'http' if is_loopback(host) else 'https'}://{host}"


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, where only a simulated space can be."""
    found = _HOST.fullmatch(host)
    return bool(found and _LOOPBACK.fullmatch(found["name"]))


class Live:
    """Sends requests to one host with one project's credentials.

    `timeout` is in seconds, one number for connecting and reading or a pair of them; `retries` is
    how often a request may be repeated.
    """

    def __init__(
        self,
        project: str,
        token: str,
        host: str,
        *,
        timeout: float | tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        retries: int = RETRIES,
        user_agent: str = "swnb",
    ) -> None:
        self.host = host
        self.space: Space = "simulated" if is_loopback(host) else "live"
        connect, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        self._timeout = Timeout(connect=connect, read=read)
        self.retries = retries
        self._headers = {
            "Authorization": "Basic " + b64encode(f"{project}:{token}".encode()).decode(),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": user_agent,
        }
        self._adapter = Adapter(max_retries=0)
        self._pool, self._prefix = pool_for(self._adapter, base_url(host) + "/")

    def __repr__(self) -> str:
        return f"Live({self.host!r})"

    def send(self, request: Request) -> Response:
        """Carry one request, repeating it where that is safe, and return the last answer."""
        started = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            last = attempt > self.retries
            try:
                answer = self._once(request)
            except HTTPError as error:
                arrived = may_have_arrived(error)
                if last or (arrived and not request.repeatable) or isinstance(error, SSLError):
                    elapsed = time.monotonic() - started
                    raise TransportFailure(
                        _reason(error, self._timeout),
                        arrived=arrived,
                        attempts=attempt,
                        elapsed=elapsed,
                    ) from None  # the cause holds the request, and so the credentials
                wait: float | None = None
            else:
                status = answer.status
                again = status in _PASSING or (status in _DOUBTFUL and request.repeatable)
                wait = retry_after(answer.headers.get("Retry-After"))
                if last or not again or (wait or 0) > LONGEST_WAIT:
                    return _response(answer, attempt, time.monotonic() - started)
            time.sleep(BACKOFF * 2 ** (attempt - 1) if wait is None else wait)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _once(self, request: Request) -> BaseHTTPResponse:
        return self._pool.urlopen(
            request.method,
            self._prefix + request.path,
            body=request.body,
            headers=self._headers,
            retries=False,
            redirect=False,
            timeout=self._timeout,
        )


def pool_for(adapter: Adapter, url: str) -> tuple[HTTPConnectionPool, str]:
    """Give the pool of connections to a URL's host, and what stands before a path in a request.

    Proxies and CA bundle come from the environment, as `requests` reads them. What stands before a
    path is the whole URL towards an http proxy, and nothing otherwise.
    """
    with requests.Session() as session:
        settings = session.merge_environment_settings(url, {}, False, None, None)
    proxies, verify, cert = settings["proxies"], settings["verify"], settings["cert"]
    request = requests.Request("GET", url).prepare()
    pool = cast(
        "HTTPConnectionPool",  # its stub names the base class, which cannot send
        adapter.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert),
    )
    adapter.cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]  # untyped there
    root = adapter.request_url(request, proxies)
    return pool, root.rstrip("/")


def may_have_arrived(error: HTTPError) -> bool:
    """Say whether the request may have left before this failure."""
    return not isinstance(error, NewConnectionError | ConnectTimeoutError | ProxyError | SSLError)


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read a Retry-After header, in seconds or as a date, as seconds from now."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _reason(error: HTTPError, timeout: Timeout) -> str:
    reasons: list[tuple[type[HTTPError], str]] = [
        (NewConnectionError, "the host could not be reached"),
        (ConnectTimeoutError, f"no connection within {timeout.connect_timeout:g} s"),
        (ReadTimeoutError, f"no answer within {timeout.read_timeout:g} s"),
        (SSLError, "the host's certificate was not accepted"),
        (ProxyError, "the proxy did not connect"),
    ]
    known = next((text for kind, text in reasons if isinstance(error, kind)), None)
    if known:
        return known
    torn = any(isinstance(cause, IncompleteRead) for cause in error.args)
    return "the answer broke off" if torn else "the connection broke before an answer came"


def _response(answer: BaseHTTPResponse, attempts: int, elapsed: float) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.data, attempts, elapsed)
