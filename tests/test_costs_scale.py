"""The commands of docs/scale.md, run for real: a Dask cluster of two processes, and Spark."""

import re
import subprocess
import sys
from pathlib import Path
from shutil import which

import pandas as pd
import pytest
from support import cost_accounts as accounts

from swnb import costs

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "scale.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("account")
    tables = accounts.some(3)
    costs.write(made, tables.calls, tables.charges)
    return made


def program(section):
    """Take the program of a section of the page."""
    found = re.search(rf"^## {section}$.*?^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.mark.engines
@pytest.mark.parametrize(
    ("section", "module", "tool"), [("Dask", "distributed", None), ("Spark", "pyspark", "java")]
)
def test_the_program_of_the_page_runs_from_start_to_result(section, module, tool, folder, tmp_path):
    accounts.needs(module)
    if tool and which(tool) is None:
        accounts.needs(tool)
    (tmp_path / "program.py").write_text(program(section))
    (tmp_path / "account").symlink_to(folder)
    done = subprocess.run(
        [sys.executable, "program.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    expected = costs.by(accounts.some(3), "month", "description")
    found = pd.read_csv(tmp_path / "charges.csv", parse_dates=["month"])
    assert found["charge"].tolist() == expected["charge"].tolist()
    assert found["description"].tolist() == expected["description"].tolist()
