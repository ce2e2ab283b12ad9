"""The transport to a space over HTTPS, or over HTTP to a simulated one on loopback.

`requests` finds the proxies, the CA bundle and the certificates, and its adapter makes the pool of
connections: once per client, while a `Session` would do all of it again for each request. Requests
then go straight to that pool, which more than halves their time (`benchmarks/send.py`). Redirects
are never followed, so the credentials reach only one host.

Whether a request may have arrived is decided by one fact: had it begun to leave? A request is always
repeated if it had not, and after 429 and 503 with `Retry-After`. If it may have arrived (a timeout, a
reset, 500, 502, 504, or any other 503, which gateways also return for requests that went through),
it is repeated only if that is harmless. So a `dial` reaches the platform at most once, except after
429 and 503 with `Retry-After`.

The deadline covers everything: every attempt, every byte, and the waits between.
"""

from __future__ import annotations

import os
import re
import time
from base64 import b64encode
from dataclasses import replace
from http import HTTPStatus
from http.client import HTTPException, IncompleteRead
from ipaddress import ip_address
from typing import TYPE_CHECKING, cast

import requests
from urllib3 import HTTPConnectionPool, Timeout
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)

from swnb.errors import ConfigurationError, NoRecording
from swnb.exchange import Request, Response, TransportFailure
from swnb.hidden import HiddenDict
from swnb.transports.answers import Unusable, attempt, decoded
from swnb.transports.certificates import check_bundle, refusal
from swnb.transports.connections import Adapter, drop_waiting
from swnb.transports.seconds import is_seconds, read_timeout, retry_after
from swnb.version import VERSION

if TYPE_CHECKING:
    from swnb.exchange import Space

REPLAY = "SWNB_REPLAY"  # the recording from which every client of this process answers
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
_DOUBTFUL = frozenset({500, 502, 503, 504})  # the request may have been carried out
# What sending can raise: urllib3 passes some errors on unchanged. `_reason` interprets them.
_FAILURES = (HTTPError, HTTPException, OSError, ValueError, Unusable)


def base_url(host: str) -> str:
    """Return the root URL of a space: https, or http to loopback.

    Parameters
    ----------
    host : str
        A bare host name with an optional port.

    Raises
    ------
    ConfigurationError
        If it is anything else.

    """
    match = _HOST.fullmatch(host) if isinstance(host, str) else None
    if not match or int(match["port"] or 0) > _LAST_PORT:
        raise ConfigurationError(
            "host: must be a bare host name such as example.signalwire.com, "
            "without a scheme, a path, a user or spaces"
        )
    return f"{'http' if is_loopback(host) else 'https'}://{host}"


def is_loopback(host: str) -> bool:
    """Return whether a host is this machine, where only a simulated space can be."""
    match = _HOST.fullmatch(host) if isinstance(host, str) else None
    name = match["name"].strip("[]").lower() if match else ""
    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def basic(project: str, token: str) -> str:
    """Return the credentials in the encoding of basic authentication."""
    return b64encode(f"{project}:{token}".encode()).decode()


class Live:
    """Sends requests to one host with one project's credentials.

    Parameters
    ----------
    project, token : str
        The credentials.
    host : str
        The space's host, with an optional port.
    timeout : float or (float, float), default (5, 30)
        Seconds above 0 for each step, or a pair: to connect, and to read.
    deadline : float, default 120
        Seconds above 0 for a whole exchange, with every attempt and the waits between.
    retries : int, default 2
        How many times a request may be repeated, at least 0.

    Raises
    ------
    ConfigurationError
        If an option is not as above, the host is malformed, or the environment's proxy or CA bundle
        cannot be used.

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
        if not is_seconds(deadline):
            raise ConfigurationError("deadline: must be a number of seconds above 0")
        self._deadline = float(deadline)
        if isinstance(retries, bool) or not isinstance(retries, int) or retries < 0:
            raise ConfigurationError("retries: must be a whole number, at least 0")
        self.retries = retries
        self._headers = HiddenDict(
            {
                "Host": host,
                "Accept-Encoding": "identity",
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
                "the proxy in the environment cannot be used",
                advice="Check HTTPS_PROXY and ALL_PROXY.",
            ) from None  # the cause may show the credentials of a proxy

    @property
    def deadline(self) -> float:
        """Seconds that a whole exchange may take."""
        return self._deadline

    def __repr__(self) -> str:
        return f"Live({self.host!r})"

    def send(self, request: Request) -> Response:
        """Send one request, repeating it if that is safe, and return the last answer."""
        if os.environ.get(REPLAY):
            raise NoRecording(
                f"{request.command}: this client was made before the recording was opened from which "
                "the clients of this test answer, so it would send to a space",
                advice="Make the client in the test, or in a fixture of the test's own scope.",
            )
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
                # A rejected certificate or an answer's size will not change.
                futile = isinstance(error, Unusable) or (
                    isinstance(error, SSLError) and not attempt.left
                )
                if futile or (arrived and not request.repeatable) or self._ends(attempts, wait):
                    raise TransportFailure(
                        self._reason(error),
                        arrived=arrived,
                        attempts=attempts,
                        elapsed=time.monotonic() - started,
                    ) from None  # the cause has the request, and so the credentials
            else:
                wait = _asked_wait(response, wait)
                if not _may_repeat(request, response) or self._ends(attempts, wait):
                    elapsed = time.monotonic() - started
                    return replace(response, attempts=attempts, elapsed=elapsed)
                arrived = arrived or not _not_taken(response)
            time.sleep(wait)

    def renew(self) -> None:
        """Close idle connections: what arrives on them next could answer another request."""
        drop_waiting(self._pool)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _ends(self, attempts: int, wait: float) -> bool:
        """Return whether there is no further attempt after this wait."""
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
        headers = dict(answer.headers)
        return Response(answer.status, headers, decoded(answer.status, headers, answer.data))

    def _reason(self, error: Exception) -> str:
        """Return why an attempt failed. The error does not tell whether the request arrived."""
        connect, read = self._timeout
        if isinstance(error, Unusable):
            return str(error)
        if not attempt.rest():
            return f"no whole answer within the deadline of {self._deadline:g} s"
        if attempt.left:
            if isinstance(error, ReadTimeoutError):
                return f"no answer within {read:g} s"
            torn = any(isinstance(cause, IncompleteRead) for cause in error.args)
            return (
                "the answer was cut off" if torn else "the connection broke before an answer came"
            )
        reasons: list[tuple[type[HTTPError], str]] = [
            (NewConnectionError, "the host could not be reached"),
            (ConnectTimeoutError, f"no connection within {connect:g} s"),
            (ReadTimeoutError, f"no connection within {connect:g} s"),
            (ProxyError, "the proxy did not connect"),
        ]
        if isinstance(error, SSLError):
            return refusal(error)
        texts = (text for kind, text in reasons if isinstance(error, kind))
        return next(texts, "the connection could not be established")


def _not_taken(response: Response) -> bool:
    """Return whether an answer says that the request was not carried out and can be sent again."""
    unavailable = response.status == HTTPStatus.SERVICE_UNAVAILABLE
    asked = unavailable and "retry-after" in response.headers
    return asked or response.status == HTTPStatus.TOO_MANY_REQUESTS


def _may_repeat(request: Request, response: Response) -> bool:
    return _not_taken(response) or (request.repeatable and response.status in _DOUBTFUL)


def _asked_wait(response: Response, otherwise: float) -> float:
    asked = retry_after(response.headers.get("retry-after"))
    return otherwise if asked is None else asked


def pool_for(adapter: Adapter, url: str) -> tuple[HTTPConnectionPool, str]:
    """Return the pool of connections to a URL's host, and the prefix of a path in a request.

    Proxies and the CA bundle come from the environment, as `requests` reads them, but loopback never
    goes through a proxy, which would look for it on its own machine. The prefix is the whole URL for
    an http proxy, and empty otherwise.
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
