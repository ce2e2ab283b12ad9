"""Print the lowest versions that pyproject.toml allows, as constraints for pip."""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENT = re.compile(r"([\w.-]+)(?:\[[^]]*\])?>=([\w.]+)")


def pins(project):
    """Each dependency, and pytest, at its lowest version."""
    extras = project["optional-dependencies"]["test"]
    wanted = project["dependencies"] + [each for each in extras if each.startswith("pytest>")]
    found = [REQUIREMENT.match(each) for each in wanted]
    return [f"{match[1]}=={match[2]}" for match in found]


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    sys.stdout.write("\n".join(pins(project)) + "\n")
