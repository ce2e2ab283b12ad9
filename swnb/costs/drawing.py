"""How charts are drawn: one bare set of axes, tones for both themes, and the words beside it.

A chart has no background and draws in tones that stand out on white and on black alike, because a
notebook's theme is not known when it is drawn, and may change after. Figures are made without
pyplot, so none is shown twice or kept alive.
"""

from __future__ import annotations

import base64
import io
import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from swnb import html

# Each has a contrast of at least 3 to white and to #111; a test measures it.
INK = "#7a7a7a"
TONES = ("#2f7fc1", "#cf6a2a", "#2b9a68", "#a062b5", "#c4547a", "#84842a", "#3c93a0")
REST = "#858b94"
GOOD, BAD = TONES[2], TONES[4]
_WIDTH = 7.5  # inches
_BAR = 0.42  # inches of height for a bar, its gap included
_FRAME = 0.9  # inches of height for title and axis
_IN_A_ROW = 4  # names of a legend
_LEGEND_ROW = 18  # points of height for a row of them
_PAD = 6  # points between a title and what stands below it
_PIXELS = 144  # to the inch: twice what a plain screen shows, for those that show more


@dataclass(frozen=True)
class Chart:
    """A drawn chart: the matplotlib `figure`, and `alt`, which says in words what it shows."""

    figure: Figure
    alt: str

    @cached_property
    def png(self) -> bytes:
        """The picture, transparent."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=_PIXELS, transparent=True, bbox_inches="tight")
        return file.getvalue()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the chart in the format that the path's suffix names (`.png`, `.svg`, `.pdf`)."""
        self.figure.savefig(path, transparent=True, bbox_inches="tight")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        source = base64.b64encode(self.png).decode()
        image = (
            f'<img src="data:image/png;base64,{source}" alt="{html.text(self.alt)}" '
            'style="max-width:100%;width:44em">'
        )
        return {"text/html": image, "text/plain": self.alt}


def axes(title: str, *, height: float) -> Axes:
    """Make the axes of a chart, without frame and background."""
    made = Figure(figsize=(_WIDTH, height)).subplots()
    made.set_title(title, color=INK, loc="left", fontsize=12, fontweight="bold")
    made.tick_params(colors=INK, labelsize=10)
    made.patch.set_alpha(0)
    for side, spine in made.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(INK)
    return made


def bars(count: int, title: str) -> Axes:
    """Make the axes for so many horizontal bars, the first on top."""
    made = axes(title, height=_FRAME + _BAR * max(count, 1))
    made.invert_yaxis()
    made.margins(y=0.02)
    return made


def label(made: Axes, ends: Iterable[float], texts: Iterable[str]) -> None:
    """Write a text behind the end of each bar."""
    for row, (end, text) in enumerate(zip(ends, texts, strict=True)):
        made.annotate(
            text,
            (end, row),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=10,
        )


def legend(made: Axes) -> None:
    """Put the legend between the title and the bars, in rows of its own."""
    names = made.get_legend_handles_labels()[1]
    if not names:
        return
    made.legend(
        frameon=False, labelcolor=INK, ncols=min(len(names), _IN_A_ROW), loc="lower left",
        bbox_to_anchor=(0, 1), borderaxespad=0, columnspacing=1, handlelength=1,
    )  # fmt: skip
    rows = math.ceil(len(names) / _IN_A_ROW)
    made.set_title(
        made.get_title(loc="left"), color=INK, loc="left", fontsize=12, fontweight="bold",
        pad=_PAD + _LEGEND_ROW * rows,
    )  # fmt: skip


def chart(made: Axes, headline: str, parts: Sequence[str]) -> Chart:
    """Finish a chart; its alt text is the headline and the parts."""
    figure = made.figure
    assert isinstance(figure, Figure)  # noqa: S101 - not a SubFigure: `axes` made it
    if not parts:
        made.set(xticks=[], yticks=[])
        made.text(0.5, 0.5, "nothing to show", color=INK, ha="center", transform=made.transAxes)
    return Chart(figure, f"{headline}: {', '.join(parts) or 'nothing to show'}.")


def tones(names: Sequence[str], rest: str) -> list[str]:
    """Give each name a tone, and the rest a grey."""
    return [REST if name == rest else TONES[place % len(TONES)] for place, name in enumerate(names)]


def usd(amount: float) -> str:
    """Write an amount of US dollars for people: cents, and more places where it is less than one."""
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.4f}"
