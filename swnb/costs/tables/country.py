"""The destination country of a called number, from the numbering plans of the `phonenumbers` library.

Prefixes of E.164 decide the country (+1 242 is the Bahamas, +44 1481 is Guernsey), and there are
too many plans to list here. A look-up takes 20 to 50 µs, so results are cached by the part of the number
that decides: the country code if one country has it, the area code in North America, and otherwise all
but the last four digits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

_E164 = re.compile(r"\+[1-9]\d{6,14}")
_NORTH_AMERICA = 1
_AREA_CODE_ENDS = len("+1212")
_EXCHANGE = "2345678"  # completes an area code to a valid number
# No plan decides a country by the last four digits: the smallest block that is allocated has ten
# thousand numbers.
_SUBSCRIBER = 4
_PREFIXES_KEPT = 200_000
_LONGEST_CODE = 3  # digits of a country code


def country(number: str | None) -> str | None:
    """Return the country of a phone number.

    Parameters
    ----------
    number : str or None
        A number in E.164 form, such as `+12125550100`.

    Returns
    -------
    str or None
        The ISO 3166 alpha-2 code, such as `US`. None for SIP, client and other addresses, for numbers that
        are not E.164, and for prefixes that belong to no country (+800, +882 …).

    Examples
    --------
    >>> costs.country("+12125550100")
    'US'

    """
    if not isinstance(number, str) or not _E164.fullmatch(number):
        return None
    regions = _regions(number[1 : 1 + _LONGEST_CODE])
    if len(regions) <= 1:
        return _assigned(regions[0]) if regions else None
    if number[1] == str(_NORTH_AMERICA):
        return _look_up(number[:_AREA_CODE_ENDS], _EXCHANGE)
    return _look_up(number[:-_SUBSCRIBER], "0" * _SUBSCRIBER)


def countries(numbers: Iterable[Any]) -> pd.Series[Any]:
    """Return the country of each phone number.

    Parameters
    ----------
    numbers : iterable
        Numbers as `country` takes them; a Series keeps its index.

    Returns
    -------
    pandas.Series
        Categories (ISO 3166 alpha-2), missing if `country` returns None.

    Examples
    --------
    >>> calls["country"] = costs.countries(calls["to"])

    """
    series = numbers if isinstance(numbers, pd.Series) else pd.Series(list(numbers), dtype=object)
    codes, distinct = pd.factorize(series.astype(object))
    distinct_countries = pd.Series([country(number) for number in distinct], dtype=object)
    return pd.Series(
        distinct_countries.reindex(codes).to_numpy(), index=series.index, dtype="category"
    )


@lru_cache(1000)
def _regions(digits: str) -> tuple[str, ...]:
    """Return the regions that share the country code at the start of the digits, the main one first."""
    import phonenumbers  # noqa: PLC0415 - 0.2 s and 30 MB, which only destinations need

    shared: dict[int, tuple[str, ...]] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    ends = range(1, len(digits) + 1)
    return next((shared[int(digits[:end])] for end in ends if int(digits[:end]) in shared), ())


@lru_cache(_PREFIXES_KEPT)
def _look_up(prefix: str, rest: str) -> str | None:
    import phonenumbers  # noqa: PLC0415 - as above

    number = phonenumbers.parse(prefix + rest)
    # Numbers reserved for films and examples (+1 555 01xx) are not valid in any country of the plan.
    region: str | None = phonenumbers.region_code_for_number(number)
    return _assigned(region or _regions(prefix[1 : 1 + _LONGEST_CODE])[0])


def _assigned(region: str) -> str | None:
    """Return the region if it is a country; the world (`001`) and unknown (`ZZ`) are not."""
    return region if region.isalpha() and region != "ZZ" else None
