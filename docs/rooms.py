"""The rooms of the code and who imports whom, read off the imports: for CONTRIBUTING.md and the tests."""

from __future__ import annotations

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "swnb"
MODULES = {
    path.relative_to(ROOT)
    .with_suffix("")
    .as_posix()
    .replace("/", ".")
    .removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def room_of(module: str) -> str:
    """Return the room of a file: the folder, or the file, below `swnb`."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(module: str) -> set[str]:
    """Return every file of swnb that a file imports, for types and inside functions too."""
    files = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            while name not in MODULES and "." in name:
                name = name.rpartition(".")[0]  # noqa: PLW2901 - up to the file that has the name
            files |= {name} & MODULES.keys()
    return files - {module, "swnb"}


def imports() -> dict[str, set[str]]:
    """Return what each file imports."""
    return {module: imported(module) for module in MODULES}


def rooms() -> dict[str, set[str]]:
    """Return which rooms each room imports."""
    graph: dict[str, set[str]] = {}
    for module, others in imports().items():
        room = room_of(module)
        if not room.startswith("__"):
            graph.setdefault(room, set()).update({room_of(other) for other in others} - {room})
    return graph


def diagram() -> str:
    """Return the rooms as a Mermaid diagram: an arrow to each room that no other arrow leads to."""
    graph = rooms()

    def reached(start: str) -> set[str]:
        below = set(graph[start])
        for room in graph[start]:
            below |= reached(room)
        return below

    lines = ["```mermaid", "flowchart TD"]
    for room in sorted(graph):
        by_way = {far for near in graph[room] for far in reached(near)}
        direct = sorted(graph[room] - by_way)
        lines += [f"    {room} --> {other}" for other in direct] or [f"    {room}"]
    return "\n".join([*lines, "```"])
