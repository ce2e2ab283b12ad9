"""`swnb runs` and `swnb log export`: what is in a log, from the shell."""

from __future__ import annotations

from pathlib import Path

import click

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
