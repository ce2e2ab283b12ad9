"""Lists: entries to add, move, duplicate and remove; lists of enums are checkboxes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from swnb import html
from swnb.errors import Problem
from swnb.notebook.fields.base import UNSET, Field, Path, Unfit, compact, join
from swnb.notebook.fields.scalars import place_of

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import Kit


class Entry:
    """One entry of a list: its field, and the buttons that act on it."""

    def __init__(self, owner: ListField, field: Field) -> None:
        self.field = field
        kit = owner.kit
        acts = {
            "Up": lambda: owner.move(self, -1),
            "Down": lambda: owner.move(self, 1),
            "Duplicate": lambda: owner.duplicate(self),
            "Remove": lambda: owner.remove(self),
        }
        self._buttons = {word: kit.button(word, act) for word, act in acts.items()}
        self._title = kit.html()
        bar = kit.row([self._title, *self._buttons.values()])
        self.box = kit.column([bar, field.box], inset=True)

    def rename(self, label: str) -> None:
        """Say which entry it is, on the buttons too: a screen reader reads each by itself."""
        self.field.rename(label)
        self._title.value = f'<b style="margin-right:8px">{html.text(label)}</b>'
        for word, button in self._buttons.items():
            button.tooltip = f"{word} {label}"


class ListField(Field):
    """A list of entries of one kind, or of the forms of a union."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        item = parameter.shapes[0].item
        assert item is not None  # noqa: S101 - the tree gives every list an item
        self.item = replace(item, required=False)  # an entry is there because it was added
        self.entries: list[Entry] = []
        self._written = False
        self._head = kit.html(f"<b>{html.text(self.caption)}</b>{self.help}")
        self._add_button = kit.button(f"Add to {label}", self.add)
        self._column = kit.column()
        self.lay(self._head, self._column, self._add_button)

    def read(self) -> Any:
        """Give the list; without entries there is none, unless an empty one was written."""
        if not self.entries:
            return [] if self._written else UNSET
        values = (entry.field.read() for entry in self.entries)
        return [None if value is UNSET else value for value in values]

    def write(self, value: Any) -> None:
        """Take a list."""
        if value is not UNSET and not isinstance(value, list):
            raise Unfit
        self.entries = []
        for item in [] if value is UNSET else value:
            self._insert(len(self.entries), item)
        self._written = self.touched = value is not UNSET
        self._arrange()

    def find(self, path: Path) -> tuple[Field, Path]:
        """Give the field within an entry that a path leads to, or this one."""
        place = path[0] if path else None
        if isinstance(place, int) and place < len(self.entries):
            return self.entries[place].field.find(path[1:])
        return self, path

    def walk(self) -> Iterator[Field]:
        """Give this field and those of its entries."""
        yield self
        for entry in self.entries:
            yield from entry.field.walk()

    def unreadable(self, path: str) -> Iterator[Problem]:
        """Give the problems of the entries."""
        for place, entry in enumerate(self.entries):
            yield from entry.field.unreadable(join(path, place))

    def focus(self) -> None:
        """Put the keyboard's focus on the button that adds."""
        self._add_button.focus()

    def rename(self, label: str) -> None:
        """Take another label, and with it the entries."""
        super().rename(label)
        self._arrange()

    def add(self) -> None:
        """Add an empty entry and go to it."""
        entry = self._insert(len(self.entries), UNSET)
        self._arranged()
        entry.field.focus()

    def move(self, entry: Entry, by: int) -> None:
        """Move an entry up or down; the first stays first and the last stays last."""
        place = self.entries.index(entry) + by
        if 0 <= place < len(self.entries):
            self.entries.remove(entry)
            self.entries.insert(place, entry)
            self._arranged()

    def duplicate(self, entry: Entry) -> None:
        """Put a copy of an entry behind it."""
        self._insert(self.entries.index(entry) + 1, copy.deepcopy(entry.field.read()))
        self._arranged()

    def remove(self, entry: Entry) -> None:
        """Take an entry out."""
        self.entries.remove(entry)
        self._written = False
        self._arranged()

    def _insert(self, place: int, value: Any) -> Entry:
        field = self.kit.make(self.item, self.label, self._item_example(), present=True)
        if value is not UNSET:
            field.write(value)
        entry = Entry(self, field)
        self.entries.insert(place, entry)
        return entry

    def _item_example(self) -> Any:
        if not isinstance(self.example, list) or not self.example:
            return None
        return self.example if len(self.item.shapes) > 1 else self.example[0]

    def _arranged(self) -> None:
        self._arrange()
        self.edited()

    def _arrange(self) -> None:
        for place, entry in enumerate(self.entries):
            entry.rename(f"{self.label}[{place}]")
        self._column.children = [entry.box for entry in self.entries]


class ChecksField(Field):
    """A list of enum values as checkboxes: in the catalogue's order, or as it was written."""

    def __init__(self, kit: Kit, parameter: Parameter, label: str, example: Any = None) -> None:
        super().__init__(kit, parameter, label, example)
        item = parameter.shapes[0].item
        self.values = item.shapes[0].values if item else ()
        self._chosen: list[Any] = []
        self._written = False
        self._drawing = False
        self.inputs = [kit.checkbox(compact(value), value=False) for value in self.values]
        for box in self.inputs:
            kit.watch(box, "value", self._ticked)
        head = kit.html(f"<b>{html.text(self.caption)}</b>{self.help}")
        self.lay(head, kit.row(self.inputs))

    def read(self) -> Any:
        """Give the values that are ticked."""
        return list(self._chosen) if self._chosen or self._written else UNSET

    def write(self, value: Any) -> None:
        """Take values in an order of their own."""
        if value is not UNSET and not isinstance(value, list):
            raise Unfit
        chosen = [] if value is UNSET else value
        places = {place_of(item, self.values) for item in chosen}
        if len(places) < len(chosen):
            raise Unfit
        self._drawing = True
        try:
            for place, box in enumerate(self.inputs):
                box.value = place in places
        finally:
            self._drawing = False
        self._chosen = list(chosen)
        self._written = self.touched = value is not UNSET

    def focus(self) -> None:
        """Put the keyboard's focus on the first checkbox."""
        self.inputs[0].focus()

    def _ticked(self) -> None:
        if self._drawing:
            return
        ticked = [value for value, box in zip(self.values, self.inputs, strict=True) if box.value]
        if self._written:
            kept = [value for value in self._chosen if value in ticked]
            self._chosen = kept + [value for value in ticked if value not in kept]
        else:
            self._chosen = ticked
        self._written = self._written and bool(ticked)
        self.edited()
