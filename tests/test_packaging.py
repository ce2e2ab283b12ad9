"""What is declared in one place agrees with what is declared in another."""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def bare(requirement: str) -> str:
    return re.sub(r"\[.*?\]", "", requirement).replace(" ", "")


def test_the_conda_environment_has_the_same_dependencies():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = {entry for entry in environment["dependencies"] if isinstance(entry, str)}
    wanted = {bare(entry) for entry in PROJECT["dependencies"]}
    wanted |= {bare(entry) for entry in PROJECT["optional-dependencies"]["lab"]}
    assert conda - {"pip"} == wanted | {f"python{PROJECT['requires-python']}"}


def test_the_changelog_knows_this_version():
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "swnb" / "py.typed").exists()


def test_the_readme_opens_with_how_to_start():
    head = (ROOT / "README.md").read_text().splitlines()[:10]
    assert any("make demo" in line for line in head)
    assert any("make lab" in line for line in head)


def test_ci_tries_the_lowest_versions_and_newer_pythons():
    said = (ROOT / ".ci" / "run").read_text().splitlines()
    assert {"make test-lowest", "make test-pythons"} <= set(said)
