"""The words of a magic line, and the Python variables that they name.

A line is split as a shell would: at spaces, quotes hold a word together. `{name}` and `$name` stand
for a variable, in quotes too; `{{`, `}}` and `$$` are the characters themselves, and a backslash
before a quote, a space or a backslash is left out. Nothing is evaluated: behind the name may stand
attributes, and in braces indexes that are whole numbers or quoted keys. A word that is one variable
and nothing else keeps the variable's value; within other text it is written out.

IPython's own expansion is not used: it sends a name that does not resolve as it stands.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from swnb.errors import SwnbError
from swnb.session.call import Call

Namespace = Mapping[str, Any]

NAME = r"[^\W\d]\w*"
_STEP = rf"""\.{NAME}|\[(?:-?\d+|'[^'{{}}]*'|"[^"{{}}]*")\]"""
_PATH = re.compile(rf"({NAME})((?:{_STEP})*)")
_LEXEME = re.compile(
    rf"""
      (?P<space>\s+)
    | (?P<doubled>\{{\{{|\}}\}}|\$\$)
    | \$?\{{(?P<braced>[^{{}}]*)\}}
    | \$(?P<dollar>{NAME}(?:\.{NAME})*)
    | (?P<quote>["'])
    | \\(?P<escaped>["'\s\\])
    | (?P<stray>[{{}}])
    | (?P<text>[^\s{{}}$"'\\]+|[$\\])
    """,
    re.VERBOSE,
)
# In a body only a text that is nothing but a name: `${…}` and `{{…}}` belong to SWML and templates.
_ALONE = re.compile(rf"\$({NAME}(?:\.{NAME})*)|\{{({NAME}(?:{_STEP})*)\}}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable that is named on a line or in a body, such as `order.lines[0]`."""

    path: str

    def resolve(self, namespace: Namespace) -> Any:
        """Give the variable's value; raises `SwnbError` that names the closest there is."""
        name, steps = re.fullmatch(_PATH, self.path).groups()  # type: ignore[union-attr] # it is made of one
        if name not in namespace:
            raise SwnbError(f"{{{name}}}: there is no such variable; {_closest(name, namespace)}")
        value = namespace[name]
        for step in re.findall(_STEP, steps):
            value = self._step(value, step)
        return value

    def _step(self, value: Any, step: str) -> Any:
        if step.startswith("."):
            try:
                return getattr(value, step[1:])
            except AttributeError:
                hint = _closest(step[1:], dir(value))
                raise SwnbError(
                    f"{{{self.path}}}: there is no attribute {step[1:]!r}; {hint}"
                ) from None
        key = step[1:-1]
        try:
            return value[key[1:-1] if key[0] in "'\"" else int(key)]
        except (LookupError, TypeError):
            raise SwnbError(f"{{{self.path}}}: there is nothing at {step}") from None


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a line: its texts and variables in order; an empty text marks a quote."""

    pieces: tuple[str | Reference, ...]

    @property
    def head(self) -> str:
        """The text that it begins with, outside of quotes: what an option is known by."""
        head = ""
        for piece in self.pieces:
            if isinstance(piece, Reference) or not piece:
                break
            head += piece
        return head

    @property
    def reference(self) -> Reference | None:
        """The variable, where the word is one and nothing else."""
        found = [piece for piece in self.pieces if piece]
        return found[0] if len(found) == 1 and isinstance(found[0], Reference) else None

    def after(self, text: str) -> Word:
        """Give the word without the text that it begins with, for the value in `--name=value`."""
        joined, rest = self.head, self.pieces
        while rest and isinstance(rest[0], str) and rest[0]:
            rest = rest[1:]
        return Word((joined.removeprefix(text), *rest))

    def text(self, namespace: Namespace) -> str:
        """Write the word out."""
        return "".join(
            piece if isinstance(piece, str) else str(plain(piece.resolve(namespace)))
            for piece in self.pieces
        )


def plain(value: Any) -> Any:
    """Give the id of a `Call`, and any other value as it is: a call works where an id does."""
    return value.id if isinstance(value, Call) else value


def split(line: str) -> list[Word]:
    """Split a line into its words.

    Raises `SwnbError` for a quote that is not closed and for braces that hold no name.
    """
    found: list[Word] = []
    pieces: list[str | Reference] = []
    quote = ""
    for match in _LEXEME.finditer(line):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "space" and not quote:
            if pieces:
                found.append(Word(tuple(pieces)))
            pieces = []
        elif kind == "quote" and quote in ("", text):
            quote = "" if quote else text
            pieces.append("")
        else:
            pieces.append(_piece(kind, text))
    if quote:
        raise SwnbError(
            f"%sw: a quote ({quote}) is not closed; before an apostrophe in a text put a backslash"
        )
    return [*found, Word(tuple(pieces))] if pieces else found


def _piece(kind: str | None, text: str) -> str | Reference:
    if kind == "dollar" or (kind == "braced" and _PATH.fullmatch(text.strip())):
        return Reference(text.strip())
    if kind in ("braced", "stray"):
        raise SwnbError(
            "%sw: braces on the line hold a variable's name, with .attribute or [index]; JSON goes "
            "in the cell below %%sw, and {{ }} stand for braces in a text"
        )
    return text[0] if kind == "doubled" else text


def filled(value: Any, namespace: Namespace) -> Any:
    """Copy JSON with the variables filled in: each text that is `$name` or `{name}` as a whole."""
    if isinstance(value, dict):
        return {key: filled(item, namespace) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, namespace) for item in value]
    alone = _ALONE.fullmatch(value) if isinstance(value, str) else None
    return plain(Reference(alone[1] or alone[2]).resolve(namespace)) if alone else value


def _closest(name: str, names: Any) -> str:
    known = [known for known in names if not known.startswith("_")]
    close = get_close_matches(name, known, n=1)
    return f"did you mean {close[0]!r}?" if close else "define it in a cell before"
