"""`make demo`: run the quickstart without a browser, and print its log and its cost."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from execute import HERE, runner

NOTEBOOK = HERE / "01-quickstart.ipynb"
EXECUTED = HERE.parent / "build" / NOTEBOOK.name
REPORT = """
rows = sw.log.df[["id", "command", "outcome", "http_status", "call_status", "error_message"]]
rows = rows.astype(object).where(rows.notna(), "")
print("The log:\\n")
print(rows.to_string(index=False, max_colwidth=44))
print("\\nThe charges (invented prices, in US dollars):\\n")
print(sw.log.charges()[["description", "charge"]].to_string(index=False))
print(f"\\nTotal: ${sw.log.charges()['charge'].sum():.4f}")
"""


def main() -> None:
    """Execute the quickstart into build/, and let its kernel print the log and the charges."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    report = nbformat.v4.new_code_cell(REPORT)
    notebook.cells.insert(-1, report)  # before the last cell, which closes the log
    print(f"Running notebooks/{NOTEBOOK.name} against a simulated space …\n", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        runner(notebook, folder).execute()
    notebook.cells.remove(report)
    EXECUTED.parent.mkdir(exist_ok=True)
    nbformat.write(notebook, EXECUTED)
    print("".join(output.get("text", "") for output in report.outputs))
    print(f"The executed notebook: {EXECUTED.relative_to(Path.cwd())}")
    print("Open the notebooks in JupyterLab with: make lab")


if __name__ == "__main__":
    main()
