"""What every command of the catalogue is made of.

A command is one frozen pydantic model whose fields are its parameters; nested objects are
TypedDicts, so that type checkers understand the plain dicts that people write. Nothing is converted:
what was typed is what is sent, in the same order, without the typed fields that are None.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from swnb.commands.problems import problems_of
from swnb.commands.types import ESCAPES, FreeJson, JsonObject, about, wire_name
from swnb.documents import opened, problems_in
from swnb.errors import InvalidCommand, Problem
from swnb.exchange import short_name
from swnb.hidden import HiddenBytes, HiddenDict, sealed
from swnb.json_values import as_json
from swnb.redact import redact


class Command(BaseModel):
    """One call command and its parameters, valid by construction.

    `params` is what is sent, a copy made at construction: changing the dicts that were passed in
    changes nothing.

    Raises
    ------
    InvalidCommand
        If a parameter breaks a rule; it has every problem at once.

    """

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        hide_input_in_errors=True,
        alias_generator=wire_name,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,  # sending one command must not build 42 models
    )

    # The command's name on the wire, and the name of its method.
    wire: ClassVar[str] = ""
    # Whether sending it twice does no more than sending it once. The retry rule reads this.
    repeatable: ClassVar[bool] = False
    # Its group in the reference and in the form's picker.
    group: ClassVar[str] = ""
    # Whether the envelope names a call; `dial` makes one and `update` names it in its params.
    on_call: ClassVar[bool] = True
    # The operation (`play`, `record` …) that it starts, which a control id then names.
    starts: ClassVar[str | None] = None
    # The operation that it acts on, by control id: `play` for `play_pause`.
    controls: ClassVar[str | None] = None
    # The states in which what it starts is over; a fax begins in SWML, so the command that stops it
    # says them. The type of a result (`digit`, `HUMAN`) counts as a state if the event has none. A
    # continuous collection goes on after a result, and a partial result (`final` false) is none.
    ends: ClassVar[frozenset[str]] = frozenset()
    # The parameters that take a SWML document, which is checked with the rest.
    documents: ClassVar[tuple[str, ...]] = ()
    # Those of them that take the document as text, too.
    as_text: ClassVar[tuple[str, ...]] = ()
    # The parameters of which at most one may be given; its form asks which.
    one_of: ClassVar[tuple[str, ...]] = ()
    # The parameters of which at least one must be given; its form shows them at once.
    any_of: ClassVar[tuple[str, ...]] = ()
    # A complete, valid set of parameters.
    example: ClassVar[dict[str, Any]] = {}
    # The catalogue, in the order of definition: filled by subclassing.
    catalogue: ClassVar[dict[str, type[Command]]] = {}
    # Whether only a RELAY session can send it: `over_relay` has those, the catalogue does not.
    relay_only: ClassVar[bool] = False
    over_relay: ClassVar[dict[str, type[Command]]] = {}

    extras: Annotated[
        JsonObject | None,
        about("Parameters that this version of swnb does not know, sent unchecked."),
    ] = None
    unchecked: Annotated[
        bool,
        about(
            "Send a call id that is not a UUID, an address or URL that looks wrong, and a SWML "
            "document with problems, unchanged instead of refusing them."
        ),
    ] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.wire:
            known = Command.over_relay if cls.relay_only else Command.catalogue
            known[cls.wire] = cls

    def __init__(self, /, **params: Any) -> None:
        params = HiddenDict(params)
        with sealed():
            params, unread, as_they_are = self._opened(params)
            plain, broken = as_json(params)
            plain = HiddenDict(plain)
            broken += unread
            broken += self._in_documents(plain, as_they_are)
            rules = [Problem(*rule) for rule in self.rules(_given(plain))]
            try:
                # What pydantic's own `__init__` does, which cannot pass a context.
                self.__pydantic_validator__.validate_python(
                    plain, self_instance=self, context={"unchecked": plain.get("unchecked") is True}
                )
            except ValidationError as error:
                problems = problems_of(error, plain, type(self))
                broken += [problem for problem in problems if not _is_about(problem, broken)]
            broken += rules
            if broken:
                # Outside the handler: pydantic's error, and the input it holds, is not chained.
                raise InvalidCommand(self.method(), broken)
            self.__dict__["_params"] = self._exact(plain)

    @classmethod
    def _opened(cls, params: HiddenDict) -> tuple[HiddenDict, list[Problem], set[str]]:
        """Return the parameters with files of SWML read, and which documents go unchecked."""
        problems: list[Problem] = []
        unchecked = {*cls.documents} if params.get("unchecked") is True else set()
        taken = HiddenDict(params)
        for name in {*cls.documents} & params.keys():
            taken[name], found, free = opened(params[name])
            problems += _inside(name, found)
            unchecked |= {name} if free else set()
        return taken, problems, unchecked

    @classmethod
    def _in_documents(cls, plain: Mapping[str, Any], unchecked: set[str]) -> list[Problem]:
        """Return what is wrong with the documents among the parameters."""
        return [
            problem
            for name in cls.documents
            if name not in unchecked
            and (name in cls.as_text or not isinstance(plain.get(name), str))
            for problem in _inside(name, problems_in(plain.get(name)))
        ]

    @classmethod
    def method(cls) -> str:
        """Return the method's name: `play_pause` for `calling.play.pause`."""
        return short_name(cls.wire)

    @staticmethod
    def of_wire(wire: str) -> type[Command] | None:
        """Return the command of this name on the wire, over REST or RELAY; None for a reading."""
        return Command.catalogue.get(wire) or Command.over_relay.get(wire)

    @staticmethod
    def ends_of(operation: str) -> frozenset[str]:
        """Return the states in which an operation (`play`, `send_fax`, `refer`) is over."""
        models = Command.catalogue.values()
        return frozenset().union(
            *(
                model.ends
                for model in models
                if operation in (model.starts, model.controls, model.method())
            )
        )

    @classmethod
    def parameters(cls) -> dict[str, Any]:
        """Return the command's own fields by name (pydantic `FieldInfo`), without `extras` and `unchecked`."""
        return {name: info for name, info in cls.model_fields.items() if name not in ESCAPES}

    @classmethod
    def main_parameter(cls) -> str | None:
        """Return the name of the one parameter that may be given by position, None if there is none."""
        main = (name for name, info in cls.model_fields.items() if info.kw_only is False)
        return next(main, None)

    @classmethod
    def by_name(
        cls, values: Sequence[Any], params: Mapping[str, Any]
    ) -> tuple[Mapping[str, Any], list[Problem]]:
        """Return the parameters, those given by position under their names, and the problems."""
        main = cls.main_parameter()
        if not values:
            return params, []
        if main and len(values) == 1 and main not in params:
            return {main: values[0], **params}, []
        if main and main in params:
            return params, [Problem(main, "is given both by position and by keyword")]
        own = {name: info for name, info in cls.parameters().items() if name != "control_id"}
        first = next((name for name, info in own.items() if info.is_required()), None)
        name = main or first or next(iter(own), None)
        hint = f"write {cls.method()}({name}=…)" if name else "it has none"
        return params, [Problem("", f"takes its parameters by keyword; {hint}")]

    @classmethod
    def rules(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:  # noqa: ARG003 - for subclasses
        """Yield (path, message) for each rule between fields that is broken.

        `given` maps wire names to unchecked values, without the fields that are None.
        """
        yield from ()

    def __repr_args__(self) -> Iterator[tuple[str, Any]]:
        """Yield the parameters that were given, with secrets masked."""
        yield from redact(self.__dict__.get("_params", {})).items()

    def _exact(self, given: Mapping[str, Any]) -> dict[str, Any]:
        params = HiddenDict()
        for key, item in given.items():
            name = wire_name(key)
            if item is None or name in ESCAPES:
                continue
            field = key if key in self.__dict__ else f"{key}_"
            params[name] = exact(item, self.__dict__[field])
        if self.extras:
            params.update(self.extras)
        return params

    @property
    def params(self) -> dict[str, Any]:
        """The parameters as they are sent."""
        params: dict[str, Any] = self.__dict__["_params"]
        return params

    def with_params(self, more: Mapping[str, Any]) -> Self:
        """Return a copy that sends these parameters too, which swnb makes itself."""
        other = self.model_copy()
        other.__dict__["_params"] = HiddenDict({**self.params, **more})
        return other

    def envelope(self, call_id: str | None = None) -> dict[str, Any]:
        """Return the whole request body for a call."""
        if not self.on_call:
            return {"command": self.wire, "params": self.params}
        return {"command": self.wire, "id": call_id, "params": self.params}

    def body(self, call_id: str | None = None) -> bytes:
        """Return the request body as JSON text."""
        return HiddenBytes(json.dumps(self.envelope(call_id), allow_nan=False).encode())


def _given(params: Mapping[str, Any]) -> HiddenDict:
    return HiddenDict({wire_name(key): item for key, item in params.items() if item is not None})


def _inside(name: str, problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems of a document with the path of its parameter before theirs."""
    return [
        Problem(f"{name}.{each.path}" if each.path else name, each.message, each.kind)
        for each in problems
    ]


def _is_about(problem: Problem, earlier: Sequence[Problem]) -> bool:
    """Return whether a problem only follows from an earlier one, at its path or below it."""
    path = problem.path
    return bool(path) and any(
        cause.path == path or cause.path.startswith((f"{path}.", f"{path}[")) for cause in earlier
    )


def exact(given: Any, checked: Any) -> Any:
    """Return a copy of what was typed, without the typed fields that are None.

    `checked` is the validated value: inside `FreeJson`, None is data and stays.
    """
    if isinstance(checked, FreeJson):
        return given
    if isinstance(given, dict):
        return {key: exact(item, checked[key]) for key, item in given.items() if item is not None}
    if isinstance(given, list):
        return [exact(*pair) for pair in zip(given, checked, strict=True)]
    return given
