"""How charts are drawn: bare axes, colors for light and dark themes, and the alt text.

A chart has no background and draws in colors that stand out on both white and black, because a
notebook's theme is not known when it is drawn and may change later. Figures are made without pyplot,
so none is shown twice or kept alive.
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

# Each has a contrast of at least 3 with white and with #111; a test measures it.
INK = "#7a7a7a"
TONES = ("#2f7fc1", "#cf6a2a", "#2b9a68", "#a062b5", "#c4547a", "#84842a", "#3c93a0")
REST = "#858b94"
GOOD, BAD = TONES[2], TONES[4]
SIZE = 10  # points of all text: charts are shown at one scale, so that it is equally large in all
_WIDTH = 7.5  # inches
_EMS = 5.9  # per inch, in a notebook
_BAR = 0.42  # inches of height for a bar including its gap
_FRAME = 0.9  # inches of height for title and axis
_IN_A_ROW = 4  # names in a row of a legend
_LEGEND_ROW = 18  # points of height for such a row
_PAD = 6  # points between a title and what is below it
_CENT = 0.01
_PIXELS = 144  # per inch: twice what an ordinary screen shows, for those that show more


@dataclass(frozen=True)
class Chart:
    """A chart: the matplotlib `figure`, and `alt`, a sentence with what it shows."""

    figure: Figure
    alt: str

    @cached_property
    def png(self) -> bytes:
        """The chart as a PNG image with a transparent background."""
        file = io.BytesIO()
        self.figure.savefig(file, format="png", dpi=_PIXELS, transparent=True, bbox_inches="tight")
        return file.getvalue()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the chart to a file.

        Parameters
        ----------
        path : str or path
            The file; its suffix (`.png`, `.svg`, `.pdf`) names the format.

        Raises
        ------
        ValueError
            If matplotlib does not know the format.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> costs.charts.by_day(tables).save("days.svg")

        """
        self.figure.savefig(path, transparent=True, bbox_inches="tight")

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        source = base64.b64encode(self.png).decode()
        inches = int.from_bytes(self.png[16:20], "big") / _PIXELS  # where a PNG has its width
        image = (
            f'<img src="data:image/png;base64,{source}" alt="{html.text(self.alt)}" '
            f'style="max-width:100%;width:{inches * _EMS:.1f}em">'
        )
        return {"text/html": image, "text/plain": self.alt}


def axes(title: str, *, height: float) -> Axes:
    """Return the axes of a new chart, without frame and background."""
    ax = Figure(figsize=(_WIDTH, height)).subplots()
    ax.set_title(title, color=INK, loc="left", fontsize=SIZE, fontweight="bold")
    ax.tick_params(colors=INK, labelsize=SIZE)
    ax.patch.set_alpha(0)
    for side, spine in ax.spines.items():
        spine.set_visible(side in {"left", "bottom"})
        spine.set_color(INK)
    return ax


def bars(count: int, title: str) -> Axes:
    """Return the axes of a new chart of `count` horizontal bars, the first on top."""
    ax = axes(title, height=_FRAME + _BAR * max(count, 1))
    ax.invert_yaxis()
    ax.margins(y=0.02)
    return ax


def label(ax: Axes, ends: Iterable[float], texts: Iterable[str]) -> None:
    """Write a label after the end of each bar."""
    for row, (end, text) in enumerate(zip(ends, texts, strict=True)):
        ax.annotate(
            text,
            (end, row),
            (5, 0),
            textcoords="offset points",
            va="center",
            color=INK,
            fontsize=SIZE,
        )


def legend(ax: Axes) -> None:
    """Put the legend between the title and the bars."""
    names = ax.get_legend_handles_labels()[1]
    if not names:
        return
    ax.legend(
        frameon=False, labelcolor=INK, fontsize=SIZE, ncols=min(len(names), _IN_A_ROW), loc="lower left",
        bbox_to_anchor=(0, 1), borderaxespad=0, columnspacing=1, handlelength=1,
    )  # fmt: skip
    rows = math.ceil(len(names) / _IN_A_ROW)
    ax.set_title(
        ax.get_title(loc="left"), color=INK, loc="left", fontsize=SIZE, fontweight="bold",
        pad=_PAD + _LEGEND_ROW * rows,
    )  # fmt: skip


def chart(ax: Axes, headline: str, parts: Sequence[str]) -> Chart:
    """Return the finished chart; its alt text is the headline and the parts."""
    figure = ax.figure
    assert isinstance(figure, Figure)  # noqa: S101 - not a SubFigure: `axes` ax it
    if not parts:
        ax.set(xticks=[], yticks=[])
        ax.text(0.5, 0.5, "nothing to show", color=INK, ha="center", transform=ax.transAxes)
    return Chart(figure, f"{headline}: {', '.join(parts) or 'nothing to show'}.")


def tones(names: Sequence[str], rest: str) -> list[str]:
    """Return a color for each name, gray for the rest."""
    return [REST if name == rest else TONES[place % len(TONES)] for place, name in enumerate(names)]


def usd(amount: float) -> str:
    """Return an amount of US dollars for display: cents, or four places if it is below one dollar."""
    return f"${amount:,.2f}" if amount >= 1 or not amount else f"${amount:.4f}"


def tied(amounts: Iterable[float]) -> tuple[list[str], str]:
    """Return amounts of US dollars and their total for display: what is shown adds up.

    All have cents, or four places if the total is below one dollar or an amount below one cent.
    """
    parts = [float(amount) for amount in amounts]
    total = math.fsum(parts)
    fine = abs(total) < 1 or any(0 < abs(part) < _CENT for part in parts)
    places = 4 if fine else 2
    units = shared(parts, round(total * 10**places))
    texts = [f"${unit / 10**places:,.{places}f}" for unit in units]
    return texts, f"${total:,.{places}f}"


def shared(parts: Sequence[float], whole: int) -> list[int]:
    """Return integers in proportion to the parts that add up to `whole`."""
    total = math.fsum(parts)
    exact = [part / total * whole if total else 0.0 for part in parts]
    units = [math.floor(share) for share in exact]
    missing = (whole if total else 0) - sum(units)
    by_rest = sorted(range(len(parts)), key=lambda place: units[place] - exact[place])
    for place in by_rest[:missing]:
        units[place] += 1
    return units
