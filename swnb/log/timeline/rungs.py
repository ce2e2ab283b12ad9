"""The ladder of a call as HTML: a table whose head, the parties' names, stays in sight."""

from __future__ import annotations

from swnb import html
from swnb.log.timeline.ladder import PLATFORM, US, Ladder, Rung, since

_MOST = 60  # rungs that are shown; the frame has all
_ENDS = 30  # of them at each end
_LINE = "1px solid rgba(128,128,128,.5)"
_HEAD = (
    "position:sticky;top:0;z-index:1;padding:2px 6px;font-weight:bold;text-align:left;"
    "background:var(--jp-layout-color0,var(--vscode-editor-background,Canvas));"
)
_WRAP = "overflow-wrap:anywhere;vertical-align:bottom"
_RED = "#d9534f"


def ladder_html(ladder: Ladder) -> html.Markup:
    """Return a ladder as HTML."""
    far = "".join(
        f'<th scope="col" style="{_HEAD}border-left:{_LINE};text-align:right">{html.text(name)}</th>'
        for name in ladder.far_ends
    )
    head = (
        f'<tr><th scope="col" style="{_HEAD}">since</th>'
        f'<th scope="col" style="{_HEAD}border-left:{_LINE}">'
        f'<span>{US}</span> <span style="float:right">{PLATFORM}</span></th>{far}</tr>'
    )
    rungs = ladder.rungs
    cut = len(rungs) > _MOST
    shown = [*rungs[:_ENDS], None, *rungs[-_ENDS:]] if cut else list(rungs)
    left_out = len(rungs) - 2 * _ENDS
    rows = "".join(
        _row(rung, len(ladder.far_ends)) if rung else _omitted(left_out, len(ladder.far_ends))
        for rung in shown
    )
    return html.Markup(
        '<div style="max-height:40em;overflow:auto;margin-top:6px">'
        '<table style="border-collapse:collapse;width:100%;color:inherit;background:transparent;'
        f'font-size:12px;table-layout:auto"><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
    )


def _omitted(count: int, legs: int) -> str:
    return (
        f'<tr><td colspan="{2 + legs}" style="text-align:center;padding:6px;opacity:.75">'
        f"{count:,} steps between: <code>timeline.df</code> has all</td></tr>"
    )


def _row(rung: Rung, legs: int) -> str:
    cells = [
        f'<td style="padding:3px 8px 3px 0;white-space:nowrap;text-align:right;{_WRAP}">{since(rung)}</td>',
        _cell(rung.arrow, rung.told, "62%" if legs == 1 else "46%", bad=rung.bad),
    ]
    for leg in range(legs):
        mine = leg == rung.leg
        arrow, told = (rung.far_arrow, rung.far_told) if mine else (None, "")
        cells.append(_cell(arrow, told, "auto", last=leg == legs - 1))
    return f"<tr>{''.join(cells)}</tr>"


def _cell(
    arrow: str | None, told: str, width: str, *, bad: bool = False, last: bool = False
) -> str:
    style = (
        f"width:{width};min-width:7em;padding:3px 0 0;text-align:left;border-left:{_LINE};{_WRAP}"
    )
    style += f";border-right:{_LINE}" if last else ""
    if arrow is None:
        return f'<td style="{style}"></td>'
    sign = "" if arrow == "note" else f"{arrow} "
    mark = "⚠ " if bad and arrow != "→" else ""
    words = f'<div style="padding:0 10px">{mark}{sign}{html.text(told)}</div>'
    line = "" if arrow == "note" else _arrow(arrow, bad=bad)
    return f'<td style="{style}">{words}{line}</td>'


def _arrow(arrow: str, *, bad: bool) -> str:
    """Return an arrow over the whole width of its cell."""
    color = _RED if bad else "currentColor"
    dashes = ' stroke-dasharray="5 3"' if arrow == "←" else ""
    x, tip = ("100%", "M-8 -4L0 0L-8 4Z") if arrow == "→" else ("0", "M8 -4L0 0L8 4Z")
    return (
        '<svg aria-hidden="true" width="100%" height="9" style="display:block;overflow:visible">'
        f'<line x1="0" x2="100%" y1="4.5" y2="4.5" stroke="{color}"{dashes}/>'
        f'<svg x="{x}" y="4.5" overflow="visible" width="1" height="1"><path d="{tip}" fill="{color}"/></svg></svg>'
    )
