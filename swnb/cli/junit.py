"""The result of a notebook as JUnit XML, for continuous integration: a test case per code cell."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from swnb.drafts import draft_of
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from swnb.cli.executing import Execution


def write_junit(path: Path, name: str, execution: Execution, problems: Sequence[str]) -> None:
    """Write the report.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        The notebook's name.
    execution : Execution
        How it ended.
    problems : sequence of str
        The problems of the replay, which are one test case.

    """
    suite = ET.Element("testsuite", name=name)
    for cell in execution.cells:
        case = _case(suite, name, f"cell {cell.number}", cell.seconds)
        if cell.error:
            _failure(case, cell.error, cell.source)
        elif not cell.ran:
            ET.SubElement(case, "skipped", message="a cell before it failed")
    if execution.died:
        _failure(_case(suite, name, "kernel"), execution.died)
    if problems:
        _failure(_case(suite, name, "replay"), "\n".join(problems))
    for count, tag in (("tests", "testcase"), ("failures", "failure"), ("skipped", "skipped")):
        suite.set(count, str(len(list(suite.iter(tag)))))
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        ET.ElementTree(suite).write(draft, encoding="utf-8", xml_declaration=True)


def _case(suite: ET.Element, group: str, name: str, seconds: float = 0.0) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=group, name=name, time=f"{seconds:.3f}")


def _failure(case: ET.Element, message: str, more: str = "") -> None:
    # XML cannot hold control characters, such as those of colored output, or lone surrogates.
    text = visible(f"{message}\n\n{more}")
    ET.SubElement(case, "failure", message=text.split("\n", 1)[0]).text = text
