"""What all fields of one form share: how widgets are made, and where callbacks report errors.

Each ipywidgets widget has a layout and a style, which are widgets too. A form makes one of each kind
and shares it, so that it needs a third of the widgets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import ipywidgets as W  # noqa: N812 - one letter, as in all of this room

from swnb import html
from swnb.notebook.fields import inputs
from swnb.notebook.page import SEND

if TYPE_CHECKING:
    from swnb.commands.schema import Parameter
    from swnb.notebook.page import Page

_UNCHOSEN = "—"
F = TypeVar("F")
F_co = TypeVar("F_co", covariant=True)


class FieldMaker(Protocol[F_co]):
    """A function that makes the field of a parameter."""

    def __call__(
        self, widgets: Any, parameter: Parameter, label: str, example: Any, *, present: bool = False
    ) -> F_co:
        """Make the field; if `present`, it is in the form at once, even if optional or empty."""
        ...


class WidgetBuilder(Generic[F]):
    """The widget builder of one form, whose fields are of the type `F`.

    `changed` is called after the user has changed a field, `report` with an exception that a
    callback raised, because ipywidgets would drop it. `page` is the browser's side of the form, if it
    has one.
    """

    def __init__(
        self,
        make_field: FieldMaker[F],
        changed: Callable[[], None],
        report: Callable[[BaseException], None],
        page: Page | None = None,
    ) -> None:
        self.page = page
        self.make_field: Callable[..., F] = partial(make_field, self)
        self.changed = changed
        self.report = report
        self._column = W.Layout(width="100%", overflow="visible")
        self._inset = W.Layout(
            width="auto",
            margin="0 0 4px 6px",
            padding="0 0 0 10px",
            border_left="2px solid rgba(128,128,128,.35)",
            overflow="visible",
        )
        self._row = W.Layout(flex_flow="row wrap", width="100%", overflow="visible")
        # The label is above its input, so that a long one is not cut off. It is a grid, because in a
        # column of flex boxes ipywidgets' own style sheet makes a dropdown ten lines high.
        self._labelled = W.Layout(
            display="grid",
            grid_template_columns="minmax(0, 1fr)",
            grid_template_rows="auto minmax(28px, auto)",
            align_items="stretch",  # ipywidgets' default, baseline, makes dropdowns too low
            width="auto",
            height="auto",
            max_width="44em",
        )
        self._text = W.Layout(width="auto", margin="0")
        self._button = W.Layout(width="auto", align_self="flex-start")
        self._apart = W.Layout(width="auto", margin="12px 2px 4px 2px")
        self._styles: dict[type, Any] = {}

    def column(
        self, children: Sequence[Any] = (), *, inset: bool = False, classes: Sequence[str] = ()
    ) -> Any:
        """Stack widgets; an inset column belongs to the widget above it."""
        layout = self._inset if inset else self._column
        return W.VBox(children, layout=layout, _dom_classes=classes)

    def row(self, children: Sequence[Any] = ()) -> Any:
        """Put widgets side by side."""
        return W.HBox(children, layout=self._row)

    def html(self, markup: str = "") -> Any:
        """Show finished HTML."""
        return self._styled(W.HTML, W.widgets.widget_string.HTMLStyle, self._text, value=markup)

    def alert(self, messages: Sequence[str]) -> Any:
        """Show messages that a screen reader announces at once."""
        return self.html(alert(messages))

    def button(self, label: str, press: Callable[[], object], tooltip: str = "") -> Any:
        """Make a button."""
        style = W.widgets.widget_button.ButtonStyle
        button = self._styled(
            W.Button, style, self._button, description=label, tooltip=tooltip or label
        )
        button.on_click(self.guarded(lambda _: press()))
        return button

    def enable(self, button: Any, *, enabled: bool) -> None:
        """Enable a button, or disable it; disabled it is pale, so its letters are darker."""
        if button.disabled == enabled:
            shared = self._styles[W.widgets.widget_button.ButtonStyle]
            button.disabled = not enabled
            button.style = shared if enabled else readable_style()

    def toggles(self, options: Sequence[str], tooltips: Sequence[str]) -> Any:
        """Make buttons of which one is pressed."""
        return W.ToggleButtons(
            options=options, tooltips=tooltips, style={"button_width": "auto"}, layout=self._text
        )

    def text(self, label: str, placeholder: str, *, lines: int = 1) -> Any:
        """Make a text input; its value is read when the user leaves it."""
        kind = inputs.Text if lines == 1 else inputs.Textarea
        rows = {} if lines == 1 else {"rows": lines}
        return self._input(kind, description=label, placeholder=placeholder, **rows)

    def password(self, label: str) -> Any:
        """Make an input for a secret."""
        return self._input(inputs.Password, description=label)

    def dropdown(self, label: str, options: Sequence[str]) -> Any:
        """Make a dropdown without a choice at first; an option's position is its `index` minus one."""
        style = W.widgets.widget_description.DescriptionStyle
        return self._styled(
            W.Dropdown,
            style,
            self._labelled,
            description=label,
            options=_numbered(options),
        )

    def primary(self, label: str, press: Callable[[], object], tooltip: str = "") -> Any:
        """Make the main button of a form, set apart from the others."""
        button = self.button(label, press, tooltip)
        button.button_style, button.layout = "primary", self._apart
        button.add_class(SEND)
        return button

    def checkbox(self, label: str, *, value: bool) -> Any:
        """Make a checkbox."""
        style = W.widgets.widget_bool.CheckboxStyle
        return self._styled(
            W.Checkbox, style, self._button, description=label, value=value, indent=False
        )

    def watch(self, widget: Any, trait: str, callback: Callable[[], object]) -> None:
        """Call back when a trait of a widget has changed."""
        widget.observe(self.guarded(lambda _: callback()), trait)

    def typed(self, widget: Any, taker: Callable[[str], str]) -> None:
        """Hand what is typed into an input to a method, which returns what the page may show."""
        self.watch(widget, "value", lambda: taker(widget.value))
        if self.page is not None:
            self.page.take(widget, taker)

    def guarded(self, callback: Callable[[Any], object]) -> Callable[[Any], None]:
        """Return a callback whose exceptions are reported."""

        @wraps(callback)
        def guarded(event: Any) -> None:
            try:
                callback(event)
            except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - shown in the form instead of being dropped
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


def readable_style() -> Any:
    """Return the style that keeps a disabled button readable, in light and dark themes."""
    return W.ButtonStyle(text_color="var(--jp-content-font-color0)")


def offer(dropdown: Any, options: Sequence[str], *, unchosen: str = _UNCHOSEN) -> None:
    """Offer other options in a dropdown; none of them is chosen."""
    numbered = _numbered(options, unchosen)
    if list(dropdown.options) != numbered:
        dropdown.options = numbered
    dropdown.index = 0


def _numbered(options: Sequence[str], unchosen: str = _UNCHOSEN) -> list[tuple[str, int]]:
    return [(option, index) for index, option in enumerate((unchosen, *options))]


def alert(messages: Sequence[str]) -> str:
    """Return messages as HTML that screen readers announce and that stands out without color."""
    lines = "".join(
        html.line(html.Markup(f"<b>⚠</b> {html.text(message)}")).source for message in messages
    )
    style = "border-left:3px solid #d9534f;padding-left:8px;line-height:1.5"
    return f'<div role="alert" style="{style}">{lines}</div>' if lines else ""
