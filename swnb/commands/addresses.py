"""Destinations and SWML URLs: what an address may be, and what a malformed one likely means.

A string that only looks like an address costs a call that reaches nobody, or somebody else. So each
rule refuses what the platform cannot use and suggests what was meant. It accepts what it cannot know
to be wrong (a name, a Fabric address), and `unchecked=True` sends the rest unchanged.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from pydantic import AfterValidator

from swnb.commands.types import TextRule, is_url

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SCHEME = re.compile(r"(?:sips?|verto|client):\S+", re.IGNORECASE)
_DOCUMENT = re.compile(r"\bsections\b.*\bmain\b", re.DOTALL)
_BEGUN = re.compile(r"(?:sips?|verto|client):", re.IGNORECASE)
_FILE = re.compile(r"[^\n?#]*\.(?:ya?ml|json|swml|txt)", re.IGNORECASE)
_HOST = re.compile(
    r"(?:localhost|(?:[a-z0-9-]+\.)+[a-z]{2,})(?::[0-9]+)?(?:[/?#]\S*)?", re.IGNORECASE
)
_SPACE = re.compile(r"\s")
# What people write in numbers: parentheses, periods, all kinds of dashes, extension marks.
_NUMBER = re.compile(
    r"(?:tel:|callto:)?\s*\+?[0-9(][0-9\s().\-/+]*(?:\s*(?:[,;#*pwx]|ext)[0-9\s,;#*pwx.=:ext]*)?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"\s*(?:;ext=|ext(?:ension)?\.?:?|[,;pwx#*])\s*.*", re.IGNORECASE | re.DOTALL
)
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-")
_SHORTEST, _LONGEST = 7, 15  # digits of a number in E.164
_NATIONAL = 10  # digits of a US or Canadian number, without its 1
_SHORT = 6  # digits that a caller-ID name may have: an extension


def is_http_url(text: str) -> bool:
    """Return whether a string is an http or https URL with a host."""
    return is_url(text, frozenset({"http", "https"}))


def is_address(text: str) -> bool:
    """Return whether a string can be called: a number in E.164, a URI, a Fabric address, a name."""
    if _E164.fullmatch(text) or _SCHEME.fullmatch(text):
        return True
    if _BEGUN.match(text):
        return False
    plain = _plain(text)
    if not plain or plain != text or _SPACE.search(text) or "@" in text:
        return False
    return not (_looks_numeric(text) or is_http_url(text) or _mistaken(text))


def is_caller(text: str) -> bool:
    """Return whether a string can be the caller: what can be called, or a short caller-ID name."""
    return is_address(text) or (text.isascii() and text.isdecimal() and len(text) <= _SHORT)


def is_swml_url(text: str) -> bool:
    """Return whether a string can be a URL of SWML."""
    route = text.startswith("/") and not _SPACE.search(text) and not _FILE.fullmatch(text)
    return is_http_url(text) or route


def is_destination(text: str) -> bool:
    """Return whether a call can be transferred to it: what can be called, SWML or a URL of SWML."""
    return is_http_url(text) or is_address(text) or bool(_DOCUMENT.search(text))


def is_script(text: str) -> bool:
    """Return whether a string can be SWML or its URL: not a file name, not a host without scheme."""
    return bool(text) and (
        is_http_url(text) or not (_FILE.fullmatch(text) or _HOST.fullmatch(text))
    )


def meant_address(text: str) -> str:
    """Return a hint at what a string that is not an address likely means."""
    plain = _plain(text)
    if _looks_numeric(plain):
        return _meant_number(plain)
    if is_http_url(plain):
        return "a URL of SWML goes into url"
    if "@" in plain and not _SCHEME.fullmatch(plain) and not _SPACE.search(plain):
        return "put sip: before a SIP address"
    return _mistaken(plain) or _spaced(text, plain)


def meant_url(text: str) -> str:
    """Return a hint at what a string that is not a URL likely means."""
    plain = _plain(text)
    if _SCHEME.fullmatch(plain) or _looks_numeric(plain):
        return "a destination goes into to (or dest)"
    return _mistaken(plain) or _spaced(text, plain)


def _spaced(text: str, plain: str) -> str:
    if not plain:
        return "it must not be empty"
    if _SPACE.search(plain):
        return "it contains spaces"
    return "" if plain == text else "remove its spaces and invisible characters"


def _mistaken(text: str) -> str:
    """Return a hint if a string is certainly neither an address nor a URL, otherwise an empty one."""
    if "\n" in text or text.startswith(("{", "---", "version:", "sections:")):
        return (
            "a SWML document goes into swml (or dest) as swnb.swml(…), which reads text and files"
        )
    if _FILE.fullmatch(text) and not is_http_url(text):
        return (
            "the platform cannot read your local files: give swnb.swml(…) with its path, in "
            "swml (or dest), or an https URL"
        )
    if text.lower().startswith("file:"):
        return "the platform cannot read your local files"
    if _HOST.fullmatch(text):
        return "put https:// before a URL, and sip: before a SIP address"
    return ""


def _plain(text: str) -> str:
    """Return a string with plain digits and dashes, and without invisible characters."""
    shown = unicodedata.normalize("NFKC", text).translate(_DASHES)
    return "".join(letter for letter in shown if unicodedata.category(letter) != "Cf").strip()


def _looks_numeric(text: str) -> bool:
    return bool(_NUMBER.fullmatch(text)) or text.startswith("+") or text.lower().startswith("tel:")


def _meant_number(text: str) -> str:
    """Return a hint: the number in E.164 that a string likely means, and where its extension goes."""
    body = re.sub(r"^(?:tel|callto):\s*", "", text, flags=re.IGNORECASE)
    number = _EXTENSION.sub("", body)
    extra = re.sub(r"[^0-9A-D*#w,]", "", re.sub(r"(?i)ext|;ext=", "", body[len(number) :]))
    digits = re.sub(r"[^0-9]", "", number.replace("(0)", ""))
    if re.search("[A-Za-z]", number):
        return "letters cannot be dialed: use digits"
    full = _international(digits, plus=number.lstrip(" (").startswith("+"))
    if not _E164.fullmatch(full):
        return full
    if body != number and extra:
        return f"did you mean {full!r}? Put the extension into send_digits: {extra!r}"
    return f"did you mean {full!r}?"


def _international(digits: str, *, plus: bool) -> str:
    """Return a number in E.164, or what is wrong with its digits."""
    if not plus and digits.startswith(("00", "011")):
        digits, plus = digits.removeprefix("011").removeprefix("00"), True
    if len(digits) > _LONGEST:
        return f"a number has at most {_LONGEST} digits, with its country code"
    if digits.startswith("0") or len(digits) < _SHORTEST:
        return "write it in full, with + and its country code"
    if not plus and len(digits) == _NATIONAL and not digits.startswith("1"):
        return f"+1{digits}"
    return f"+{digits}"


HttpUrl = Annotated[
    str, AfterValidator(TextRule("an http:// or https:// URL", is_http_url, meant_url, "http_url"))
]
Address = Annotated[
    str,
    AfterValidator(
        TextRule(
            "a number in E.164 (+15550100), or a sip:, sips:, verto:, client: or Fabric address",
            is_address,
            meant_address,
        )
    ),
]
Caller = Annotated[
    str,
    AfterValidator(
        TextRule(
            "a number in E.164 (+15550100), a SIP URI or a short name", is_caller, meant_address
        )
    ),
]
SwmlUrl = Annotated[
    str,
    AfterValidator(TextRule("a URL that starts with http:// or https://", is_swml_url, meant_url)),
]
Destination = Annotated[
    str,
    AfterValidator(
        TextRule(
            "a number in E.164 (+15550100), a SIP URI, or an https URL of SWML",
            is_destination,
            meant_address,
        )
    ),
]
Script = Annotated[
    str,
    AfterValidator(TextRule("SWML as a string, or its https URL", is_script, meant_url)),
]
