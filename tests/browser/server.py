"""A server of Jupyter in a process group of its own, and what these tests need of the machine.

All of Jupyter's folders are temporary, and its kernels are this Python with this swnb. Nothing here
imports Playwright, so that a machine without it can still say why it skips.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

import requests

ROOT = Path(__file__).resolve().parents[2]
STARTING = 90.0  # seconds that a server may take on a busy machine
ENDING = 10.0  # seconds that it has to end its kernels
POLL = 0.1
CHROMIUM_FLAGS = (
    "--no-sandbox",  # CI is root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
FOLDERS = {
    "HOME": "home",
    "IPYTHONDIR": "ipython",
    "JUPYTER_CONFIG_DIR": "config",
    "JUPYTER_DATA_DIR": "data",
    "JUPYTER_RUNTIME_DIR": "runtime",
    "JUPYTERLAB_SETTINGS_DIR": "settings",
    "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
}


def chromium() -> str | None:
    """Give the path of the Chromium on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def missing() -> str | None:
    """Say what is missing for these tests on this machine, None where nothing is."""
    needed = ("playwright", "jupyterlab", "voila")
    lacking = [name for name in needed if importlib.util.find_spec(name) is None]
    if lacking:
        return f"not installed: {', '.join(lacking)} (pip install -e '.[lab,test]')"
    return None if chromium() else "no Chromium on the PATH (apt-get install chromium)"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Server:
    """A process that serves pages on loopback until it is closed, with all that it started."""

    def __init__(self, root: Path, module: str, arguments: list[str], ready: str) -> None:
        self.root = root
        self.files = root / "files"
        self.files.mkdir(parents=True)
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._said = root / "server.log"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(
                [sys.executable, "-m", module, f"--port={port}", *arguments],
                cwd=self.files,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait(self.url + ready)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process group: politely, so that kernels end too, then for certain."""
        self._signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(ENDING)
        self._signal(signal.SIGKILL)
        self._process.wait()

    def write(self, name: str, *sources: str) -> Path:
        """Write a notebook of code cells."""
        import nbformat  # noqa: PLC0415 - takes seconds to load

        # A tour of errors goes on after each; `Notebook.run_all` counts them.
        metadata = {"tags": ["raises-exception"]}
        cells = [nbformat.v4.new_code_cell(source, metadata=metadata) for source in sources]
        notebook = nbformat.v4.new_notebook(cells=cells)
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        path = self.files / name
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        return path

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)

    def _environment(self) -> dict[str, str]:
        folders = {name: str(self.root / folder) for name, folder in FOLDERS.items()}
        for folder in folders.values():
            Path(folder).mkdir()
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "SIGNALWIRE"))
        }
        return {**kept, **folders, "PYTHONPATH": str(ROOT)}

    def _wait(self, url: str) -> None:
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline and self._process.poll() is None:
            with contextlib.suppress(requests.ConnectionError):
                if requests.get(url, timeout=STARTING).ok:
                    return
            time.sleep(POLL)
        raise AssertionError(f"no server at {url}:\n{self._said.read_text(errors='replace')}")


class Voila(Server):
    """Voila, which shows the notebooks of its folder as pages."""

    def __init__(self, root: Path) -> None:
        arguments = ["--no-browser", "--Voila.ip=127.0.0.1", str(root / "files")]
        super().__init__(root, "voila", arguments, "/")

    def address(self, path: Path) -> str:
        """Give the address of a notebook's page, which runs it."""
        return f"{self.url}/voila/render/{path.relative_to(self.files)}"
