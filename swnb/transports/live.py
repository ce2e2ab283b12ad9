"""The way to a space over HTTPS, or over HTTP to a simulated one on loopback.

One `requests` adapter keeps the connections; everything that `requests.Session` would work out
again for each call (proxies, CA bundle, headers, the URL) is worked out once. Redirects are never
followed, so the credentials reach one host only.

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
from typing import TYPE_CHECKING

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProxyError

from swnb.errors import ConfigurationError
from swnb.exchange import Request, Response, TransportFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        self.timeout = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        self.retries = retries
        self._base = base_url(host)
        self._headers = requests.structures.CaseInsensitiveDict(
            {
                "Authorization": "Basic " + b64encode(f"{project}:{token}".encode()).decode(),
                "Content-Type": "application/json",
                "Accept": "application/json",
                "User-Agent": user_agent,
            }
        )
        self._adapter = HTTPAdapter(max_retries=0)
        with requests.Session() as session:
            settings = session.merge_environment_settings(self._base, {}, False, None, None)
        self._proxies: Mapping[str, str] = settings["proxies"]
        self._verify: bool | str = settings["verify"]
        self._cert = settings["cert"]

    def __repr__(self) -> str:
        return f"Live({self.host!r})"

    def send(self, request: Request) -> Response:
        """Carry one request, repeating it where that is safe, and return the last answer."""
        started = time.monotonic()
        prepared = self._prepare(request)
        attempt = 0
        while True:
            attempt += 1
            last = attempt > self.retries
            try:
                answer = self._once(prepared)
            except requests.RequestException as error:
                arrived = may_have_arrived(error)
                if last or (arrived and not request.repeatable) or not _passes(error):
                    elapsed = time.monotonic() - started
                    raise TransportFailure(
                        _reason(error, self.timeout),
                        arrived=arrived,
                        attempts=attempt,
                        elapsed=elapsed,
                    ) from None  # the cause holds the request, and so the credentials
                wait: float | None = None
            else:
                status = answer.status_code
                again = status in _PASSING or (status in _DOUBTFUL and request.repeatable)
                wait = retry_after(answer.headers.get("Retry-After"))
                if last or not again or (wait or 0) > LONGEST_WAIT:
                    return _response(answer, attempt, time.monotonic() - started)
            time.sleep(BACKOFF * 2 ** (attempt - 1) if wait is None else wait)

    def close(self) -> None:
        """Close the pooled connections."""
        self._adapter.close()

    def _prepare(self, request: Request) -> requests.PreparedRequest:
        prepared = requests.PreparedRequest()
        prepared.method = request.method
        prepared.url = self._base + request.path
        prepared.headers = self._headers.copy()
        prepared.body = request.body
        if request.body is not None:
            prepared.headers["Content-Length"] = str(len(request.body))
        return prepared

    def _once(self, prepared: requests.PreparedRequest) -> requests.Response:
        answer = self._adapter.send(
            prepared,
            timeout=self.timeout,
            verify=self._verify,
            cert=self._cert,
            proxies=self._proxies,
        )
        answer.content  # noqa: B018 - reads the body, which gives the connection back to the pool
        return answer


def may_have_arrived(error: requests.RequestException) -> bool:
    """Say whether the request may have left before this failure."""
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError):
        return False
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return not isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


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


def _passes(error: requests.RequestException) -> bool:
    """Say whether the failure may be gone the next time: a bad certificate is not."""
    return not isinstance(error, requests.exceptions.SSLError)


def _reason(error: requests.RequestException, timeout: tuple[float, float]) -> str:
    reasons: list[tuple[type[requests.RequestException], str]] = [
        (requests.ConnectTimeout, f"no connection within {timeout[0]:g} s"),
        (requests.ReadTimeout, f"no answer within {timeout[1]:g} s"),
        (requests.exceptions.SSLError, "the host's certificate was not accepted"),
        (requests.exceptions.ProxyError, "the proxy did not connect"),
        (requests.exceptions.ChunkedEncodingError, "the answer broke off"),
    ]
    known = next((text for kind, text in reasons if isinstance(error, kind)), None)
    if known:
        return known
    if may_have_arrived(error):
        return "the connection broke before an answer came"
    return "the host could not be reached"


def _response(answer: requests.Response, attempts: int, elapsed: float) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status_code, headers, answer.content, attempts, elapsed)
