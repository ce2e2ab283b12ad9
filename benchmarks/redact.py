"""Processor time to redact and mask strings that are made to be slow: 1 MB, and 2 MB.

Linear means that twice the text takes twice the time. The target is 0.2 s a megabyte for each kind
and a ratio near 2; texts of nothing but fields to look at take up to twice that. To mask numbers, which
happens only in what is exported to be shared, takes up to a second a megabyte.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

from swnb.redact import Masker, redact_text
from swnb.redact.names import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTE = 1_000_000
ROUNDS = 3
TARGET = 0.2
LINEAR = 3.0  # twice the text, with room for a busy machine; quadratic is 4


def times(text: str) -> Callable[[int], str]:
    """Return a function that repeats a string up to a length."""
    return lambda size: (text * (size // len(text) + 1))[:size]


KINDS: dict[str, Callable[[int], str]] = {
    "sip: and an @": lambda size: "sip:" * (size // 4) + "@",
    "nothing but ://": times("://"),
    "users without a password": times("https://a@b/ "),
    "nothing but @": lambda size: "https://" + "@" * size,
    "queries, encoded over and over": lambda size: "https://h/?u=" + "%25" * (size // 3),
    "question marks": times("?#"),
    "PEM without an end": times("-----BEGIN A-----x"),
    "PEM, hardly begun": times("-----BEGIN "),
    "Bearer and no token": times("Bearer "),
    "Bearer and spaces": lambda size: "Bearer " + " " * size,
    "almost a web token": times("eyJaaaaaaa."),
    "a name without an end": lambda size: "a" * size + ":",
    "a name, often mistyped": lambda size: "pasword-" * (size // 8) + ":",
    "secrets without a value": times("password:"),
    "secrets that open a quote": times('password="'),
    "secrets, escaped": lambda size: "password=\\" + '\\"' * (size // 2),
    "backslashes": lambda size: 'password=\\"' + "\\" * size,
    "a YAML block": lambda size: "password: |\n" + " x\n" * (size // 3),
    "expiry dates": lambda size: "cvv=1," + "exp:" * (size // 4),
    "PINs in a sentence": times("my pin: and so "),
    "JSON that is never closed": times('{"a":'),
    "spaces": lambda size: " " * size + "=",
    "a user event": times('{"action": "order.confirmed", "amount": 49.99}\n'),
    "SWML as YAML": times("- play:\n    url: https://example.com/a.mp3\n    volume: 5\n"),
}
FIELDS: dict[str, Callable[[int], str]] = {
    "labels": times("name:"),
    "values": times("value: a\n"),
    "codes in URLs": times("?code=a&b=c "),
    "a new name each time": lambda size: "".join(f"{n:x}=" for n in range(size // 5))[:size],
}
# It looks at each group of digits: a tenth of the text.
NUMBERS: dict[str, Callable[[int], str]] = {
    "digits": lambda size: "1" * size,
    "groups of digits": times("1234567 x"),
    "numbers of no one": times("212-555-0101, "),
    "plus signs": times("+1 ("),
}


def timed(work: Callable[[str], object], text: str) -> float:
    """Return the fewest seconds of processor time that work on a string takes, of several runs."""
    found = []
    for _ in range(ROUNDS):
        started = time.process_time()
        work(text)
        found.append(time.process_time() - started)
    return min(found)


def measure(
    title: str,
    kinds: dict[str, Callable[[int], str]],
    work: Callable[[str], object],
    size: int = MEGABYTE,
) -> list[str]:
    """Print the times of each kind, and return those that are not linear."""
    print(f"{title:32} {size // 1000:6} KB {size // 500:6} KB {'ratio':>6}")
    bent = []
    for kind, text in kinds.items():
        one, two = timed(work, text(size)), timed(work, text(2 * size))
        ratio = two / max(one, 1e-3)  # below a millisecond there is nothing to compare
        note = "" if one <= TARGET else f"  above {TARGET} s"
        print(f"{kind:32} {one * 1e3:6.0f} ms {two * 1e3:6.0f} ms {ratio:6.1f}{note}")
        if ratio > LINEAR:
            bent.append(kind)
    return bent


def main() -> None:
    """Print the times; the exit status says whether all are linear."""
    masker = Masker(["442071838750"])
    masker.text("+12125550101")  # loads the numbering plans
    bent = measure("redact_text", KINDS, redact_text)
    bent += measure("redact_text, fields alone", FIELDS, redact_text)
    bent += measure("Masker.text", NUMBERS, masker.text, MEGABYTE // 10)
    bent += measure("kind_of, one long name", {"letters": times("pasWord.")}, kind_of)
    sys.exit(f"not linear: {', '.join(bent)}" if bent else 0)


if __name__ == "__main__":
    main()
