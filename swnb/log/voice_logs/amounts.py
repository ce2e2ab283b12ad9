"""JSON whose fractional numbers remember the decimals they were written as.

`loads` reads a number with a fraction as an `Amount`: the float that it would be anyway, with the
nano-dollars of its text beside it. So money is exact to the last digit, and what is no money stays
a float. Amounts repeat (so many minutes at such a rate), so each text is read once.
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
_KEPT = 50_000  # texts; a hostile page could bring any number


class Amount(float):
    """A float that knows its text in nano-dollars, None past what the log can hold.

    `nano` is whole, and `exact` is not if the text is finer: a sum is rounded once, at its end.
    """

    __slots__ = ("exact", "nano")
    nano: int | None
    exact: int | Decimal | None


class _Amounts(dict[str, Amount]):
    def __missing__(self, text: str) -> Amount:
        amount = Amount(text)
        given = Decimal(text)
        amount.nano = amount.exact = read_money(given)
        if amount.nano is not None and given * NANO != amount.nano:
            amount.exact = given * NANO
        if len(self) < _KEPT:
            self[text] = amount
        return amount


_DECODER = json.JSONDecoder(parse_float=_Amounts().__getitem__, parse_constant=refuse_constant)


def loads(body: bytes) -> Any:
    """Read JSON; raises ValueError on anything else, NaN and infinity included."""
    collecting = gc.isenabled()
    # What is being read is all new and has no cycles, and looking it through takes a fifth as long.
    gc.disable()
    try:
        return _DECODER.decode(body.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    finally:
        if collecting:
            gc.enable()


def nano_of(value: Any) -> int | None:
    """Return an amount of US dollars as whole nano-dollars, None if it is no amount."""
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
    """Return JSON data as it is written, and a function that gives its text the digits of amounts.

    A float is written by its shortest text, which for more than 15 digits is not always the text that
    it was read from. Such amounts leave a mark that nobody else can write.
    """
    mark, held = secrets.token_hex(8), list[str]()

    def plain(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: plain(each) for key, each in part.items()}
        if isinstance(part, list):
            return [plain(each) for each in part]
        if type(part) is Amount and part.nano is not None and part.nano != read_money(float(part)):
            held.append(f"{Decimal(part.exact or 0).scaleb(-_DIGITS):f}")
            return f"{mark}{len(held) - 1}"
        return part

    def written(text: str) -> str:
        for place, digits in enumerate(held):
            text = text.replace(f'"{mark}{place}"', digits)
        return text

    return plain(value), written
