"""Mask the middle of phone numbers, in every spelling, in a run that is to be shared.

A `Masker` knows the numbers that are addresses in a run, and finds them without `+`, as an integer,
in national form, with spaces, dots, dashes or parentheses, and in URLs. It also masks every number
with a `+`, and what `phonenumbers` recognizes as a number. The first and last two digits and all
punctuation are kept, so that a spelling always has the same mask, and `mask_spans` can bring a
masked and an unmasked record to the same form.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_GAP = r"(?:[ \t\xa0.\-\u2010-\u2015\u2212()\[\]/]|%(?:20|28|29|2[DdEeFf]|[Cc]2%[Aa]0)){0,4}"
_PLUS = r"(?:[+\uff0b]|%2[Bb])"
_UUID = r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
_TIME = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
# What a span must not start within: another number, or the escape of a URL.
_START = r"(?<![%{0}])(?<!%[0-9A-Fa-f])"


def _spans(digit: str) -> re.Pattern[str]:
    """Return the pattern of ids and times, which are kept, and of everything that may be a number."""
    start = _START.format(digit)
    number = rf"(?:(?P<plus>{_PLUS}){_GAP}|{start})[{digit}](?:{_GAP}[{digit}])*+"
    return re.compile(rf"(?<!\w)(?:{_UUID}|{_TIME})(?!\w)|(?P<number>{number})")


_SPAN = _spans(r"\d")
_MASKED_SPAN = _spans(r"\d*")
_DIGITS = re.compile(r"%[0-9A-Fa-f]{2}|([\d*]+)")
_SHORTEST, _LONGEST, _E164 = 7, 18, 15
_HEAD = _TAIL = 2  # digits that are kept
_ABROAD = ("00", "011", "0011", "010", "810")  # what is dialed before a number of another country
_TRUNK = 9  # the fewest digits of a national number whose trunk prefix is not 0
_HOME = "US"
_LOOKED_AT = 2_000  # characters of a text that phonenumbers examines: it is slow
_ADDRESSES = frozenset(
    {"from", "to", "caller_id", "from_number", "to_number", "phone", "phone_number"}
    | {"caller_id_number", "callerid", "from_", "to_uri"}
)

Groups = list[tuple[int, int]]


def known_numbers(value: Any) -> Iterator[str]:
    """Yield the digits of every number in a JSON value that is an address or has a `+`."""
    if isinstance(value, str):
        for found in _SPAN.finditer(value):
            if found["plus"]:
                digits = _plain(found[0], _groups(found[0])[:1])
                if _SHORTEST <= len(digits) <= _E164:
                    yield digits
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from known_numbers(key)
            if key in _ADDRESSES and isinstance(item, str | int):
                yield from _of_address(str(item))
            yield from known_numbers(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from known_numbers(item)


def _of_address(text: str) -> Iterator[str]:
    for found in _SPAN.finditer(text):
        if found["number"]:
            digits = _plain(found[0], _groups(found[0]))
            if _SHORTEST <= len(digits) <= _LONGEST:
                yield digits


class Masker:
    """Masks the numbers of one run, given by their digits with the country code."""

    def __init__(self, numbers: Iterable[str] = ()) -> None:
        self._whole = frozenset(numbers)
        self._ends = {
            number[at:] for number in self._whole for at in range(len(number) - _SHORTEST + 1)
        }
        self._regions = tuple(sorted({_HOME, *filter(None, map(_region, self._whole))}))

    def mask(self, value: Any) -> Any:
        """Return a JSON value with its numbers masked, also in integers and keys."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {
                self.mask(key): self.address(item)
                if key in _ADDRESSES and isinstance(item, str)
                else self.mask(item)
                for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            return [self.mask(item) for item in value]
        written = _integer(value)
        return _starred(written, _groups(written)) if written and self._is_known(written) else value

    def address(self, value: str) -> str:
        """Return an address with everything masked that may be a number."""
        return _SPAN.sub(lambda found: _starred(found[0], _groups(found[0])), value)

    def text(self, value: str) -> str:
        """Return a text with its numbers masked."""
        asked = 0

        def masked(found: re.Match[str]) -> str:
            nonlocal asked
            span = found["number"]
            if span is None:
                return found[0]
            groups = _groups(span)
            if groups[-1][1] - groups[0][0] < _SHORTEST:
                return span
            ranges = list(self._known_in(span, groups))
            if not ranges and found["plus"]:
                ranges = [_with_plus(groups)]
            if not ranges and not _in_word(found):
                asked += len(span)
                ranges = [groups] if asked > _LOOKED_AT else self._looked_up(span, groups)
            for digits in ranges:
                span = _starred(span, digits)
            return span

        return _SPAN.sub(masked, value)

    def _known_in(self, span: str, groups: Groups) -> Iterator[Groups]:
        """Yield the groups of digits that make up a known number, the longest first."""
        at = 0
        while at < len(groups):
            best, digits = 0, ""
            for upto in range(at, len(groups)):
                digits += _plain(span, groups[upto : upto + 1])
                if len(digits) > _LONGEST:
                    break
                if len(digits) >= _SHORTEST and self._is_known(digits):
                    best = upto + 1
            if best:
                yield groups[at:best]
            at = best or at + 1

    def _is_known(self, digits: str) -> bool:
        """Return whether digits are a known number: in full, in national form, or dialed from abroad."""
        national = digits.lstrip("0")
        return (
            (len(national) >= _SHORTEST and national in self._ends)
            or (len(digits) > _TRUNK and digits[1:] in self._ends)
            or any(digits.startswith(way) and digits[len(way) :] in self._whole for way in _ABROAD)
        )

    def _looked_up(self, span: str, groups: Groups) -> list[Groups]:
        found = {place for region in self._regions for place in _numbers_in(span, region)}
        return [
            [group for group in groups if start <= group[0] and group[1] <= end]
            for start, end in sorted(found)
        ]


def mask_numbers(value: Any) -> Any:
    """Return a JSON value with every number masked that it alone reveals."""
    return Masker(known_numbers(value)).mask(value)


def mask_spans(value: Any) -> Any:
    """Return a JSON value with everything masked that may be a number, masked already or not.

    A record and its masked copy give the same result.
    """
    if isinstance(value, str):
        return _MASKED_SPAN.sub(
            lambda found: _starred(found[0], _groups(found[0])) if found["number"] else found[0],
            value,
        )
    if isinstance(value, dict):
        return {mask_spans(key): mask_spans(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [mask_spans(item) for item in value]
    written = _integer(value)
    return _starred(written, _groups(written)) if len(written) >= _SHORTEST else value


def _integer(value: Any) -> str:
    """Return the digits of a whole number of JSON, an empty string for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    if isinstance(value, float) and not value.is_integer():
        return ""
    return str(int(value)) if 0 <= value < 10**_LONGEST else ""


def _groups(span: str) -> Groups:
    """Return the positions of groups of digits in a span, without those of URL escapes."""
    return [found.span(1) for found in _DIGITS.finditer(span) if found[1]]


def _plain(span: str, groups: Groups) -> str:
    digits = "".join([span[start:end] for start, end in groups])
    return digits if digits.isascii() else "".join(str(unicodedata.digit(each)) for each in digits)


def _starred(span: str, groups: Groups) -> str:
    """Mask all but the first and last digits of groups that are one number."""
    places = [place for start, end in groups for place in range(start, end)]
    if len(places) < _SHORTEST:
        return span
    hidden = set(places[_HEAD:-_TAIL])
    return "".join(["*" if place in hidden else letter for place, letter in enumerate(span)])


def _with_plus(groups: Groups) -> Groups:
    """Return the groups of digits of a number with a plus, as many as such a number can have."""
    count, digits = 0, 0
    for start, end in groups:
        if count and ((digits >= _SHORTEST and count == 1) or digits + end - start > _E164):
            break
        count, digits = count + 1, digits + end - start
    return groups[:count]


def _in_word(found: re.Match[str]) -> bool:
    """Return whether letters are next to a match, as in an id."""
    text, start, end = found.string, found.start(), found.end()
    beside = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(letter.isalnum() or letter == "_" for letter in beside)


@lru_cache(10_000)
def _numbers_in(span: str, region: str) -> tuple[tuple[int, int], ...]:
    import phonenumbers  # noqa: PLC0415 - a large table, for masking alone

    return tuple(
        (match.start, match.end) for match in phonenumbers.PhoneNumberMatcher(span, region)
    )


def _region(number: str) -> str | None:
    import phonenumbers  # noqa: PLC0415 - as above

    try:
        code = phonenumbers.parse(f"+{number}").country_code
    except phonenumbers.NumberParseException:
        return None
    region = phonenumbers.region_code_for_country_code(code or 0)
    return region if region in phonenumbers.SUPPORTED_REGIONS else None
