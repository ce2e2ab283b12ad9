"""Part of the tables: the calls and charge lines of a period, a direction, a type or a country."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from swnb.commands.moments import instant
from swnb.costs.tables.opening import lazily
from swnb.costs.tables.tables import Tables

if TYPE_CHECKING:
    from datetime import date, datetime

_OF_CALLS = ("direction", "type", "country")


def filtered(
    tables: Tables,
    *,
    after: str | date | None = None,
    before: str | date | None = None,
    direction: str | None = None,
    type: str | None = None,  # noqa: A002 - the name of the column
    country: str | None = None,
    description: str | None = None,
) -> Tables:
    """Return the tables with some of their rows, on the same engine.

    Parameters
    ----------
    tables : Tables
        The tables; either frame may be None.
    after : str or date, optional
        The first day or time, included; in UTC unless it names a zone.
    before : str or date, optional
        The last day or time, not included; in UTC unless it names a zone.
    direction, type, country : str, optional
        The value of that column.
    description : str, optional
        The description of charge lines. It does not filter calls: use the key `description` to get the
        charge of these lines, since a call's charge is that of all its lines.

    Returns
    -------
    Tables
        Frames of the same engine and unit.

    Raises
    ------
    ValueError
        If `after` or `before` is not a time, or `before` is not later than `after`.

    Examples
    --------
    >>> costs.by(costs.filtered(tables, after="2026-08-01", direction="inbound"), "day")

    """
    first, last = _moment("after", after), _moment("before", before)
    if first is not None and last is not None and first >= last:
        raise ValueError("before: must be later than after")
    labels = dict(zip(_OF_CALLS, (direction, type, country), strict=True))

    def part(frame: Any, **more: str | None) -> Any:
        if frame is None:
            return None
        rows = lazily(frame)
        for name, value in {**labels, **more}.items():
            if value is not None:
                rows = rows.filter(nw.col(name) == value)
        if first is not None:
            rows = rows.filter(nw.col("created_at") >= nw.lit(first))
        if last is not None:
            rows = rows.filter(nw.col("created_at") < nw.lit(last))
        return rows.to_native()

    charges = part(tables.charges, description=description)
    return Tables(part(tables.calls), charges, tables.unit)


def _moment(name: str, day: str | date | None) -> datetime | None:
    if day is None:
        return None
    try:
        return instant(day)
    except ValueError as error:
        message = f"{name}: {error}"
        raise ValueError(message) from None
