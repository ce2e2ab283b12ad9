"""Tab on a magic line: commands, options, enum values, calls and variables.

The words before the cursor decide what may come next, with the same parameters that read the
finished line. Python's own names are not offered, because they mean nothing on such a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from swnb.commands import COMMANDS, Command, find
from swnb.commands.schema import Parameter
from swnb.errors import UnknownCommand
from swnb.notebook.magics.arguments import (
    OUTPUT,
    kinds,
    option_name,
    options,
    scalar_item,
    takes_call,
)
from swnb.session.call import Call
from swnb.session.session import Face

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

_LINE = re.compile(r"\s*(?:\w+\s*=\s*)?%%?sw\s+(.*)")
SUBCOMMANDS = ("help", "use")


class Completer:
    """Completes the lines of `%sw` in one shell."""

    identifier = "swnb"

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def matcher(self) -> Any:
        """Return the matcher for IPython's completer."""

        @context_matcher(identifier=self.identifier)  # type: ignore[untyped-decorator] # IPython's
        def swnb(context: CompletionContext) -> SimpleMatcherResult:
            first, *below = context.full_text.split("\n")[: context.cursor_line + 1]
            if below and first.startswith("%%sw"):  # the cursor is in the JSON
                return SimpleMatcherResult(completions=[])
            line = below[-1] if below else first
            line, after = line[: context.cursor_position], line[context.cursor_position :]
            words = _LINE.fullmatch(line)
            if not words:
                return SimpleMatcherResult(completions=[])
            *before, fragment = re.split(r"\s+", words[1])
            matches = self.complete(before, fragment)
            if after.startswith("}"):  # editors close a brace as soon as it is opened
                matches = [text.removesuffix("}") for text in matches]
            return SimpleMatcherResult(
                completions=[SimpleCompletion(text, type="magic") for text in matches],
                matched_fragment=fragment,
                suppress=True,
                ordered=True,
            )

        return swnb

    def complete(self, before: list[str], fragment: str) -> list[str]:
        """Return what may replace `fragment` after the words `before` it."""
        if not before:
            return _starting_with([*COMMANDS, *SUBCOMMANDS], fragment) or _starting_with(
                [model.wire for model in COMMANDS.values()], fragment
            )
        command, *rest = before
        if command == "use":
            return [] if rest else _starting_with(self._names(Face), fragment)
        if command == "help":
            return [] if rest else _starting_with(COMMANDS, fragment)
        try:
            model = find(command.replace("-", "_"))
        except UnknownCommand:
            return []
        return self._argument(model, rest, fragment)

    def _argument(self, model: type[Command], rest: list[str], fragment: str) -> list[str]:
        allowed = {option_name(name): parameter for name, parameter in options(model).items()}
        option, equals, typed = fragment.partition("=")
        if equals and _hyphened(option) in allowed:
            values = self._values(allowed[_hyphened(option)], typed)
            return [f"{option}={value}" for value in values]
        last = _hyphened(rest[-1]) if rest else ""
        if last == OUTPUT:
            return []
        if last in allowed:
            values = self._values(allowed[last], fragment)
            if values or kinds(allowed[last]) != {"boolean"}:
                return values
        if fragment.startswith("-"):
            used = {_hyphened(word.partition("=")[0]) for word in rest}
            left = [name for name in allowed if name not in used or scalar_item(allowed[name])]
            return _starting_with([*left, OUTPUT], _hyphened(fragment))
        if fragment.startswith(("{", "$")):
            return self._variables(fragment, Call if _wants_call(model, rest, allowed) else object)
        calls = self._calls(fragment) if _wants_call(model, rest, allowed) else []
        return calls or ([*allowed, OUTPUT] if not fragment else [])

    def _values(self, parameter: Parameter, typed: str) -> list[str]:
        """Return the values of an enum or a boolean, or the next value of a list of enums."""
        if typed.startswith(("{", "$")):
            return self._variables(typed, object)
        if kinds(parameter) == {"boolean"}:
            return _starting_with(["true", "false"], typed)
        item = scalar_item(parameter)
        done, comma, typed = typed.rpartition(",") if item else ("", "", typed)
        values = [str(value) for shape in (item or parameter).shapes for value in shape.values]
        left = [value for value in values if value not in done.split(",")]
        return [f"{done}{comma}{value}" for value in _starting_with(left, typed)]

    def _calls(self, fragment: str) -> list[str]:
        return [f"{{{name}}}" for name in _starting_with(self._names(Call), fragment)]

    def _variables(self, fragment: str, kind: type) -> list[str]:
        opening = fragment[0]
        closing = "}" if opening == "{" else ""
        names = _starting_with(self._names(kind), fragment[1:])
        return [f"{opening}{name}{closing}" for name in names]

    def _names(self, kind: type) -> list[str]:
        """Return the names of the user's variables of a kind, without IPython's own."""
        hidden = self.shell.user_ns_hidden
        return [
            name
            for name, value in self.shell.user_ns.items()
            if isinstance(value, kind)
            and not name.startswith("_")
            and hidden.get(name, self) is not value
        ]


def _hyphened(word: str) -> str:
    """Return an option with hyphens, even if it was typed with underscores."""
    return word.replace("_", "-")


def _starting_with(names: Iterable[str], fragment: str) -> list[str]:
    return [name for name in names if name.startswith(fragment)]


def _wants_call(model: type[Command], rest: list[str], allowed: dict[str, Parameter]) -> bool:
    """Return whether the CALL is still missing: each word so far is an option or its value."""
    if not takes_call(model):
        return False
    previous = ["", *map(_hyphened, rest)]
    return all(
        word.startswith("-") or before in allowed or before == OUTPUT
        for before, word in zip(previous, rest, strict=False)
    )
