"""An id that is picked or typed: the call of a command, or the control id of an operation.

A dropdown offers what is open. Its last choice, "other …", opens a text field, and a second dropdown
with what is over. One Combobox would do for all, but its list opens in the wrong place in VS Code.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from swnb.notebook.fields.base import UNSET
from swnb.notebook.fields.scalars import TextField
from swnb.notebook.fields.widgets import offer

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.fields.base import FormWidgets

_OTHER = "other …"


@dataclass(frozen=True, slots=True)
class Offer:
    """An id and what is shown of it."""

    id: str
    label: str


@dataclass(frozen=True, slots=True)
class Choices:
    """What is open and what is over, and how many there are of each, offered or not."""

    open: list[Offer] = field(default_factory=list)
    opened: int = 0
    over: list[Offer] = field(default_factory=list)
    ended: int = 0


class IdField(TextField):
    """An id that is picked or typed.

    `noun` is what has the id, and the label of the dropdown. If `choose` is True, the only one that is
    open is chosen by itself, unless something was chosen before.
    """

    def __init__(
        self,
        widgets: FormWidgets,
        parameter: Parameter,
        label: str,
        *,
        noun: str,
        choose: bool = False,
    ) -> None:
        required = " (required)" if parameter.required else ""
        self.picker = widgets.dropdown(f"{noun}{required}", [])
        self._noun = noun
        self._choose = choose
        self._choices = Choices()
        self._listed: list[Offer] = []
        self._typing = False  # "other …" is chosen
        self._ended: Any = None
        super().__init__(widgets, parameter, label)
        self._about = self._parts[1:]
        widgets.watch(self.picker, "index", self._picked)

    def suggest(
        self, hint: str, choices: Choices, *, unchosen: str = "—", keep: bool = False
    ) -> None:
        """Offer ids; `hint` stands in the empty text field, `unchosen` for no choice.

        If `keep` is True, an id that is there stays, even if another is the only one that is open.
        """
        self.input.placeholder = hint
        self._choices = choices
        if not keep or self._value is UNSET:
            self._choose_only()
        over = [each for each in choices.over if each.id == self._value]
        self._listed = choices.open + over
        left = choices.opened - len(choices.open) + choices.ended - len(over)
        other = f"{_OTHER} ({left:,} more)" if left else _OTHER
        self._drawing = True
        try:
            offer(self.picker, [*(each.label for each in self._listed), other], unchosen=unchosen)
        finally:
            self._drawing = False
        self._set(self._value)

    def write(self, value: Any) -> None:
        """Set the id, or none."""
        self._typing = False
        super().write(value)

    def focus(self) -> None:
        """Move the keyboard focus to the text field if it is there, else to the dropdown."""
        (self.input if self.input in self.box.children else self.picker).focus()

    def _parse(self, text: str) -> Any:
        return text.strip()

    def _set(self, value: Any) -> None:
        super()._set(value)
        ids = [each.id for each in self._listed]
        if value in ids:
            self._typing = False
        elif value is not UNSET:
            self._typing = True
        self._drawing = True
        try:
            place = ids.index(value) if value in ids else len(ids) if self._typing else -1
            self.picker.index = place + 1 if self._can_pick else 0
            self._draw_ended()
        finally:
            self._drawing = False
        self.lay_out(*self._shown(), *self._about)

    def _choose_only(self) -> None:
        """Choose the only one that is open, unless one was chosen by hand or is still open."""
        choices = self._choices
        by_hand = self.touched or self._typing
        if self._choose and not by_hand and choices.opened == 1:
            self._value = choices.open[0].id

    @property
    def _can_pick(self) -> bool:
        return len(self.picker.options) > 1 and bool(self._listed or self._choices.over)

    def _shown(self) -> list[Any]:
        """Return the dropdown, the text field, or both with what is over."""
        if not self._can_pick:
            return [self.input]
        if not self._typing:
            return [self.picker]
        return [self.picker, self.input, *([self._ended] if self._choices.over else [])]

    def _draw_ended(self) -> None:
        """Offer what is over, where an id can be typed."""
        over = self._choices.over
        if not self._typing or not over:
            return
        if self._ended is None:
            self._ended = self.widgets.dropdown("", [])
            self.widgets.watch(self._ended, "index", self._picked_ended)
        ended = self._choices.ended
        of = f" (the newest {len(over)} of {ended:,})" if ended > len(over) else ""
        self._ended.description = f"Ended {self._noun.lower()}s{of}"
        offer(self._ended, [each.label for each in over])
        ids = [each.id for each in over]
        self._ended.index = ids.index(self._value) + 1 if self._value in ids else 0

    def _picked(self) -> None:
        if self._drawing:
            return
        place = self.picker.index - 1
        self._typing = place == len(self._listed)
        self._set(self._listed[place].id if 0 <= place < len(self._listed) else UNSET)
        self.edited()
        if self._typing:
            self.input.focus()

    def _picked_ended(self) -> None:
        if not self._drawing:
            place = self._ended.index - 1
            self._set(self._choices.over[place].id if place >= 0 else UNSET)
            self.edited()
