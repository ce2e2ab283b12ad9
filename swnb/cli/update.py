"""`swnb update`: record a test's flow again, see what has changed, and keep it or not."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click

from swnb.errors import ConfigurationError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Keep what has changed without asking.")
@click.option(
    "--space", type=click.Choice(["simulated", "live"]), default="simulated", show_default=True
)
def update(file: Path, space: str, *, yes: bool) -> None:
    """Run the test again that recorded FILE, show how the new recording differs, and ask.

    In CI, and where there is nobody to ask, it prints the command that records it and changes nothing. The
    exit status is 0 if the file is as the flow is now.
    """
    from swnb.recordings import RecordingFile  # noqa: PLC0415 - the help needs none of it
    from swnb.runs import compare  # noqa: PLC0415 - as above

    recording = RecordingFile(file)
    recording.close()
    test = recording.facts.get("test")
    if not isinstance(test, str):
        raise ConfigurationError(
            f"update: {file} does not name the test that recorded it",
            advice="Record it with pytest --swnb-record=all, or with swnb run --record.",
        )
    options = [test, "--swnb-record=all", f"--swnb-space={space}"]
    if not yes and (os.environ.get("CI") or not sys.stdin.isatty()):
        click.echo(f"To record it again: {shlex.join(['pytest', *options])}")
        sys.exit(1)
    before = file.read_bytes()
    done = subprocess.run(  # noqa: S603 - pytest, with the test that the recording names
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
        cwd=_root(file, test),
        check=False,
    )
    after = file.read_bytes()
    if done.returncode:
        file.write_bytes(before)
        click.echo(f"{file} is unchanged: its test failed", err=True)
        sys.exit(1)
    if after == before:
        click.echo(f"{file} is as the flow is now")
        return
    old = file.with_name(f".{file.name}.before.jsonl")
    old.write_bytes(before)
    try:
        click.echo(str(compare(old, file)))
    finally:
        old.unlink()
    if not yes and not click.confirm("Keep the new recording?"):
        file.write_bytes(before)
        sys.exit(1)


def _root(file: Path, test: str) -> Path:
    """Return the folder that a test's id starts from: the nearest above the file in which it exists."""
    module = test.partition("::")[0]
    for folder in file.resolve().parents:
        if (folder / module).exists():
            return folder
    raise ConfigurationError(f"update: the test {test} is in no folder above {file}")
