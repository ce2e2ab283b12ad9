"""A timeline drawn by matplotlib, for files."""

from __future__ import annotations

from matplotlib.axes import Axes

from swnb.costs.drawing import BAD, GOOD, INK, REST, SIZE, TONES, Chart, axes, chart
from swnb.log.timeline.lanes import Bar, Leg, Picture
from swnb.words import cut, length, money

_ROW = 0.36  # inches of height
_FRAME = 0.9  # inches of height for title and axis
_COLORS = {"ringing": TONES[1], "answered": GOOD, "failed": BAD, "busy": BAD, "no-answer": BAD}
_LONGEST = 60  # letters of a label


def charted(picture: Picture) -> Chart:
    """Return the picture as a chart: a bar for each state and operation, marks for user events."""
    several = len(picture.legs) > 1
    rows = [name for leg in picture.legs for name in _names(leg, several=several)]
    ax = axes("Timeline", height=_FRAME + _ROW * max(len(rows), 1))
    ax.set_xlim(0, picture.seconds)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [cut(name, _LONGEST) for name in rows])
    ax.set_xlabel("seconds", color=INK)
    row = 0
    for leg in picture.legs:
        row = _leg(ax, leg, picture, row)
    for gap in picture.gaps:
        ax.axvspan(_at(picture, gap.start), _at(picture, gap.end), color=BAD, alpha=0.15)
    told = [
        f"{bar.name} {length((bar.end - bar.start) / 1e6)}"
        for leg in picture.legs
        for bar in leg.states
    ]
    told += [f"{bar.name} {bar.told}".strip() for leg in picture.legs for bar in leg.lanes]
    told += [f"user event {mark.told}" for leg in picture.legs for mark in leg.events]
    return chart(ax, f"Timeline of {', '.join(leg.name for leg in picture.legs)}", told)


def _names(leg: Leg, *, several: bool) -> list[str]:
    names = [leg.name if several else "call", *(lane.name for lane in leg.lanes)]
    return [*names, *["user events", *[""] * (leg.event_rows - 1)][: leg.event_rows]]


def _at(picture: Picture, at: int) -> float:
    return (at - picture.start) / 1e6


def _leg(ax: Axes, leg: Leg, picture: Picture, row: int) -> int:
    for bar in leg.states:
        name = bar.name if picture.fits(bar) else ""
        _bar(ax, bar, picture, row, color=_COLORS.get(bar.name, REST), label=name)
    if leg.charge and leg.charge.charge_nano is not None:
        amount = money(leg.charge.charge_nano)
        ax.annotate(
            amount, (1, row), (4, 0), xycoords=("axes fraction", "data"),
            textcoords="offset points", va="center", color=INK, fontsize=SIZE,
        )  # fmt: skip
    for lane in leg.lanes:
        row += 1
        _bar(ax, lane, picture, row, color=TONES[0], label=lane.told)
    for mark in leg.events:
        at, place = _at(picture, mark.at), row + 1 + mark.row
        ax.plot(at, place, marker="^" if mark.sent else "v", color=TONES[3])
        _label(ax, at, place, mark.label, right=not picture.is_late(mark.at))
    return row + 1 + leg.event_rows


def _bar(ax: Axes, bar: Bar, picture: Picture, row: int, *, color: str, label: str) -> None:
    start, end = _at(picture, bar.start), _at(picture, bar.end)
    ax.barh(row, end - start, left=start, height=0.7, color=color, alpha=0.3)
    ax.plot([start, start], [row - 0.35, row + 0.35], color=color, linewidth=1.5)
    if label:
        _label(ax, start, row, label, right=not picture.is_late(bar.start))


def _label(ax: Axes, at: float, row: int, label: str, *, right: bool) -> None:
    ax.annotate(
        cut(label, _LONGEST), (at, row), (6 if right else -6, 0), textcoords="offset points",
        va="center", ha="left" if right else "right", color=INK, fontsize=SIZE, parse_math=False,
    )  # fmt: skip
