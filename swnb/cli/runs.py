"""`swnb runs`, `swnb compare` and `swnb log export`: what is in a log, from the shell."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from swnb.errors import SwnbError
from swnb.exchange import DEFAULT_LOG
from swnb.visible import visible

LOG = click.option(
    "--log",
    "log_path",
    default=DEFAULT_LOG,
    show_default=True,
    type=click.Path(path_type=Path),
    help="The log to read.",
)
# What fits on a line of a terminal; the frame has more.
_SHOWN = ["name", "started_at", "mode", "exchanges", "errors", "charge", "commit", "note"]


@click.command()
@LOG
def runs(log_path: Path) -> None:
    """List the runs of a log."""
    from swnb.runs.sources import opened  # noqa: PLC0415 - the help needs no pandas

    with opened(log_path) as log:
        frame = log.runs()[_SHOWN]
    frame["started_at"] = frame["started_at"].dt.strftime("%Y-%m-%d %H:%M:%S")
    frame["commit"] = [commit[:8] if isinstance(commit, str) else "" for commit in frame["commit"]]
    click.echo(visible(frame.fillna({"note": "", "mode": ""}).to_string(index=False)))


@click.command()
@click.argument("a")
@click.argument("b")
@LOG
@click.option("--ignore", multiple=True, help="A path that is not compared, such as response.to.")
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="PATH=NUMBER",
    help="How far numbers of a path may differ, such as charge=0.001.",
)
def compare(
    a: str, b: str, log_path: Path, ignore: tuple[str, ...], tolerances: tuple[str, ...]
) -> None:
    """Compare two runs: recordings (*.jsonl) or names of runs in the log.

    The exit status is 0 if they are the same, 1 if they differ, and 2 if they cannot be compared.
    """
    from swnb.runs import compare as compared  # noqa: PLC0415 - the help needs none of it

    allowed = dict(map(_tolerance, tolerances))
    try:
        comparison = compared(a, b, log=log_path, ignore=ignore, tolerances=allowed)
    except SwnbError as error:  # as in `diff`: being unable to compare is not a difference
        click.echo(f"Error: {error}", err=True)
        sys.exit(2)
    click.echo(str(comparison))
    sys.exit(1 if comparison else 0)


@click.group()
def log() -> None:
    """Work with a log."""


@log.command()
@click.argument("path", type=click.Path(path_type=Path))
@LOG
@click.option("--run", "run_name", help="Only this run.")
@click.option("--recording", is_flag=True, help="Write a recording, to be replayed; needs --run.")
@click.option("--mask-numbers", is_flag=True, help="Mask every phone number.")
def export(
    path: Path, log_path: Path, run_name: str | None, *, recording: bool, mask_numbers: bool
) -> None:
    """Write the exchanges of a log to PATH, a .csv, .parquet or .jsonl file."""
    from swnb.runs.sources import opened  # noqa: PLC0415 - the help needs none of it

    if recording and run_name is None:
        raise click.UsageError("--recording needs --run: a recording is of one run")
    with opened(log_path) as source:
        if run_name is not None:
            source.source(run_name)  # a misspelled run is an error, not an empty file
        if recording:
            source.export_run(str(run_name), path, mask_numbers=mask_numbers)
        else:
            source.export(path, run=run_name, mask_numbers=mask_numbers)
    click.echo(f"wrote {path}")


def _tolerance(text: str) -> tuple[str, float]:
    path, _, number = text.rpartition("=")
    try:
        return path, float(number)
    except ValueError:
        raise click.UsageError("--tolerance: must be PATH=NUMBER, such as charge=0.001") from None
