"""What a terminal is given instead of widgets: text that fits 80 columns."""

from __future__ import annotations

import sys
import unicodedata

COLUMNS = 80
WIDGETS = (
    "The widgets need JupyterLab (pip install 'swnb[lab]') and a running kernel; this is text."
)
MISSING = (
    "The widgets need ipywidgets, which is not installed (pip install 'swnb[lab]' brings it and "
    "JupyterLab); this is text."
)


def in_kernel() -> bool:
    """Return whether this runs in a kernel, whose pages can show widgets."""
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


def has_widgets() -> bool:
    """Return whether ipywidgets was found."""
    return sys.modules.get("ipywidgets") is not None


def why_text() -> str:
    """Return why there is text, and what would bring the widgets."""
    return WIDGETS if has_widgets() else MISSING


def wide(text: str) -> int:
    """Return how many columns a text takes in a terminal."""
    return sum(
        0 if unicodedata.combining(each) else 2 if unicodedata.east_asian_width(each) in "WF" else 1
        for each in text
    )


def cut(text: str, width: int) -> str:
    """Return a text in at most so many columns, with an ellipsis for what is left out."""
    if wide(text) <= width:
        return text
    while text and wide(text) >= width:
        text = text[:-1]
    return f"{text}…"


def padded(text: str, width: int) -> str:
    """Return a text in exactly so many columns, or in more if it is longer."""
    return text + " " * (width - wide(text))


def middle_cut(name: str, width: int) -> str:
    """Return a string with its start and its end: the names that swnb gives to runs differ at the end."""
    if wide(name) <= width:
        return name
    start = (width - 1) // 2
    end = width - 1 - start
    head, tail = cut(name, start + 1), cut(name[::-1], end + 1)[::-1]
    return f"{head.removesuffix('…')}…{tail.removeprefix('…')}"
