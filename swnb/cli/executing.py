"""Executing a notebook headless with papermill, and how each of its cells ended.

The parts below papermill's `execute_notebook` are used: that function treats every error in an
output as a failure, also one that its cell expects with the tag `raises-exception`.
"""

from __future__ import annotations

import ast
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from swnb.errors import ConfigurationError
from swnb.hidden import REDACTED, Secrets
from swnb.redact import redact_text, secrets_in
from swnb.session.credentials import VARIABLES
from swnb.visible import visible

if TYPE_CHECKING:
    from collections.abc import Iterator

_EXPECTED = "raises-exception"
_SKIPPED = "skip-execution"
_PARAMETERS = "parameters"
_INJECTED = "injected-parameters"
_LINES = 12  # of a cell, or of what it wrote, that are shown


@dataclass(frozen=True, slots=True)
class Cell:
    """One code cell: its number among them, from 1, what it is called, and how it ended.

    `title` is the first comment of the cell, or the heading above it.
    """

    number: int
    source: str
    ran: bool
    seconds: float = 0.0
    error: str | None = None
    title: str = ""


@dataclass(slots=True)
class Execution:
    """A notebook with its outputs, and its code cells."""

    notebook: Any
    cells: list[Cell] = field(default_factory=list)
    died: str | None = None  # why the kernel could not continue

    @property
    def failed(self) -> Cell | None:
        """The cell that failed, if one did."""
        return next((cell for cell in self.cells if cell.error), None)

    @property
    def whole(self) -> bool:
        """Whether every cell ran and none failed."""
        return self.died is None and all(cell.ran and not cell.error for cell in self.cells)


def execute(path: Path, parameters: Mapping[str, Any], folder: Path) -> Execution:
    """Execute a notebook in a folder.

    Parameters
    ----------
    path : Path
        The notebook.
    parameters : mapping
        Values for the cell that is tagged `parameters`.
    folder : Path
        The kernel's working directory.

    Returns
    -------
    Execution

    Raises
    ------
    ConfigurationError
        If papermill or the kernel is not installed, the file is not a notebook, or the notebook does
        not declare a parameter.

    """
    _need_papermill()
    from papermill.parameterize import parameterize_notebook  # noqa: PLC0415 - an extra

    notebook = _loaded(path)
    kernel = notebook.metadata.get("kernelspec", {}).get("name", "python3")
    if parameters:
        _check(parameters, notebook)
        notebook = parameterize_notebook(
            notebook, dict(parameters), kernel_name=kernel, language="python"
        )
    died = _execute(notebook, kernel, folder)
    notebook = _clean(notebook, parameters)
    return Execution(notebook, list(_cells(notebook)), died)


def _need_papermill() -> None:
    if find_spec("papermill") is None:
        raise ConfigurationError(
            "run: papermill, which executes notebooks, is not installed",
            advice="pip install 'swnb[lab]'",
        )


def _execute(notebook: Any, kernel: str, folder: Path) -> str | None:
    """Execute the cells in place, and return why the kernel could not continue, None if it could."""
    from jupyter_client.kernelspec import NoSuchKernel  # noqa: PLC0415 - comes with papermill
    from nbclient.exceptions import DeadKernelError  # noqa: PLC0415 - comes with papermill
    from papermill.engines import papermill_engines  # noqa: PLC0415 - an extra

    try:
        papermill_engines.execute_notebook_with_engine(
            None,
            notebook,
            kernel_name=kernel,
            progress_bar=True,
            resources={"metadata": {"path": str(folder)}},
            # It would warn about TCP on every start, and about the interrupt that ends it.
            extra_arguments=["--IPKernelApp.log_level=CRITICAL"],
        )
    except NoSuchKernel:
        raise ConfigurationError(
            f"run: the notebook's kernel {kernel!r} is not installed",
            advice="`jupyter kernelspec list` lists the installed ones.",
        ) from None
    except DeadKernelError:
        return "the kernel died"
    except KeyboardInterrupt:
        # Otherwise the tasks that waited for the cell would log that its kernel was ended.
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)
        return "interrupted"
    return None


def _clean(notebook: Any, parameters: Mapping[str, Any]) -> Any:
    """Redact secret parameters and the token of the environment in a notebook that is shown."""
    from nbformat import from_dict  # noqa: PLC0415 - comes with papermill

    for cell in notebook.cells:
        if _INJECTED in cell.metadata.get("tags", ()):
            cell.source = redact_text(cell.source)
    sensitive = {**parameters, "token": os.environ.get(VARIABLES["token"])}
    secrets = Secrets(secrets_in(sensitive))
    untyped: Any = from_dict  # it has no types
    return untyped(_without(notebook, secrets)) if secrets else notebook


def _without(value: Any, secrets: Secrets) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = value.replace(secret, REDACTED)
        return value
    if isinstance(value, Mapping):
        return {key: _without(item, secrets) for key, item in value.items()}
    if isinstance(value, list):
        return [_without(item, secrets) for item in value]
    return value


def _loaded(path: Path) -> Any:
    """Read a notebook, and clear its outputs."""
    from nbformat import ValidationError  # noqa: PLC0415 - comes with papermill
    from papermill.iorw import load_notebook_node  # noqa: PLC0415 - an extra

    try:
        notebook = load_notebook_node(str(path))
    except (ValidationError, ValueError, TypeError, AttributeError, KeyError):
        raise ConfigurationError(f"run: {path.name} is not a readable notebook") from None
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _check(parameters: Mapping[str, Any], notebook: Any) -> None:
    """Raise `ConfigurationError` if the notebook does not declare a parameter: it would do nothing."""
    declared = _declared(notebook)
    for name in parameters if declared else ():
        if name not in declared:
            close = get_close_matches(name, declared, n=1)
            advice = f"Did you mean {close[0]!r}?" if close else f"It has {', '.join(declared)}."
            raise ConfigurationError(f"-p: the notebook has no parameter {name!r}", advice=advice)


def text_parameters(path: Path) -> frozenset[str]:
    """Return the parameters whose own value in a notebook is a string.

    Parameters
    ----------
    path : Path
        The notebook.

    Raises
    ------
    ConfigurationError
        If papermill is not installed, or the file is not a notebook.

    """
    _need_papermill()
    return frozenset(
        target.id
        for node in _parameter_nodes(_loaded(path))
        if isinstance(node, ast.Assign | ast.AnnAssign)
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    )


def _declared(notebook: Any) -> list[str]:
    """Return the names that the cell tagged `parameters` sets; none if it cannot be parsed."""
    names = (node for node in _parameter_nodes(notebook) if isinstance(node, ast.Name))
    return [name.id for name in names if isinstance(name.ctx, ast.Store)]


def _parameter_nodes(notebook: Any) -> Iterator[ast.AST]:
    tagged = (cell for cell in notebook.cells if _PARAMETERS in cell.metadata.get("tags", ()))
    cell = next(tagged, None)
    try:
        yield from ast.walk(ast.parse(cell.source if cell else ""))
    except SyntaxError:  # such as a magic
        return


def excerpt(source: str) -> str:
    """Return the first lines of a cell, indented."""
    lines = source.strip().split("\n")
    more = ["…"] if len(lines) > _LINES else []
    return "\n".join(f"    {line}" for line in [*lines[:_LINES], *more])


def _cells(notebook: Any) -> Iterator[Cell]:
    number, heading = 0, ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = _title(cell.source) or heading
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        # The injected one is papermill's, and no cell of the notebook that people have.
        if {_SKIPPED, _INJECTED} & {*cell.metadata.get("tags", ())}:
            continue
        number += 1
        about = cell.metadata.get("papermill", {})
        yield Cell(
            number,
            cell.source,
            ran=cell.execution_count is not None,
            seconds=_seconds(about),
            error=_error(cell),
            title=_title(cell.source) or heading,
        )


def _title(source: str) -> str:
    """Return the text of the first line that begins with #: a comment, or a heading in Markdown."""
    lines = (line.strip() for line in source.splitlines())
    marked = (line.lstrip("#! ").strip() for line in lines if line.startswith("#"))
    return next(filter(None, marked), "")


def _seconds(about: Mapping[str, Any]) -> float:
    started, ended = about.get("start_time"), about.get("end_time")
    if not started or not ended:
        return 0.0
    return (datetime.fromisoformat(ended) - datetime.fromisoformat(started)).total_seconds()


def _error(cell: Any) -> str | None:
    """Return what a cell failed with, None if it did not: papermill knows without an error output."""
    if _EXPECTED in cell.metadata.get("tags", ()):
        return None
    errors = (output for output in cell.outputs if output.output_type == "error")
    error = next(errors, None)
    if error:
        return visible(f"{error.ename}: {error.evalue}")
    if not cell.metadata.get("papermill", {}).get("exception"):
        return None
    # IPython writes a group of exceptions as Python does.
    written = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
    return "\n".join(written.rstrip().split("\n")[-_LINES:]) or "it failed"
