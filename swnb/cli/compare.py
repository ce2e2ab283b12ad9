"""`swnb compare`: two runs, or two folders of recordings, file by file."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swnb.cli.runs import LOG
from swnb.errors import SwnbError
from swnb.visible import visible
from swnb.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from swnb.runs.comparison import Comparison

SAME, DIFFERENT, UNABLE = 0, 1, 2


@click.command()
@click.argument("a")
@click.argument("b")
@LOG
@click.option(
    "--ignore",
    multiple=True,
    help="What is not compared: a path (response.to), a command (voice_log) or an exchange (#3).",
)
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
    """Compare two runs: recordings (*.jsonl) or names of runs in the log. Or two folders of recordings.

    Folders are compared file by file, by name. The exit status is 0 if they are the same, 1 if they
    differ, and 2 if they cannot be compared.
    """
    options: dict[str, Any] = {
        "log": log_path,
        "ignore": ignore,
        "tolerances": dict(map(_tolerance, tolerances)),
    }
    folders = [name for name in (a, b) if os.path.isdir(name)]  # noqa: PTH112 - a name of a run is no path
    if len(folders) == 1:
        _finish(["Error: a folder is compared with a folder, not with a file or a run"], UNABLE)
    if folders:
        lines, status = _folders(Path(a), Path(b), options)
        _finish(lines, status)
    comparison = _compared(a, b, options)
    if isinstance(comparison, str):  # as in `diff`: being unable to compare is not a difference
        click.echo(f"Error: {comparison}", err=True)
        _finish([], UNABLE)
    else:
        _finish([str(comparison)], DIFFERENT if comparison else SAME)


def _compared(a: str | Path, b: str | Path, options: dict[str, Any]) -> Comparison | str:
    """Return a comparison, or why there is none."""
    from swnb.runs import compare as compared  # noqa: PLC0415 - the help needs none of it

    try:
        return compared(a, b, **options)
    except SwnbError as error:
        return str(error)


def _folders(a: Path, b: Path, options: dict[str, Any]) -> tuple[list[str], int]:
    """Return what to print of two folders, and the exit status."""
    ours, theirs = (dict(_recordings(folder)) for folder in (a, b))
    rows, details, status = [], [], SAME
    for name in sorted({*ours, *theirs}):
        if name not in theirs or name not in ours:
            rows.append((name, f"only in {a if name in ours else b}"))
            status = max(status, DIFFERENT)
            continue
        comparison = _compared(ours[name], theirs[name], options)
        if isinstance(comparison, str):
            rows.append((name, "cannot be compared"))
            details.append(f"{name}: {comparison}")
            status = UNABLE
        elif comparison:
            rows.append((name, counted(len(comparison), "difference")))
            details.append(str(comparison))
            status = max(status, DIFFERENT)
        else:
            rows.append((name, "the same"))
    if not rows:
        return [f"Error: neither {a} nor {b} has a recording (*.jsonl)"], UNABLE
    width = max(len(name) for name, _ in rows)
    table = [f"{name:<{width}}  {told}" for name, told in rows]
    return ["\n".join(table), *details], status


def _recordings(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*.jsonl")):
        yield path.relative_to(folder).as_posix(), path


def _finish(paragraphs: list[str], status: int) -> None:
    """Print, and end with a status that says the same if nobody reads to the end."""
    try:
        click.echo(visible("\n\n".join(paragraphs)), nl=bool(paragraphs), err=status == UNABLE)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain again when it closes the output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)


def _tolerance(text: str) -> tuple[str, float]:
    path, _, number = text.rpartition("=")
    try:
        return path, float(number)
    except ValueError:
        raise click.UsageError("--tolerance: must be PATH=NUMBER, such as charge=0.001") from None
