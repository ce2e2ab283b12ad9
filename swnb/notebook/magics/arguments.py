"""The arguments of a magic line, read with the parameters of its command.

The options are the command's parameters, `--control-id` or `--control_id` for `control_id`, and take
one value each: `--name value` or `--name=value`. A string becomes the JSON type of its parameter (`5`
and `5.0` stay different), and the model validates the rest, so no rule is written twice. Names are
never abbreviated: `--vol` is an error that names `--volume`.

A list option may be repeated; a list of enum values also takes them separated by commas. A list of
free strings does not, because a string may contain a comma.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from difflib import get_close_matches
from keyword import iskeyword
from typing import Any

from swnb.commands import Command
from swnb.commands.schema import Parameter, parameters
from swnb.errors import InvalidCommand, Problem, SwnbError
from swnb.hidden import HiddenDict
from swnb.notebook.json_text import number_or_text
from swnb.notebook.magics.variables import Namespace, Word, id_or_value
from swnb.notebook.parameters import escape_parameters
from swnb.redact import is_secret

OUTPUT = "-o"
_BOOLEANS = {"true": True, "false": False, "True": True, "False": False}
_NUMERIC = frozenset({"number", "integer"})
_STRUCTURED = frozenset({"json", "object"})


@dataclass(slots=True)
class Arguments:
    """What a line says: the CALL as a value, parameters by wire name, the variable for `-o`.

    `error` is the first mistake on the line. `amiss` and `surplus` are what Python would be given
    besides the parameters if the same mistake were made there: by name, and by position.
    """

    call: Any = None
    params: dict[str, Any] = field(default_factory=dict)
    output: str | None = None
    error: SwnbError | None = None
    amiss: dict[str, Any] = field(default_factory=HiddenDict)
    surplus: list[Any] = field(default_factory=list)
    was_read: bool = False  # line and body are in order: what is amiss after that is the CALL


def options(model: type[Command]) -> dict[str, Parameter]:
    """Return the parameters that a line may set, by wire name: all except the secret ones."""
    all_parameters = {**parameters(model), **escape_parameters()}
    return {name: parameter for name, parameter in all_parameters.items() if not is_secret(name)}


def option_name(wire: str) -> str:
    """Return a parameter's option, such as `--control-id`."""
    return f"--{wire.replace('_', '-')}"


def kinds(parameter: Parameter) -> frozenset[str]:
    """Return the kinds of JSON that a parameter accepts."""
    return frozenset(shape.kind for shape in parameter.shapes)


def scalar_item(parameter: Parameter) -> Parameter | None:
    """Return the item of a list of scalars; None if the parameter accepts no such list."""
    list_items = (shape.item for shape in parameter.shapes if shape.item)
    return next((item for item in list_items if not kinds(item) & _STRUCTURED), None)


def is_scalar(parameter: Parameter) -> bool:
    """Return whether a parameter can be written on the line: a scalar, or a list of scalars."""
    return bool(kinds(parameter) - _STRUCTURED - {"list"}) or scalar_item(parameter) is not None


def takes_call(model: type[Command]) -> bool:
    """Return whether a command names a call: all except `dial` do, `update` by its `id`."""
    return model.on_call or "id" in parameters(model)


def line_error(model: type[Command], path: str, message: str) -> InvalidCommand:
    """Return the error for a mistake on a line, which is then not sent."""
    return InvalidCommand(model.method(), [Problem(path, message)])


def secret_error(model: type[Command], path: str) -> InvalidCommand:
    """Return the error for a secret in a magic."""
    return line_error(
        model,
        path,
        "magics take no secrets, because cells and history are saved; "
        f"use Python: sw.calling.{model.method()}(…) with getpass.getpass()",
    )


def parse(model: type[Command], words: list[Word], namespace: Namespace) -> Arguments:
    """Return the arguments in the words after a command's name, and the first mistake among them.

    The mistake is an `InvalidCommand` for a word that is an unknown option, lacks its value, or is a
    secret, and a `SwnbError` for a variable that there is not.
    """
    reader = _Reader(model, words, namespace)
    reader.read()
    return reader.arguments


class _Reader:
    """Reads the words of a line; a mistake does not end the reading, except a secret."""

    def __init__(self, model: type[Command], words: list[Word], namespace: Namespace) -> None:
        self.arguments = Arguments()
        self._model = model
        self._allowed = options(model)
        self._queue = deque(words)
        self._namespace = namespace
        self._values: dict[str, list[Any]] = {}

    def read(self) -> None:
        while self._queue:
            try:
                self._take(self._queue.popleft())
            except SwnbError as error:
                self._note(error)
        for name, values in self._values.items():
            try:
                joined = _joined(self._model, self._allowed[name], values)
                self.arguments.params[name] = joined
            except InvalidCommand as error:
                self._note(error)

    def _note(self, error: SwnbError) -> None:
        self.arguments.error = self.arguments.error or error

    def _take(self, word: Word) -> None:
        """Take in a word: a CALL, an option with its value, or the variable for `-o`."""
        if not word.head.startswith("-"):
            self._take_call(word)
        elif word.head == OUTPUT:
            self.arguments.output = self._output()
        else:
            parameter = self._option(word)
            value = self._value(parameter, word)
            typed = True if value is None else self._typed(parameter, value)
            self._values.setdefault(parameter.wire, []).append(typed)

    def _take_call(self, word: Word) -> None:
        value, takes = self._plain(word), takes_call(self._model)
        if takes and self.arguments.call is None:
            self.arguments.call = value
            return
        self.arguments.surplus.append(value)
        taken = "one CALL and options" if takes else "no CALL, only options"
        raise line_error(self._model, "", f"takes {taken}; a string with spaces needs quotes")

    def _output(self) -> str:
        name = self._queue.popleft().text(self._namespace) if self._queue else ""
        if not name.isidentifier() or iskeyword(name):
            raise line_error(self._model, OUTPUT, "needs the name of the variable for the reply")
        return name

    def _option(self, word: Word) -> Parameter:
        name = word.head.partition("=")[0].lstrip("-").replace("-", "_")
        if is_secret(name):
            self._queue.clear()  # what follows is the secret
            raise secret_error(self._model, name)
        if not word.head.startswith("--") or name not in self._allowed:
            names = [*map(option_name, self._allowed), OUTPUT]
            close = get_close_matches(option_name(name), names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the options are {', '.join(names)}"
            error = line_error(self._model, name, f"is not an option; {hint}")
            self._note(error)
            given = self._value_of_unknown(word)
            if name not in self._allowed:
                value = self._plain(given) if given else True
                typed = number_or_text(value) if isinstance(value, str) else value
                self.arguments.amiss[name] = typed
            raise error
        return self._allowed[name]

    def _value_of_unknown(self, word: Word) -> Word | None:
        """Return what may be the value of an option that there is not, None if it stands alone."""
        name, equals, _ = word.head.partition("=")
        if equals:
            return word.after(f"{name}=")
        alone = not self._queue or self._queue[0].head.startswith("-")
        return None if alone else self._queue.popleft()

    def _value(self, parameter: Parameter, word: Word) -> Word | None:
        """Return an option's value; None for a boolean without one, which is true."""
        queue = self._queue
        name, equals, _ = word.head.partition("=")
        if equals:
            return word.after(f"{name}=")
        alone = not queue or queue[0].head.startswith("--")
        if kinds(parameter) == {"boolean"} and (alone or queue[0].head == OUTPUT):
            return None
        if alone:
            option = option_name(parameter.wire)
            raise line_error(self._model, parameter.wire, f"needs a value: {option} VALUE")
        return queue.popleft()

    def _plain(self, word: Word) -> Any:
        if word.reference:
            return word.reference.resolve(self._namespace)
        return word.text(self._namespace)

    def _typed(self, parameter: Parameter, word: Word) -> Any:
        """Return a value as the JSON type of its parameter; what does not fit stays a string."""
        if word.reference:
            value = word.reference.resolve(self._namespace)
            return value if kinds(parameter) & _STRUCTURED else id_or_value(value)
        text = word.text(self._namespace)
        if not is_scalar(parameter):
            self.arguments.amiss[parameter.wire] = text
            raise line_error(
                self._model,
                parameter.wire,
                "is an object or a list of objects: put it into the body of %%sw, or use a {variable}",
            )
        item = scalar_item(parameter)
        if item and kinds(item) == {"enum"} and "string" not in kinds(parameter):
            return [part.strip() for part in text.split(",")]
        if "boolean" in kinds(parameter) and text in _BOOLEANS:
            return _BOOLEANS[text]
        return number_or_text(text) if kinds(parameter) & _NUMERIC else text


def _joined(model: type[Command], parameter: Parameter, values: list[Any]) -> Any:
    """Return one value made of all values of an option."""
    if "list" not in kinds(parameter):
        if len(values) > 1:
            raise line_error(model, parameter.wire, "occurs twice on the line")
        return values[0]
    if len(values) == 1 and (isinstance(values[0], list) or "string" in kinds(parameter)):
        return values[0]
    return [part for value in values for part in (value if isinstance(value, list) else [value])]
