"""The words of a magic line, and the Python variables that they name.

A line is split as in a shell: at spaces, except in quotes. `{name}` and `$name` are variables, also
in quotes; `{{`, `}}` and `$$` are the characters themselves, and a backslash before a quote, a space
or a backslash is removed. Nothing is evaluated: attributes may follow a name and, in braces, indexes
that are whole numbers or quoted keys. A word that is just one variable keeps the variable's value;
within other text the value is inserted as text.

IPython's own expansion is not used, because it sends unknown names unchanged.
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
# In a body, only a string that is just a name: `${…}` and `{{…}}` belong to SWML and templates.
_ALONE = re.compile(rf"\$({NAME}(?:\.{NAME})*)|\{{({NAME}(?:{_STEP})*)\}}")


@dataclass(frozen=True, slots=True)
class Reference:
    """A variable named on a line or in a body, such as `order.lines[0]`."""

    path: str

    def resolve(self, namespace: Namespace) -> Any:
        """Return the variable's value; raise `SwnbError` with the closest name if unknown."""
        name, steps = re.fullmatch(_PATH, self.path).groups()  # type: ignore[union-attr] # only a match becomes a reference
        if name not in namespace:
            hint = _hint(name, namespace, "define it in a cell above")
            raise SwnbError(f"{{{name}}}: there is no such variable; {hint}")
        value = namespace[name]
        for step in re.findall(_STEP, steps):
            value = self._step(value, step)
        return value

    def _step(self, value: Any, step: str) -> Any:
        if step.startswith("."):
            try:
                return getattr(value, step[1:])
            except AttributeError:
                hint = _hint(step[1:], dir(value), "dir() lists the attributes")
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
    """One word of a line: its strings and variables in order; an empty string marks a quote."""

    pieces: tuple[str | Reference, ...]

    @property
    def head(self) -> str:
        """The text at its start, outside of quotes, which shows whether it is an option."""
        head = ""
        for piece in self.pieces:
            if isinstance(piece, Reference) or not piece:
                break
            head += piece
        return head

    @property
    def reference(self) -> Reference | None:
        """The variable, if the word is just one variable, else None."""
        pieces = [piece for piece in self.pieces if piece]
        return pieces[0] if len(pieces) == 1 and isinstance(pieces[0], Reference) else None

    def after(self, text: str) -> Word:
        """Return the word without the text at its start, for the value in `--name=value`."""
        head, rest = self.head, self.pieces
        while rest and isinstance(rest[0], str) and rest[0]:
            rest = rest[1:]
        return Word((head.removeprefix(text), *rest))

    def text(self, namespace: Namespace) -> str:
        """Return the word as text, with the values of its variables."""
        return "".join(
            piece if isinstance(piece, str) else str(id_or_value(piece.resolve(namespace)))
            for piece in self.pieces
        )


def id_or_value(value: Any) -> Any:
    """Return the id of a `Call`, and any other value unchanged, so that a call works as an id."""
    return value.id if isinstance(value, Call) else value


def split(line: str) -> list[Word]:
    """Split a line into its words.

    Raises `SwnbError` for a quote that is not closed and for braces without a name.
    """
    words: list[Word] = []
    pieces: list[str | Reference] = []
    quote = ""
    for match in _LEXEME.finditer(line):
        kind, text = match.lastgroup, match[match.lastgroup or 0]
        if kind == "space" and not quote:
            if pieces:
                words.append(Word(tuple(pieces)))
            pieces = []
        elif kind == "quote" and quote in ("", text):
            quote = "" if quote else text
            pieces.append("")
        else:
            pieces.append(_piece(kind, text))
    if quote:
        raise SwnbError(
            f"%sw: a quote ({quote}) is not closed; put a backslash before an apostrophe"
        )
    return [*words, Word(tuple(pieces))] if pieces else words


def _piece(kind: str | None, text: str) -> str | Reference:
    if kind == "dollar" or (kind == "braced" and _PATH.fullmatch(text.strip())):
        return Reference(text.strip())
    if kind in ("braced", "stray"):
        raise SwnbError(
            "%sw: braces on the line contain a variable's name, with .attribute or [index]; JSON "
            "goes into the cell below %%sw; write {{ and }} for the characters { and }"
        )
    return text[0] if kind == "doubled" else text


def fill_variables(value: Any, namespace: Namespace) -> Any:
    """Return a copy of JSON in which each string that is just `$name` or `{name}` is replaced."""
    if isinstance(value, dict):
        return {key: fill_variables(item, namespace) for key, item in value.items()}
    if isinstance(value, list):
        return [fill_variables(item, namespace) for item in value]
    alone = _ALONE.fullmatch(value) if isinstance(value, str) else None
    return id_or_value(Reference(alone[1] or alone[2]).resolve(namespace)) if alone else value


def _hint(name: str, names: Any, otherwise: str) -> str:
    public = [candidate for candidate in names if not candidate.startswith("_")]
    close = get_close_matches(name, public, n=1)
    return f"did you mean {close[0]!r}?" if close else otherwise
