"""`make demo`: run the quickstart headless and print what it logged and what it cost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from execute import HERE
from nbclient import NotebookClient

NOTEBOOK = HERE / "01-quickstart.ipynb"
EXECUTED = HERE.parent / "build" / NOTEBOOK.name
REPORT = """
print("The log:\\n")
print(sw.log.df[["id", "command", "outcome", "http_status", "call_status", "error_message"]]
      .to_string(index=False, na_rep="", max_colwidth=44))
print("\\nThe charges (invented prices, in US dollars):\\n")
print(sw.log.charges()[["description", "charge"]].to_string(index=False))
print(f"\\nTotal: ${sw.log.charges()['charge'].sum():.4f}")
"""


def main() -> None:
    """Execute the quickstart into build/, then let its kernel print the log and the charges."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    report = nbformat.v4.new_code_cell(REPORT)
    notebook.cells.append(report)
    print(f"Running notebooks/{NOTEBOOK.name} against a simulated space …\n", flush=True)  # noqa: T201 - it reports
    with tempfile.TemporaryDirectory() as folder:
        NotebookClient(notebook, timeout=120, resources={"metadata": {"path": folder}}).execute()
    notebook.cells.remove(report)
    EXECUTED.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, EXECUTED)
    print("".join(output.get("text", "") for output in report.outputs))  # noqa: T201 - it reports
    print(f"The executed notebook: {EXECUTED.relative_to(Path.cwd())}")  # noqa: T201 - it reports
    print("Open the notebooks in JupyterLab with: make lab")  # noqa: T201 - it reports


if __name__ == "__main__":
    main()
