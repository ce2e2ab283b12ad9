"""The way to a space over HTTPS, or over HTTP to a simulated one on loopback.

`requests` finds the proxies, the CA bundle and the certificates, and its adapter makes the pool of
connections: once for a client, where a `Session` works all of it out again for each call. Requests
then go straight to that pool, which more than halves the time of one (`benchmarks/send.py`).
Redirects are never followed, so the credentials reach one host only.

Whether a request may have arrived is decided by one fact: had it begun to leave? When it is
repeated: if it had not, and after 429 and a 503 with `Retry-After`, always; if it may have arrived (a
timeout, a reset, 500, 502, 504, any other 503, which gateways also answer to what went through), only
if repeating it is harmless. So a `dial` reaches the platform at most once, 429 and 503 with
`Retry-After` apart.

The deadline holds for the whole: every attempt, every byte, and the waits between.
"""

from __future__ import annotations

import math
import re
import time
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast

import requests
from urllib3 import HTTPConnectionPool, Timeout
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
from swnb.transports.answers import Unusable, attempt, decoded
from swnb.transports.certificates import check_bundle, refusal
from swnb.transports.connections import Adapter, drop_waiting
from swnb.version import VERSION

if TYPE_CHECKING:
    from swnb.exchange import Space

CONNECT_TIMEOUT = 5.0
READ_TIMEOUT = 30.0
DEADLINE = 120.0  # for the whole exchange
RETRIES = 2
BACKOFF = 0.5  # seconds before the first repetition, doubled before each further one
LONGEST_WAIT = 60.0  # seconds; a Retry-After beyond it is left to the caller

_HOST = re.compile(
    r"(?P<name>(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*|\[[0-9A-Fa-f:.]+\])"
    r"(:(?P<port>\d{1,5}))?"
)
_LAST_PORT = 65535
_DOUBTFUL = frozenset({500, 502, 503, 504})  # may have been carried out
# What sending can raise: urllib3 passes some errors on as they are. What they say of it is another thing.
_FAILURES = (HTTPError, HTTPException, OSError, ValueError, Unusable)


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

    `timeout` is in seconds, one number for connecting and reading or a pair of them; `deadline` is
    how many an exchange may take in all, and `retries` how often a request may be repeated. Raises
    `ConfigurationError` for other timeouts and retries, a malformed host, and a proxy or a CA bundle
    that cannot be used.
    """

    def __init__(
        self,
        project: str,
        token: str,
        host: str,
        *,
        timeout: float | tuple[float, float] = (CONNECT_TIMEOUT, READ_TIMEOUT),
        deadline: float = DEADLINE,
        retries: int = RETRIES,
    ) -> None:
        self.host = host
        self.space: Space = "simulated" if is_loopback(host) else "live"
        self._timeout = read_timeout(timeout)
        if not _is_seconds(deadline):
            raise ConfigurationError("deadline: must be a number of seconds above 0")
        self._deadline = float(deadline)
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ConfigurationError("retries: must be a whole number, at least 0")
        self.retries = retries
        self._headers = HiddenDict(
            {
                "Authorization": f"Basic {basic(project, token)}",
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": f"swnb/{VERSION}",
            }
        )
        self._adapter = Adapter(max_retries=0)
        url = base_url(host) + "/"
        try:
            self._pool, self._prefix = pool_for(self._adapter, url)
        except (OSError, HTTPError):
            raise ConfigurationError(
                "the proxy that the environment names cannot be used",
                advice="Check HTTPS_PROXY and ALL_PROXY.",
            ) from None  # the cause may show the credentials of a proxy

    def __repr__(self) -> str:
        return f"Live({self.host!r})"

    def send(self, request: Request) -> Response:
        """Carry one request, repeating it where that is safe, and return the last answer."""
        started = time.monotonic()
        attempts, arrived = 0, False
        while True:
            attempts += 1
            attempt.begin(self._timeout, started + self._deadline)
            wait = min(BACKOFF * 2 ** (attempts - 1), LONGEST_WAIT)
            try:
                response = self._once(request)
            except _FAILURES as error:
                arrived = arrived or attempt.left
                # A certificate that is not accepted, or an answer's size, will not change.
                futile = isinstance(error, Unusable) or (
                    isinstance(error, SSLError) and not attempt.left
                )
                if futile or (arrived and not request.repeatable) or self._ends(attempts, wait):
                    raise TransportFailure(
                        self._reason(error),
                        arrived=arrived,
                        attempts=attempts,
                        elapsed=time.monotonic() - started,
                    ) from None  # the cause holds the request, and so the credentials
            else:
                wait = _asked_wait(response, wait)
                if not _may_repeat(request, response) or self._ends(attempts, wait):
                    elapsed = time.monotonic() - started
                    return replace(response, attempts=attempts, elapsed=elapsed)
                arrived = arrived or not _not_taken(response)
            time.sleep(wait)

    def renew(self) -> None:
        """Let go of the connections that wait: what comes on them next could answer another request."""
        drop_waiting(self._pool)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _ends(self, attempts: int, wait: float) -> bool:
        """Return whether there is no further attempt after a wait."""
        return attempts > self.retries or wait > LONGEST_WAIT or wait >= attempt.rest()

    def _once(self, request: Request) -> Response:
        connect, read = self._timeout
        answer = self._pool.urlopen(
            request.method,
            self._prefix + request.path,
            body=request.body,
            headers=self._headers,
            retries=False,
            redirect=False,
            timeout=Timeout(connect=min(connect, attempt.rest()), read=read),
            decode_content=False,
        )
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, decoded(answer.status, headers, answer.data))

    def _reason(self, error: Exception) -> str:
        """Say why an attempt has failed; that it arrived or not is not to be seen from the error."""
        connect, read = self._timeout
        if isinstance(error, Unusable):
            return str(error)
        if not attempt.rest():
            return f"no whole answer within the deadline of {self._deadline:g} s"
        if attempt.left:
            if isinstance(error, ReadTimeoutError):
                return f"no answer within {read:g} s"
            torn = any(isinstance(cause, IncompleteRead) for cause in error.args)
            return "the answer broke off" if torn else "the connection broke before an answer came"
        reasons: list[tuple[type[HTTPError], str]] = [
            (NewConnectionError, "the host could not be reached"),
            (ConnectTimeoutError, f"no connection within {connect:g} s"),
            (ReadTimeoutError, f"no connection within {connect:g} s"),
            (ProxyError, "the proxy did not connect"),
        ]
        if isinstance(error, SSLError):
            return refusal(error)
        known = (text for kind, text in reasons if isinstance(error, kind))
        return next(known, "the connection broke before it was made")


def _not_taken(response: Response) -> bool:
    """Return whether an answer says that the request was not carried out, and may come again."""
    unavailable = response.status == HTTPStatus.SERVICE_UNAVAILABLE
    asked = unavailable and "retry-after" in response.headers
    return asked or response.status == HTTPStatus.TOO_MANY_REQUESTS


def _may_repeat(request: Request, response: Response) -> bool:
    return _not_taken(response) or (request.repeatable and response.status in _DOUBTFUL)


def _asked_wait(response: Response, otherwise: float) -> float:
    asked = retry_after(response.headers.get("retry-after"))
    return otherwise if asked is None else asked


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
    else:
        check_bundle(verify)
    request = requests.Request("GET", url).prepare()
    pool = cast(
        "HTTPConnectionPool",  # its stub names the base class, which cannot send
        adapter.get_connection_with_tls_context(request, verify, proxies=proxies, cert=cert),
    )
    adapter.cert_verify(pool, url, verify, cert)  # type: ignore[no-untyped-call]  # untyped there
    root = adapter.request_url(request, proxies)
    return pool, root.rstrip("/")


def read_timeout(timeout: float | tuple[float, float]) -> tuple[float, float]:
    """Read one number of seconds, or a pair for connecting and reading."""
    pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if len(pair) != len(("connect", "read")) or not all(map(_is_seconds, pair)):
        raise ConfigurationError(
            "timeout: must be a number of seconds above 0, or a pair of them: (connect, read)"
        )
    return float(pair[0]), float(pair[1])


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
