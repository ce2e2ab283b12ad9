"""`swnb run --params TABLE`: a notebook once for each row, several at a time, and one report of all.

Each row is a process of its own, `swnb run` with the row's values, so that a kernel that dies takes nothing
else with it.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swnb.cli.junit import merge_junit
from swnb.errors import ConfigurationError
from swnb.visible import visible
from swnb.words import counted, money

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = "name"  # the column that names the rows; without it, the first
_UNSAFE = re.compile(r"[^\w+.=@-]+")
_SUMMARY = "GITHUB_STEP_SUMMARY"  # where GitHub shows Markdown beside a job


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name, and its values by the names of parameters, all strings."""

    name: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True)
class Ended:
    """How the run of a row ended: what it printed, and what `--result` wrote, if it came so far."""

    row: Row
    status: int
    text: str
    result: dict[str, Any]


def rows_of(path: Path) -> list[Row]:
    """Return the rows of a CSV file.

    Parameters
    ----------
    path : Path
        The file, with a row of names first.

    Raises
    ------
    ConfigurationError
        If it cannot be read, has no rows, a row with other columns than the first, a name that is no
        name of Python, or two rows of one name.

    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ConfigurationError(f"--params: {path} cannot be read: {error}") from None
    lines = [line for line in lines if line]
    if len(lines) < 2:  # noqa: PLR2004 - a head and a row
        raise ConfigurationError(
            f"--params: {path} needs a row of names and at least one of values"
        )
    head, *body = lines
    wrong = [name for name in head if name != _NAME and not name.isidentifier()]
    if wrong or len({*head}) < len(head):
        raise ConfigurationError(
            f"--params: the columns of {path} must be names of parameters, each once, not {wrong or head}"
        )
    for number, line in enumerate(body, 2):
        if len(line) != len(head):
            told = (
                f"has {counted(len(line), 'value')}, and there are {counted(len(head), 'column')}"
            )
            raise ConfigurationError(f"--params: line {number} of {path} {told}")
    names = head.index(_NAME) if _NAME in head else 0
    rows = [
        Row(
            _UNSAFE.sub("_", line[names]).lstrip(".") or "row",
            {key: value for key, value in zip(head, line, strict=True) if key != _NAME},
        )
        for line in body
    ]
    doubled = sorted({row.name for row in rows if [each.name for each in rows].count(row.name) > 1})
    if doubled:
        raise ConfigurationError(
            f"--params: {path} has several rows named {', '.join(doubled)}",
            advice=f"Give the table a column {_NAME!r} whose values differ.",
        )
    return rows


def _run_rows(
    notebook: Path,
    rows: Sequence[Row],
    options: Sequence[str],
    folders: dict[str, Path],
    *,
    at_once: int,
) -> list[Ended]:
    """Run a notebook for each row, and return how each ended, in the order of the rows.

    `options` are those of `swnb run` for all rows, `folders` those of its options that name a file, by
    the option.
    """
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)

    def run(row: Row) -> Ended:
        with tempfile.TemporaryDirectory() as scratch:
            result = Path(scratch) / "result.json"
            command = [sys.executable, "-m", "swnb", "run", str(notebook), *options]
            command += ["--result", str(result), "--junit-name", row.name]
            for name, value in row.values.items():
                command += ["-p", f"{name}={value}"]
            for option, folder in folders.items():
                command += [option, str(folder / f"{row.name}{_SUFFIXES[option]}")]
            done = subprocess.run(  # noqa: S603 - this program, with a row's values
                command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
            )
            told = json.loads(result.read_text()) if result.exists() else {}
            return Ended(row, done.returncode, (done.stdout + done.stderr).strip(), told)

    with ThreadPoolExecutor(at_once) as pool:
        return list(pool.map(run, rows))


def run_table(
    notebook: Path,
    rows: Sequence[Row],
    options: Sequence[str],
    folders: dict[str, Path],
    junit: Path | None,
    *,
    at_once: int,
) -> int:
    """Run a notebook for each row, write one report of all, print how it went; return the exit status."""
    with tempfile.TemporaryDirectory() as scratch:
        reports = Path(scratch)
        folders = {**folders, "--junit": reports} if junit else folders
        ended = _run_rows(notebook, rows, options, folders, at_once=at_once)
        for each in ended:
            if each.status:
                click.echo(f"{each.row.name}:\n{each.text}\n", err=True)
        if junit:
            paths = {each.row.name: reports / f"{each.row.name}.xml" for each in ended}
            made = [path for path in paths.values() if path.exists()]
            none = {each.row.name: each.text for each in ended if not paths[each.row.name].exists()}
            merge_junit(junit, made, none)
    click.echo(_summary(ended))
    _write_summary(ended)
    return int(any(each.status for each in ended))


_SUFFIXES = {"--record": ".jsonl", "--replay": ".jsonl", "--html": ".html", "--junit": ".xml"}


def _summary(ended: Sequence[Ended]) -> str:
    """Return a table of how all rows ended, for people."""
    lines = [_told(each) for each in ended]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
    failed = sum(each.status != 0 for each in ended)
    charge = sum(each.result.get("charge_nano") or 0 for each in ended)
    return "\n".join([*table, f"{counted(len(ended), 'run')}, {failed} failed, {money(charge)}"])


def _write_summary(ended: Sequence[Ended]) -> None:
    """Append the table as Markdown to GitHub's summary of a step, if this is one."""
    target = os.environ.get(_SUMMARY)
    if target:
        lines = [" | ".join(cell.replace("|", r"\|") for cell in _told(each)) for each in ended]
        head = ["| run | result | cells | exchanges | charge |", "|---|---|---|---|---|"]
        with Path(target).open("a", encoding="utf-8") as file:
            file.write("\n".join([*head, *(f"| {line} |" for line in lines), ""]))


def _told(ended: Ended) -> tuple[str, ...]:
    result = ended.result
    return tuple(
        visible(cell)
        for cell in (
            ended.row.name,
            "passed" if ended.status == 0 else f"failed: {result.get('failed') or 'see above'}",
            counted(result.get("cells", 0), "cell"),
            counted(result.get("exchanges", 0), "exchange"),
            money(result.get("charge_nano") or 0),
        )
    )
