"""Write what is generated in the pages; `make docs` runs it.

docs/commands.md is generated whole, from the catalogue; in docs/log.md the tables of columns are.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.cards import as_python
from swnb.commands import COMMANDS
from swnb.commands.schema import Parameter, Shape, parameters
from swnb.exchange import Exchange
from swnb.log import columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.commands.base import Command

HERE = Path(__file__).parent
CALL_ID = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"
BOUNDS = {
    "ge": "at least {}",
    "gt": "more than {}",
    "le": "at most {}",
    "lt": "less than {}",
    "min_length": "at least {} long",
    "max_length": "at most {} long",
    "pattern": "matching `{}`",
}
HEAD = """# The commands

All {count} commands of the Calling API, generated from the catalogue by `make docs`.

Each is a method of `sw.calling` (the call's id first, except for `dial` and `update`) and of a
`Call` (which fills in its own id and makes control ids). Required parameters are marked with *.
“Assumed” is what the platform takes where a parameter is not sent; nothing is sent that you did not
give. Every command also takes `extras={{…}}`, for parameters newer than this catalogue, and
`unchecked=True`, for a call id that is no UUID. A command that is **repeatable** may be sent twice
without doing more than once, and so is repeated after a timeout; the others never are.

`play[]{{audio}}.params.url` is read as: in an entry of the list `play` whose `type` is `audio`, the
`url` of its `params`.
"""


def page() -> str:
    """Give the whole page."""
    parts = [HEAD.format(count=len(COMMANDS)), contents()]
    for group, models in groups().items():
        parts.append(f"## {group}\n")
        parts += [entry(model) for model in models]
    return "\n".join(parts)


def groups() -> dict[str, list[type[Command]]]:
    """Give the commands of each group, both in the catalogue's order."""
    found: dict[str, list[type[Command]]] = {}
    for model in COMMANDS.values():
        found.setdefault(model.group, []).append(model)
    return found


def contents() -> str:
    """Give the list of groups with their commands."""
    lines = []
    for group, models in groups().items():
        links = ", ".join(f"[{model.method()}](#{model.method()})" for model in models)
        lines.append(f"- **{group}**: {links}")
    return "\n".join(lines) + "\n"


def entry(model: type[Command]) -> str:
    """Give one command: what it does, its parameters, an example, whether it may be repeated."""
    example = Exchange(model.wire, "live", 0)
    made = model(**model.example)
    example.request = made.envelope(CALL_ID)
    body = json.dumps(example.request, indent=2, ensure_ascii=False)
    rows = list(table(parameters(model)))
    head = "| parameter | type | bounds | meaning |\n|---|---|---|---|\n"
    described = head + "\n".join(rows) if rows else "It takes no parameters."
    repeat = "repeatable" if model.repeatable else "not repeatable"
    return (
        f"### {model.method()}\n\n`{model.wire}` · {repeat}\n\n{prose(model)}\n\n{described}\n\n"
        f"```python\n{as_python(example)}\n```\n\n```json\n{body}\n```\n"
    )


def prose(model: type[Command]) -> str:
    """Give the docstring, its lines joined to paragraphs."""
    paragraphs = (model.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs).strip()


def table(
    fields: dict[str, Parameter], path: str = "", inside: tuple[object, ...] = ()
) -> Iterator[str]:
    """Give the rows of a table of parameters, those of nested objects below their own."""
    for parameter in fields.values():
        yield from row(parameter, f"{path}{parameter.name if not path else parameter.wire}", inside)


def row(parameter: Parameter, name: str, inside: tuple[object, ...]) -> Iterator[str]:
    """Give a parameter's row and the rows of what it holds."""
    star = "\\*" if parameter.required else ""
    bounds = [BOUNDS[key].format(value) for key, value in parameter.bounds.items()]
    if parameter.unit:
        bounds.append(parameter.unit)
    meaning = parameter.description
    if parameter.assumed is not None:
        meaning += f" Assumed: `{json.dumps(parameter.assumed)}`."
    cells = [
        f"`{name}`{star}",
        " or ".join(dict.fromkeys(map(kind, parameter.shapes))),
        ", ".join(bounds),
        meaning,
    ]
    yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |"
    for shape in parameter.shapes:
        yield from held(shape, name, inside)


def held(shape: Shape, name: str, inside: tuple[object, ...]) -> Iterator[str]:
    """Give the rows of what a shape holds, once for each type on the way down."""
    if shape.item is not None:
        for item in shape.item.shapes:
            yield from held(item, f"{name}[]", inside)
    elif shape.source not in inside:
        yield from table(shape.fields, f"{name}{branch(shape)}.", (*inside, shape.source))


def branch(shape: Shape) -> str:
    """Name the branch of a union that a row belongs to."""
    tag = shape.fields.get("type")
    return f"{{{tag.shapes[0].values[0]}}}" if tag and len(tag.shapes[0].values) == 1 else ""


def kind(shape: Shape) -> str:
    """Name a shape's type as people say it."""
    if shape.kind == "enum":
        return ", ".join(f"`{json.dumps(value)}`" for value in shape.values)
    if shape.kind == "list" and shape.item:
        return f"list of {' or '.join(dict.fromkeys(map(kind, shape.item.shapes)))}"
    names = {"json": "any JSON object", "integer": "whole number"}
    return shape.rule or names.get(shape.kind, shape.kind)


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
    """Give the pages that are generated, whole or in part, by file name."""
    log = (HERE / "log.md").read_text(encoding="utf-8")
    return {"commands.md": page(), "log.md": with_columns(log)}


def main() -> None:
    """Write the pages."""
    for name, text in pages().items():
        (HERE / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
