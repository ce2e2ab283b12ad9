"""Tab inside a string of Python: `call.end(reason="` offers what the platform takes there.

The values come from the catalogue, through the model that belongs to the method. Which object a
name means is looked up without running anything (`code`). A call that the cell itself makes above
the cursor, and that does not exist yet, is known by the line that makes it.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

from IPython.core.completer import (
    CompletionContext,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
)

from swnb.commands import COMMANDS, Command
from swnb.commands.schema import Parameter, parameters
from swnb.events.waiting.states import STATES
from swnb.notebook.magics.code import UNKNOWN, Argument, Names, argument_at, stored
from swnb.session.call import Call, CallReply
from swnb.session.calling import CommandMethod
from swnb.session.session import Face

if TYPE_CHECKING:
    from collections.abc import Iterable

    from IPython.core.interactiveshell import InteractiveShell

IDENTIFIER = "swnb-strings"
_MAKES_A_CALL = ("dial", "call")
_SAME_CALL = ("wait_until", "refresh")  # methods of a call that return it
_PATH = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_MADE = rf"({_PATH})\.(?:{'|'.join(_MAKES_A_CALL)})\("


class Strings:
    """Completes strings in one shell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell

    def matcher(self) -> Any:
        """Return the matcher for IPython's completer."""

        @context_matcher(identifier=IDENTIFIER)  # type: ignore[untyped-decorator] # IPython's
        def swnb_strings(context: CompletionContext) -> SimpleMatcherResult:
            lines = context.full_text.split("\n")[: context.cursor_line + 1]
            lines[-1] = lines[-1][: context.cursor_position]
            values, typed = self.complete("\n".join(lines))
            return SimpleMatcherResult(
                completions=[SimpleCompletion(value, type="value") for value in values],
                matched_fragment=typed,
                suppress=True,
                ordered=True,
            )

        return swnb_strings

    def complete(self, text: str) -> tuple[list[str], str]:
        """Return what the string at the end of a text may become, and what is typed of it."""
        argument = None if text.startswith("%%sw") else argument_at(text)
        if argument is None:
            return [], ""
        method = Names(_Known(self.shell.user_ns, text), _made).method(argument.callee)
        values = _values(*method, argument) if method else ()
        return [value for value in values if value.startswith(argument.typed)], argument.typed


class _Known(dict[str, Any]):
    """The user's variables, and the calls that the cell makes before they exist."""

    def __init__(self, variables: dict[str, Any], text: str) -> None:
        super().__init__(variables)
        self._text = text

    def get(self, name: str, default: Any = None) -> Any:
        """Return a variable, or the class of a call that the text makes under this name."""
        if name in self:
            return self[name]
        made = rf"\b{name}\s*=\s*{_MADE}|\bwith\s+{_MADE}[^\n]*\)\s+as\s+{name}\b"
        for match in re.finditer(made, self._text):
            owner = Names(self, _made).value(match[1] or match[2])
            if owner is not default and _is_a(owner, Face):
                return _made(owner, _MAKES_A_CALL[0])
        return default


def _is_a(value: Any, kind: type) -> bool:
    """Return whether a value, or a class, is of a kind; a proxy's `__class__` is not asked."""
    return issubclass(value if issubclass(type(value), type) else type(value), kind)


def _made(owner: Any, method: str) -> Any:
    """Return what a method makes: the class of a client's calls, or the same call."""
    if _is_a(owner, Face) and method in _MAKES_A_CALL:
        made = stored(stored(owner, "_session"), "call_class")
        return made if _is_a(made, Call) else Call
    return owner if _is_a(owner, Call) and method in _SAME_CALL else UNKNOWN


def _values(owner: Any, method: str, argument: Argument) -> Iterable[str]:
    """Return the values that an argument of a method may have, none if it is free."""
    place = argument.keyword or argument.position
    if _is_a(owner, Face) and method == "form" and not argument.path:
        wires = argument.typed.startswith("calling.")
        return (Command.catalogue if wires else COMMANDS) if place in ("command", 0) else ()
    if _is_a(owner, Face) and method == "send":
        return Command.catalogue if place in ("body", 0) and argument.path == ("command",) else ()
    if _is_a(owner, Call) and method == "wait_until" and not argument.path:
        return STATES if place in ("state", 0) else ()
    if _is_a(owner, CallReply) and method == "pause":
        return _of_model(COMMANDS["record_pause"], argument, first=0)
    found = stored(owner, method)
    if not issubclass(type(found), CommandMethod):
        return ()
    on_call = found.model.on_call and not _is_a(owner, Call)  # its call comes first
    return _of_model(found.model, argument, first=1 if on_call else 0)


def _of_model(model: type[Command], argument: Argument, first: int) -> Iterable[str]:
    """Return the values that the catalogue has for an argument; `first` is the main one's place."""
    name = argument.keyword
    if name is None and argument.position == first:
        name = model.main_parameter()
    named = [each for each in parameters(model).values() if name in (each.name, each.wire)]
    for step in argument.path:
        named = [inner for each in named for inner in _inside(each, step)]
    values = [value for each in named for shape in each.shapes for value in shape.values]
    return dict.fromkeys(value for value in values if isinstance(value, str))


def _inside(parameter: Parameter, step: str | None) -> Iterable[Parameter]:
    """Return what a parameter holds: the items of a list, or the fields of this name."""
    if step is None:
        return [shape.item for shape in parameter.shapes if shape.item]
    return [shape.fields[step] for shape in parameter.shapes if step in shape.fields]


def load(shell: InteractiveShell) -> None:
    """Add the completion to a shell, once."""
    if shell.Completer is not None:
        unload(shell)
        shell.Completer.custom_matchers.append(Strings(shell).matcher())


def unload(shell: InteractiveShell) -> None:
    """Remove the completion from a shell."""
    if shell.Completer is not None:
        shell.Completer.custom_matchers[:] = [
            matcher
            for matcher in shell.Completer.custom_matchers
            if getattr(matcher, "matcher_identifier", None) != IDENTIFIER
        ]


def load_where_it_runs() -> None:
    """Add the completion to the shell that this runs in, if it runs in one."""
    ipython = sys.modules["IPython"]
    shell = ipython.get_ipython()
    if shell is not None:
        load(shell)
