"""`Timeline`: everything known of a call, as a frame, a picture, a ladder, text and a file."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from swnb import html
from swnb.log.timeline.ladder import ladder_of
from swnb.log.timeline.lanes import pictured
from swnb.log.timeline.picture import drawn
from swnb.log.timeline.rungs import ladder_html
from swnb.log.timeline.steps import Step
from swnb.log.timeline.texts import as_mermaid, as_text
from swnb.words import counted, length

if TYPE_CHECKING:
    from pandas import DataFrame

    from swnb.costs.drawing import Chart


class Timeline:
    """Everything that a log knows of a call, in order; `call.timeline()` makes it.

    In a notebook it is a picture: the call's states as a band, a lane for each operation, user events
    with their payloads, the charge at the end, and below it the ladder between us, the platform and
    the far end with the time since the step before. All legs of the call are in it.

    Parameters
    ----------
    legs : sequence of str
        The ids of the call and of its other legs.
    steps : sequence of Step
        What is known, in order.

    Examples
    --------
    >>> timeline = call.timeline()
    >>> timeline.df[["elapsed", "kind", "state", "told"]]

    """

    def __init__(self, legs: Sequence[str], steps: Sequence[Step]) -> None:
        self._legs = list(legs)
        self._steps = list(steps)

    @property
    def legs(self) -> list[str]:
        """The ids of the call and of its other legs (strings), the call's own first."""
        return list(self._legs)

    @property
    def status(self) -> str | None:
        """The state of the call as last told (a string), None if nothing told it."""
        leg = pictured(self._steps, self._legs[:1]).legs[0]
        return leg.states[-1].name if leg.states else None

    @cached_property
    def df(self) -> DataFrame:
        """All steps as a pandas.DataFrame; the table "timeline()" of docs/log.md has the columns."""
        from swnb.log.timeline.frame import timeline_frame  # noqa: PLC0415 - loads pandas

        return timeline_frame(self._steps)

    def to_text(self) -> str:
        """Return the ladder as plain text in letters of one width.

        Returns
        -------
        str

        Examples
        --------
        >>> print(call.timeline().to_text())

        """
        return as_text(ladder_of(self._steps, self._legs)) if self._steps else self._nothing

    def to_mermaid(self) -> str:
        """Return the ladder as a Mermaid sequence diagram, which many pages of Markdown draw.

        Returns
        -------
        str

        Examples
        --------
        >>> print(call.timeline().to_mermaid())

        """
        return as_mermaid(ladder_of(self._steps, self._legs))

    def chart(self) -> Chart:
        """Return the picture drawn by matplotlib, for files and reports.

        Returns
        -------
        Chart
            With `figure`, `png`, `alt` and `save()`.

        Examples
        --------
        >>> call.timeline().chart().figure

        """
        from swnb.log.timeline.chart import charted  # noqa: PLC0415 - loads matplotlib

        return charted(pictured(self._steps, self._legs))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the timeline to a file: the picture, or the ladder as text.

        Parameters
        ----------
        path : str or path
            Its suffix says what is written: `.png`, `.svg` or `.pdf` the chart, `.html` the picture
            with the ladder, `.txt` the ladder as text, `.mmd` as a Mermaid diagram, `.csv` the frame.

        Raises
        ------
        ValueError
            If the suffix is another one.
        OSError
            If the file cannot be written.

        Examples
        --------
        >>> call.timeline().save("call.svg")

        """
        path = os.fspath(path)
        suffix = os.path.splitext(path)[1].lower()  # noqa: PTH122 - a string stays one
        texts: dict[str, Callable[[], str]] = {
            ".html": self._page,
            ".txt": lambda: self.to_text() + "\n",
            ".mmd": self.to_mermaid,
            ".csv": lambda: str(self.df.to_csv(index=False)),
        }
        if suffix in (".png", ".svg", ".pdf"):
            self.chart().save(path)
        elif suffix in texts:
            with open(path, "w", encoding="utf-8", newline="") as file:  # noqa: PTH123 - as above
                file.write(texts[suffix]())
        else:
            known = ", ".join([".png", ".svg", ".pdf", *texts])
            raise ValueError(f"{path!r}: the suffix must be one of {known}")

    @property
    def _nothing(self) -> str:
        return (
            f"Nothing is known of call {self._legs[0]}: no command was sent and no event was heard."
        )

    def _title(self) -> list[str]:
        picture = pictured(self._steps, self._legs)
        begun = datetime.fromtimestamp(picture.start / 1e6, UTC)
        spaces = {step.space for step in self._steps} - {"live"}
        return [
            f"{begun:%Y-%m-%d %H:%M:%S} UTC",
            length(picture.seconds),
            counted(len(self._steps), "step"),
            *sorted(spaces),
        ]

    def _page(self) -> str:
        return (
            '<!doctype html><html lang="en" style="color-scheme:light dark"><meta charset="utf-8">'
            '<title>Timeline</title><body style="font-family:sans-serif;font-size:14px;margin:16px">'
            f"{self._repr_html_()}</body></html>\n"
        )

    def __repr__(self) -> str:
        return self.to_text()

    def __len__(self) -> int:
        return len(self._steps)

    def __bool__(self) -> bool:
        return True  # a timeline without steps is one

    def _repr_html_(self) -> str:
        if not self._steps:
            return html.card("Timeline", None, [html.line(self._nothing)])
        picture = drawn(pictured(self._steps, self._legs))
        ladder = ladder_html(ladder_of(self._steps, self._legs))
        head = html.facts([("", html.mono(self._legs[0])), ("", " · ".join(self._title()))])
        return html.card("Timeline", None, [head, picture, ladder], wide=True)
