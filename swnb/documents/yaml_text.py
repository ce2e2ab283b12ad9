"""YAML as JSON values: as YAML 1.2 reads it, and nothing that JSON cannot hold.

PyYAML reads YAML 1.1, in which `no` is false, `+15550100` a number, `12:30` 750 and 2026-01-02 a
date. Here only what looks like a JSON number is a number, and only true and false are booleans; all else
is the text that stands there, and so is each key. What PyYAML passes over or expands without limit
(a key that is given twice, aliases of aliases, tags) is refused, with its line.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from swnb.documents.unreadable import Unreadable
from swnb.json_values import DEEPEST

MOST_VALUES = 100_000
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null")}
_TEXT = "tag:yaml.org,2002:str"
_MESSAGES = (
    ("'\\t'", "a tab cannot indent: use spaces"),
    ("expected a single document", "has more than one document (---): SWML is one"),
    (
        "mapping values are not allowed",
        "has a colon where no name can stand; put the text in quotes",
    ),
    ("undefined alias", "has an alias (*) without an anchor (&)"),
    ("expected '<document start>'", "is not indented like the lines above it"),
    ("expected <block end>, but found ':'", "has an empty key"),
    ("expected <block end>", "is not indented like the lines above it"),
    ("while scanning a quoted scalar", "has a quote that is not closed"),
    ("expected ',' or", "has a bracket that is not closed"),
    ("found '<stream end>'", "has a bracket that is not closed"),
    ("cannot start any token", "has text that begins with %, @ or `, which must stand in quotes"),
    ("duplicate anchor", "has an anchor (&) that is there twice"),
)


class _Loader(yaml.SafeLoader):
    """A loader whose plain words are read as YAML 1.2 reads them in its core schema."""


_Loader.yaml_implicit_resolvers = {}  # without those of YAML 1.1


for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", [*"tTfF"]),
    ("null", r"~|null|Null|NULL|", [*"~nN", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", [*"-0123456789"]),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?", [*"-0123456789"]),
    ("float", r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)", [*"-+."]),
    ("merge", "<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(f"^(?:{_pattern})$"), _first
    )


def read_yaml(text: str) -> Any:
    """Return the value of a YAML text, or raise `Unreadable`."""
    try:
        node = _Loader(text).get_single_node()
        if node is None:
            raise Unreadable("is empty")
        _Nodes().look_at(node, 0)
        return _value(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = f"{error.context} {error.problem}"  # its text also quotes the line, which may hold a secret
        raise Unreadable(_meant(said), mark.line + 1 if mark else None) from None
    except yaml.YAMLError:
        raise Unreadable("has a control character") from None
    except RecursionError:
        raise Unreadable(f"is nested too deeply (over {DEEPEST} levels)") from None


def _meant(message: str) -> str:
    found = (words for part, words in _MESSAGES if part in message)
    return next(found, "is not YAML")


class _Nodes:
    """One look at what was parsed, before any of it is made: how much it is, and how deep."""

    def __init__(self) -> None:
        self._sizes: dict[int, int] = {}
        self._open: set[int] = set()

    def look_at(self, node: yaml.Node, depth: int) -> int:
        """Return how many values a node stands for with its aliases written out."""
        if id(node) in self._open:
            raise Unreadable("contains itself, by an alias (*)", _line(node))
        if depth > DEEPEST:
            raise Unreadable(f"is nested too deeply (over {DEEPEST} levels)", _line(node))
        if id(node) not in self._sizes:
            self._open.add(id(node))
            size = 1 + sum(self.look_at(each, depth + 1) for each in _below(node))
            self._open.discard(id(node))
            if size > MOST_VALUES:
                raise Unreadable(
                    f"stands for more than {MOST_VALUES:,} values, with its aliases (*) written out",
                    _line(node),
                )
            self._sizes[id(node)] = size
        return self._sizes[id(node)]


def _below(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [each for pair in node.value for each in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _value(node: yaml.Node) -> Any:
    if isinstance(node, yaml.MappingNode):
        _refuse_tag(node, "tag:yaml.org,2002:map")
        return _mapping(node)
    if isinstance(node, yaml.SequenceNode):
        _refuse_tag(node, "tag:yaml.org,2002:seq")
        return [_value(each) for each in node.value]
    return _scalar(node)


def _refuse_tag(node: yaml.Node, tag: str) -> None:
    if node.tag != tag:
        raise Unreadable("has a tag (!), which JSON cannot hold", _line(node))


def _scalar(node: yaml.Node) -> Any:
    text = str(node.value)
    kind = node.tag.rpartition(":")[2]
    if node.tag not in _PLAIN:
        if node.tag == _MERGE:
            return text
        raise Unreadable("has a tag (!), which JSON cannot hold", _line(node))
    try:
        if kind == "int":
            return int(text)
        if kind == "float":
            return float(re.sub(r"^([-+]?)\.(?=[A-Za-z])", r"\1", text))
    except ValueError:
        raise Unreadable("is no number that can be read; put it in quotes", _line(node)) from None
    if kind == "bool":
        return text.lower() == "true"
    return None if kind == "null" else text


def _mapping(node: yaml.MappingNode) -> dict[str, Any]:
    own: dict[str, Any] = {}
    merged: dict[str, Any] = {}
    for key, item in node.value:
        if key.tag == _MERGE:
            for source in item.value if isinstance(item, yaml.SequenceNode) else [item]:
                if not isinstance(source, yaml.MappingNode):
                    raise Unreadable("merges (<<) what is no mapping", _line(key))
                merged = {**_mapping(source), **merged}
            continue
        name = _key(key)
        if name in own:
            raise Unreadable(f"has the key {name!r} twice", _line(key))
        own[name] = _value(item)
    return {**merged, **own}


def _key(node: yaml.Node) -> str:
    """Return a key as it is written: `1` and `on` are text, as every key of JSON is."""
    if not isinstance(node, yaml.ScalarNode) or node.tag not in _PLAIN:
        raise Unreadable("has a key that is no text", _line(node))
    if node.tag != _TEXT and not node.value:
        raise Unreadable("has an empty key", _line(node))
    return str(node.value)
