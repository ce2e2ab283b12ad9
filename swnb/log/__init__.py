"""The durable log: one SQLite file, read as pandas DataFrames.

`store.Log` is the whole public face. Below it, from the file up: `migrations` (the schema),
`files` and `database` (one file and what may be wrong with it), `rows` and `journal` (writing),
`columns`, `buffers`, `table` and `frames` (reading), `export`.
"""

from __future__ import annotations

from swnb.log.store import Log

__all__ = ["Log"]
