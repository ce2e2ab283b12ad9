"""A view as text that fits a terminal: the less important columns are left out where it is narrow."""

from __future__ import annotations

import re
from collections.abc import Sequence

from swnb import html
from swnb.views.rows import Heading, Row
from swnb.visible import visible

_LEAST = 24  # letters for what was said; a column is left out rather than fewer
_GAP = "  "
_PARTS = re.compile(r"[^\s,]*[\s,]+|[^\s,]+")
_MOST = 160  # letters of a line, however wide the terminal is


def in_letters(headings: Sequence[Heading], rows: Sequence[Row], width: int) -> list[str]:
    """Return the lines of a table of at most `width` letters, if at least its first columns fit."""
    width = min(width, _MOST)
    columns = [
        _texts(head, [row.cells[place] for row in rows]) for place, head in enumerate(headings)
    ]
    places = _fitting(headings, columns, width)
    says = next(place for place in places if headings[place].kind == "says")
    widths = {place: max(map(len, columns[place])) for place in places}
    taken = sum(letters for place, letters in widths.items() if place != says)
    room = max(width - taken - len(_GAP) * (len(places) - 1), 10)
    natural = max([widths[says], *(len(row.error) + 2 for row in rows)])
    widths[says] = min(room, natural)
    lines = [_line(headings, places, widths, {place: columns[place][0] for place in places})]
    day = rows[0].day if rows else ""
    for number, row in enumerate(rows, 1):
        if row.day != day:
            day = row.day
            lines.append(day or "time unknown")
        cells = {place: columns[place][number] for place in places}
        wrapped = _wrapped(cells[says], widths[says])
        for place, line in enumerate(row.error.splitlines()):
            wrapped += _wrapped(f"{'  ' if place else '✗ '}{visible(line)}", widths[says])
        wrapped = [text for text in wrapped if text] or [""]
        lines.append(_line(headings, places, widths, cells | {says: wrapped[0]}))
        rest = [dict.fromkeys(places, "") | {says: more} for more in wrapped[1:]]
        lines += [_line(headings, places, widths, more) for more in rest]
    return lines


def _texts(heading: Heading, cells: Sequence[str]) -> list[str]:
    """Return a column as text, its name first; marks get their sign."""
    if heading.kind == "mark":
        return [heading.name, *(visible(html.marked(cell)) if cell else "" for cell in cells)]
    # A name above padded amounts would stand above their end.
    return [heading.name, *(visible(cell) for cell in cells)]


def _fitting(headings: Sequence[Heading], columns: list[list[str]], width: int) -> list[int]:
    """Return the places of the columns that fit, beside the least for what was said."""
    places = list(range(len(headings)))
    while True:
        needed = sum(
            _LEAST if headings[place].kind == "says" else max(map(len, columns[place]))
            for place in places
        )
        last = max(places, key=lambda place: headings[place].rank)
        if needed + len(_GAP) * (len(places) - 1) <= width or not headings[last].rank:
            return places
        places.remove(last)


def _wrapped(text: str, width: int) -> list[str]:
    """Return lines of at most `width` letters, broken after spaces and, in JSON, after commas."""
    lines = [""]
    for part in _PARTS.findall(text):
        if len(lines[-1]) + len(part.rstrip()) > width and lines[-1]:
            lines.append("")
        lines[-1] += part
        while len(lines[-1].rstrip()) > width:
            lines[-1:] = [lines[-1][:width], lines[-1][width:]]
    return [line.rstrip() for line in lines]


def _line(
    headings: Sequence[Heading],
    places: Sequence[int],
    widths: dict[int, int],
    cells: dict[int, str],
) -> str:
    texts = [
        cells[place].rjust(widths[place])
        if headings[place].kind == "number"
        else cells[place].ljust(widths[place])
        for place in places
    ]
    return _GAP.join(texts).rstrip()
