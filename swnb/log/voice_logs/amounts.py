"""JSON whose fractional numbers remember the decimals they were written as.

`loads` reads a number with a fraction as an `Amount`: the usual float, with the nano-dollars of its text
as an attribute. So money is exact to the last digit, and any other number is still a float. Amounts
repeat (the same minutes at the same rate), so each text is converted once.
"""

from __future__ import annotations

import gc
import json
import secrets
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from swnb.exchange import NANO, read_money, refuse_constant

_DIGITS = 9  # decimals of a US dollar that a nano-dollar has
_KEPT = 50_000  # texts; a hostile page could contain any number of them


class Amount(float):
    """A float that knows its text in nano-dollars, or None if the log cannot hold it.

    `nano` is an integer; `exact` is a Decimal if the text is finer, so that a sum is rounded once.
    """

    __slots__ = ("exact", "nano")
    nano: int | None
    exact: int | Decimal | None


class _Amounts(dict[str, Amount]):
    def __missing__(self, text: str) -> Amount:
        amount = Amount(text)
        dollars = Decimal(text)
        amount.nano = amount.exact = read_money(dollars)
        if amount.nano is not None and dollars * NANO != amount.nano:
            amount.exact = dollars * NANO
        if len(self) < _KEPT:
            self[text] = amount
        return amount


_DECODER = json.JSONDecoder(parse_float=_Amounts().__getitem__, parse_constant=refuse_constant)


def loads(body: bytes) -> Any:
    """Return the value of JSON; raises `ValueError` for anything else, including NaN and infinity."""
    collecting = gc.isenabled()
    # All objects are new and have no cycles; collecting garbage meanwhile would take a fifth longer.
    gc.disable()
    try:
        return _DECODER.decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    finally:
        if collecting:
            gc.enable()


def nano_of(value: Any) -> int | None:
    """Return an amount of US dollars as whole nano-dollars, or None if it is not an amount."""
    if type(value) is Amount:
        return value.nano
    return 0 if type(value) is int and value == 0 else read_money(value)


def exact_of(value: Any) -> int | Decimal | None:
    """Return the same, but not rounded."""
    return value.exact if type(value) is Amount else nano_of(value)


def rounded(nano: int | Decimal) -> int:
    """Return a sum of exact amounts in whole nano-dollars."""
    return nano if type(nano) is int else int(Decimal(nano).to_integral_value(ROUND_HALF_UP))


def spelled(value: Any) -> tuple[Any, Callable[[str], str]]:
    """Return JSON data to encode, and a function that puts the digits of amounts into its text.

    A float is encoded as its shortest text, which for more than 15 digits may differ from the text that it
    was read from. Such amounts are encoded as a random placeholder first.
    """
    mark, digits_by_place = secrets.token_hex(8), list[str]()

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: plain(item) for key, item in part.items()}
        if isinstance(part, list):
            return [plain(item) for item in part]
        if type(part) is Amount and part.nano is not None and part.nano != read_money(float(part)):
            digits_by_place.append(f"{Decimal(part.exact or 0).scaleb(-_DIGITS):f}")
            return f"{mark}{len(digits_by_place) - 1}"
        return part

    def written(text: str) -> str:
        for place, digits in enumerate(digits_by_place):
            text = text.replace(f'"{mark}{place}"', digits)
        return text

    return plain(value), written
