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

from swnb.commands.types import Filled, FreeJson, either, free_object, wrong

VERSION = "1.0.0"


def check_swml(value: Any) -> FreeJson:
    """Take a SWML document, as it is."""
    if not isinstance(value, Mapping):
        raise wrong("must be a SWML document: an object (a dict) with sections")
    sections = value.get("sections")
    if not isinstance(sections, Mapping) or not isinstance(sections.get("main"), list):
        raise wrong("must have sections.main, a list of SWML instructions")
    if value.get("version", VERSION) != VERSION:
        raise wrong(f"must have the version {VERSION!r}, or none")
    return free_object(value)


def _text_or_document(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    return "document" if isinstance(value, Mapping) else None


Swml = Annotated[dict[str, Any], PlainValidator(check_swml)]
SwmlOrText = Annotated[
    Annotated[Filled, Tag("text")] | Annotated[Swml, Tag("document")],
    either(_text_or_document, "a text or a SWML document (a dict)"),
]
