"""Runs as data: what is equal between two of them, and the file in which one is kept.

`matching` says when two requests are the same and how two JSON values differ; `lines` writes an
exchange as one line and reads it back; `file` writes and opens a whole recording. A `Source` is a
run wherever it lies, in a recording or in a log, for those who replay or compare it.
"""

from __future__ import annotations

from swnb.recordings.file import RecordingFile, header_of, read_sent, unusable, write_recording
from swnb.recordings.source import Source

__all__ = ["RecordingFile", "Source", "header_of", "read_sent", "unusable", "write_recording"]
