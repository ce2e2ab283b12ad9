"""Execute the notebooks headless, in place or for a comparison.

`python notebooks/execute.py` writes every notebook anew with its outputs; with `--check` nothing is
written, and the exit status says whether an output has changed. Times taken and pictures, which
differ between machines, are not compared.
"""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
# How long something took, the time of day in a timeline's cell, and a picture as an address.
OWN_TO_A_MACHINE = re.compile(
    r"\b\d+(\.\d+)? ms\b|(?<=>)\d\d:\d\d:\d\d(?=<)|data:image/png;base64,[\w+/=]+"
)


def notebooks() -> list[Path]:
    """Give the notebooks of this folder in their order."""
    return sorted(HERE.glob("*.ipynb"))


def runner(notebook: Any, folder: str) -> NotebookClient:
    """Make what runs a notebook in a folder, so that nothing is left beside it."""
    return NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of TCP on every start
        resources={"metadata": {"path": folder}},
    )


def executed(path: Path, folder: str) -> Any:
    """Run a notebook in a folder and give it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    runner(notebook, folder).execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # the version is the machine's own
    return notebook


def shown(notebook: Any) -> list[tuple[str, Any]]:
    """Give what a reader sees of each cell, less the times taken and the pictures."""
    return [
        (cell.id, [seen(output) for output in cell.outputs])
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def seen(output: Any) -> dict[str, str]:
    """Give the texts of one output."""
    data = output.get("data") or {
        "text": output.get("text") or "\n".join(output.get("traceback", []))
    }
    return {
        kind: OWN_TO_A_MACHINE.sub("…", str(text)) if kind.startswith("text") else ""
        for kind, text in data.items()
    }


def main() -> None:
    """Execute all notebooks; with `--check`, compare instead of writing."""
    check = "--check" in sys.argv
    changed = []
    for path in notebooks():
        with tempfile.TemporaryDirectory() as folder:
            notebook = executed(path, folder)
        if check:
            if shown(notebook) != shown(nbformat.read(path, as_version=4)):
                changed.append(path.name)
        else:
            nbformat.write(notebook, path)
            print(f"executed {path.name}")
    if changed:
        sys.exit(f"outputs have changed, run `make notebooks`: {', '.join(changed)}")


if __name__ == "__main__":
    main()
