"""Points in time as people give them: text, dates, datetimes, those of pandas and numpy.

What names no zone is UTC, whatever the zone of the machine; a date is its midnight. Neither pandas
nor numpy is imported to know their kinds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

ASKED = (
    'must be a date, a datetime or a string in ISO 8601, such as "2026-08-01" or '
    '"2026-08-01T12:00:00Z"'
)


def moment(value: Any) -> date | datetime:
    """Return a date, or a datetime in UTC. Raises `ValueError` for what is neither."""
    try:
        if type(value).__module__ == "numpy":
            value = _of_numpy(value)
        if isinstance(value, str):
            value = _of_text(value)
        if isinstance(value, datetime):
            return _in_utc(value)
    except (ValueError, OverflowError):
        raise ValueError(ASKED) from None
    if not isinstance(value, date):
        raise ValueError(ASKED)  # noqa: TRY004 - the one error of what is no time
    return value


def instant(value: Any) -> datetime:
    """Return a point in time in UTC, for a date its midnight. Raises `ValueError`."""
    found = moment(value)
    if isinstance(found, datetime):
        return found
    return datetime(found.year, found.month, found.day, tzinfo=UTC)


def written(value: date | datetime) -> str:
    """Write what `moment` gives in ISO 8601, as the platform does."""
    return value.isoformat().replace("+00:00", "Z")


def _of_text(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _of_numpy(value: Any) -> Any:
    """Return the datetime or date of a numpy scalar: nanoseconds would give a whole number."""
    if getattr(getattr(value, "dtype", None), "kind", "") != "M":
        return value
    found = value.item()
    return found if isinstance(found, date) else value.astype("datetime64[us]").item()


def _in_utc(value: datetime) -> datetime:
    """Return a plain datetime in UTC; pandas' subclass has a missing one, which is a `ValueError`."""
    at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime.combine(at.date(), at.time(), UTC)
