"""The durable log: one SQLite file, read as pandas DataFrames.

`store.Log` is all of the public interface. Below it are `writing` (the schema, one file and what may be
wrong with it, rows), `reading` (frames, exports, runs) and `voice_logs` (what the platform's voice logs
say).
"""

from __future__ import annotations

from swnb.log.store import Log

__all__ = ["Log"]
