"""Numbers of seconds: the timeouts that users set, and the waits that the platform asks for."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from swnb.errors import ConfigurationError


def read_timeout(timeout: float | tuple[float, float]) -> tuple[float, float]:
    """Return a timeout as a pair of seconds, to connect and to read. Raise `ConfigurationError`."""
    pair = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    if len(pair) != len(("connect", "read")) or not all(map(is_seconds, pair)):
        raise ConfigurationError(
            "timeout: must be a number of seconds above 0, or a pair of them: (connect, read)"
        )
    return float(pair[0]), float(pair[1])


def is_seconds(value: object) -> bool:
    """Return whether a value is a finite number of seconds above 0."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and value > 0
        and math.isfinite(value)
    )


def retry_after(value: str | None, now: datetime | None = None) -> float | None:
    """Return a Retry-After header, which has seconds or a date, as seconds from now; else None."""
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
