"""SWML documents: checked lightly, sent whole.

A document goes to the platform as it was typed, null and unknown keys included, because SWML grows
faster than any copy of its schema. Only what makes it a document at all is checked: a
`sections.main` that is a list, and a `version`, where there is one, of 1.0.0. The published schema
makes `version` optional, so it is not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import PlainValidator, Tag

from swnb.commands.addresses import Destination, Script
from swnb.commands.types import FreeJson, either, wrong

VERSION = "1.0.0"


def check_swml(value: Any) -> FreeJson:
    """Take a SWML document, as it is."""
    if not isinstance(value, Mapping):
        text = " (json.loads(…), yaml.safe_load(…))" if isinstance(value, str) else ""
        raise wrong(f"must be a SWML document: an object (a dict) with sections{text}")
    sections = value.get("sections")
    if not isinstance(sections, Mapping) or not isinstance(sections.get("main"), list):
        raise wrong("must have sections.main, a list of SWML instructions")
    if value.get("version", VERSION) != VERSION:
        raise wrong(f"must have the version {VERSION!r}, or none")
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
