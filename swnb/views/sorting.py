"""A view as a table of itables, which is optional: rows can be sorted and searched in the page."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

import pandas as pd

from swnb.errors import ConfigurationError
from swnb.views.rows import Heading, Row
from swnb.visible import visible

_LOADED: list[bool] = []  # not empty once the scripts are in the notebook
_OPTIONS = {
    "scrollY": "400px",
    "scrollCollapse": True,
    "scrollX": True,
    "paging": False,
    "maxBytes": 0,  # all rows, or it would leave some out
    "showIndex": False,
}


def show_sortable(
    headings: Sequence[Heading], rows: Sequence[Row], options: dict[str, Any]
) -> None:
    """Show the rows by itables; its scripts come with the first table, never from a network."""
    if find_spec("itables") is None:
        message = "to_itables: needs itables, which is not installed"
        raise ConfigurationError(message, advice="pip install 'swnb[tables]'")
    import itables  # noqa: PLC0415 - optional

    if not _LOADED:
        itables.init_notebook_mode(all_interactive=False, connected=False)
        _LOADED.append(True)
    itables.show(frame_of(headings, rows), **{**_OPTIONS, **options})


def frame_of(headings: Sequence[Heading], rows: Sequence[Row]) -> pd.DataFrame:
    """Return the rows as a frame of text, with numbers where a column is to be sorted by them."""
    frame = pd.DataFrame(
        [[visible(cell) for cell in row.cells] for row in rows],
        columns=[heading.name for heading in headings],
        dtype=object,
    )
    for heading in headings:
        if heading.kind == "number":
            digits = frame[heading.name].str.replace(r"[$,\s]", "", regex=True)
            frame[heading.name] = pd.to_numeric(digits, errors="coerce")
    frame.insert(0, "day", [row.day for row in rows])
    return frame.assign(error=[visible(row.error) for row in rows])
