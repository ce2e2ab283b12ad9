"""Numbers, amounts and times in words, and what is too long, for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_MINUTE = 60  # seconds, or of an hour
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
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


def cut(text: str, most: int) -> str:
    """Return a string of at most so many letters, with an ellipsis for what is left out.

    Parameters
    ----------
    text : str
        The string.
    most : int
        How many letters it may have, the ellipsis included.

    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def money(nano: int) -> str:
    """Return whole nano-dollars as US dollars with all their digits, at least two places.

    Parameters
    ----------
    nano : int
        The amount: 10,100,000 is `$0.0101`.

    """
    whole, part = divmod(abs(nano), 1_000_000_000)
    places = f"{part:09d}".rstrip("0").ljust(2, "0")
    return f"{'-' if nano < 0 else ''}${whole:,}.{places}"


def length(seconds: float) -> str:
    """Return a length of time as people read it: `40 ms`, `3.3 s`, `2:05 min`, `1:00:00 h`.

    Parameters
    ----------
    seconds : float
        The time in seconds.

    """
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms" if seconds else "0 s"
    if abs(seconds) < _MINUTE:
        return f"{seconds:.1f}".rstrip("0").rstrip(".") + " s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return f"{minutes}:{rest:02} min"
    return f"{minutes // _MINUTE}:{minutes % _MINUTE:02}:{rest:02} h"


def age(seconds: float) -> str:
    """Return how long ago something was, in its largest unit: `3 min`, `now`.

    Parameters
    ----------
    seconds : float
        The time in seconds; less than one is now.

    """
    for unit, size in _UNITS:
        if seconds >= size:
            return f"{seconds // size:.0f} {unit}"
    return "now"


def age_of(began: datetime | None, now: datetime) -> str:
    """Return how long ago something began; `?` if that is not known.

    Parameters
    ----------
    began : datetime, optional
        When it began, with its time zone.
    now : datetime
        What is now.

    """
    return "?" if began is None else age((now - began).total_seconds())


def clock(milliseconds: float | None) -> str:
    """Return a duration as a clock shows it, minutes and seconds, with hours if there are any.

    Parameters
    ----------
    milliseconds : float, optional
        The duration; none is an empty string.

    """
    if milliseconds is None:
        return ""
    minutes, seconds = divmod(round(milliseconds / 1000), _MINUTE)
    hours, minutes = divmod(minutes, _MINUTE)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
