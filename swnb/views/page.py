"""A view as HTML: a table in a box that scrolls, whose head stays in sight; no script is needed."""

from __future__ import annotations

from collections.abc import Sequence

from swnb import html
from swnb.views.rows import Heading, Row

_HEIGHT = 400  # pixels: a thousand rows take no more of a page than this
_LINE = "rgba(128,128,128,.35)"
_HEAD = (
    "position:sticky;top:0;z-index:1;white-space:nowrap;font-weight:bold;"
    f"background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas));"
    f"color:var(--jp-content-font-color1,var(--vscode-editor-foreground,CanvasText));"
    f"box-shadow:inset 0 -1px {_LINE};padding:4px 6px;text-align:"
)
_CELL = "padding:2px 6px;vertical-align:baseline;text-align:"
_STYLES = {
    "plain": f"{_CELL}left;white-space:nowrap",
    "mark": f"{_CELL}left;white-space:nowrap",
    "says": f"{_CELL}left;white-space:normal;overflow-wrap:anywhere;min-width:16em;width:100%",
    "number": f"{_CELL}right;white-space:pre",
}
_MONO = "font-family:var(--jp-code-font-family,monospace);font-size:12px"


def page(headings: Sequence[Heading], rows: Sequence[Row], caption: str, note: str) -> str:
    """Return the table of a view, its caption above and a note below it."""
    lines: list[list[object]] = []
    day = rows[0].day if rows else ""
    for row in rows:
        if row.day != day:
            day = row.day
            lines.append([html.Markup(f"<b>{html.text(day or 'time unknown')}</b>")])
        lines.append(
            [_cell(head, cell, row) for head, cell in zip(headings, row.cells, strict=True)]
        )
    grid = html.grid(
        [_STYLES[head.kind] for head in headings],
        lines,
        head=[head.name for head in headings],
        head_styles=[f"{_HEAD}{'right' if head.kind == 'number' else 'left'}" for head in headings],
        style=f"width:100%;{_MONO}",
    )
    box = html.Markup(
        f'<div style="max-height:{_HEIGHT}px;overflow:auto;border:1px solid {_LINE};'
        f'border-radius:6px;text-align:left">{grid}</div>'
    )
    parts = [html.line(caption), *([box] if rows else []), *([html.line(note)] if note else [])]
    return f'<div style="margin:4px 0">{"".join(map(str, parts))}</div>'


def _cell(heading: Heading, cell: str, row: Row) -> object:
    if heading.kind == "mark":
        return html.mark(cell or None)
    if heading.kind == "says" and row.error:
        error = f'<div style="white-space:pre-line">✗ {html.text(row.error)}</div>'
        return html.Markup(f"<div>{html.text(cell)}</div>{error}" if cell else error)
    return cell
