"""docs/reference.md: every public class, function and argument, made from the docstrings."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Any

import swnb
from swnb import costs
from swnb.commands import COMMANDS
from swnb.costs.accessor import Accessor
from swnb.session.calling import Calling
from swnb.views import View

HEAD = """# Reference

Every public name, generated from the docstrings by `make docs`. The parameters of the 42 commands
are on a page of their own: [The commands](commands.md).
"""
# The public objects, by the name that the pages use for them.
OBJECTS: dict[str, tuple[str, list[type]]] = {
    "A client": ("sw", [swnb.Client, swnb.SimulatedClient, swnb.ReplayClient]),
    "The wire level": ("sw.calling", [Calling]),
    "A call": ("call", [swnb.Call]),
    "A reply": (
        "reply",
        [
            swnb.Reply,
            swnb.CallReply,
            swnb.Operation,
            swnb.CallLeg,
            swnb.FabricDeviceLeg,
            swnb.VoiceLog,
            swnb.SidecarStatus,
            swnb.DryRun,
        ],
    ),
    "An inbox": ("inbox", [swnb.Inbox]),
    "Offered calls": ("inbox.calls", [swnb.OfferedCalls]),
    "Callbacks": ("hooks", [swnb.Callbacks]),
    "An event": ("event", [swnb.Event]),
    "The log": ("sw.log", [swnb.Log]),
    "A view": ("view", [View]),
    "A frame": ("frame.sw", [Accessor]),
    "Runs": ("run", [swnb.Run]),
    "A comparison": ("comparison", [swnb.Comparison]),
    "Voice logs": ("logs", [swnb.VoiceLogs]),
    "A sync": ("report", [swnb.SyncReport]),
    "A budget": ("budget", [swnb.Budget]),
    "A SWML document": ("document", [swnb.SwmlDocument]),
    "An exchange": ("exchange", [swnb.Exchange]),
    "A simulated space": ("space", [swnb.Space, swnb.FarEnd, swnb.RateCard]),
}
_UNDERLINED = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)


def page() -> str:
    """Return the whole page."""
    parts = [HEAD, "\n".join(_contents())]
    parts += ["## swnb\n", *_functions(swnb, "swnb", sorted(swnb.__all__))]
    for title, (name, kinds) in OBJECTS.items():
        parts += [f"## {title}\n", *_classes(name, kinds)]
    parts += ["## swnb.costs\n", *_functions(costs, "swnb.costs", sorted(dir(costs)))]
    parts += ["## Errors and warnings\n", *_errors()]
    return "\n".join(parts)


def public(kind: type) -> list[str]:
    """Return the names of a class that completion shows, less what Python's own classes have."""
    pythons = {
        name
        for base in kind.__mro__
        if base.__module__ == "builtins" and base is not object
        for name in vars(base)
    }
    return [name for name in dir(kind) if not name.startswith("_") and name not in pythons]


def _contents() -> Iterator[str]:
    titles = ["swnb", *OBJECTS, "swnb.costs", "Errors and warnings"]
    for title in titles:
        anchor = re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
        yield f"- [{title}](#{anchor})"
    yield ""


def _functions(module: Any, prefix: str, names: list[str]) -> Iterator[str]:
    for name in names:
        value = getattr(module, name)
        if inspect.isfunction(value):
            yield _entry(f"{prefix}.{name}", value)
        elif inspect.isclass(value) and prefix != "swnb":
            yield f"### `{prefix}.{name}`\n\n{_prose(inspect.getdoc(value))}\n"
        elif not inspect.isclass(value):
            yield f"### `{prefix}.{name}`\n\n{_constant(module, name, value)}\n"


def _constant(module: Any, name: str, value: Any) -> str:
    if inspect.ismodule(value):
        return _first_line(value)
    about = getattr(module, "ABOUT", {}).get(name)
    return about or f"A {type(value).__name__}."


def _classes(name: str, kinds: list[type]) -> Iterator[str]:
    shown: set[str] = set()
    for kind in kinds:
        owner = "swnb." if kind.__name__ in swnb.__all__ else ""
        about, attributes = _attributes(kind)
        yield f"### `{owner}{kind.__name__}`\n\n{_prose(about)}\n"
        for member, text in attributes.items():
            if member not in shown:
                shown.add(member)
                yield f"#### `{name}.{member}`\n\n{text}\n"
        for member in public(kind):
            if member in shown or (kind is not kinds[0] and member in public(kinds[0])):
                continue
            shown.add(member)
            yield from _member(name, kind, member)


def _attributes(kind: type) -> tuple[str, dict[str, str]]:
    """Return a class's docstring without its attributes, and what it says of each of them."""
    about, _, section = (inspect.getdoc(kind) or "").partition("\nAttributes\n----------\n")
    own, _, rest = section.partition("\n\n")
    entries = re.findall(r"^(\w+) : (.*)\n((?: +.*\n?)+)", own, re.MULTILINE)
    attributes = {name: f"`{hint}`. {' '.join(text.split())}" for name, hint, text in entries}
    return f"{about}\n{rest}".strip(), attributes


def _member(name: str, kind: type, member: str) -> Iterator[str]:
    if member in COMMANDS and kind.__name__ in ("Calling", "Call", "Client"):
        yield f"#### `{name}.{member}(…)`\n\nThe command [`{COMMANDS[member].wire}`](commands.md#{member}).\n"
        return
    value = inspect.getattr_static(kind, member)
    if isinstance(value, property):
        yield f"#### `{name}.{member}`\n\n{_prose(inspect.getdoc(value))}\n"
        return
    value = getattr(kind, member, value)
    if callable(value):
        yield _entry(f"{name}.{member}", value, level="####")
        return
    yield f"#### `{name}.{member}`\n\n{_field(kind, member)}\n"


def _field(kind: type, member: str) -> str:
    """Return the type of a dataclass's field."""
    hint = getattr(kind, "__annotations__", {}).get(member, "")
    return f"`{hint}`" if hint else ""


def _entry(title: str, function: Any, level: str = "###") -> str:
    return f"{level} `{title}{_signature(function)}`\n\n{_prose(inspect.getdoc(function))}\n"


def _signature(function: Any) -> str:
    if inspect.isclass(function):
        return ""
    signature = inspect.signature(function)
    own = [
        parameter for name, parameter in signature.parameters.items() if name not in ("self", "cls")
    ]
    bare = [
        parameter.replace(annotation=inspect.Parameter.empty, default=_Shown.of(parameter.default))
        for parameter in own
    ]
    return str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))


class _Shown:
    """A default value as it is shown: the same on every machine."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text

    @classmethod
    def of(cls, value: Any) -> Any:
        plain = value is inspect.Parameter.empty or isinstance(value, str | int | float | tuple)
        return value if plain or value is None else cls("…")


def _prose(text: str | None) -> str:
    """Lay a numpydoc docstring out as Markdown: its sections in bold, its entries as a list."""
    sections = _UNDERLINED.split(text or "")
    parts = [sections[0].strip()]
    for title, body in zip(sections[1::2], sections[2::2], strict=True):
        parts.append(f"**{title}**\n\n{_section(title, body)}")
    return "\n\n".join(parts).replace(">>> ", ">>> ")


def _section(title: str, body: str) -> str:
    if title == "Examples":
        return f"```python\n{body.strip()}\n```"
    lines = []
    for line in body.strip("\n").splitlines():
        if line and not line.startswith(" "):
            lines.append(f"- `{line}`")
        elif line.strip():
            lines.append(textwrap.indent(line.strip(), "  "))
    return "\n".join(lines)


def _first_line(value: Any) -> str:
    return (inspect.getdoc(value) or "").split("\n", 1)[0]


def _errors() -> Iterator[str]:
    for name in sorted(swnb.__all__):
        value = getattr(swnb, name)
        if inspect.isclass(value) and issubclass(value, Exception):
            yield f"### `swnb.{name}`\n\n{_prose(inspect.getdoc(value))}\n"
            for member in public(value):
                member_of = inspect.getattr_static(value, member)
                if member_of is not inspect.getattr_static(value.__base__, member, None):
                    yield from _member("error", value, member)
