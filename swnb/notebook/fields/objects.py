"""Objects: absent until added, unless they are required and have required fields of their own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, Unfit
from swnb.notebook.fields.groups import Group

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Kit


class ObjectField(Field):
    """An object with fields of its own.

    One that is `present` needs no adding: a branch that was chosen, an entry of a list. `fixed`
    values, such as the `type` that chose the branch, have no field.
    """

    def __init__(
        self,
        kit: Kit,
        parameter: Parameter,
        label: str,
        example: Any = None,
        *,
        present: bool = False,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(kit, parameter, label, example)
        (self.shape,) = parameter.shapes
        self.fixed = fixed or {}
        self._always = present
        self._group: Group | None = None
        self._here = present
        asks = any(
            field.required for name, field in self.shape.fields.items() if name not in self.fixed
        )
        self._addable = not present and not (parameter.required and asks)
        self._drawn()

    @property
    def group(self) -> Group:
        """The fields, built when they are first needed."""
        if self._group is None:
            fields, example, name = self.shape.fields, self.example, self.label
            self._group = Group(self.kit, fields, example, name=name, fixed=self.fixed)
        return self._group

    def read(self) -> Any:
        """Give the object; one that was not added and has nothing in it is absent."""
        if self._addable and not self._here:
            return UNSET
        value = self.group.read()
        return value if value or self._here else UNSET

    def write(self, value: Any) -> None:
        """Take an object, or take it away."""
        if value is not UNSET and not isinstance(value, Mapping):
            raise Unfit
        self._here = self._always or value is not UNSET
        if value is not UNSET or self._group:
            self.group.write({} if value is UNSET else value)
        self.touched = value is not UNSET
        self._drawn()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Give the field within that a path leads to, or this one."""
        shown = not self._addable or self._here
        return (self.group.find(path) if path and shown else None) or (self, path)

    def walk(self) -> Iterator[Field]:
        """Give this field and those in it."""
        yield self
        if self._group:
            yield from self._group.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Give the problems of the fields within."""
        if self._group and (self._here or not self._addable):
            yield from self._group.unreadable(path)

    def focus(self) -> None:
        """Put the keyboard's focus on the first field within, or on the button that adds it."""
        if self._addable and not self._here:
            self._button.focus()
        else:
            first = next(self.group.walk(), None)
            if first:
                first.focus()

    def _drawn(self) -> None:
        if self._always:
            self.lay(self.group.box)
            return
        head = [self.kit.html(f"<b>{html.text(self.caption)}</b>{self.help}")]
        if self._addable:
            word, act = ("Remove", self._remove) if self._here else ("Add", self._add)
            self._button = self.kit.button(f"{word} {self.label}", act)
            head.append(self._button)
        shown = not self._addable or self._here
        body = [self.kit.column([self.group.box], inset=True)] if shown else []
        self.lay(*head, *body)

    def _add(self) -> None:
        self._here = True
        if not any(field.required for field in self.shape.fields.values()):
            self.group.open()  # it was added for the sake of its options
        self._drawn()
        self.edited()

    def _remove(self) -> None:
        self._here = False
        self._drawn()
        self.edited()
