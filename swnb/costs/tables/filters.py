"""A part of the tables: the calls and charge lines of a period, a direction, a kind or a country."""

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
    """Give the tables with some of their rows, in the engine that they are in.

    `after` (included) and `before` (not) are days or times, in UTC where they name no zone.
    `description` chooses among charge lines only: ask with the key `description` for their charge,
    since a call's charge is that of all its lines. Raises `ValueError` for what is no time, and for
    a period whose ends are swapped or equal.

    >>> by(filtered(tables, after="2026-08-01", direction="inbound"), "day")
    """
    first, last = _moment("after", after), _moment("before", before)
    if first is not None and last is not None and first >= last:
        raise ValueError("before: must be later than after; the period is empty")
    wanted = dict(zip(_OF_CALLS, (direction, type, country), strict=True))

    def part(frame: Any, **more: str | None) -> Any:
        if frame is None:
            return None
        kept = lazily(frame)
        for name, value in {**wanted, **more}.items():
            if value is not None:
                kept = kept.filter(nw.col(name) == value)
        if first is not None:
            kept = kept.filter(nw.col("created_at") >= nw.lit(first))
        if last is not None:
            kept = kept.filter(nw.col("created_at") < nw.lit(last))
        return kept.to_native()

    charges = part(tables.charges, description=description)
    return Tables(part(tables.calls), charges, tables.unit)


def _moment(name: str, given: str | date | None) -> datetime | None:
    if given is None:
        return None
    try:
        return instant(given)
    except ValueError as error:
        message = f"{name}: {error}"
        raise ValueError(message) from None
