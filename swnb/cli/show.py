"""`swnb show`: a recording as people read it, for the eye and for `git diff`."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def show(file: Path) -> None:
    """Print the recording FILE as people read it, without what differs from run to run.

    `git diff` uses it if .gitattributes says so; docs/testing.md has the lines.
    """
    from swnb.recordings import RecordingFile  # noqa: PLC0415 - the help needs none of it
    from swnb.recordings.shown import shown  # noqa: PLC0415 - as above

    recording = RecordingFile(file)
    try:
        for line in shown(recording):
            click.echo(line)
    finally:
        recording.close()
