"""A timeline as inline SVG: text that can be selected, in the colors of the page, without a script.

Places along the time are percentages, so that text keeps its size in a narrow page, and a nested SVG
cuts the text of a bar at its end. The names of the rows stand beside it as HTML.
"""

from __future__ import annotations

from collections.abc import Iterable

from swnb import html
from swnb.log.timeline.lanes import PAGE, Bar, Leg, Mark, Picture, anchor, ticks
from swnb.words import length, money

ROW = 24  # pixels of height
_TEXT = 'font-size="12" fill="currentColor"'
# Filled at a quarter, so that text keeps its contrast in light and dark.
_FILLS = {
    "created": "#8a8a8a",
    "ringing": "#c77d0a",
    "answered": "#2e9e5b",
    "ending": "#8a8a8a",
    "failed": "#d9534f",
    "busy": "#d9534f",
    "no-answer": "#d9534f",
}
_LANE, _EVENT, _GAP = "#2f7fc1", "#a062b5", "#d9534f"


def drawn(picture: Picture) -> html.Markup:
    """Return the picture as HTML with inline SVG."""
    names, shapes, row = [], [], 0
    for leg in picture.legs:
        for name, inner, height in _rows(leg, picture, several=len(picture.legs) > 1):
            names.append(_name(name, height * ROW))
            shapes.append(
                f'<svg y="{row * ROW}" width="100%" height="{height * ROW}">{inner}</svg>'
            )
            row += height
    gaps = "".join(_gap(bar, picture, row) for bar in picture.gaps)
    axis = f'<svg y="{row * ROW}" width="100%" height="{ROW}">{_axis(picture)}</svg>'
    names.append(_name("", ROW))
    legs = ", ".join(leg.name for leg in picture.legs)
    label = html.text(f"Timeline of {legs}: {length(picture.seconds)}")
    return html.Markup(
        '<div style="display:flex;gap:8px;margin:4px 0">'
        f'<div style="flex:0 0 auto;max-width:34%;font-size:12px">{"".join(names)}</div>'
        f'<div style="flex:1 1 0;min-width:0"><svg role="img" aria-label="{label}" width="100%" '
        f'height="{(row + 1) * ROW}" style="display:block;overflow:visible;'
        'font-family:var(--jp-ui-font-family,sans-serif)">'
        f"{_lines(picture, row)}{gaps}{''.join(shapes)}{axis}</svg></div></div>"
    )


def _rows(leg: Leg, picture: Picture, *, several: bool) -> Iterable[tuple[str, str, int]]:
    """Return the rows of a leg: a name, SVG, and how many rows high it is."""
    states = "".join(
        _bar(
            bar,
            picture,
            _FILLS.get(bar.name, "#8a8a8a"),
            bar.name if picture.fits(bar) else "",
            cut=True,
        )
        for bar in leg.states
        if bar.end > bar.start
    )
    yield (leg.name if several else "call"), states + _end(leg, picture), 1
    for lane in leg.lanes:
        yield lane.name, _bar(lane, picture, _LANE, lane.told), 1
    if leg.events:
        marks = "".join(_mark(mark, picture) for mark in leg.events)
        yield "user events", marks, leg.event_rows


def _name(name: str, height: int) -> str:
    return (
        f'<div title="{html.text(name)}" style="height:{height}px;line-height:{ROW}px;'
        f'white-space:nowrap;overflow:hidden;text-overflow:ellipsis">{html.text(name) or "&nbsp;"}</div>'
    )


def _percent(share: float) -> str:
    return f"{share * 100:.2f}%"


def _bar(bar: Bar, picture: Picture, color: str, label: str, *, cut: bool = False) -> str:
    start, end = picture.share(bar.start), picture.share(bar.end)
    lasted = length((bar.end - bar.start) / 1e6) + (" so far" if bar.open else "")
    tip = html.text(" · ".join(part for part in (bar.name, lasted, bar.told) if part))
    width = max(end - start, 0.004)
    dashes = ' stroke-dasharray="3 3"' if bar.open else ""
    # A label may be longer than its bar, whose row it has for itself.
    outside = picture.is_late(bar.start) and len(label) > width * PAGE
    place = 'x="-6" text-anchor="end"' if outside else 'x="6"'
    return (
        f'<svg x="{_percent(start)}" y="2" width="{_percent(width)}" height="{ROW - 4}" '
        f'overflow="{"hidden" if cut else "visible"}">'
        f"<title>{tip}</title>"
        f'<rect width="100%" height="100%" rx="3" fill="{color}" fill-opacity=".25" '
        f'stroke="{color}"{dashes}/>'
        f'<text {place} y="14" {_TEXT}>{html.text(label)}</text></svg>'
    )


def _end(leg: Leg, picture: Picture) -> str:
    """Return the end of the call with its charge, written to the left of the end."""
    last = leg.states[-1] if leg.states else None
    if last is None or last.open:
        return ""
    nano = leg.charge.charge_nano if leg.charge else None
    parts = [last.name, last.told, None if nano is None else money(nano)]
    label = html.text(" · ".join(part for part in parts if part))
    at = picture.share(last.start)
    return (
        f'<svg x="{_percent(at)}" y="0" width="1" height="{ROW}" overflow="visible">'
        f'<path d="M0 1V{ROW - 1}" stroke="currentColor" stroke-width="2"/>'
        f'<text x="-6" y="16" text-anchor="end" font-weight="bold" {_TEXT}>{label}</text></svg>'
    )


def _mark(mark: Mark, picture: Picture) -> str:
    """Return a user event: a triangle up for what was sent, down for what was heard."""
    later = None if mark.heard_at is None else length((mark.heard_at - mark.at) / 1e6)
    heard = f"heard {later} later" if mark.sent and later else None
    tip = html.text(" · ".join(filter(None, ("sent" if mark.sent else "heard", heard, mark.told))))
    shape = "M-5 16L0 7L5 16Z" if mark.sent else "M-5 7L0 16L5 7Z"
    fill = "none" if later is None else _EVENT
    anchor = 'x="-9" text-anchor="end"' if picture.is_late(mark.at) else 'x="9"'
    return (
        f'<svg x="{_percent(picture.share(mark.at))}" y="{mark.row * ROW}" width="1" height="{ROW}" '
        f'overflow="visible"><title>{tip}</title>'
        f'<path d="{shape}" fill="{fill}" stroke="{_EVENT}" stroke-width="1.5"/>'
        f'<text {anchor} y="16" {_TEXT} '
        f'style="font-family:var(--jp-code-font-family,monospace)">{html.text(mark.label)}</text></svg>'
    )


def _gap(bar: Bar, picture: Picture, rows: int) -> str:
    start, end = picture.share(bar.start), picture.share(bar.end)
    return (
        f'<svg x="{_percent(start)}" width="{_percent(max(end - start, 0.004))}" height="{rows * ROW}" '
        f'overflow="visible"><title>{html.text(bar.told)}</title>'
        f'<rect width="100%" height="100%" fill="{_GAP}" fill-opacity=".12" stroke="{_GAP}" '
        f'stroke-dasharray="2 4"/></svg>'
    )


def _lines(picture: Picture, rows: int) -> str:
    return "".join(
        f'<line x1="{_percent(share)}" x2="{_percent(share)}" y1="0" y2="{rows * ROW}" '
        'stroke="currentColor" stroke-opacity=".15"/>'
        for share, _ in ticks(picture.seconds)
    )


def _axis(picture: Picture) -> str:
    """Return the axis: seconds since the beginning."""
    return "".join(
        f'<text x="{_percent(share)}" y="15" {_TEXT} fill-opacity=".75" '
        f'text-anchor="{anchor(share)}">{label}</text>'
        for share, label in ticks(picture.seconds)
    )
