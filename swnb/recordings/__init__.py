"""Runs as data: when requests of two runs are equal, and the file in which a run is stored.

`matching` decides when two requests are the same and how two JSON values differ; `lines` writes an
exchange as one line and reads it back; `writing` writes a whole recording and `file` opens one. A `Source` is a
run in a recording or in a log, to be replayed or compared.
"""

from __future__ import annotations

from swnb.recordings.file import RecordingFile, read_sent
from swnb.recordings.source import Source
from swnb.recordings.writing import header_of, unusable, write_recording

__all__ = ["RecordingFile", "Source", "header_of", "read_sent", "unusable", "write_recording"]
