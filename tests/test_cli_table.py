"""`swnb run --params`: a notebook once for each row of a table, with one report of all."""

from __future__ import annotations

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from support.recorded_run import DIAL

from swnb.cli.table import rows_of
from swnb.errors import ConfigurationError

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
PARAMETERS = "# parameters\nto = '+15550100'\npin = '0000'\ndigits = 4"
CELLS = [
    ("markdown", "# Call the customer"),
    ("code", f"import swnb\nsw = swnb.simulate(seed=7)\ncall = sw.dial(**{DIAL!r} | {{'to': to}})"),
    (
        "code",
        "# Ask for the PIN\nassert len(pin) == digits, pin\ncall.user_event(event={'pin': pin})",
    ),
    ("code", "call.wait_until('answered').end()\ncall.refresh()"),
]
GOOD = "name,to,pin\nfirst,+15550101,4321\nsecond row,sip:a@example.com,0042\n"


@pytest.fixture
def shell(tmp_path):
    """Write a notebook with parameters and a table, and run `swnb run` on both."""
    import nbformat  # noqa: PLC0415 - takes seconds to load

    made = nbformat.v4.new_notebook()
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
    kinds = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}
    made.cells = [kinds[kind](source) for kind, source in [("code", PARAMETERS), *CELLS]]
    made.cells[0].metadata["tags"] = ["parameters"]
    nbformat.write(made, tmp_path / "ivr.ipynb")

    def run(table, *options, **variables):
        (tmp_path / "numbers.csv").write_text(table, encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-m", "swnb", "run", "ivr.ipynb", "--params", "numbers.csv", *options],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | variables,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run


@pytest.mark.kernel
def test_each_row_is_a_run_with_its_recording_page_and_suite(shell, tmp_path):
    outputs = ["--record", "recordings", "--html", "pages", "--junit", "report.xml"]
    done = shell(GOOD, "-n", "2", *outputs, GITHUB_STEP_SUMMARY=str(tmp_path / "step.md"))
    assert done.returncode == 0, done.stderr
    first, second, total = done.stdout.splitlines()
    assert first.split()[:2] == ["first", "passed"]
    assert second.startswith("second_row")
    assert total.startswith("2 runs, 0 failed, $")
    for folder, suffix in (("recordings", "jsonl"), ("pages", "html")):
        names = sorted(path.name for path in (tmp_path / folder).iterdir())
        assert names == [f"first.{suffix}", f"second_row.{suffix}"]
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert [suite.get("name") for suite in root] == ["first", "second_row"]
    assert (root.get("tests"), root.get("failures")) == ("8", "0")
    (suite, _) = root
    told = {each.get("name"): each.get("value") for each in suite.iter("property")}
    assert told["to"] == "+15550101"
    assert told["charge"].startswith("$")
    assert float(suite.get("time")) > 0
    assert suite.find("system-out").text == "[[ATTACHMENT|recordings/first.jsonl]]"
    names = [case.get("name") for case in suite.iter("testcase")]
    assert names == [
        "cell 1: parameters",
        "cell 2: Call the customer",
        "cell 3: Ask for the PIN",
        "cell 4: Call the customer",
    ]
    assert all(case.get("classname") == "first" for case in suite.iter("testcase"))
    lines = (tmp_path / "step.md").read_text().splitlines()
    assert lines[2].startswith("| first | passed | 4 cells | ")
    again = shell(GOOD, "--replay", "recordings")
    assert again.returncode == 0, again.stderr


@pytest.mark.kernel
def test_a_row_that_fails_fails_the_run_and_the_others_are_told(shell, tmp_path):
    done = shell(
        "to,pin\n+15550101,1\n+15550102,4321\n", "--record", "recordings", "--junit", "report.xml"
    )
    assert done.returncode == 1
    failed, passed, total = done.stdout.splitlines()
    assert "failed: cell 3" in failed
    assert "passed" in passed
    assert total.startswith("2 runs, 1 failed")
    assert "AssertionError: 1" in done.stderr
    names = sorted(path.name for path in (tmp_path / "recordings").iterdir())
    assert names == ["+15550101.partial.jsonl", "+15550102.jsonl"]
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("skipped")) == ("8", "1", "1")


@pytest.mark.kernel
def test_a_row_whose_run_does_not_begin_is_a_failure_in_the_report(shell, tmp_path):
    done = shell("name,nobody\na,1\n", "--junit", "report.xml")
    assert done.returncode == 1
    assert "no parameter 'nobody'" in done.stderr
    root = ET.parse(tmp_path / "report.xml").getroot()
    assert (root.get("tests"), root.get("failures")) == ("1", "1")
    assert "no parameter 'nobody'" in root.find(".//failure").text


BAD = {
    "nothing": ("", "at least one of values"),
    "a head alone": ("to,pin\n", "at least one of values"),
    "a missing value": ("to,pin\n+1\n", "line 2 of *has 1 value, and there are 2 columns"),
    "no name of Python": ("to,the pin\n1,2\n", "not ['the pin']"),
    "a column twice": ("to,to\n1,2\n", "each once"),
    "a name twice": ("name,to\na,1\na,2\n", "several rows named a"),
    "names that become one": ("name,to\na b,1\na/b,2\n", "several rows named a_b"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_table_that_makes_no_sense_is_refused_before_anything_runs(tmp_path, kind):
    text, words = BAD[kind]
    path = tmp_path / "numbers.csv"
    path.write_text(text)
    with pytest.raises(ConfigurationError) as refused:
        rows_of(path)
    assert all(part in str(refused.value) for part in words.split("*"))


def test_a_table_is_read_as_spreadsheets_write_it(tmp_path):
    path = tmp_path / "numbers.csv"
    path.write_bytes(b'\xef\xbb\xbfname,note\r\n../a,"x, ""y"""\r\n\r\n')
    (row,) = rows_of(path)
    assert (row.name, row.values) == ("_a", {"note": 'x, "y"'})
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        rows_of(path)


@pytest.mark.parametrize(
    ("options", "reason"),
    [(["-n", "2"], "-n is for --params"), (["--record", "."], "is a folder, which --params")],
)
def test_options_of_tables_need_a_table(shell, tmp_path, options, reason):
    done = subprocess.run(
        [sys.executable, "-m", "swnb", "run", "ivr.ipynb", *options],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert reason in done.stderr
