"""The result of a notebook as JUnit XML, for continuous integration: a test case per code cell."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from swnb.drafts import draft_of
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from swnb.cli.executing import Execution

RECORDING = "recording"  # the property with the path of a run's recording


def write_junit(
    path: Path,
    name: str,
    execution: Execution,
    problems: Sequence[str],
    properties: Mapping[str, object],
) -> None:
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
    properties : mapping
        What else is known of the run: parameters, its charge, its recording.

    """
    suite = ET.Element("testsuite", name=name)
    told = ET.SubElement(suite, "properties")
    for key, value in properties.items():
        ET.SubElement(told, "property", name=key, value=visible(str(value)))
    for cell in execution.cells:
        title = f": {visible(cell.title)}" if cell.title else ""
        case = _case(suite, name, f"cell {cell.number}{title}", cell.seconds)
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
    recording = properties.get(RECORDING)
    if recording:  # GitLab and Jenkins attach a file that the output of a suite names like this
        ET.SubElement(suite, "system-out").text = f"[[ATTACHMENT|{recording}]]"
    seconds = sum(cell.seconds for cell in execution.cells)
    suite.set("time", f"{seconds:.3f}")
    _write(path, suite)


def merge_junit(path: Path, reports: Sequence[Path], missing: Mapping[str, str]) -> None:
    """Write one report with the suites of several.

    Parameters
    ----------
    path : Path
        The file.
    reports : sequence of Path
        The reports of the runs that wrote one, in order.
    missing : mapping of str to str
        The names of the runs that wrote none, and what they printed instead.

    """
    suites = ET.Element("testsuites")
    for report in reports:
        suites.append(ET.parse(report).getroot())  # noqa: S314 - written by us
    for name, text in missing.items():
        suite = ET.SubElement(suites, "testsuite", name=name, tests="1", failures="1", skipped="0")
        _failure(_case(suite, name, "run"), text)
    for count in ("tests", "failures", "skipped"):
        suites.set(count, str(sum(int(suite.get(count, "0")) for suite in suites)))
    _write(path, suites)


def _write(path: Path, root: ET.Element) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        ET.ElementTree(root).write(draft, encoding="utf-8", xml_declaration=True)


def _case(suite: ET.Element, group: str, name: str, seconds: float = 0.0) -> ET.Element:
    return ET.SubElement(suite, "testcase", classname=group, name=name, time=f"{seconds:.3f}")


def _failure(case: ET.Element, message: str, more: str = "") -> None:
    # XML cannot hold control characters, such as those of colored output, or lone surrogates.
    text = visible(f"{message}\n\n{more}")
    ET.SubElement(case, "failure", message=text.split("\n", 1)[0]).text = text
