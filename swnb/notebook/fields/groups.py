"""The fields of a command or of an object: required ones first, the others on request.

The catalogue says which come first. If exactly one of several parameters may be set (`url` or
`swml`), a dropdown asks which, and each keeps what was typed in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb.commands.types import wire_name
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, UnsupportedValue, join_path

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets


class Alternatives(Field):
    """A choice between parameters of which only one may be set."""

    def __init__(self, widgets: FormWidgets, fields: Mapping[str, Field], label: str) -> None:
        super().__init__(widgets, next(iter(fields.values())).parameter, label)
        self.fields = fields
        self.input = widgets.dropdown(label, list(fields))
        widgets.watch(self.input, "index", self._show_chosen)
        self._show_chosen()

    @property
    def chosen(self) -> str | None:
        """The name of the parameter that the form asks for now, or None."""
        return list(self.fields)[self.input.index - 1] if self.input.index else None

    def read(self) -> Any:
        """Return `UNSET`: the group reads the fields one by one."""
        return UNSET

    def write(self, value: Any) -> None:
        """Choose a parameter by its name, or none with `UNSET`."""
        self.input.index = 0 if value is UNSET else 1 + list(self.fields).index(value)

    def walk(self) -> Iterator[Field]:
        """Yield the choice and the chosen field."""
        yield self
        if self.chosen:
            yield from self.fields[self.chosen].walk()

    def focus(self) -> None:
        """Move the keyboard focus to the choice."""
        self.input.focus()

    def _show_chosen(self) -> None:
        self.lay_out(self.input, *([self.fields[self.chosen].box] if self.chosen else []))
        self.widgets.changed()


class Group:
    """Fields by wire name, some of which may not be built yet.

    `first` names optional parameters that are shown at once, `one_of` those of which only one may
    be set, `fixed` holds values without a field, and `ready` fields that were made elsewhere.
    `name` is the object's name; a command's group has none.
    """

    def __init__(
        self,
        widgets: FormWidgets,
        parameters: Mapping[str, Parameter],
        example: Any = None,
        *,
        name: str = "",
        fixed: Mapping[str, Any] | None = None,
        ready: Mapping[str, Field] | None = None,
        first: Collection[str] = (),
        one_of: tuple[str, ...] = (),
    ) -> None:
        self.widgets = widgets
        self.parameters = parameters
        self._name = name
        self.fixed = fixed or {}
        self._ready = ready or {}
        self.fields: dict[str, Field] = {}
        self.alternatives: Alternatives | None = None
        self.box = widgets.column()
        self._example = example if isinstance(example, Mapping) else {}
        self._order: tuple[str, ...] = ()
        single = [name for name in parameters if name not in self.fixed and name not in one_of]
        self._first = sorted(
            (name for name in single if parameters[name].required or name in first),
            key=lambda name: not parameters[name].required,
        )
        self._rest = [name for name in single if name not in self._first]
        self._one_of = one_of
        self._shown: set[str] = set()  # those of the rest that are in sight
        self._more = widgets.button(self._caption(), self._toggle) if self._rest else None
        self._rest_box: Any = None
        self._build_first()

    def read(self) -> dict[str, Any]:
        """Return the values that are set, in the order in which they were written."""
        values = {}
        for name in dict.fromkeys((*self._order, *self.parameters)):
            value = self.fixed.get(name, UNSET)
            if name in self.fields and not self._hidden(name):
                value = self.fields[name].read()
            if value is not UNSET:
                values[name] = value
        return values

    def write(self, values: Mapping[str, Any]) -> None:
        """Set values by name.

        Raises `UnsupportedValue` for a name without a field and for two values that exclude each
        other.
        """
        present = {name: value for name, value in values.items() if value is not None}
        if present.keys() - self.parameters.keys():
            raise UnsupportedValue
        self._order = tuple(present)
        self._show(present.keys() & set(self._rest))
        if self.alternatives:
            chosen = [name for name in self._one_of if name in present]
            if len(chosen) > 1:
                raise UnsupportedValue
            self.alternatives.write(chosen[0] if chosen else UNSET)
        for name, field in self.fields.items():
            field.write(present.get(name, UNSET))

    def find(self, path: Path) -> tuple[Field, Path] | None:
        """Return the field that a path from here leads to, and the rest of the path."""
        name = wire_name(str(path[0])) if path else ""
        if name in self._rest:
            self._show({name})
        if self.alternatives and self._hidden(name):
            return self.alternatives, ()
        return self.fields[name].find(path[1:]) if name in self.fields else None

    def walk(self) -> Iterator[Field]:
        """Yield all fields in reading order."""
        for name in self._first:
            yield from self.fields[name].walk()
        if self.alternatives:
            yield from self.alternatives.walk()
        for name in self._rest:
            if name in self.fields:
                yield from self.fields[name].walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield the problems of input that cannot be read as a value."""
        for name, field in self.fields.items():
            if not self._hidden(name):
                yield from field.unreadable(join_path(path, name))

    def open(self) -> None:
        """Build and show the other options."""
        self._show(set(self._rest))

    def _hidden(self, name: str) -> bool:
        return (
            self.alternatives is not None
            and name in self._one_of
            and name != self.alternatives.chosen
        )

    def _make(self, name: str) -> Field:
        parameter, example = self.parameters[name], self._example.get(name)
        self.fields[name] = self._ready.get(name) or self.widgets.make_field(
            parameter, name, example
        )
        return self.fields[name]

    def _build_first(self) -> None:
        boxes = [self._make(name).box for name in self._first]
        if self._one_of:
            choices = {name: self._make(name) for name in self._one_of}
            self.alternatives = Alternatives(self.widgets, choices, " or ".join(choices))
            boxes.append(self.alternatives.box)
        if self._more:
            boxes.append(self._more)
        self.box.children = boxes

    def _toggle(self) -> None:
        if len(self._shown) < len(self._rest):
            self.open()
        else:
            self._shown = set()
            self._draw_rest()

    def _show(self, names: Collection[str]) -> None:
        """Bring some of the other options in sight; those that are there stay."""
        if not self._shown.issuperset(names):
            self._shown.update(names)
            self._draw_rest()

    def _draw_rest(self) -> None:
        if self._rest_box is None:
            self._rest_box = self.widgets.column()
        shown = [name for name in self._rest if name in self._shown]
        self._rest_box.children = [
            (self.fields.get(name) or self._make(name)).box for name in shown
        ]
        always = [box for box in self.box.children if box is not self._rest_box]
        self.box.children = [*always, self._rest_box] if shown else always
        if self._more:
            self._more.description = self._more.tooltip = self._caption()

    def _caption(self) -> str:
        of = f"of {self._name}" if self._name else "options"
        hidden = len(self._rest) - len(self._shown)
        if not self._shown:
            return f"More {of} ({hidden})"
        return f"+ {hidden} more {of}" if hidden else f"Fewer {of} ({len(self._rest)})"
