"""Write what is generated in the pages; `make docs` runs it.

docs/commands.md is generated whole, from the catalogue, and docs/reference.md, from the docstrings; in
docs/log.md the tables of columns are, in docs/swml.md the methods, and in CONTRIBUTING.md the picture of the rooms.
"""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.cards import as_python
from swnb.commands import COMMANDS
from swnb.commands.describe import Entry, entries, groups
from swnb.exchange import Exchange
from swnb.log import columns

if TYPE_CHECKING:
    from swnb.commands.base import Command

HERE = Path(__file__).parent
_BETWEEN = re.compile(r"(<!-- (?:rooms|methods) -->)(.*?)(<!-- end -->)", re.DOTALL)
CALL_ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
HEAD = """# The commands

All {count} commands of the Calling API, generated from the catalogue by `make docs`.

Each is a method of `sw.calling` (the call's id first, except for `dial` and `update`) and of a
`Call` (which fills in its own id and makes control ids). Required parameters are marked with *.
“Assumed” is what the platform takes where a parameter is not sent; nothing is sent that you did not
give. Every command also takes `extras={{…}}`, for parameters newer than this catalogue, and
`unchecked=True`, for a call id that is no UUID or SWML newer than [its catalogue](swml.md). A command that is **repeatable** may be sent twice
without doing more than once, and so is repeated after a timeout; the others never are.

`play[]{{audio}}.params.url` is read as: in an entry of the list `play` whose `type` is `audio`, the
`url` of its `params`.
"""


def page() -> str:
    """Return the whole page."""
    parts = [HEAD.format(count=len(COMMANDS)), contents()]
    for group, models in groups().items():
        parts.append(f"## {group}\n")
        parts += [entry(model) for model in models]
    return "\n".join(parts)


def contents() -> str:
    """Return the list of groups with their commands."""
    lines = []
    for group, models in groups().items():
        links = ", ".join(f"[{model.method()}](#{model.method()})" for model in models)
        lines.append(f"- **{group}**: {links}")
    return "\n".join(lines) + "\n"


def entry(model: type[Command]) -> str:
    """Return one command: what it does, its parameters, an example, whether it may be repeated."""
    example = Exchange(model.wire, "live", 0)
    made = model(**model.example)
    example.request = made.envelope(CALL_ID)
    body = json.dumps(example.request, indent=2, ensure_ascii=False)
    rows = [row(place) for place in entries(model)]
    head = "| parameter | type | bounds | meaning |\n|---|---|---|---|\n"
    described = head + "\n".join(rows) if rows else "It takes no parameters."
    repeat = "repeatable" if model.repeatable else "not repeatable"
    return (
        f"### {model.method()}\n\n`{model.wire}` · {repeat}\n\n{prose(model)}\n\n{described}\n\n"
        f"```python\n{as_python(example)}\n```\n\n```json\n{body}\n```\n"
    )


def prose(model: type[Command]) -> str:
    """Return the docstring, its lines joined to paragraphs."""
    paragraphs = (model.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def row(place: Entry) -> str:
    """Return a parameter's row."""
    name = place.parameter.name if place.top else place.path
    star = "\\*" if place.parameter.required else ""
    cells = [f"`{name}`{star}", place.kind, place.limits, place.meaning]
    return f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"


def with_columns(text: str) -> str:
    """Fill the tables of columns into a page, between the comments that name them."""

    def filled(found: re.Match[str]) -> str:
        rows = [
            f"| `{column.name}` | `{column.dtype}` | {column.unit or ''} | {column.about} |"
            for column in getattr(columns, found[1])
        ]
        head = "| column | dtype | unit | |\n|---|---|---|---|\n"
        return f"<!-- {found[1]} -->\n{head}{chr(10).join(rows)}\n<!-- end -->"

    return re.sub(r"<!-- ([A-Z]+) -->.*?<!-- end -->", filled, text, flags=re.DOTALL)


def pages() -> dict[str, str]:
    """Return the pages that are generated, whole or in part, by file name."""
    log = (HERE / "log.md").read_text(encoding="utf-8")
    contributing = (HERE.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    swml = (HERE / "swml.md").read_text(encoding="utf-8")
    methods = runpy.run_path(str(HERE / "swml_page.py"))["methods"]()
    rooms = runpy.run_path(str(HERE / "rooms.py"))["diagram"]()
    return {
        "commands.md": page(),
        "reference.md": runpy.run_path(str(HERE / "reference_page.py"))["page"](),
        "log.md": with_columns(log),
        "swml.md": _BETWEEN.sub(lambda found: f"{found[1]}\n{methods}\n{found[3]}", swml),
        "../CONTRIBUTING.md": _BETWEEN.sub(rf"\1\n{rooms}\n\3", contributing),
    }


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
