"""Objects: absent until added, unless they are required and have required fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, UnsupportedValue
from swnb.notebook.fields.groups import Group

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets


class ObjectField(Field):
    """An object with fields.

    One that is `present` needs no adding: a chosen branch, or an entry of a list. `fixed` values,
    such as the `type` that chose the branch, have no field.
    """

    def __init__(
        self,
        widgets: FormWidgets,
        parameter: Parameter,
        label: str,
        example: Any = None,
        *,
        present: bool = False,
        fixed: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        (self.shape,) = parameter.shapes
        self.fixed = fixed or {}
        self._always = present
        self._group: Group | None = None
        self._here = present
        has_required = any(
            field.required for name, field in self.shape.fields.items() if name not in self.fixed
        )
        self._addable = not present and not (parameter.required and has_required)
        self._draw_group()

    @property
    def group(self) -> Group:
        """The fields, built when they are first needed."""
        if self._group is None:
            fields, example, name = self.shape.fields, self.example, self.label
            self._group = Group(self.widgets, fields, example, name=name, fixed=self.fixed)
        return self._group

    def read(self) -> Any:
        """Return the object, or `UNSET` if it was not added or is empty."""
        if self._addable and not self._here:
            return UNSET
        value = self.group.read()
        return value if value or self._here else UNSET

    def write(self, value: Any) -> None:
        """Set the object, or remove it with `UNSET`."""
        if value is not UNSET and not isinstance(value, Mapping):
            raise UnsupportedValue
        self._here = self._always or value is not UNSET
        if value is not UNSET or self._group:
            self.group.write({} if value is UNSET else value)
        self.touched = value is not UNSET
        self._draw_group()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Return the inner field that a path leads to, or this one."""
        shown = not self._addable or self._here
        return (self.group.find(path) if path and shown else None) or (self, path)

    def walk(self) -> Iterator[Field]:
        """Yield this field and the fields inside it."""
        yield self
        if self._group:
            yield from self._group.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield the problems of the inner fields."""
        if self._group and (self._here or not self._addable):
            yield from self._group.unreadable(path)

    def focus(self) -> None:
        """Move the keyboard focus to the first inner field, or to the button that adds it."""
        if self._addable and not self._here:
            self._button.focus()
        else:
            first = next(self.group.walk(), None)
            if first:
                first.focus()

    def _draw_group(self) -> None:
        if self._always:
            self.lay_out(self.group.box)
            return
        head = [self.widgets.html(f"<b>{html.text(self.caption)}</b>{self.help}")]
        if self._addable:
            word, action = ("Remove", self._remove) if self._here else ("Add", self._add)
            self._button = self.widgets.button(f"{word} {self.label}", action)
            head.append(self._button)
        shown = not self._addable or self._here
        body = [self.widgets.column([self.group.box], inset=True)] if shown else []
        self.lay_out(*head, *body)

    def _add(self) -> None:
        self._here = True
        if not any(field.required for field in self.shape.fields.values()):
            self.group.open()  # it was added to set its options
        self._draw_group()
        self.edited()

    def _remove(self) -> None:
        self._here = False
        self._draw_group()
        self.edited()
