"""Numbers with their nouns, for messages."""

from __future__ import annotations

_PLURALS = {"entry": "entries"}


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 call`, `1,200 calls`, `2 entries`.

    Parameters
    ----------
    number : int
        How many there are.
    noun : str
        The noun in the singular, with its adjectives: `"open call"`.

    Returns
    -------
    str
        The number with thousands separators, and the noun in the singular or plural.

    """
    return f"{number:,} {noun if number == 1 else _PLURALS.get(noun, f'{noun}s')}"
