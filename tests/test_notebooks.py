"""The committed notebooks run, and show what they showed when they were committed."""

import runpy
from pathlib import Path

import nbformat
import pytest

EXECUTE = runpy.run_path(str(Path(__file__).parents[1] / "notebooks" / "execute.py"))
NOTEBOOKS = EXECUTE["notebooks"]()


@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_it_showed(path, tmp_path):
    committed = EXECUTE["visible_outputs"](nbformat.read(path, as_version=4))
    again = EXECUTE["visible_outputs"](EXECUTE["executed"](path, str(tmp_path)))
    assert again == committed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_committed_with_its_outputs(path):
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    assert any(cell.outputs for cell in cells)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))


def test_there_is_a_quickstart():
    assert "01-quickstart.ipynb" in [path.name for path in NOTEBOOKS]
