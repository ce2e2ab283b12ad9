"""What a value may be by itself: its JSON type, a word, a number, a URL or a sound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from swnb.documents.shapes import Kind, Shape
from swnb.errors import Problem
from swnb.words import counted

VARIABLE = re.compile(r"[%$]\{[^{}]+\}")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_SOUND = re.compile(
    r"(?:https?://|say:).*|silence: ?[0-9.]*|ring: ?(?:[0-9.]*: ?)?[A-Za-z]{2}", re.DOTALL
)
_NO_BOOLEANS = frozenset({"yes", "no", "on", "off", "true", "false", "y", "n"})
_KINDS: dict[str, str] = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "True or False",
    "object": "an object (a dict)",
    "json": "an object (a dict)",
    "map": "an object (a dict)",
    "list": "a list",
    "steps": "a list of steps",
}
JSON = (str, bool, int, float, Mapping, list)
_ASIDE = "; leave it out if it is not wanted"


def near(name: str, names: Sequence[str]) -> str:
    """Return which of the names is likely meant, as the end of a message."""
    close = get_close_matches(name.strip().lower().replace("-", "_"), names, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def stands_for(value: str, kinds: set[Kind]) -> bool:
    """Return whether a string has a variable in it that stands for a value of one of these kinds."""
    if VARIABLE.fullmatch(value.strip()):
        return kinds != {"steps"}
    return bool(VARIABLE.search(value)) and bool(
        kinds & {"string", "enum", "number", "integer", "boolean"}
    )


def fits(value: Any, shape: Shape) -> bool:
    """Return whether a value has the JSON type of a shape."""
    kind = shape.kind
    if isinstance(value, Mapping):
        return kind in ("object", "json", "map")
    if isinstance(value, list):
        return kind in ("list", "steps")
    if isinstance(value, str):
        return kind in ("string", "enum")
    if isinstance(value, bool):
        return kind == "boolean"
    if isinstance(value, int | float):
        return kind == "number" or (kind == "integer" and value == int(value))
    return False


def no_fit(path: str, value: Any, shapes: tuple[Shape, ...], hint: str = "") -> Iterator[Problem]:
    """Yield that a value has none of the JSON types of its shapes, and what to write instead."""
    if not (value is None or isinstance(value, JSON)):
        return
    words = [_words(shape) for shape in shapes]
    kinds = {shape.kind for shape in shapes}
    if value is None:
        hint = hint or _ASIDE
    elif kinds & {"string", "enum"} and isinstance(value, bool | int | float):
        hint = "; put it in quotes"
    elif "boolean" in kinds and isinstance(value, str) and value.lower() in _NO_BOOLEANS:
        hint = "; write true or false, without quotes"
    if "string" in kinds or not kinds & {"object", "json", "map"}:
        kind = "string_type" if kinds == {"string"} else "rule"
    else:
        kind = "dict_type"
    yield Problem(path, f"must be {' or '.join(dict.fromkeys(words))}{hint}", kind)


def _words(shape: Shape) -> str:
    """Return what a shape is in words: "a list", "an object (a dict) with duration"."""
    if shape.kind == "enum":
        return f"one of {', '.join(map(repr, shape.values))}"
    names = [*shape.required, *shape.one_of[:1], *shape.some_of[:1]]
    needed = f" with {' and '.join(names)}" if names else ""
    return f"{_KINDS[shape.kind]}{needed}"


def text_problems(path: str, value: str, shapes: list[Shape]) -> Iterator[Problem]:
    """Yield what is wrong with a string: a word that is not on the list, no URL, no sound, too short."""
    words = [word for shape in shapes if shape.kind == "enum" for word in shape.values]
    if words and not any(shape.kind == "string" for shape in shapes):
        if value not in words:
            yield Problem(path, f"must be one of {', '.join(map(repr, words))}{near(value, words)}")
        return
    shape = next(each for each in shapes if each.kind == "string")
    if shape.url and not _URL.fullmatch(value):
        yield Problem(path, "must be a URL, such as https://example.com/…", "http_url")
    elif shape.sound and not _SOUND.fullmatch(value):
        yield Problem(path, "must be the URL of a sound, or say:…, silence:seconds or ring:country")
    elif shape.low is not None and len(value) < shape.low:
        yield Problem(path, f"must have at least {counted(int(shape.low), 'character')}")


def number_problems(path: str, value: Any, shape: Shape, unit: str | None) -> Iterator[Problem]:
    """Yield what is wrong with a number: it is beyond a bound."""
    told = f" ({unit})" if unit else ""
    if shape.low is not None and value < shape.low:
        yield Problem(path, f"must be at least {shape.low}{told}")
    if shape.high is not None and value > shape.high:
        yield Problem(path, f"must be at most {shape.high}{told}")
