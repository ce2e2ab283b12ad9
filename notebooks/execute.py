"""Execute the notebooks without a browser, in place or for a comparison.

`python notebooks/execute.py` writes every notebook again with its outputs. With `--check` it writes
nothing, and the exit status says whether an output has changed. Durations and pictures differ
between machines and are not compared.
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
# A duration, a time, the time of day in a cell, and a picture as a data URL.
MACHINE_SPECIFIC = re.compile(
    r"\b\d+(\.\d+)? ms\b|\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\b"
    r"|(?<=>)\d\d:\d\d:\d\d(?=<)|data:image/png;base64,[\w+/=]+"
)


def notebooks() -> list[Path]:
    """Return the notebooks of this folder in order."""
    return sorted(HERE.glob("*.ipynb"))


def runner(notebook: Any, folder: str) -> NotebookClient:
    """Return a client that runs a notebook in another folder, where it may leave files."""
    return NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        extra_arguments=["--IPKernelApp.log_level=ERROR"],  # it warns of TCP on every start
        resources={"metadata": {"path": folder}},
    )


def executed(path: Path, folder: str) -> Any:
    """Run a notebook in a folder and return it with its outputs."""
    notebook = nbformat.read(path, as_version=4)
    runner(notebook, folder).execute()
    notebook.metadata.pop("widgets", None)
    notebook.metadata["language_info"] = {"name": "python"}  # no version
    return notebook


def visible_outputs(notebook: Any) -> list[tuple[str, Any]]:
    """Return what a reader sees of each code cell, without durations and pictures."""
    return [
        (cell.id, [text_of_output(output) for output in cell.outputs])
        for cell in notebook.cells
        if cell.cell_type == "code"
    ]


def text_of_output(output: Any) -> dict[str, str]:
    """Return the texts of one output by MIME type."""
    data = output.get("data") or {
        "text": output.get("text") or "\n".join(output.get("traceback", []))
    }
    return {
        kind: MACHINE_SPECIFIC.sub("…", str(text)) if kind.startswith("text") else ""
        for kind, text in data.items()
    }


def main() -> None:
    """Execute all notebooks; with `--check`, compare them instead of writing."""
    check = "--check" in sys.argv
    changed = []
    for path in notebooks():
        with tempfile.TemporaryDirectory() as folder:
            notebook = executed(path, folder)
        if check:
            if visible_outputs(notebook) != visible_outputs(nbformat.read(path, as_version=4)):
                changed.append(path.name)
        else:
            nbformat.write(notebook, path)
            print(f"executed {path.name}")
    if changed:
        sys.exit(f"outputs have changed; run `make notebooks`: {', '.join(changed)}")


if __name__ == "__main__":
    main()
