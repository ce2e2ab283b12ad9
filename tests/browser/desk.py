"""A form in an open notebook, its simulated space and its log: what a person at a desk can reach.

The space runs in this process, so a test sees what arrived at it, secrets included; the notebook
reads the credentials from a file beside it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import swnb

if TYPE_CHECKING:
    from pathlib import Path

    from pandas import DataFrame
    from playwright.sync_api import Locator, Page

    from browser.lab import Notebook

SETUP = """
import json
from pathlib import Path
import swnb
given = json.loads(Path("space.json").read_text())
call_id = given.pop("call")
sw = swnb.Client(**given, log="log.sqlite", retries=0)
"""
MOST_TABS = 60
_FOCUSED = """() => {
  const element = document.activeElement;
  const label = element.labels?.[0]?.innerText || element.innerText || "";
  return { label: label.trim(), output: element.closest(".jp-Cell-outputArea") !== null };
}"""


class WatchedSpace(swnb.Space):
    """A simulated space that keeps the bodies of what arrived."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.bodies: list[dict[str, Any]] = []

    def handle(self, method: str, path: str, headers: Any, body: bytes) -> Any:
        if body:
            self.bodies.append(json.loads(body))
        return super().handle(method, path, headers, body)


def form_of(command: str | None) -> str:
    """Write the cell that shows a command's form, on the call where it is about one, or a picker."""
    if command is None:
        return "sw.form()"
    return f"sw.form({command!r}{', call_id' if swnb.COMMANDS[command].on_call else ''})"


def leave_credentials(folder: Path, space: swnb.Space, host: str) -> None:
    """Write the file that `SETUP` reads, with a call that is answered."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"project": space.project, "token": space.token, "host": host, "call": space.inbound()}
    (folder / "space.json").write_text(json.dumps(given))


class Desk:
    """A form in JupyterLab."""

    def __init__(self, notebook: Notebook, space: WatchedSpace) -> None:
        self.notebook = notebook
        self.space = space
        self.form = notebook.outputs.first

    @property
    def page(self) -> Page:
        return self.notebook.page

    @property
    def alerts(self) -> Locator:
        """The messages that a screen reader reads at once."""
        return self.form.get_by_role("alert")

    @property
    def card(self) -> Locator:
        """What Send leaves below the form."""
        return self.notebook.outputs.nth(1)

    def log(self) -> DataFrame:
        """Give all exchanges in the log of the notebook, oldest first."""
        with swnb.Log(self.notebook.path.with_name("log.sqlite")) as log:
            return log.exchanges()

    def log_bytes(self) -> bytes:
        """Give the log as it lies on the disk."""
        return b"".join(path.read_bytes() for path in self.notebook.path.parent.glob("log.sqlite*"))

    def field(self, label: str) -> Locator:
        """Find an input or a dropdown by its label, without what the label adds in brackets."""
        labelled = self.form.get_by_label(re.compile(rf"^{re.escape(label)}( \(|$)"))
        return labelled.and_(self.page.locator("input, select, textarea"))

    def fill(self, label: str, text: str) -> None:
        """Type into an input and leave it."""
        self.field(label).fill(text)
        self.field(label).blur()

    def choose(self, label: str, option: str) -> None:
        """Choose from a dropdown, by the end of an option."""
        offered = self.field(label).locator(
            "option", has_text=re.compile(rf"(^|\b){re.escape(option)}$")
        )
        self.field(label).select_option(label=offered.text_content())

    def button(self, label: str) -> Locator:
        """Find a button."""
        return self.form.get_by_role("button", name=label).first

    def press(self, label: str) -> None:
        """Press a button."""
        self.button(label).click()

    def more(self) -> None:
        """Open the further options of the command, whose button stands below those of its parts."""
        self.form.get_by_role("button", name="More options").last.click()

    def send(self) -> None:
        """Press Send, and wait for what it leaves below."""
        self.press("Send")
        self.card.locator("b").first.wait_for()

    def tab_to(self, label: str) -> list[str]:
        """Press Tab until something with this label has the focus; give what had it on the way."""
        seen: list[str] = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused["output"]:
                seen.append(focused["label"])
                if focused["label"].startswith(label):
                    return seen
        raise AssertionError(f"Tab does not lead to {label!r}, only to {seen}")
