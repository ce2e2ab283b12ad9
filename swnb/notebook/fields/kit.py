"""What all fields of one form share: how widgets are made, and where their callbacks report.

Each ipywidgets widget brings a layout and a style of its own, which are widgets too. A form makes
one of each and shares it, which makes it three times as light.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room

from swnb import html
from swnb.notebook.fields import inputs

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter

UNCHOSEN = "—"
F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


class Maker(Protocol[F_co]):
    """Makes the field of a parameter."""

    def __call__(
        self, kit: Any, parameter: Parameter, label: str, example: Any, *, present: bool = False
    ) -> F_co:
        """Make it; one that is `present` is there at once, though it be optional or empty."""
        ...


class Widgets(Generic[F]):
    """The widget maker of one form, whose fields are of the type `F`.

    `changed` is called after a field has changed by hand, `report` with an exception that a
    callback raised: ipywidgets would let it vanish.
    """

    def __init__(
        self,
        make: Maker[F],
        changed: Callable[[], None],
        report: Callable[[BaseException], None],
    ) -> None:
        self.make: Callable[..., F] = partial(make, self)
        self.changed = changed
        self.report = report
        self._column = W.Layout(width="100%", max_width="60em", overflow="visible")
        self._inset = W.Layout(
            width="auto",
            margin="0 0 4px 6px",
            padding="0 0 0 10px",
            border_left="2px solid rgba(128,128,128,.35)",
            overflow="visible",
        )
        self._row = W.Layout(flex_flow="row wrap", width="100%", overflow="visible")
        # The label stands above its input, so that it is whole however long it is. A grid, for in a
        # column of flex boxes ipywidgets' own style sheet makes a dropdown ten lines high.
        self._labelled = W.Layout(
            display="grid",
            grid_template_columns="minmax(0, 1fr)",
            grid_template_rows="auto minmax(28px, auto)",
            align_items="stretch",  # against ipywidgets' baseline, which makes dropdowns low
            width="auto",
            height="auto",
            max_width="44em",
        )
        self._text = W.Layout(width="auto", margin="0")
        self._button = W.Layout(width="auto", align_self="flex-start")
        self._apart = W.Layout(width="auto", margin="12px 2px 4px 2px")
        self._styles: dict[type, Any] = {}

    def column(self, children: Sequence[Any] = (), *, inset: bool = False) -> Any:
        """Stack widgets; inset ones belong to what stands above."""
        return W.VBox(children, layout=self._inset if inset else self._column)

    def row(self, children: Sequence[Any] = ()) -> Any:
        """Lay widgets side by side."""
        return W.HBox(children, layout=self._row)

    def html(self, markup: str = "") -> Any:
        """Show finished HTML."""
        return self._styled(W.HTML, W.widgets.widget_string.HTMLStyle, self._text, value=markup)

    def alert(self, messages: Sequence[str]) -> Any:
        """Show messages that a screen reader reads at once."""
        return self.html(alert(messages))

    def button(self, label: str, press: Callable[[], object], tooltip: str = "") -> Any:
        """Make a button."""
        style = W.widgets.widget_button.ButtonStyle
        made = self._styled(
            W.Button, style, self._button, description=label, tooltip=tooltip or label
        )
        made.on_click(self.guarded(lambda _: press()))
        return made

    def text(self, label: str, placeholder: str, *, lines: int = 1) -> Any:
        """Make a text input; its value is taken when it is left."""
        kind = inputs.Text if lines == 1 else inputs.Textarea
        rows = {} if lines == 1 else {"rows": lines}
        return self._input(kind, description=label, placeholder=placeholder, **rows)

    def password(self, label: str) -> Any:
        """Make an input for a secret."""
        return self._input(inputs.Password, description=label)

    def combobox(self, label: str, placeholder: str, options: Sequence[str]) -> Any:
        """Make a text input that offers values."""
        return self._input(
            inputs.Combobox, description=label, placeholder=placeholder, options=tuple(options)
        )

    def dropdown(self, label: str, options: Sequence[str]) -> Any:
        """Make a dropdown that begins unchosen; the place of the option is its `index` less one."""
        style = W.widgets.widget_description.DescriptionStyle
        return self._styled(
            W.Dropdown,
            style,
            self._labelled,
            description=label,
            options=[(label, place) for place, label in enumerate((UNCHOSEN, *options))],
        )

    def primary(self, label: str, press: Callable[[], object], tooltip: str = "") -> Any:
        """Make the button that a form is for, set apart from the others."""
        button = self.button(label, press, tooltip)
        button.button_style, button.layout = "primary", self._apart
        return button

    def checkbox(self, label: str, *, value: bool) -> Any:
        """Make a checkbox."""
        style = W.widgets.widget_bool.CheckboxStyle
        return self._styled(
            W.Checkbox, style, self._button, description=label, value=value, indent=False
        )

    def watch(self, widget: Any, trait: str, act: Callable[[], object]) -> None:
        """Call when a trait of a widget has changed."""
        widget.observe(self.guarded(lambda _: act()), trait)

    def guarded(self, callback: Callable[[Any], object]) -> Callable[[Any], None]:
        """Make a callback whose exceptions are reported."""

        @wraps(callback)
        def guarded(event: Any) -> None:
            try:
                callback(event)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - shown in the form instead of vanishing
                self.report(error)

        return guarded

    def _input(self, kind: type, **traits: Any) -> Any:
        style = W.widgets.widget_string.TextStyle
        return self._styled(kind, style, self._labelled, continuous_update=False, **traits)

    def _styled(self, kind: type, style: type, layout: Any, **traits: Any) -> Any:
        if style not in self._styles:
            width = {"description_width": "fit-content"}
            self._styles[style] = style(**width if hasattr(style, "description_width") else {})
        return kind(layout=layout, style=self._styles[style], **traits)


def alert(messages: Sequence[str]) -> str:
    """Write messages as HTML that is read out at once; they stand out without colour too."""
    lines = "".join(
        html.line(html.Markup(f"<b>⚠</b> {html.text(each)}")).source for each in messages
    )
    style = "border-left:3px solid #d9534f;padding-left:8px;line-height:1.5"
    return f'<div role="alert" style="{style}">{lines}</div>' if lines else ""
