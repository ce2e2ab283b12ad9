"""The values of secret fields in text: YAML, headers, forms, incomplete JSON, prose.

The text may come from a hostile server: patterns are possessive, and each part is examined once.
"""

from __future__ import annotations

import re

from swnb.hidden import REDACTED
from swnb.redact.names import CARD_NUMBER, HIDDEN, Kind, kind_of

OPEN, SECRET, FLAG, PAYMENT = Kind.OPEN, Kind.SECRET, Kind.FLAG, Kind.PAYMENT
EXPIRY, LABEL, VALUE, CARD = Kind.EXPIRY, Kind.LABEL, Kind.VALUE, Kind.CARD
_NAME = re.compile(r"""(?<![\w.-])([\w.-]++)\\*+["']?\s*+[:=]\s*+""")
_STUCK = r"""[^\s"'&,;}\\<>)\]/]"""  # right behind a quote, it is part of the same value
_VALUE = re.compile(
    rf"""
      \[redacted\](?!{_STUCK})
    | \\++"(?:[^"\\\n]|\\++(?!"))*+\\++"{_STUCK}*+    # in quotes, in text that is in quotes itself
    | "(?:[^"\\]|\\.)*+(?:"|\\?\Z){_STUCK}*+         # in quotes, which a torn text may not close
    | '[^']*+(?:'|\Z){_STUCK}*+
    | [|>][-+0-9]*+[ \t]*+(?:\n++[ \t]++[^\n]*+)++   # a YAML block
    | [^\n\r,;}}&]++
    """,
    re.VERBOSE,
)
# A header goes on to the end of its line: `Authorization: Digest a="b", c="d"`, `Cookie: a=b; c=d`.
_HEADER = re.compile(r"(?:auth(?:ori[sz]ation)?|cookie)\Z", re.IGNORECASE)
_LINE = re.compile(r"[^\n\r]++")
_QUOTE = re.compile(r"""\\*+["']?""")
_LABEL = re.compile(r"""\\*+["']?([^\s"'\\,;}&:=]{1,80})""")
# A sentence about a PIN is not the PIN, so only one word with a digit in it is redacted there.
_WORD_OF_PROSE = re.compile(r"([^\s,;}&]++)([ \t]*+(?=[\n\r,;}&]|\Z))?")
_NO_PROSE = "\n\r{[(,;&?-"  # before a name that begins a line, an object, an item or a parameter
_BEFORE = 8  # characters in which that is looked for
_DIGIT = re.compile(r"\d")
_OPENING = ("\\", '"', "'", "|", ">", "")
_HEADLESS = (*_OPENING, "[")  # a quoted value, or one that is redacted already
_CHOICES = frozenset({"true", "false", "yes", "no", "on", "off", "null", "none"})


def redact_fields(text: str) -> str:
    """Return a text without the values of secret fields."""
    spans = _spans(text)
    if not spans:
        return text
    parts: list[str] = []
    end = 0
    for start, stop in sorted(spans):
        if start >= end:
            parts += (text[end:start], REDACTED)
        end = max(end, stop)
    return "".join([*parts, text[end:]])


def _spans(text: str) -> list[tuple[int, int]]:
    """Return the positions of secret values.

    A label and the value that it names may come in any order, with other fields between.
    """
    spans: list[tuple[int, int]] = []
    end = 0
    label: Kind | None = None  # what the last label names, if its value is still to come
    value: re.Match[str] | None = None  # the name of a value whose label is still to come
    paying: bool | None = None
    for name in _NAME.finditer(text):
        if name.start() < end or not (kind := kind_of(name[1])):
            continue
        if kind is CARD:
            kind = _kind_of_card(text, name)
        if kind is LABEL:
            label, before, value = _labeled(text, name), value, None
            if before:
                spans += _before(text, before, label, name)
                label = None
            continue
        if kind is VALUE:
            if label is None:
                value = name
            kind, label = label or OPEN, None
        elif kind is EXPIRY:
            paying = _is_payment(text) if paying is None else paying
            kind = FLAG if paying else OPEN
        stop = _end_of_value(text, name, kind, len(text))
        if stop:
            spans.append((name.end(), stop))
            end = stop
    return spans


def _before(
    text: str, value: re.Match[str], named: Kind, label: re.Match[str]
) -> list[tuple[int, int]]:
    # The search ends at the label: otherwise a long text would be searched for each value.
    stop = _end_of_value(text, value, named, label.start())
    return [(value.end(), stop)] if stop else []


def _kind_of_card(text: str, name: re.Match[str]) -> Kind:
    quote = _QUOTE.match(text, name.end())
    return PAYMENT if quote and CARD_NUMBER.match(text, quote.end()) else OPEN


def _labeled(text: str, name: re.Match[str]) -> Kind:
    written = _LABEL.match(text, name.end())
    return kind_of(written[1]) if written else OPEN


def _is_payment(text: str) -> bool:
    return any(kind_of(name[1]) is PAYMENT for name in _NAME.finditer(text))


def _end_of_value(text: str, name: re.Match[str], kind: Kind, limit: int) -> int:
    """Return where the secret value of a field ends, or 0 if it has none."""
    if kind not in HIDDEN:
        return 0
    start = name.end()
    if kind is not SECRET and _is_prose(text, name):
        word = _WORD_OF_PROSE.match(text, start, limit)
        secret = word and (word[2] is not None or _DIGIT.search(word[1]))
        return word.end(1) if word and secret and word[1].lower() not in _CHOICES else 0
    begins_line = text[name.start() - 1 : name.start()] in ("", "\n")
    header = begins_line and text[start : start + 1] not in _HEADLESS and _HEADER.search(name[1])
    value = (_LINE if header else _VALUE).match(text, start, limit)
    if value is None or (kind is not SECRET and value[0].strip().lower() in _CHOICES):
        return 0
    return value.end()


def _is_prose(text: str, name: re.Match[str]) -> bool:
    """Return whether a name is in the middle of a sentence and its value is not quoted."""
    end = name.end()
    if text[end - 1] == "=" or text[end : end + 1] in _OPENING:
        return False
    start = name.start()
    before = text[max(0, start - _BEFORE) : start].rstrip(" \t\"'\\")
    return bool(before) and before[-1] not in _NO_PROSE
