"""The committed notebooks run, and show what they showed when they were committed."""

import json
import runpy
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))


@pytest.mark.kernel
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_shows_what_it_showed(path, tmp_path):
    import nbformat  # noqa: PLC0415 - takes seconds to load

    execute = runpy.run_path(str(FOLDER / "execute.py"))
    assert execute["notebooks"]() == NOTEBOOKS
    committed = execute["visible_outputs"](nbformat.read(path, as_version=4))
    again = execute["visible_outputs"](execute["executed"](path, str(tmp_path)))
    assert again == committed


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_is_committed_with_its_outputs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert any(cell["outputs"] for cell in cells)
    assert [cell["execution_count"] for cell in cells] == list(range(1, len(cells) + 1))


def test_there_is_a_quickstart():
    assert "01-quickstart.ipynb" in [path.name for path in NOTEBOOKS]
