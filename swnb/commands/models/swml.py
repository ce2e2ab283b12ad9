"""SWML documents as parameters: checked by `swnb.documents`, sent whole.

A document is sent exactly as typed, nulls included. What it must be is said in `swnb.documents`, and
`Command` holds each document to it; here only its type is checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import PlainValidator, Tag

from swnb.commands.addresses import Destination, Script
from swnb.commands.types import FreeJson, either, wrong


def check_swml(value: Any) -> FreeJson:
    """Return a SWML document unchanged, or raise the error of what is none."""
    if not isinstance(value, Mapping):
        hint = " (swnb.swml reads files and text)" if isinstance(value, str) else ""
        raise wrong(f"must be a SWML document: an object (a dict) with sections{hint}", "dict_type")
    return FreeJson(value)


def _text_or_document(value: Any) -> str | None:
    if isinstance(value, str):
        return "text"
    return "document" if isinstance(value, Mapping) else None


Swml = Annotated[dict[str, Any] | Path, PlainValidator(check_swml)]
_EITHER = either(_text_or_document, "a string or a SWML document (a dict)")
ScriptOrSwml = Annotated[Annotated[Script, Tag("text")] | Annotated[Swml, Tag("document")], _EITHER]
DestinationOrSwml = Annotated[
    Annotated[Destination, Tag("text")] | Annotated[Swml, Tag("document")], _EITHER
]
