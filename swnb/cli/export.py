"""`swnb export`: the calls and charges of a log as Parquet."""

from __future__ import annotations

from pathlib import Path

import click

from swnb.exchange import DEFAULT_LOG


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--log",
    "path",
    default=DEFAULT_LOG,
    show_default=True,
    type=click.Path(exists=True, dir_okay=False),
    help="The log to read.",
)
def export(folder: Path, path: str) -> None:
    """Write the calls and charges of a log into FOLDER, as Parquet files by month.

    Months that exist are rewritten, and calls that exist are replaced.
    """
    from swnb.log import Log  # noqa: PLC0415 - the help needs no log

    with Log(path) as log:
        months = log.to_parquet(folder)
    for month, calls in months.items():
        click.echo(f"{month}  {calls:>10,} calls")
    click.echo(f"{sum(months.values()):,} calls in {folder}")
