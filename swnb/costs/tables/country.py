"""The destination country of a called number, by the numbering plans of the `phonenumbers` library.

Prefixes of E.164 decide the country (+1 242 is the Bahamas, +44 1481 is Guernsey), and the plans
are too many to write down here. A look-up takes 20 to 50 µs, so answers are kept by as much of the
number as can decide it: the country code where one country has it, the area code in North America,
and elsewhere all but the last four digits.
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
_EXCHANGE = "2345678"  # completes an area code to a number that the plan allows
# No plan decides a country by the last four digits: the smallest block that is handed out whole
# has ten thousand numbers.
_SUBSCRIBER = 4
_PREFIXES_KEPT = 200_000
_LONGEST_CODE = 3  # digits of a country code


def country(number: str | None) -> str | None:
    """Give the ISO 3166 alpha-2 code of a number's country: `US` for `+12125550100`.

    None where the number tells none: SIP, client and other addresses, numbers that are not E.164,
    and prefixes that belong to no country (+800, +882 …).
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
    """Give the country of each number as a category, missing where `country` gives None.

    A Series keeps its index.
    """
    series = numbers if isinstance(numbers, pd.Series) else pd.Series(list(numbers), dtype=object)
    codes, distinct = pd.factorize(series.astype(object))
    found = pd.Series([country(number) for number in distinct], dtype=object)
    return pd.Series(found.reindex(codes).to_numpy(), index=series.index, dtype="category")


@lru_cache(1000)
def _regions(digits: str) -> tuple[str, ...]:
    """Give the regions that share the country code which the digits begin with, the main one first."""
    import phonenumbers  # noqa: PLC0415 - 0.2 s and 30 MB that only destinations need

    shared: dict[int, tuple[str, ...]] = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    ends = range(1, len(digits) + 1)
    return next((shared[int(digits[:end])] for end in ends if int(digits[:end]) in shared), ())


@lru_cache(_PREFIXES_KEPT)
def _look_up(prefix: str, rest: str) -> str | None:
    import phonenumbers  # noqa: PLC0415 - as above

    number = phonenumbers.parse(prefix + rest)
    # Numbers set aside for films and examples (+1 555 01xx) are valid in no country of the plan.
    found: str | None = phonenumbers.region_code_for_number(number)
    return _assigned(found or _regions(prefix[1 : 1 + _LONGEST_CODE])[0])


def _assigned(region: str) -> str | None:
    """Give a region that is a country; the world (`001`) and the unknown (`ZZ`) are none."""
    return region if region.isalpha() and region != "ZZ" else None
