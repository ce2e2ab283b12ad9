"""Tab on a magic line: commands, options, enum values, calls and variables.

What may come next is read off the words before the cursor, by the same parameters that read the
finished line. What is found here is offered alone, since Python's names mean nothing on such a line.
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
from swnb.notebook.magics.arguments import OUTPUT, items, kinds, option_name, options, takes_call
from swnb.session.call import Call
from swnb.session.session import Face

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

_LINE = re.compile(r"\s*(?:\w+\s*=\s*)?%%?sw\s+(.*)")
_ABOUT = ("help", "use")


class Completer:
    """Completes the lines of `%sw` in one shell."""

    identifier = "swnb"

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def matcher(self) -> Any:
        """Give the matcher that IPython's completer asks."""

        @context_matcher(identifier=self.identifier)  # type: ignore[untyped-decorator] # IPython's
        def swnb(context: CompletionContext) -> SimpleMatcherResult:
            first, *below = context.full_text.split("\n")[: context.cursor_line + 1]
            if below and first.startswith("%%sw"):  # the cursor is in the JSON
                return SimpleMatcherResult(completions=[])
            line = below[-1] if below else first
            line, behind = line[: context.cursor_position], line[context.cursor_position :]
            found = _LINE.fullmatch(line)
            if not found:
                return SimpleMatcherResult(completions=[])
            *before, fragment = re.split(r"\s+", found[1])
            matches = self.complete(before, fragment)
            if behind.startswith("}"):  # editors close a brace as soon as it is opened
                matches = [text.removesuffix("}") for text in matches]
            return SimpleMatcherResult(
                completions=[SimpleCompletion(text, type="magic") for text in matches],
                matched_fragment=fragment,
                suppress=True,
                ordered=True,
            )

        return swnb

    def complete(self, before: list[str], fragment: str) -> list[str]:
        """Give what may stand in place of `fragment` behind the words `before` it."""
        if not before:
            return _beginning([*COMMANDS, *_ABOUT], fragment) or _beginning(
                [model.wire for model in COMMANDS.values()], fragment
            )
        command, *rest = before
        if command == "use":
            return [] if rest else _beginning(self._names(Face), fragment)
        if command == "help":
            return [] if rest else _beginning(COMMANDS, fragment)
        try:
            model = find(command.replace("-", "_"))
        except UnknownCommand:
            return []
        return self._argument(model, rest, fragment)

    def _argument(self, model: type[Command], rest: list[str], fragment: str) -> list[str]:
        known = {option_name(name): parameter for name, parameter in options(model).items()}
        option, equals, typed = fragment.partition("=")
        if equals and _option(option) in known:
            return [f"{option}={value}" for value in self._values(known[_option(option)], typed)]
        last = _option(rest[-1]) if rest else ""
        if last == OUTPUT:
            return []
        if last in known:
            found = self._values(known[last], fragment)
            if found or kinds(known[last]) != {"boolean"}:
                return found
        if fragment.startswith("-"):
            used = {_option(word.partition("=")[0]) for word in rest}
            again = [name for name in known if name not in used or items(known[name])]
            return _beginning([*again, OUTPUT], _option(fragment))
        if fragment.startswith(("{", "$")):
            return self._variables(fragment, Call if _wants_call(model, rest, known) else object)
        calls = self._calls(fragment) if _wants_call(model, rest, known) else []
        return calls or ([*known, OUTPUT] if not fragment else [])

    def _values(self, parameter: Parameter, typed: str) -> list[str]:
        """Give the values of an enum or a boolean, or of a list of enums the next one."""
        if typed.startswith(("{", "$")):
            return self._variables(typed, object)
        if kinds(parameter) == {"boolean"}:
            return _beginning(["true", "false"], typed)
        item = items(parameter)
        done, comma, typed = typed.rpartition(",") if item else ("", "", typed)
        values = [str(value) for shape in (item or parameter).shapes for value in shape.values]
        left = [value for value in values if value not in done.split(",")]
        return [f"{done}{comma}{value}" for value in _beginning(left, typed)]

    def _calls(self, fragment: str) -> list[str]:
        return [f"{{{name}}}" for name in _beginning(self._names(Call), fragment)]

    def _variables(self, fragment: str, kind: type) -> list[str]:
        opening = fragment[0]
        closing = "}" if opening == "{" else ""
        names = _beginning(self._names(kind), fragment[1:])
        return [f"{opening}{name}{closing}" for name in names]

    def _names(self, kind: type) -> list[str]:
        """Give the names of the user's variables of a kind, IPython's own left out."""
        hidden = self.shell.user_ns_hidden
        return [
            name
            for name, value in self.shell.user_ns.items()
            if isinstance(value, kind)
            and not name.startswith("_")
            and hidden.get(name, self) is not value
        ]


def _option(word: str) -> str:
    """Write an option with hyphens, whichever was typed."""
    return word.replace("_", "-")


def _beginning(names: Iterable[str], fragment: str) -> list[str]:
    return [name for name in names if name.startswith(fragment)]


def _wants_call(model: type[Command], rest: list[str], known: dict[str, Parameter]) -> bool:
    """Say whether the CALL is still to come: each word so far is an option or its value."""
    if not takes_call(model):
        return False
    taken = 0
    for number, word in enumerate(rest):
        before = _option(rest[number - 1]) if number else ""
        if not word.startswith("-") and before not in known and before != OUTPUT:
            taken += 1
    return not taken
