r"""Characters that are not seen and yet act, made visible before a text from outside is shown.

A terminal obeys ESC, a NUL ends what is pasted, directional and zero-width characters let a text
read as another one, and half of a surrogate pair can be written to no output at all. What is shown
has them as JSON escapes them (`\u202e`), so that a request that is copied stays what it was.
"""

from __future__ import annotations

import json
import re
from typing import Any

# The controls but tab and line feed, soft hyphens, what Unicode calls format characters and fillers
# without a width, line and paragraph separators, halves of surrogate pairs, and no characters.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u034f\\u0600-\\u0605\\u061c\\u06dd\\u070f\\u115f\\u1160"
    "\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff"
    "\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff\\U000110bd\\U000110cd\\U0001bca0-\\U0001bca3"
    "\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff]"
)
_HALF = re.compile("[\\ud800-\\udfff]")


def visible(text: str) -> str:
    """Return a text with every character that is not seen escaped."""
    return text if text.isprintable() else _UNSEEN.sub(_escaped, text)


def _escaped(found: re.Match[str]) -> str:
    return json.dumps(found.group())[1:-1] if found.group() != "\x7f" else "\\u007f"


def repaired(value: Any) -> Any:
    """Return a JSON value with U+FFFD for each half of a surrogate pair, which JSON can spell."""
    if isinstance(value, str):
        return _HALF.sub("\ufffd", value)
    if isinstance(value, dict):
        return {repaired(key): repaired(item) for key, item in value.items()}
    return [repaired(item) for item in value] if isinstance(value, list) else value
