"""A real JupyterLab, as the tests of this folder drive it.

A `Notebook` is one open notebook in one page. Everything in it is looked for inside its outputs:
JupyterLab's own buttons ("Delete Cell") answer to the same names.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from browser.server import ROOT, Server

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

SCREENSHOTS = ROOT / "build" / "screenshots"
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    # Cells outside of the window are otherwise not laid out, and missing in a picture of the page.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}
WIDGET_SETTINGS = "@jupyter-widgets/jupyterlab-manager/plugin"
ERROR = "application/vnd.jupyter.stderr"  # JupyterLab shows errors and stderr alike
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}

_CURRENT = "jupyterapp.shell.currentWidget"
_SESSION = f"{_CURRENT}.context.sessionContext"
# Not the outputs that a widget holds in its turn.
_OUTPUT = ".jp-Cell-outputArea > .jp-OutputArea-child > .jp-OutputArea-output"
# JupyterLab's command ends at the first error while cells still run, and outputs are drawn later.
_ALL_SHOWN = f"""{_SESSION}.session.kernel.status === 'idle' && {_CURRENT}.content.widgets
  .filter(cell => cell.model.type === 'code')
  .every(cell => {{
    const drawn = cell.node.querySelectorAll('{_OUTPUT}');
    return cell.model.executionCount !== null
      && drawn.length === cell.model.outputs.length
      && Array.from(drawn).every(output => output.innerText.trim());
  }})"""


class Lab(Server):
    """JupyterLab."""

    def __init__(self, root: Path) -> None:
        arguments = [
            "--no-browser",
            "--allow-root",
            "--ip=127.0.0.1",
            "--ServerApp.port_retries=0",
            "--IdentityProvider.token=",
            "--ServerApp.password=",
            f"--ServerApp.root_dir={root / 'files'}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.extension_manager=readonly",
        ]
        super().__init__(root, "jupyterlab", arguments, "/api")
        for name, values in SETTINGS.items():
            self.set(name, **values)

    def set(self, name: str, **values: Any) -> None:
        """Write one of JupyterLab's settings; pages opened from now on follow it."""
        path = self.root / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))

    def open(self, page: Page, path: Path, *, save_state: bool = False) -> Notebook:
        """Open a notebook in a page, with a kernel that is ready.

        With `save_state` JupyterLab saves the state of widgets into it, as its menu offers.
        """
        self.set(WIDGET_SETTINGS, saveState=save_state)
        page.goto(f"{self.url}/doc/tree/{path.relative_to(self.files)}?reset")
        notebook = Notebook(page, path)
        notebook.wait_for(f"{_SESSION}.session?.kernel?.status === 'idle'")
        return notebook

    def reopen(self, page: Page, path: Path) -> Notebook:
        """Open a notebook in a page without a kernel, as a reader does."""
        page.goto(f"{self.url}/doc?reset")
        page.wait_for_function("() => globalThis.jupyterapp")
        page.evaluate("() => jupyterapp.restored")  # which closes what was opened before it
        arguments = {
            "path": str(path.relative_to(self.files)),
            "factory": "Notebook",
            "kernelPreference": {"shouldStart": False, "autoStartDefault": False},
        }
        page.evaluate("args => jupyterapp.commands.execute('docmanager:open', args)", arguments)
        notebook = Notebook(page, path)
        notebook.wait_for(f"{_CURRENT}.context.isReady")
        return notebook


class Notebook:
    """One open notebook."""

    def __init__(self, page: Page, path: Path) -> None:
        self.page = page
        self.path = path

    @property
    def outputs(self) -> Locator:
        """All outputs, in their order, without the prompts that JupyterLab puts beside them."""
        return self.page.locator(f".jp-Notebook {_OUTPUT}")

    @property
    def errors(self) -> Locator:
        """The errors that cells raised, and what they wrote to stderr."""
        return self.page.locator(f'.jp-Cell-outputArea [data-mime-type="{ERROR}"]')

    @property
    def cells(self) -> list[str]:
        """The sources of the cells as they are now."""
        return self.page.evaluate(
            f"() => Array.from({_CURRENT}.content.model.cells, cell => cell.sharedModel.source)"
        )

    @property
    def kernel(self) -> str | None:
        """The id of the kernel, None where there is none."""
        return self.page.evaluate(f"() => {_SESSION}.session?.kernel?.id ?? null")

    def wait_for(self, condition: str) -> None:
        """Wait until a JavaScript condition holds; what it asks of may not be there yet."""
        self.page.wait_for_function(
            f"() => {{ try {{ return {condition} }} catch {{ return false }} }}"
        )

    def run_all(self, *, errors: int = 0) -> Self:
        """Run all cells, wait until their outputs show, and hold that so many are errors."""
        self.page.evaluate("() => jupyterapp.commands.execute('notebook:run-all-cells')")
        self.wait_for(_ALL_SHOWN)
        blocks = self.errors.all_inner_texts()
        assert len(blocks) == errors, blocks
        return self

    def save(self) -> str:
        """Save, and give the text of the file."""
        self.page.evaluate(f"() => {_CURRENT}.context.save()")
        return self.path.read_text(encoding="utf-8")

    def shut_down(self) -> None:
        """End the kernel."""
        self.page.evaluate(f"() => {_SESSION}.shutdown()")

    def theme(self, name: str) -> None:
        """Switch JupyterLab to the `light` or `dark` theme."""
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", THEMES[name]
        )
        self.wait_for(f"document.body.dataset.jpThemeName === '{THEMES[name]}'")
        self.wait_for("!document.getElementById('jupyterlab-splash')")

    def picture(self, name: str) -> None:
        """Keep a picture of the page under build/."""
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")

    def pictures(self, name: str) -> None:
        """Keep a picture in each theme."""
        for theme in THEMES:
            self.theme(theme)
            self.picture(f"{name}-{theme}")
