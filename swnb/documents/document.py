"""A SWML document that was read and checked, and how it shows itself."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swnb import html
from swnb.documents.checking import check
from swnb.documents.outline import counts, lines
from swnb.documents.reading import is_text, read
from swnb.documents.unreadable import Unreadable
from swnb.errors import InvalidSwml, Problem
from swnb.redact import redact
from swnb.visible import visible
from swnb.words import counted

_DOCUMENT = re.compile(r"\bsections\b")
_HEIGHT = 30  # em of a card, before it scrolls


class SwmlDocument(dict[str, Any]):
    """A SWML document as a dict that shows itself as an outline, made by `swnb.swml`.

    It goes into `swml=` (or `to_script=`, `dest=`) of a command, which checks it again.

    Attributes
    ----------
    source : str
        The file that was read, or `swml` for a document without one.
    unchecked : bool
        Whether it is sent as it is, whatever its problems.

    """

    def __init__(
        self, content: Mapping[str, Any], source: str = "swml", *, unchecked: bool = False
    ) -> None:
        super().__init__(content)
        self.source = source
        self.unchecked = unchecked

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the document as it is now: an empty list if it can be sent."""
        return check(self)

    def outline(self) -> str:
        r"""Return the document as text: one line for each step, without secrets.

        Returns
        -------
        str
            A first line of facts, then the steps, each below the place where it stands.

        Examples
        --------
        >>> swnb.swml({"sections": {"main": ["answer", {"play": {"url": "say:Hello"}}]}}).outline()
        'swml · 1 section · 2 steps\n  main 1  answer\n  main 2  play · url say:Hello'

        """
        shown = redact(dict(self))
        steps = [
            f"  {'  ' * step.depth}{step.place}  {html.DOT.join([step.method, *step.facts])}"
            for step in lines(shown)
        ]
        problems = [f"  {problem}" for problem in self.problems]
        return visible("\n".join([html.DOT.join([self.source, *self._said()]), *steps, *problems]))

    def _said(self) -> list[str]:
        sections, steps = counts(self)
        said = [counted(sections, "section"), counted(steps, "step")]
        found = len(self.problems)
        said += [counted(found, "problem")] if found else []
        return [*said, *(["unchecked"] if self.unchecked else [])]

    def __repr__(self) -> str:
        return self.outline()

    __str__ = __repr__

    def _repr_html_(self) -> str:
        shown = redact(dict(self))
        problems = self.problems
        tone: html.Tone = "bad" if problems else "good"
        mark = html.badge(
            "unchecked" if self.unchecked else "refused" if problems else "valid", tone
        )
        rows = [
            (
                step.place,
                html.mono(step.method),
                html.mono(html.DOT.join(step.facts)) if step.facts else None,
            )
            for step in lines(shown)
        ]
        parts = [html.line(str(problem)) for problem in problems]
        parts.append(
            html.scrolled(html.table(["step", "method", "parameters"], rows), height=_HEIGHT)
        )
        whole = json.dumps(shown, indent=2, ensure_ascii=False, default=str)
        parts.append(html.folded("Document as JSON", html.code(whole)))
        beside = [fact for fact in self._said() if fact != "unchecked"]
        return html.card(
            f"SWML {self.source}" if self.source != "swml" else "SWML", mark, parts, beside=beside
        )


def swml(source: str | Path | Mapping[str, Any], *, unchecked: bool = False) -> SwmlDocument:
    """Read a SWML document and check it, before a call hears it.

    YAML is read as YAML 1.2 reads it: `yes`, `on`, 2026-01-02 and +15550100 are text, and a key is
    what is written. A key that is given twice is refused, and so are tags and what is not UTF-8.
    A string with a variable in it (`%{…}` or `${…}`) may stand where a word or a number is wanted.

    Parameters
    ----------
    source : str, Path or dict
        The path of a file, YAML or JSON text, or the document as a dict; at most 200,000 bytes
        of YAML, 500,000 of JSON. A string of one line without a colon and a space, a brace or a bracket is a path.
    unchecked : bool, default False
        Take a document with problems too; it is then sent as it is, and its card lists them.

    Returns
    -------
    SwmlDocument
        The document, a dict, for `dial(swml=…)`, `update(swml=…)` and `transfer(dest=…)`.

    Raises
    ------
    InvalidSwml
        If it cannot be read, or breaks rules: with every problem and its path. A document that
        cannot be read is refused also with `unchecked=True`.

    Examples
    --------
    >>> hello = swnb.swml('''
    ... sections:
    ...   main:
    ...     - play: {url: "say:Hello"}
    ...     - hangup
    ... ''')
    >>> call = sw.dial(from_="+15550100", to="+15550101", swml=hello)

    """
    name = "swml"
    if isinstance(source, Path) or (isinstance(source, str) and not is_text(source)):
        name = str(source)
    elif isinstance(source, SwmlDocument):
        name = source.source
    content, problems = _content(source, name)
    if not unchecked:
        problems += check(content)
    if problems or not isinstance(content, dict):
        raise InvalidSwml(name, problems or check(content))
    return SwmlDocument(content, name, unchecked=unchecked)


def _content(source: Any, name: str) -> tuple[Any, list[Problem]]:
    unreadable = None
    try:
        return read(source)
    except Unreadable as error:
        unreadable = error.problem
    raise InvalidSwml(name, [unreadable])  # outside the handler: what it holds is not chained


def opened(value: Any) -> tuple[Any, list[Problem], bool]:
    """Return what a parameter that takes SWML was given, with a file read.

    The third value says whether no more of it is to be checked: it was made unchecked, or it cannot
    be read and an empty document stands for it.
    """
    if isinstance(value, SwmlDocument):
        return value, [], value.unchecked
    if not isinstance(value, Path):
        return value, [], False
    try:
        content, problems = read(value)
    except Unreadable as error:
        return {}, [error.problem], True
    return content, problems, bool(problems)


def problems_in(value: Any) -> list[Problem]:
    """Return what is wrong with a document, or with a string that is one; nothing of other strings."""
    if not isinstance(value, str):
        return check(value) if isinstance(value, Mapping) else []
    if not (is_text(value) and _DOCUMENT.search(value)):
        return []
    try:
        content, problems = read(value)
    except Unreadable as error:
        return [error.problem]
    return problems or check(content)
