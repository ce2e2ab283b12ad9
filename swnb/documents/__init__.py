"""SWML documents: the catalogue of methods, reading, checking and showing.

`methods/` says what each method takes; `checking` holds a document against it; `reading` and
`yaml_text` turn files and text into JSON values; `document` is what `swnb.swml` returns. Nothing is
fetched, run or sent here, and only `yaml_text`, when it is needed, loads PyYAML.

The room is not called `swml`, because `swnb.swml` is the function: a package of that name would
take its place as soon as anything imports it.
"""

from __future__ import annotations

from swnb.documents.document import (
    SwmlDocument as SwmlDocument,
    opened as opened,
    problems_in as problems_in,
    swml as swml,
)
