"""The fields of a command or of an object: required ones first, the others when asked for.

Which come first is read off the tree; where exactly one of some parameters may be given
(`url` or `swml`), a dropdown asks which, and each keeps what was typed in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb.commands.types import wire_name
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, Unfit, join

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Kit


class Alternatives(Field):
    """A choice between parameters of which one may be given."""

    def __init__(self, kit: Kit, fields: Mapping[str, Field], label: str) -> None:
        super().__init__(kit, next(iter(fields.values())).parameter, label)
        self.fields = fields
        self.input = kit.dropdown(label, list(fields))
        kit.watch(self.input, "index", self._chosen)
        self._chosen()

    @property
    def chosen(self) -> str | None:
        """The name of the parameter that is asked for now."""
        return list(self.fields)[self.input.index - 1] if self.input.index else None

    def read(self) -> Any:
        """Give nothing: the fields are read one by one."""
        return UNSET

    def write(self, value: Any) -> None:
        """Choose a parameter by its name, or none."""
        self.input.index = 0 if value is UNSET else 1 + list(self.fields).index(value)

    def walk(self) -> Iterator[Field]:
        """Give the choice and the chosen field."""
        yield self
        if self.chosen:
            yield from self.fields[self.chosen].walk()

    def focus(self) -> None:
        """Put the keyboard's focus on the choice."""
        self.input.focus()

    def _chosen(self) -> None:
        self.lay(self.input, *([self.fields[self.chosen].box] if self.chosen else []))
        self.kit.changed()


class Group:
    """Fields by wire name, some of which may not be built yet.

    `first` names parameters that are asked for at once though none of them is required by itself,
    `one_of` those of which one may be given, `fixed` values that are there without a field, and
    `ready` fields that were made elsewhere. `name` is the object's; a command's group has none.
    """

    def __init__(
        self,
        kit: Kit,
        parameters: Mapping[str, Parameter],
        example: Any = None,
        *,
        name: str = "",
        fixed: Mapping[str, Any] | None = None,
        ready: Mapping[str, Field] | None = None,
        first: Collection[str] = (),
        one_of: tuple[str, ...] = (),
    ) -> None:
        self.kit = kit
        self.parameters = parameters
        self._name = name
        self.fixed = fixed or {}
        self._ready = ready or {}
        self.fields: dict[str, Field] = {}
        self.alternatives: Alternatives | None = None
        self.box = kit.column()
        self._example = example if isinstance(example, Mapping) else {}
        self._order: tuple[str, ...] = ()
        asked = [name for name in parameters if name not in self.fixed and name not in one_of]
        self._first = sorted(
            (name for name in asked if parameters[name].required or name in first),
            key=lambda name: not parameters[name].required,
        )
        self._rest = [name for name in asked if name not in self._first]
        self._one_of = one_of
        self._opened = False
        self._more = kit.button(self._caption(), self._toggle) if self._rest else None
        self._rest_box: Any = None
        self._build_first()

    def read(self) -> dict[str, Any]:
        """Give the values that are set, in the order in which they were written."""
        values = {}
        for name in dict.fromkeys((*self._order, *self.parameters)):
            value = self.fixed.get(name, UNSET)
            if name in self.fields and not self._hidden(name):
                value = self.fields[name].read()
            if value is not UNSET:
                values[name] = value
        return values

    def write(self, values: Mapping[str, Any]) -> None:
        """Take values by name; raises `Unfit` for what has no field, or where two exclude."""
        given = {name: value for name, value in values.items() if value is not None}
        if given.keys() - self.parameters.keys():
            raise Unfit
        self._order = tuple(given)
        if given.keys() & set(self._rest):
            self.open()
        if self.alternatives:
            chosen = [name for name in self._one_of if name in given]
            if len(chosen) > 1:
                raise Unfit
            self.alternatives.write(chosen[0] if chosen else UNSET)
        for name, field in self.fields.items():
            field.write(given.get(name, UNSET))

    def find(self, path: Path) -> tuple[Field, Path] | None:
        """Give the field that a path from here leads to, and what is left of the path."""
        name = wire_name(str(path[0])) if path else ""
        if name in self._rest:
            self.open()
        if self.alternatives and self._hidden(name):
            return self.alternatives, ()
        return self.fields[name].find(path[1:]) if name in self.fields else None

    def walk(self) -> Iterator[Field]:
        """Give all fields in reading order."""
        for name in self._first:
            yield from self.fields[name].walk()
        if self.alternatives:
            yield from self.alternatives.walk()
        for name in self._rest:
            if name in self.fields:
                yield from self.fields[name].walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Give the problems of what cannot be read as a value."""
        for name, field in self.fields.items():
            if not self._hidden(name):
                yield from field.unreadable(join(path, name))

    def open(self) -> None:
        """Build and show the further options."""
        if not self._opened:
            self._toggle()

    def _hidden(self, name: str) -> bool:
        return (
            self.alternatives is not None
            and name in self._one_of
            and name != self.alternatives.chosen
        )

    def _make(self, name: str) -> Field:
        parameter, example = self.parameters[name], self._example.get(name)
        self.fields[name] = self._ready.get(name) or self.kit.make(parameter, name, example)
        return self.fields[name]

    def _build_first(self) -> None:
        boxes = [self._make(name).box for name in self._first]
        if self._one_of:
            either = {name: self._make(name) for name in self._one_of}
            self.alternatives = Alternatives(self.kit, either, " or ".join(either))
            boxes.append(self.alternatives.box)
        if self._more:
            boxes.append(self._more)
        self.box.children = boxes

    def _toggle(self) -> None:
        self._opened = not self._opened
        if self._rest_box is None:
            self._rest_box = self.kit.column([self._make(name).box for name in self._rest])
        shut = [box for box in self.box.children if box is not self._rest_box]
        self.box.children = [*shut, self._rest_box] if self._opened else shut
        if self._more:
            self._more.description = self._caption()

    def _caption(self) -> str:
        word = "Fewer" if self._opened else "More"
        what = f"{word} of {self._name}" if self._name else f"{word} options"
        return f"{what} ({len(self._rest)})"
