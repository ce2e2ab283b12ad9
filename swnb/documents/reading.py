"""SWML as people have it (a file, YAML, JSON, a dict) as JSON values.

A string is text of SWML if it has a line break, a brace or bracket at its beginning, or a colon with
a space behind; every other string is the path of a file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from swnb.documents.unreadable import Unreadable
from swnb.errors import Problem
from swnb.json_values import as_json

LARGEST = 500_000  # bytes of JSON
LARGEST_YAML = 200_000  # bytes: reading so many takes some seconds
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_TEXT = re.compile(r"\s*+[{\[]|[^\n]*\n|.*:(?:\s|$)")


def read(source: Any) -> tuple[Any, list[Problem]]:
    """Return a document as JSON values, and what in it is none.

    Raises `Unreadable` with the reason if there is nothing to check.
    """
    if isinstance(source, Path):
        value = _parsed(_of_file(source), json_only=source.suffix.lower() == ".json")
    elif isinstance(source, str):
        if not is_text(source):
            return read(_path(source))
        value = _parsed(str.__str__(source).encode("utf-8", "surrogatepass"))
    elif isinstance(source, Mapping):
        value = source
    else:
        raise Unreadable("must be a path, YAML or JSON text, or a dict")
    plain, problems = as_json({"": value})
    return plain[""], [Problem(each.path.lstrip("."), each.message, each.kind) for each in problems]


def is_text(source: str) -> bool:
    """Return whether a string is SWML itself, and not the path of a file."""
    return not source.strip() or bool(_TEXT.match(source))


def _path(source: str) -> Path:
    if _URL.match(source):
        raise Unreadable("must be a path or text: a URL of SWML goes into url (or dest)")
    return Path(source)


def _of_file(path: Path) -> bytes:
    try:
        if not path.exists():
            raise Unreadable("there is no such file")
        if not path.is_file():
            raise Unreadable("is no file")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:  # a name with NUL or too long, or no permission
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not a path"
        raise Unreadable(f"cannot be read: {why}") from None


def _parsed(raw: bytes, *, json_only: bool = False) -> Any:
    if len(raw) > LARGEST:
        raise Unreadable(f"is larger than {LARGEST:,} bytes")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise Unreadable("is not UTF-8: save it in that encoding", line) from None
    if not text.strip():
        raise Unreadable("is empty")
    if json_only or text.lstrip()[0] in "{[":
        try:
            return json.loads(text, object_pairs_hook=_once)
        except json.JSONDecodeError as error:
            broken = Unreadable(f"is not JSON: {error.msg.lower()}", error.lineno)
        except ValueError:  # a whole number of thousands of digits
            raise Unreadable("has a number that is too long to be read") from None
        except RecursionError:
            raise Unreadable("is nested too deeply") from None
        if json_only or re.match(r"\s*[{\[]\s*\"", text):
            raise broken
    if len(raw) > LARGEST_YAML:
        raise Unreadable(f"is larger than {LARGEST_YAML:,} bytes; as JSON it may have {LARGEST:,}")
    # Only here: `import swnb` and a client that reads no document load no YAML.
    from swnb.documents.yaml_text import read_yaml  # noqa: PLC0415

    return read_yaml(text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, unless a key is there twice: only one of them would be sent."""
    made: dict[str, Any] = {}
    for name, value in pairs:
        if name in made:
            raise Unreadable(f"has the key {name!r} twice")
        made[name] = value
    return made
