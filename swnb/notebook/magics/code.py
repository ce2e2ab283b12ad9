"""Where the cursor is in Python code that is being typed: in which string, of which call.

The code is read as tokens only, because a cell with an open string cannot be parsed. The callable
is found without running anything: names and attributes are looked up where they are stored, so no
property, no `__getattr__` and no call of the user's code takes part.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from types import GetSetDescriptorType, MemberDescriptorType, MethodType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(
    r"""
      (?P<space>\s+|\\\n|\#[^\n]*)
    | (?P<string>(?P<prefix>[A-Za-z]{0,2})(?P<quote>\"\"\"|'''|"|'))
    | (?P<name>[^\W\d]\w*)
    | (?P<number>\d[\w.]*)
    | (?P<operator>.)
    """,
    re.VERBOSE,
)
_REST = {  # what is left of a string after its opening quote
    '"': re.compile(r'(?:\\.|[^\\"\n])*(?:"|(?=\n))', re.DOTALL),
    "'": re.compile(r"(?:\\.|[^\\'\n])*(?:'|(?=\n))", re.DOTALL),
    '"""': re.compile(r'(?:\\.|[^\\])*?"""', re.DOTALL),
    "'''": re.compile(r"(?:\\.|[^\\])*?'''", re.DOTALL),
}
_PLAIN_STRINGS = ("", "r", "R", "u", "U")
_CLOSING = {")": "(", "]": "[", "}": "{"}
UNKNOWN: Any = object()  # what is not there, or cannot be looked up safely
# What a metaclass may not replace.
_MRO: Any = type.__dict__["__mro__"]
_DICT: Any = type.__dict__["__dict__"]
_BUILT_IN = (GetSetDescriptorType, MemberDescriptorType)

Token = tuple[str, str, int]  # kind, text, place


@dataclass(slots=True)
class _Level:
    """One open bracket: the place of its token, and of the first token of its present item."""

    opener: int
    item: int
    commas: int = 0


@dataclass(frozen=True, slots=True)
class Argument:
    """The string at the cursor: the call that it belongs to, and its place among the arguments.

    `keyword` is None for an argument by position, which is the one at `position`. `path` leads to
    the string inside the argument: a key of a dict, or None for any item of a list.
    """

    callee: str
    keyword: str | None
    position: int
    typed: str
    path: tuple[str | None, ...] = ()


def argument_at(text: str) -> Argument | None:
    """Return the argument whose string the end of a text is in, None if it is in no such string."""
    tokens, typed = _tokens(text)
    if typed is None:
        return None
    levels, openers = _levels(tokens)
    path: list[str | None] = []
    end = len(tokens)
    for level in reversed(levels):
        kind, item = tokens[level.opener][1], tokens[level.item : end]
        if kind == "(":
            keyword = _keyword(item)
            callee = _callee(text, tokens, level.opener, openers)
            if callee is None or (item and keyword is None):
                return None
            return Argument(callee, keyword, level.commas, typed, tuple(path[::-1]))
        if kind == "{":
            key = _key(item)
            if key is None:
                return None
            path.append(key)
        elif item or _is_index(tokens, level.opener):
            return None
        else:
            path.append(None)
        end = level.opener
    return None


def _tokens(text: str) -> tuple[list[Token], str | None]:
    """Return the tokens of a text, and what is typed of the string at its end, None if there is none."""
    tokens: list[Token] = []
    place = 0
    while place < len(text) and (match := _TOKEN.match(text, place)):
        kind, start, place = match.lastgroup or "", match.start(), match.end()
        if match["quote"]:
            kind = "string"
            closed = _REST[match["quote"]].match(text, place)
            if closed is None:
                plain = match["prefix"] in _PLAIN_STRINGS and len(match["quote"]) == 1
                return tokens, text[place:] if plain else None
            place = closed.end()
        if kind != "space":
            tokens.append((kind, text[start:place], start))
    return tokens, None


def _levels(tokens: list[Token]) -> tuple[list[_Level], dict[int, int]]:
    """Return the brackets that are open at the end, and the opener of each that was closed."""
    levels: list[_Level] = []
    openers: dict[int, int] = {}
    for number, (kind, text, _) in enumerate(tokens):
        if kind != "operator":
            continue
        if text in "([{":
            levels.append(_Level(number, number + 1))
        elif text in _CLOSING and levels and tokens[levels[-1].opener][1] == _CLOSING[text]:
            openers[number] = levels.pop().opener
        elif text == "," and levels:
            levels[-1].item = number + 1
            levels[-1].commas += 1
    return levels, openers


def _keyword(item: list[Token]) -> str | None:
    """Return the name in `name=`, None for anything else."""
    named = len(item) == 2 and item[0][0] == "name" and item[1][1] == "="  # noqa: PLR2004 - two tokens
    return item[0][1] if named else None


def _key(item: list[Token]) -> str | None:
    """Return the key in `"key":`, None for anything else."""
    keyed = len(item) == 2 and item[0][0] == "string" and item[1][1] == ":"  # noqa: PLR2004 - two tokens
    return _literal(item[0][1]) if keyed else None


def _literal(source: str) -> str | None:
    try:
        value = ast.literal_eval(source)
    except (SyntaxError, ValueError):
        return None
    return value if isinstance(value, str) else None


def _is_index(tokens: list[Token], opener: int) -> bool:
    """Return whether a bracket takes an item of what is before it, and is no list."""
    before = tokens[opener - 1] if opener else ("operator", "", 0)
    return before[0] in ("name", "string") or before[1] in (")", "]")


def _callee(text: str, tokens: list[Token], opener: int, openers: dict[int, int]) -> str | None:
    """Return the source of what is called by a bracket, None if it only groups."""
    start = opener
    while start:
        before = start - 1
        if before in openers:  # an index, or the arguments of a call
            start = openers[before]
        elif tokens[before][0] == "name":
            start = before
            if not (start and tokens[start - 1][1] == "."):
                break
            start -= 1
        else:
            break
    return text[tokens[start][2] : tokens[opener][2]].strip() if start < opener else None


class Names:
    """What names lead to, without running anything.

    `made` returns what a method of an owner makes, such as a call; it decides that by what is
    stored, and returns `UNKNOWN` for all that it does not know.
    """

    def __init__(self, namespace: Mapping[str, Any], made: Callable[[Any, str], Any]) -> None:
        self._namespace = namespace
        self._made = made

    def method(self, source: str) -> tuple[Any, str] | None:
        """Return the owner and the name of the method that an expression names.

        None for a name that does not exist, and for anything that would have to be run.
        """
        try:
            tree = ast.parse(source, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        method = self._value(tree)
        if type(method) is MethodType:
            return method.__self__, method.__func__.__name__
        if not isinstance(tree, ast.Attribute):
            return None
        owner = self._value(tree.value)
        return None if owner is UNKNOWN else (owner, tree.attr)

    def value(self, source: str) -> Any:
        """Return the value of an expression, `UNKNOWN` if it would have to be run."""
        try:
            return self._value(ast.parse(source, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return UNKNOWN

    def _value(self, tree: ast.expr) -> Any:
        if isinstance(tree, ast.Name):
            return self._namespace.get(tree.id, UNKNOWN)
        if isinstance(tree, ast.Attribute):
            return stored(self._value(tree.value), tree.attr)
        if isinstance(tree, ast.Subscript):
            return _item(self._value(tree.value), tree.slice)
        if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute):
            owner = self._value(tree.func.value)
            return UNKNOWN if owner is UNKNOWN else self._made(owner, tree.func.attr)
        return UNKNOWN


def stored(owner: Any, name: str) -> Any:
    """Return an attribute as it is stored, without running a property or a `__getattr__`.

    `inspect.getattr_static` does almost this; it asks an object for its `__class__`.
    """
    if owner is UNKNOWN:
        return UNKNOWN
    if issubclass(type(owner), type):
        return _of_class(owner, name)
    own = _of_class(type(owner), "__dict__")
    held = own.__get__(owner) if type(own) in _BUILT_IN else {}
    found = held[name] if type(held) is dict and name in held else _of_class(type(owner), name)
    if type(found) is MemberDescriptorType:
        try:
            return found.__get__(owner, type(owner))
        except (AttributeError, TypeError):
            return UNKNOWN
    return found


def _of_class(kind: type, name: str) -> Any:
    for each in _MRO.__get__(kind):
        held = _DICT.__get__(each)
        if name in held:
            return held[name]
    return UNKNOWN


def _item(owner: Any, index: ast.expr) -> Any:
    """Return an item of a plain list, tuple or dict."""
    try:
        key = ast.literal_eval(index)
    except (ValueError, TypeError):
        return UNKNOWN
    plain = type(owner) in (list, tuple) and type(key) is int
    if not plain and not (type(owner) is dict and type(key) in (int, str)):
        return UNKNOWN
    try:
        return owner[key]
    except LookupError:
        return UNKNOWN
