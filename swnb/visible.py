r"""Escape invisible characters before text from outside is shown.

A terminal obeys ESC, a NUL ends pasted text, directional and zero-width characters disguise a text
as another one, and half of a surrogate pair cannot be written to any output. They are shown in
JSON's escapes (`\u202e`), so that a copied request stays what it was.
"""

from __future__ import annotations

import json
import re
from typing import Any

# Control characters except tab and line feed, soft hyphens, Unicode's format characters and
# zero-width fillers, line and paragraph separators, halves of surrogate pairs, and noncharacters.
_INVISIBLE = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u115f\\u1160"
    "\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff"
    "\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\U000110bd\\U000110cd\\U0001bca0-\\U0001bca3"
    "\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
)
_HALF = re.compile("[\\ud800-\\udfff]")


def visible(text: str) -> str:
    """Return a string with every invisible character escaped."""
    return text if text.isprintable() else _INVISIBLE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return json.dumps(match.group())[1:-1] if match.group() != "\x7f" else "\\u007f"


def repaired(value: Any) -> Any:
    """Return a JSON value with U+FFFD in place of each half of a surrogate pair."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {repaired(key): repaired(item) for key, item in value.items()}
    return [repaired(item) for item in value] if isinstance(value, list) else value
