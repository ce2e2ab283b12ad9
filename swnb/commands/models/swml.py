"""SWML documents: checked lightly, sent whole.

A document is sent exactly as typed, including nulls and unknown keys, because SWML changes faster
than any copy of its schema. Only two things are checked: `sections.main` must be a list, and
`version`, if present, must be 1.0.0. The published schema makes `version` optional, so it is not
required here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, Tag

from swnb.commands.addresses import Destination, Script
from swnb.commands.types import FreeJson, either, wrong

VERSION = "1.0.0"


def check_swml(value: Any) -> FreeJson:
    """Return a SWML document unchanged, or raise the error of the rule it breaks."""
    if not isinstance(value, Mapping):
        hint = " (json.loads(…), yaml.safe_load(…))" if isinstance(value, str) else ""
        raise wrong(f"must be a SWML document: an object (a dict) with sections{hint}")
    sections = value.get("sections")
    if not isinstance(sections, Mapping) or not isinstance(sections.get("main"), list):
        raise wrong("must have sections.main, a list of SWML instructions")
    if value.get("version", VERSION) != VERSION:
        raise wrong(f"must have version {VERSION!r}, or none")
    return FreeJson(value)


def _text_or_document(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    return "document" if isinstance(value, Mapping) else None


Swml = Annotated[dict[str, Any], PlainValidator(check_swml)]
_EITHER = either(_text_or_document, "a string or a SWML document (a dict)")
ScriptOrSwml = Annotated[Annotated[Script, Tag("text")] | Annotated[Swml, Tag("document")], _EITHER]
DestinationOrSwml = Annotated[
    Annotated[Destination, Tag("text")] | Annotated[Swml, Tag("document")], _EITHER
]
