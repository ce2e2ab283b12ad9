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

import math
import re
import time
from base64 import b64encode
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
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
from swnb.hidden import HiddenDict
from swnb.transports.connections import Adapter, notes_progress, progress

if TYPE_CHECKING:
    from swnb.exchange import Space

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
RETRIES = 2
BACKOFF = 0.5  # seconds before the first repetition, doubled before each further one
LONGEST_WAIT = 60.0  # seconds; a Retry-After beyond it is left to the caller

_HOST = re.compile(
    r"(?P<name>(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>\d{1,5}))?"
)
_LAST_PORT = 65535
_PASSING = frozenset({429, 503})  # not carried out: may be repeated whatever it was
_DOUBTFUL = frozenset({500, 502, 504})  # may have been carried out
_NO_CONNECTION = (NewConnectionError, ConnectTimeoutError, ProxyError)


def base_url(host: str) -> str:
    """Give the root URL of a space: https, or http to loopback.

    Raises `ConfigurationError` unless the host is a bare host name with an optional port.
    """
    found = _HOST.fullmatch(host) if isinstance(host, str) else None
    if not found or int(found["port"] or 0) > _LAST_PORT:
        raise ConfigurationError(
            "host: must be a bare host name such as example.signalwire.com, "
            "without a scheme, a path, a user or spaces"
        )
    return f"{'http' if is_loopback(host) else 'https'}://{host}"


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine, where only a simulated space can be."""
    found = _HOST.fullmatch(host) if isinstance(host, str) else None
    name = found["name"].strip("[]").lower() if found else ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def basic(project: str, token: str) -> str:
    """Give the credentials as basic authentication encodes them."""
    return b64encode(f"{project}:{token}".encode()).decode()


class Live:
    """Sends requests to one host with one project's credentials.

    `timeout` is in seconds, one number for connecting and reading or a pair of them; `retries` is
    how often a request may be repeated. Raises `ConfigurationError` for other timeouts and retries,
    a malformed host, and a proxy or a CA bundle that cannot be used.
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
        self._timeout = read_timeout(timeout)
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ConfigurationError("retries: must be a whole number, at least 0")
        self.retries = retries
        self._headers = HiddenDict(
            {
                "Authorization": f"Basic {basic(project, token)}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": user_agent,
            }
        )
        self._adapter = Adapter(max_retries=0)
        url = base_url(host) + "/"
        try:
            self._pool, self._prefix = pool_for(self._adapter, url)
        except (OSError, HTTPError):
            raise ConfigurationError(
                "the proxy or the CA bundle that the environment names cannot be used",
                advice="Check HTTPS_PROXY, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE.",
            ) from None  # the cause may show the credentials of a proxy

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
                arrived = progress.left and not isinstance(error, _NO_CONNECTION)
                # A certificate that is not accepted will not be the next time either.
                futile = isinstance(error, SSLError) and not arrived
                if last or futile or (arrived and not request.repeatable):
                    elapsed = time.monotonic() - started
                    raise TransportFailure(
                        _reason(error, self._timeout, arrived=arrived),
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
            backoff = min(BACKOFF * 2 ** (attempt - 1), LONGEST_WAIT)
            time.sleep(backoff if wait is None else wait)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _once(self, request: Request) -> BaseHTTPResponse:
        progress.left = not notes_progress(self._pool)
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

    Proxies and CA bundle come from the environment, as `requests` reads them, but loopback is never
    asked of a proxy, which would look for it on its own machine. What stands before a path is the
    whole URL towards an http proxy, and nothing otherwise.
    """
    with requests.Session() as session:
        settings = session.merge_environment_settings(url, {}, False, None, None)
    proxies, verify, cert = settings["proxies"], settings["verify"], settings["cert"]
    if url.startswith("http://"):
        proxies = {}
    request = requests.Request("GET", url).prepare()
    pool = cast(
        "HTTPConnectionPool",  # its stub names the base class, which cannot send
        adapter.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert),
    )
    adapter.cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]  # untyped there
    root = adapter.request_url(request, proxies)
    return pool, root.rstrip("/")


def read_timeout(timeout: float | tuple[float, float]) -> Timeout:
    """Read one number of seconds, or a pair for connecting and reading."""
    pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if len(pair) != len(("connect", "read")) or not all(map(_is_seconds, pair)):
        raise ConfigurationError(
            "timeout: must be a number of seconds above 0, or a pair of them: (connect, read)"
        )
    return Timeout(connect=pair[0], read=pair[1])


def _is_seconds(value: object) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value > 0
        and math.isfinite(value)
    )


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Read a Retry-After header, in seconds or as a date, as seconds from now."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]+", value.strip()):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - (now or datetime.now(UTC))).total_seconds())


def _reason(error: HTTPError, timeout: Timeout, *, arrived: bool) -> str:
    reasons: list[tuple[type[HTTPError], str]] = [
        (NewConnectionError, "the host could not be reached"),
        (ConnectTimeoutError, f"no connection within {timeout.connect_timeout:g} s"),
        (ReadTimeoutError, f"no answer within {timeout.read_timeout:g} s"),
        (ProxyError, "the proxy did not connect"),
    ]
    known = next((text for kind, text in reasons if isinstance(error, kind)), None)
    if known:
        return known
    if not arrived:
        tls = "the host's certificate was not accepted, or it speaks no TLS"
        return tls if isinstance(error, SSLError) else "the connection broke before it was made"
    torn = any(isinstance(cause, IncompleteRead) for cause in error.args)
    return "the answer broke off" if torn else "the connection broke before an answer came"


def _response(answer: BaseHTTPResponse, attempts: int, elapsed: float) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.data, attempts, elapsed)
