"""Executing a notebook headless with papermill, and what became of each of its cells.

Papermill's own parts are used below its `execute_notebook`, which takes every error in an output
for a failure, also one that its cell announces with the tag `raises-exception`.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swnb.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_EXPECTED = "raises-exception"
_SOURCE_LINES = 12


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell: its number among them, from 1, and how it ended."""

    number: int
    source: str
    ran: bool
    seconds: float = 0.0
    error: str | None = None


@dataclass(slots=True)
class Execution:
    """A notebook with its outputs, and its code cells."""

    notebook: Any
    cells: list[Cell] = field(default_factory=list)
    died: str | None = None  # why the kernel could not go on

    @property
    def failed(self) -> Cell | None:
        """The cell that failed, if one did."""
        return next((cell for cell in self.cells if cell.error), None)

    @property
    def whole(self) -> bool:
        """Whether every cell ran and none failed."""
        return self.died is None and all(cell.ran and not cell.error for cell in self.cells)


def execute(path: Path, parameters: Mapping[str, Any], folder: Path) -> Execution:
    """Execute a notebook in a folder. Raises `ConfigurationError` without papermill."""
    if find_spec("papermill") is None:
        raise ConfigurationError(
            "run: papermill, which executes notebooks, is not installed",
            advice="pip install 'swnb[lab]'",
        )
    from nbclient.exceptions import DeadKernelError  # noqa: PLC0415 - comes with papermill
    from papermill.engines import papermill_engines  # noqa: PLC0415 - an extra
    from papermill.iorw import load_notebook_node  # noqa: PLC0415 - an extra
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415 - an extra

    notebook = load_notebook_node(str(path))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if parameters:
        notebook = parameterize_notebook(
            notebook, dict(parameters), kernel_name=kernel, language="python"
        )
    died = None
    try:
        papermill_engines.execute_notebook_with_engine(
            None,
            notebook,
            kernel_name=kernel,
            progress_bar=True,
            resources={"metadata": {"path": str(folder)}},
            # It would warn of TCP on every start, and of the interrupt that ends it.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except DeadKernelError:
        died = "the kernel died"
    return Execution(notebook, list(_cells(notebook)), died)


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables for the kernels that are started within."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def excerpt(source: str) -> str:
    """Give the first lines of a cell, indented."""
    lines = source.strip().split("\n")
    more = ["…"] if len(lines) > _SOURCE_LINES else []
    return "\n".join(f"    {line}" for line in [*lines[:_SOURCE_LINES], *more])


def _cells(notebook: Any) -> Iterator[Cell]:
    code = (cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip())
    for number, cell in enumerate(code, 1):
        about = cell.metadata.get("papermill", {})
        yield Cell(
            number,
            cell.source,
            ran=cell.execution_count is not None,
            seconds=_seconds(about),
            error=_error(cell),
        )


def _seconds(about: Mapping[str, Any]) -> float:
    started, ended = about.get("start_time"), about.get("end_time")
    if not started or not ended:
        return 0.0
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def _error(cell: Any) -> str | None:
    if _EXPECTED in cell.metadata.get("tags", ()):
        return None
    errors = (output for output in cell.outputs if output.output_type == "error")
    found = next(errors, None)
    return f"{found.ename}: {found.evalue}" if found else None
