"""The only place that writes HTML: escaped, inline-styled, in the theme's own colors.

Cards are read in light and dark notebooks, in nbviewer and in saved files without a kernel,
so they have no script and no stylesheet. Text inherits its color, borders are translucent gray, and
only the status mark has colors of its own: a pair of text and fill that is readable by itself, whatever
the theme. Facts are separated by text, so that a card without its styles, or copied, can be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Literal

from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Tone = Literal["good", "bad", "wait", "quiet"]

# Fill and text for light pages, then for dark ones; a test measures each pair.
TONES: dict[Tone, tuple[tuple[str, str], tuple[str, str]]] = {
    "good": (("#1b5e20", "#ffffff"), ("#81c784", "#000000")),
    "bad": (("#b71c1c", "#ffffff"), ("#ef9a9a", "#000000")),
    "wait": (("#8a4b00", "#ffffff"), ("#ffb74d", "#000000")),
    "quiet": (("#0d47a1", "#ffffff"), ("#90caf9", "#000000")),
}
_STATUSES: dict[str, Tone] = {
    "queued": "wait",
    "initiated": "wait",
    "created": "wait",
    "ringing": "wait",
    "ending": "wait",
    "sent": "wait",
    "dry_run": "quiet",
    "answered": "good",
    "in-progress": "good",
    "accepted": "good",
    "joined": "good",
    "ended": "quiet",
    "completed": "quiet",
    "canceled": "quiet",
    "failed": "bad",
    "busy": "bad",
    "no-answer": "bad",
    "unknown": "bad",
    "rejected": "bad",
    "refused": "bad",
}
_SIGNS: dict[Tone, str] = {"good": "✓", "bad": "✗", "wait": "…", "quiet": "•"}
_ID = 8  # letters of an id that are shown where it is muted
DOT = " · "
_BORDER = "1px solid rgba(128,128,128,.35)"
_MUTED = 'style="opacity:.75"'
_SECTION = "padding:6px 0 2px;text-align:left"
_MONO = "font-family:var(--jp-code-font-family,monospace);font-size:12px"


@dataclass(frozen=True, slots=True)
class Markup:
    """A piece of finished HTML; everything else on a card is text and is escaped."""

    source: str

    def __str__(self) -> str:
        return self.source


def text(value: object) -> str:
    """Return a value escaped for HTML, invisible characters included; `Markup` is unchanged."""
    return value.source if isinstance(value, Markup) else escape(visible(str(value)), quote=True)


def mono(value: object) -> Markup:
    """Return a value in the notebook's code font (ids, numbers, commands)."""
    return Markup(f'<span style="{_MONO};overflow-wrap:anywhere">{text(value)}</span>')


def badge(label: object, tone: Tone) -> Markup:
    """Return a status as a word with a mark, filled in its tone.

    The second of two declarations is for browsers that know which theme the page has.
    """
    (fill, ink), (dark_fill, dark_ink) = TONES[tone]
    return Markup(
        f'<span style="background:{fill};color:{ink};'
        f"background:light-dark({fill},{dark_fill});color:light-dark({ink},{dark_ink});"
        'border-radius:9px;padding:1px 8px;font-size:12px;line-height:18px;white-space:nowrap">'
        f"{_SIGNS[tone]} {text(label)}</span>"
    )


def mark(status: str | None) -> Markup | None:
    """Return a call's status or an exchange's outcome as a badge, None if there is none."""
    return badge(status.replace("_", " "), _STATUSES.get(status, "quiet")) if status else None


def marked(status: str) -> str:
    """Return a status with the sign of its mark, for text."""
    return f"{_SIGNS[_STATUSES.get(status, 'quiet')]} {status.replace('_', ' ')}"


def short(id_: str) -> str:
    """Return the beginning of an id."""
    return f"{id_[:_ID]}…" if len(id_) > _ID + 1 else id_


def code(source: str) -> Markup:
    """Return preformatted text that can be selected and copied whole."""
    return Markup(
        f'<pre style="{_MONO};margin:4px 0;padding:6px 8px;border:{_BORDER};border-radius:4px;'
        "background:rgba(128,128,128,.08);color:inherit;white-space:pre-wrap;"
        f'overflow-wrap:anywhere;max-height:24em;overflow:auto">{text(source)}</pre>'
    )


def folded(summary: object, body: Markup) -> Markup:
    """Return a body folded under a summary line, which opens without a kernel."""
    return Markup(
        '<details style="margin:2px 0"><summary style="cursor:pointer;opacity:.75">'
        f"{text(summary)}</summary>{body}</details>"
    )


def facts(pairs: Iterable[tuple[str, object]], *, muted: bool = False) -> Markup:
    """Return name and value pairs in one wrapping line, without empty values."""
    faint = "" if muted else f" {_MUTED}"  # one opacity inside another would be too faint
    cells = [
        f"<span>{f'<span{faint}>{text(name)}</span> ' if name else ''}{text(value)}</span>"
        for name, value in pairs
        if value is not None and value != ""
    ]
    if not cells:
        return Markup("")
    style = "margin:3px 0;line-height:1.7" + (";font-size:12px;opacity:.75" if muted else "")
    return Markup(f'<div style="{style}">{_joined(cells, faint)}</div>')


def _joined(cells: Iterable[str], style: str = f" {_MUTED}") -> str:
    return f"<span{style}>{DOT}</span>".join(cells)


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> Markup:
    """Return a table of rows under a head; None is an empty cell."""
    heads = list(head)
    styles = ["padding:2px 14px 2px 0;text-align:left;vertical-align:top"] * len(heads)
    return grid(styles, rows, head=heads, style="font-size:12px")


def grid(
    styles: Sequence[str],
    rows: Iterable[Iterable[object]],
    *,
    head: Iterable[object] = (),
    head_styles: Sequence[str] = (),
    style: str = "",
) -> Markup:
    """Return a table; every other function that shows one calls this.

    `styles` and `head_styles` (the same if empty) hold one style per column, `style` is added to
    the table's own. None is an empty cell, and a row of one cell among several columns spans them.
    """

    def cells(row: Iterable[object], tag: str, looks: Sequence[str]) -> str:
        values = ["" if value is None else text(value) for value in row]
        if len(values) == 1 < len(styles):
            return f'<tr><td colspan="{len(styles)}" style="{_SECTION}">{values[0]}</td></tr>'
        scope = ' scope="col"' if tag == "th" else ""
        pairs = zip(values, looks, strict=True)
        written = [f'<{tag}{scope} style="{look}">{value}</{tag}>' for value, look in pairs]
        return f"<tr>{''.join(written)}</tr>"

    heads = list(head)
    top = f"<thead>{cells(heads, 'th', head_styles or styles)}</thead>" if heads else ""
    body = "".join(cells(row, "td", styles) for row in rows)
    return Markup(
        '<table style="border-collapse:collapse;color:inherit;background:transparent;'
        f'{style}">{top}<tbody>{body}</tbody></table>'
    )


def scrolled(*parts: Markup, height: int) -> Markup:
    """Return the parts in a box that scrolls when it is higher than `height` em."""
    inner = "".join(part.source for part in parts)
    return Markup(f'<div style="max-height:{height}em;overflow:auto">{inner}</div>')


def line(value: object) -> Markup:
    """Return one line of prose."""
    return Markup(f'<div style="margin:3px 0">{text(value)}</div>')


def sides(names: tuple[str, str], rows: Iterable[tuple[object, object, Markup]]) -> Markup:
    """Return a table that compares two sides: the old value in one color, the new one in another."""
    cell = (
        f"padding:2px 8px;vertical-align:top;width:50%;border-left:3px solid {{}};{_MONO};"
        "text-align:left"
    )
    styles = [cell.format(TONES[tone][0][0]) for tone in ("bad", "good")]
    lines = [line for before, after, label in rows for line in ([label], [before, after])]
    return grid(styles, lines, head=names, head_styles=["text-align:left"] * 2, style="width:100%")


def card(
    title: object,
    mark: Markup | None,
    parts: Iterable[Markup],
    *,
    beside: Iterable[object] = (),
    wide: bool = False,
) -> str:
    """Return a card: a title, a status mark, facts beside it, and the parts below, in one frame."""
    head = [f"<b>{text(title)}</b>", *([mark.source] if mark else [])]
    head += [f"<span>{text(fact)}</span>" for fact in beside if fact not in (None, "")]
    return (
        f'<div style="border:{_BORDER};border-radius:6px;padding:8px 12px;margin:4px 0;'
        f'max-width:{"80em" if wide else "60em"};color:inherit;background:transparent;text-align:left">'
        f'<div style="line-height:1.7">{_joined(head)}</div>'
        f"{''.join(part.source for part in parts)}</div>"
    )
