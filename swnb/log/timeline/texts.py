"""A timeline for people without the tool: as plain text, and as a Mermaid diagram."""

from __future__ import annotations

import re
import textwrap

from swnb.log.timeline.ladder import PLATFORM, US, Ladder, Rung, since
from swnb.visible import visible

_TIME = 10  # letters of the time
_NEAR, _FAR = 58, 22  # letters between the lifelines
_UNSAFE = re.compile(r"[^\w .,:+/()…“”→⇄·=\[\]{}\"'$%@*-]")


def as_text(ladder: Ladder) -> str:
    """Return a ladder as plain text in letters of one width."""
    heads = [f"{US}{PLATFORM:>{_NEAR - len(US) + len(PLATFORM) // 2 + 1}}"]
    heads += [f"{name:>{_FAR}}" for name in ladder.far_ends]
    lines = [" " * _TIME + "".join(heads)]
    for rung in ladder.rungs:
        lines += _text_rows(rung, len(ladder.far_ends))
    return "\n".join(line.rstrip() for line in lines)


def _text_rows(rung: Rung, legs: int) -> list[str]:
    cells = textwrap.wrap(visible(rung.told), _NEAR - 7) or [""]
    far = textwrap.wrap(visible(rung.far_told), _FAR - 7) or [""]
    rows = []
    for place in range(max(len(cells), len(far))):
        time = since(rung) if place == 0 else ""
        near = cells[place] if place < len(cells) else ""
        distant = far[place] if place < len(far) else ""
        parts = [f"{time:>{_TIME - 2}}  │", _cell(near, rung.arrow, place, _NEAR)]
        for leg in range(legs):
            mine = leg == rung.leg
            text, arrow = (distant, rung.far_arrow) if mine else ("", None)
            parts.append("│" + _cell(text, arrow, place, _FAR))
        rows.append("".join(parts) + "│")
    return rows


def _cell(text: str, arrow: str | None, place: int, width: int) -> str:
    inner = width - 1
    if arrow is None or place > 0:
        return f"    {text}".ljust(inner) if text else " " * inner
    if arrow == "note":
        return f" ⋯  {text}".ljust(inner)
    if arrow == "→":
        return f" ── {text} ".ljust(inner - 1, "─") + "▶"
    return f"◀── {text} ".ljust(inner, "─")


def as_mermaid(ladder: Ladder) -> str:
    """Return a ladder as a Mermaid sequence diagram."""
    lines = ["sequenceDiagram", "    autonumber", f"    participant U as {US}"]
    lines.append(f"    participant P as {PLATFORM}")
    lines += [
        f"    participant F{leg} as {_safe(name)}" for leg, name in enumerate(ladder.far_ends)
    ]
    for rung in ladder.rungs:
        time = since(rung)
        told = _safe(f"{time} {rung.told}".strip())
        if rung.arrow == "note":
            lines.append(f"    Note over U,P: {told}")
        elif rung.arrow:
            arrow = "U->>P" if rung.arrow == "→" else "P-->>U"
            lines.append(f"    {arrow}: {told}")
        if rung.far_arrow:
            far = f"F{rung.leg}"
            pair = f"P->>{far}" if rung.far_arrow == "→" else f"{far}-->>P"
            lines.append(f"    {pair}: {_safe(rung.far_told)}")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    """Return a text in which nothing ends a line of Mermaid or begins a command of it."""
    flat = " ".join(visible(text).split())
    return _UNSAFE.sub(lambda match: f"#{ord(match.group())};", flat) or "-"
