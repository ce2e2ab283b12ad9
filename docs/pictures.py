"""Take the README's pictures from the notebooks, in light and dark: `python docs/pictures.py`.

A picture is an output of a cell in JupyterLab, run by the same server and browser as the tests. It needs
Chromium, and the extras `lab` and `test`. Colors are reduced, so that each file stays small.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests"))

from browser.lab import THEMES, Lab  # noqa: E402 - from the folder above
from browser.server import CHROMIUM_FLAGS, chromium  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Shot(NamedTuple):
    """What a picture is of; `most` pixels of the cell's output are shown."""

    name: str
    notebook: str
    errors: int  # and lines of stderr, on purpose
    cell: int
    most: int


SHOTS = (
    Shot("form", "02-forms-and-magics", 3, 3, 640),
    Shot("timeline", "05-events", 3, 20, 560),
)
WIDTH, HEIGHT = 1120, 1400  # of the window
COLORS = 48
MARGIN = 8  # pixels beside what is shown


def main() -> None:
    """Write `docs/pictures/NAME-THEME.png`."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=CHROMIUM_FLAGS)
        with Lab(Path(folder)) as lab:
            for shot in SHOTS:
                take(lab, browser, shot)
        browser.close()


def take(lab: Lab, browser: Browser, shot: Shot) -> None:
    """Run a notebook and write the pictures of one of its outputs."""
    path = lab.files / f"{shot.notebook}.ipynb"
    shutil.copy(HERE.parent / "notebooks" / path.name, path)
    page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
    page.set_default_timeout(120_000)
    opened = lab.open(page, path).run_all(errors=shot.errors)
    output = page.locator(".jp-Notebook .jp-Cell").nth(shot.cell).locator(".jp-Cell-outputArea")
    for theme in THEMES:
        opened.theme(theme)
        output.scroll_into_view_if_needed()
        page.wait_for_timeout(500)  # until JupyterLab has drawn the theme
        box, first = output.bounding_box(), output.locator(".jp-OutputArea-output").first
        left = (first.bounding_box() or {"x": 0})["x"] - MARGIN  # without the prompt
        clip = box and dict(
            box, x=left, width=box["width"] + box["x"] - left, height=min(box["height"], shot.most)
        )
        picture = Image.open(io.BytesIO(page.screenshot(clip=clip, full_page=True)))
        target = HERE / "pictures" / f"{shot.name}-{theme}.png"
        target.parent.mkdir(exist_ok=True)
        picture.convert("RGB").quantize(COLORS).save(target, optimize=True)
    opened.shut_down()
    page.close()


if __name__ == "__main__":
    main()
