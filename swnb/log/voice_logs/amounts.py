"""JSON whose fractional numbers remember the decimals they were written as.

`loads` reads a number with a fraction as an `Amount`: the float that it would be anyway, with the
whole nano-dollars of its text beside it. So money is exact to the last digit, and what is no money
stays a float. Amounts repeat (so many minutes at such a rate), so each text is read once.
"""

from __future__ import annotations

import gc
import json
from decimal import Decimal
from typing import Any

from swnb.exchange import read_money

_KEPT = 50_000  # texts; a hostile page could bring any number


class Amount(float):
    """A float that knows its text in whole nano-dollars, None past what the log can hold."""

    __slots__ = ("nano",)
    nano: int | None


class _Amounts(dict[str, Amount]):
    def __missing__(self, text: str) -> Amount:
        amount = Amount(text)
        amount.nano = read_money(Decimal(text))
        if len(self) < _KEPT:
            self[text] = amount
        return amount


def _no_constant(name: str) -> Any:
    message = f"{name} is not JSON"
    raise ValueError(message)


_DECODER = json.JSONDecoder(parse_float=_Amounts().__getitem__, parse_constant=_no_constant)


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
    """Give an amount of US dollars as whole nano-dollars, None where it is no amount."""
    if type(value) is Amount:
        return value.nano
    return 0 if type(value) is int and value == 0 else read_money(value)
