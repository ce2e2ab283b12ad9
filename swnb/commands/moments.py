"""Points in time as people write them: strings, dates, datetimes, and those of pandas and numpy.

A time without a zone is UTC, whatever the zone of the machine; a date is its midnight. Neither pandas
nor numpy is imported to recognize their types.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

ASKED = (
    'must be a date, a datetime or a string in ISO 8601, such as "2026-08-01" or '
    '"2026-08-01T12:00:00Z"'
)


def moment(value: Any) -> date | datetime:
    """Return a date, or a datetime in UTC.

    Parameters
    ----------
    value : str, date, datetime, pandas.Timestamp or numpy.datetime64
        A string is ISO 8601; a time without a zone is UTC.

    Raises
    ------
    ValueError
        If the value is not a point in time.

    """
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
        raise ValueError(ASKED)  # noqa: TRY004 - one error for whatever is not a time
    return value


def instant(value: Any) -> datetime:
    """Return a point in time in UTC, midnight for a date. Raise `ValueError` for anything else."""
    at = moment(value)
    if isinstance(at, datetime):
        return at
    return datetime(at.year, at.month, at.day, tzinfo=UTC)


def written(value: date | datetime) -> str:
    """Return what `moment` returns as ISO 8601, in the platform's form."""
    return value.isoformat().replace("+00:00", "Z")


def _of_text(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.fromisoformat(text)


def _of_numpy(value: Any) -> Any:
    """Return the datetime or date of a numpy scalar: `item` of nanoseconds would be an int."""
    if getattr(getattr(value, "dtype", None), "kind", "") != "M":
        return value
    item = value.item()
    return item if isinstance(item, date) else value.astype("datetime64[us]").item()


def _in_utc(value: datetime) -> datetime:
    """Return a plain datetime in UTC. Raise `ValueError` for pandas' NaT."""
    at = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime.combine(at.date(), at.time(), UTC)
