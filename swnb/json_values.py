"""Python values as JSON values: the one place that decides what can be sent.

Every parameter goes through `as_json`, at any depth, before its rules are checked: dicts, lists,
strings, numbers, True, False and None are copied; numpy scalars become Python values. Every other
value is reported with its path and, if possible, what to write instead. One walk finds all of them.
A value's own `__repr__`, `__str__` and `__class__` are never called: they may raise, or show a
secret.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any
from uuid import UUID

from swnb.errors import Problem

DEEPEST = 100  # levels: far more than any event has, and far fewer than Python's recursion limit
MOST_PROBLEMS = 100  # a column of 10,000 timestamps is one mistake
_NUMPY = {"b": bool, "i": int, "u": int, "f": float}
_INSTEAD: tuple[tuple[Any, str], ...] = (
    (Enum, ".value"),
    (timedelta, ".total_seconds()"),
    ((date, time), ".isoformat()"),
    ((Decimal, Fraction), "float(…)"),
    ((UUID, PurePath, complex), "str(…)"),
    ((bytes, bytearray, memoryview), ".decode(), or base64.b64encode(…).decode()"),
    ((set, frozenset, range), "list(…)"),
)
_METHODS = ("model_dump", "isoformat", "to_dict", "tolist", "to_list", "as_py", "item", "_asdict")


def as_json(params: Mapping[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
    """Return a copy of parameters as JSON values, and every problem with them.

    In the place of a value with a problem the copy has an object that no rule accepts.
    """
    walk = _Walk(shown=False)
    return walk.items(params), walk.problems()


def printable(value: Any) -> Any:
    """Return a value as JSON for the log, with the type's name in the place of what is not JSON."""
    return _Walk(shown=True).value(value)


def joined(text: str) -> str:
    """Return a string with its surrogate pairs joined into characters.

    Raise `UnicodeDecodeError` if half of a pair is left, which no encoding can represent.
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def lone_surrogate(text: str) -> str | None:
    """Return what is wrong with a string that contains half a character, otherwise None."""
    try:
        joined(text)
    except UnicodeDecodeError:
        half = next(letter for letter in text if "\ud800" <= letter <= "\udfff")
        return (
            f"contains half a character, \\u{ord(half):04x}, such as a cut emoji leaves; it cannot "
            "be sent"
        )
    return None


class _Walk:
    """One walk through a value; `shown` puts a type's name in the place of what is not JSON."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._problems: list[Problem] = []
        self._more = 0
        self._path: list[str] = []
        self._within: set[int] = set()

    def problems(self) -> list[Problem]:
        """Return the problems, limited to a readable number."""
        more = [Problem("", f"and {self._more} more like these")] if self._more else []
        return [*dict.fromkeys(self._problems), *more]

    def value(self, value: Any) -> Any:
        """Return a copy of any value."""
        here = len(self._path)
        try:
            return self._value(value)
        except Exception as error:  # noqa: BLE001 - whatever the user's own object raises
            del self._path[here:]
            name = _name(type(value))
            return self._wrong(
                f"({name})", f"cannot be read: its {name} raised {type(error).__name__}"
            )

    def _value(self, value: Any) -> Any:
        kind = type(value)
        if value is None or kind is bool:
            return value
        if issubclass(kind, str):
            return self._text(str.__str__(value))
        if issubclass(kind, int | float):
            return self._number((int.__int__ if issubclass(kind, int) else float.__float__)(value))
        if issubclass(kind, Mapping | list | tuple):
            return self._within_limits(
                value, self.items if issubclass(kind, Mapping) else self._list
            )
        if _is_numpy(kind) and value.dtype.kind in _NUMPY:
            return self.value(_NUMPY[value.dtype.kind](value))
        name = _name(kind)
        return self._wrong(
            f"({name})", f"is of type {name}, which JSON cannot represent; {_instead(value)}"
        )

    def items(self, value: Mapping[Any, Any]) -> dict[str, Any]:
        """Return a copy of a mapping."""
        copy: dict[str, Any] = {}
        for key, item in value.items():
            name = self._key(key)
            if name is not None:
                copy[name] = self._below(f".{name}", item)
        return copy

    def _key(self, key: Any) -> str | None:
        """Return a key as it is sent, or None if it cannot be sent."""
        kind = type(key)
        if not issubclass(kind, str):
            message = f"has a key of type {_name(kind)}; JSON keys are strings, use str(…)"
            shown: str = self._wrong(f"({_name(kind)})", message)
            return shown if self._shown else None
        plain = str.__str__(key)
        if plain.isascii():
            return plain
        wrong = lone_surrogate(plain)
        if wrong is None:
            return joined(plain)
        half = plain.encode("utf-8", "backslashreplace").decode()
        if not self._shown:
            self._path.append(f".{half}")
            self._wrong("", f"is a key that {wrong}")
            self._path.pop()
            return None
        return half

    def _list(self, value: Iterable[Any]) -> list[Any]:
        copy = []
        for place, item in enumerate(value):
            copy.append(self._below(f"[{place}]", item))
        return copy

    def _below(self, step: str, value: Any) -> Any:
        self._path.append(step)
        copy = self.value(value)
        self._path.pop()
        return copy

    def _text(self, value: str) -> Any:
        if value.isascii():
            return value
        wrong = lone_surrogate(value)
        if wrong is None:
            return joined(value)
        return self._wrong(value.encode("utf-8", "backslashreplace").decode(), wrong)

    def _number(self, value: float) -> Any:
        """Return a number unchanged if it is in the range of a double, which JSON readers can hold."""
        if -sys.float_info.max <= value <= sys.float_info.max:
            return value
        if isinstance(value, int):
            return self._wrong(
                "(int)",
                f"is a number beyond {sys.float_info.max:.2g}, which JSON readers cannot hold; "
                "use a string",
            )
        return self._wrong(
            "(float)", "must be a finite number: NaN and infinity are not valid JSON; use None"
        )

    def _within_limits(self, value: Any, copy: Any) -> Any:
        """Return a copy of a container, unless it contains itself or is nested too deeply."""
        inside = id(value) in self._within
        if inside or len(self._within) >= DEEPEST:
            message = (
                "contains itself" if inside else f"is nested too deeply (over {DEEPEST} levels)"
            )
            return self._wrong("(nested too deeply, or within itself)", message)
        self._within.add(id(value))
        try:
            return copy(value)
        finally:
            self._within.discard(id(value))

    def _wrong(self, shown: str, message: str) -> Any:
        """Record a problem at this path, and return a placeholder for the value."""
        if len(self._problems) < MOST_PROBLEMS:
            self._problems.append(Problem("".join(self._path).removeprefix("."), message))
        else:
            self._more += 1
        return shown if self._shown else Unsendable()


class Unsendable:
    """A placeholder for a value that is not JSON, whose problem is recorded."""


def _is_numpy(kind: type) -> bool:
    """Return whether a type is a numpy scalar, without importing numpy."""
    return any(base.__module__ == "numpy" and base.__name__ == "generic" for base in kind.__mro__)


def _name(kind: type) -> str:
    """Return a type's public name: pandas.Timestamp, wherever pandas defines it."""
    package = str(kind.__module__).partition(".")[0]
    return kind.__name__ if package == "builtins" else f"{package}.{kind.__name__}"


def _instead(value: Any) -> str:
    """Return what to write instead of a value, judging only by its type."""
    kind = type(value)
    name = _name(kind)
    if name in ("pandas.NAType", "pandas.NaTType"):
        return "use None"
    if _is_numpy(kind):
        return "use str(…)" if value.dtype.kind in "mM" else "use .item()"
    remedy = next((text for kinds, text in _INSTEAD if issubclass(kind, kinds)), None)
    if remedy is None and dataclasses.is_dataclass(kind):
        remedy = "dataclasses.asdict(…)"
    if remedy is None:
        method = next((name for name in _METHODS if hasattr(kind, name)), None)
        remedy = method and f".{method}()"
    if remedy is None and name.startswith("ipywidgets."):
        remedy = ".value"
    if remedy is None and issubclass(kind, Iterable):
        remedy = "list(…)"
    if remedy is None and hasattr(kind, "__float__"):
        remedy = "float(…)"
    return f"use {remedy}" if remedy else "use a dict, a list, a string or a number"
