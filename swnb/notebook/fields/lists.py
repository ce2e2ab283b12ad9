"""Lists: entries to add, move, duplicate and remove; lists of enums are checkboxes."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, UnsupportedValue, compact, join_path
from swnb.notebook.fields.scalars import index_of
from swnb.notebook.page import ENTRY

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets


class Entry:
    """One entry of a list: its field, and the buttons that act on it."""

    def __init__(self, owner: ListField, field: Field) -> None:
        self.field = field
        widgets = owner.widgets
        actions = {
            "Up": lambda: owner.move(self, -1),
            "Down": lambda: owner.move(self, 1),
            "Duplicate": lambda: owner.duplicate(self),
            "Remove": lambda: owner.remove(self),
        }

        def pressed(action: Callable[[], None]) -> Callable[[], None]:
            # A second press may be heard when the first one has removed the entry.
            return lambda: action() if self in owner.entries else None

        self._buttons = {
            word: widgets.button(word, pressed(action)) for word, action in actions.items()
        }
        self._title = widgets.html()
        bar = widgets.row([self._title, *self._buttons.values()])
        self.box = widgets.column([bar, field.box], inset=True, classes=[ENTRY])

    def rename(self, label: str) -> None:
        """Show which entry it is, also on the buttons: a screen reader reads each by itself."""
        self.field.rename(label)
        self._title.value = f'<b style="margin-right:8px">{html.text(label)}</b>'
        for word, button in self._buttons.items():
            button.tooltip = f"{word} {label}"


class ListField(Field):
    """A list of entries of one shape, or of the shapes of a union."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        item = parameter.shapes[0].item
        assert item is not None  # noqa: S101 - the catalogue gives every list an item
        self.item = replace(item, required=False)  # an entry exists because it was added
        self.entries: list[Entry] = []
        self._written = False
        self._head = widgets.html(f"<b>{html.text(self.caption)}</b>{self.help}")
        self._add_button = widgets.button(f"Add to {label}", self.add)
        self._column = widgets.column()
        self.lay_out(self._head, self._column, self._add_button)

    def read(self) -> Any:
        """Return the list; without entries `UNSET`, unless an empty list was written."""
        if not self.entries:
            return [] if self._written else UNSET
        values = (entry.field.read() for entry in self.entries)
        return [None if value is UNSET else value for value in values]

    def write(self, value: Any) -> None:
        """Set the list."""
        if value is not UNSET and not isinstance(value, list):
            raise UnsupportedValue
        self.entries = []
        for item in [] if value is UNSET else value:
            self._insert(len(self.entries), item)
        self._written = self.touched = value is not UNSET
        self._arrange()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Return the field within an entry that a path leads to, or this one."""
        index = path[0] if path else None
        if isinstance(index, int) and index < len(self.entries):
            return self.entries[index].field.find(path[1:])
        return self, path

    def walk(self) -> Iterator[Field]:
        """Yield this field and those of its entries."""
        yield self
        for entry in self.entries:
            yield from entry.field.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Yield the problems of the entries."""
        for index, entry in enumerate(self.entries):
            yield from entry.field.unreadable(join_path(path, index))

    def focus(self) -> None:
        """Move the keyboard focus to the button that adds an entry."""
        self._add_button.focus()

    def rename(self, label: str) -> None:
        """Change the label, and those of the entries."""
        super().rename(label)
        self._arrange()

    def add(self) -> None:
        """Add an empty entry and go to it."""
        entry = self._insert(len(self.entries), UNSET)
        self._rearranged()
        entry.field.focus()

    def move(self, entry: Entry, by: int) -> None:
        """Move an entry up or down; the first stays first and the last stays last."""
        index = self.entries.index(entry) + by
        if 0 <= index < len(self.entries):
            self.entries.remove(entry)
            self.entries.insert(index, entry)
            self._rearranged()

    def duplicate(self, entry: Entry) -> None:
        """Insert a copy of an entry after it."""
        self._insert(self.entries.index(entry) + 1, copy.deepcopy(entry.field.read()))
        self._rearranged()

    def remove(self, entry: Entry) -> None:
        """Remove an entry."""
        self.entries.remove(entry)
        self._written = False
        self._rearranged()

    def _insert(self, index: int, value: Any) -> Entry:
        field = self.widgets.make_field(self.item, self.label, self._item_example(), present=True)
        if value is not UNSET:
            field.write(value)
        entry = Entry(self, field)
        self.entries.insert(index, entry)
        return entry

    def _item_example(self) -> Any:
        if not isinstance(self.example, list) or not self.example:
            return None
        return self.example if len(self.item.shapes) > 1 else self.example[0]

    def _rearranged(self) -> None:
        self._arrange()
        self.edited()

    def _arrange(self) -> None:
        for index, entry in enumerate(self.entries):
            entry.rename(f"{self.label}[{index}]")
        self._column.children = [entry.box for entry in self.entries]


class ChecksField(Field):
    """A list of enum values as checkboxes, in the catalogue's order or as written."""

    def __init__(
        self, widgets: FormWidgets, parameter: Parameter, label: str, example: Any = None
    ) -> None:
        super().__init__(widgets, parameter, label, example)
        item = parameter.shapes[0].item
        self.values = item.shapes[0].values if item else ()
        self._chosen: list[Any] = []
        self._written = False
        self._drawing = False
        self.inputs = [widgets.checkbox(compact(value), value=False) for value in self.values]
        for box in self.inputs:
            widgets.watch(box, "value", self._toggled)
        head = widgets.html(f"<b>{html.text(self.caption)}</b>{self.help}")
        self.lay_out(head, widgets.row(self.inputs))

    def read(self) -> Any:
        """Return the values that are checked."""
        return list(self._chosen) if self._chosen or self._written else UNSET

    def write(self, value: Any) -> None:
        """Set the values; their order is kept."""
        if value is not UNSET and not isinstance(value, list):
            raise UnsupportedValue
        chosen = [] if value is UNSET else value
        indexes = {index_of(item, self.values) for item in chosen}
        if len(indexes) < len(chosen):
            raise UnsupportedValue
        self._drawing = True
        try:
            for index, box in enumerate(self.inputs):
                box.value = index in indexes
        finally:
            self._drawing = False
        self._chosen = list(chosen)
        self._written = self.touched = value is not UNSET

    def focus(self) -> None:
        """Move the keyboard focus to the first checkbox."""
        self.inputs[0].focus()

    def _toggled(self) -> None:
        if self._drawing:
            return
        checked = [value for value, box in zip(self.values, self.inputs, strict=True) if box.value]
        if self._written:
            remaining = [value for value in self._chosen if value in checked]
            self._chosen = remaining + [value for value in checked if value not in remaining]
        else:
            self._chosen = checked
        self._written = self._written and bool(checked)
        self.edited()
