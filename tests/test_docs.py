"""The pages say what the code does: generated ones are fresh, every command has its entry."""

import re
import runpy
from pathlib import Path

import pytest

from swnb.commands import COMMANDS
from swnb.commands.schema import parameters

pytestmark = pytest.mark.sample(6)

ROOT = Path(__file__).resolve().parents[1]
COMMANDS_PAGE = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_generated_pages_are_fresh():
    for name, text in runpy.run_path(str(ROOT / "docs" / "generate.py"))["pages"]().items():
        assert (ROOT / "docs" / name).read_text(encoding="utf-8") == text, (
            f"{name}: run `make docs`"
        )


@pytest.mark.parametrize("model", COMMANDS.values(), ids=COMMANDS)
def test_every_command_has_its_entry(model):
    found = re.search(
        rf"^### {model.method()}\n\n`{re.escape(model.wire)}` · (\S.*?)\n(.*?)(?=^###? |\Z)",
        COMMANDS_PAGE,
        re.MULTILINE | re.DOTALL,
    )
    assert found
    assert found[1] == ("repeatable" if model.repeatable else "not repeatable")
    assert "```python" in found[2]
    assert "```json" in found[2]
    for parameter in parameters(model).values():
        assert f"| `{parameter.name}`" in found[2]
        assert parameter.description in found[2]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["form", "timeline"])
def test_the_pictures_of_the_readme_are_there_in_both_themes_and_small(name, theme):
    path = ROOT / "docs" / "pictures" / f"{name}-{theme}.png"
    assert f"docs/pictures/{path.name}" in (ROOT / "README.md").read_text()
    assert path.read_bytes().startswith(b"\x89PNG")
    assert path.stat().st_size < 60_000
