"""The provenance of a run: versions, the git commit, the notebook and its parameters."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, Any

from swnb.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

# Set by `swnb run`, for the notebook that it executes.
NOTEBOOK = "SWNB_NOTEBOOK"
PARAMETERS = "SWNB_PARAMETERS"
# Where servers and editors say which notebook a kernel belongs to.
_NOTEBOOKS = (NOTEBOOK, "JPY_SESSION_NAME")
_VS_CODE = "__vsc_ipynb_file__"
_PACKAGES = ("swnb", "pandas", "pydantic", "requests", "ipykernel")
_PATIENCE = 2.0  # seconds that git may take


def gather(note: str | None = None, parameters: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return the provenance of a run that begins now, as JSON and without secrets.

    Parameters
    ----------
    note : str, optional
        Kept as it is.
    parameters : mapping, optional
        What the run uses, such as settings.

    """
    entries = {
        "note": note,
        "notebook": notebook(),
        "parameters": _parameters(parameters),
        "python": platform.python_version(),
        "packages": packages(),
        **git(),
    }
    entries = {name: value for name, value in entries.items() if value is not None}
    facts: dict[str, Any] = json.loads(json.dumps(redact(entries), default=str))
    return facts


def packages() -> dict[str, str]:
    """Return the versions of the packages that matter, if they are installed."""
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def git() -> dict[str, Any]:
    """Return the commit that is checked out and whether files differ from it; empty without git."""
    program = which("git")
    if program is None:
        return {}
    command = [program, "status", "--porcelain=v2", "--branch", "--untracked-files=no"]
    try:
        done = subprocess.run(  # noqa: S603 - git, with arguments of our own
            command, capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return {}
    lines = done.stdout.splitlines()
    commit = next((line.split()[-1] for line in lines if line.startswith("# branch.oid")), None)
    dirty = any(not line.startswith("#") for line in lines)
    return {"commit": commit, "dirty": dirty}


def notebook() -> str | None:
    """Return the notebook's file name, if `swnb run`, the server or the editor tells it."""
    names = [os.environ.get(name) for name in _NOTEBOOKS]
    path = next((name for name in names if name), None) or _editors_own()
    return Path(path).name if path else None


def _editors_own() -> str | None:
    import sys  # noqa: PLC0415 - read when it is asked, since IPython may be loaded later

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    path = shell.user_ns.get(_VS_CODE) if shell else None
    return str(path) if path else None


def _parameters(parameters: Mapping[str, Any] | None) -> dict[str, Any] | None:
    injected = json.loads(os.environ.get(PARAMETERS) or "{}")
    return {**injected, **(parameters or {})} or None
