"""`swnb run`: a notebook, headless, against a live space, a simulated one, or a recording.

The environment reaches the clients that the notebook makes (see `session.environment`): what they
send is appended to a file, from which a recording is made, or with which a replay is checked. A
replay reaches no space, and without `--space live` clients reach simulated spaces only.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from swnb.drafts import draft_of
from swnb.errors import ConfigurationError
from swnb.exchange import loads
from swnb.words import counted, money

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from swnb.cli.executing import Execution
    from swnb.event import Event
    from swnb.exchange import Exchange

_FILE = click.Path(path_type=Path)
_PYTHONS = {"True": True, "False": False, "None": None}  # the string "False" would be true


@dataclass(frozen=True, slots=True)
class Options:
    """The options of `swnb run`."""

    parameters: tuple[str, ...]
    raw: tuple[str, ...]
    record: Path | None
    replay: Path | None
    html: Path | None
    junit: Path | None
    space: str
    cwd: Path | None
    mask_numbers: bool
    ignore: tuple[str, ...]
    params: Path | None
    at_once: int
    result: Path | None
    junit_name: str | None


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter: JSON, True, False, None, or else a string; a string where the notebook's own is one.",
)
@click.option("-r", "raw", multiple=True, metavar="NAME=TEXT", help="A parameter that is a string.")
@click.option(
    "--record",
    type=_FILE,
    help="Write what is sent as a recording; of a run that fails as NAME.partial.jsonl.",
)
@click.option("--replay", type=_FILE, help="Answer from a recording; nothing is sent anywhere.")
@click.option(
    "--ignore",
    multiple=True,
    metavar="PATH",
    help="A path of requests that need not match in a replay, such as params.event.nonce.",
)
@click.option("--mask-numbers", is_flag=True, help="Mask phone numbers in the recording.")
@click.option("--html", type=_FILE, help="Write the executed notebook as a page.")
@click.option("--junit", type=_FILE, help="Write a report in JUnit's XML.")
@click.option(
    "--space",
    type=click.Choice(["simulated", "live"]),
    default="simulated",
    show_default=True,
    help="What swnb.Client() reaches; live takes the credentials of the environment.",
)
@click.option(
    "--cwd",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder to run in; by default the notebook's own.",
)
@click.option(
    "--params",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A CSV file: run once for each row, whose columns are parameters. --record, --replay and "
    "--html then name folders, with a file for each row, which its column `name` names, or its first.",
)
@click.option(
    "-n",
    "at_once",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="How many rows run at once.",
)
@click.option("--result", type=_FILE, hidden=True)
@click.option("--junit-name", hidden=True)
def run(notebook: Path, **values: Any) -> None:
    """Execute NOTEBOOK, and discard its outputs unless --html keeps them.

    The exit status is 0 only if every cell ran and, in a replay, exactly what was recorded was
    requested; with --params, only if that is so for every row.
    """
    from swnb.cli.executing import execute, text_parameters  # noqa: PLC0415 - the help needs none
    from swnb.recordings import read_sent  # noqa: PLC0415 - as above

    options = Options(**values)
    _check_options(options)
    if options.params:
        sys.exit(_run_table(notebook, options))
    texts = text_parameters(notebook) if options.parameters else frozenset()
    parameters = dict(_parameter(given, texts) for given in options.parameters)
    parameters |= dict(_named(given, "-r") for given in options.raw)
    with ExitStack() as stack:
        sent = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sent.jsonl"
        _prepare(stack, notebook.name, parameters, sent, options)
        execution = execute(notebook, parameters, options.cwd or notebook.parent)
        facts, exchanges, events = read_sent(sent)
        problems = _problems(options, exchanges)
        if options.record:
            path = options.record if execution.whole else _partial(options.record)
            _partial(options.record).unlink(missing_ok=True)  # of a run before
            _record(path, facts, exchanges, events, masked=options.mask_numbers)
    if options.html:
        _write_page(options.html, execution)
    if options.junit:
        from swnb.cli.junit import RECORDING, write_junit  # noqa: PLC0415 - only if it is wanted
        from swnb.redact import redact  # noqa: PLC0415 - as above

        facts_of_run = {**parameters, "charge": money(_charge(exchanges))}
        if options.record:
            path = options.record if execution.whole else _partial(options.record)
            facts_of_run[RECORDING] = path
        name = options.junit_name or notebook.stem
        write_junit(options.junit, name, execution, problems, redact(facts_of_run))
    if options.result:
        failed = execution.died or (execution.failed and f"cell {execution.failed.number}")
        told = {
            "cells": len(execution.cells),
            "exchanges": len(exchanges),
            "charge_nano": _charge(exchanges),
            "failed": failed or (problems and "replay") or None,
        }
        options.result.write_text(json.dumps(told), encoding="utf-8")
    _report(notebook.name, execution, problems, options, len(exchanges))
    sys.exit(0 if execution.whole and not problems else 1)


def _check_options(options: Options) -> None:
    """Raise `click.UsageError` for options that do not go together."""
    if options.record and options.replay:
        raise click.UsageError("--record and --replay are two different runs")
    if options.ignore and not options.replay:
        raise click.UsageError("--ignore is for --replay: it says what need not match")
    if options.params is None:
        if options.at_once > 1:
            raise click.UsageError("-n is for --params: it says how many rows run at once")
        for name in ("record", "replay", "html", "junit"):
            path = getattr(options, name)
            if path is not None and path.is_dir():
                raise click.UsageError(f"--{name}: {path} is a folder, which --params would need")


def _run_table(notebook: Path, options: Options) -> int:
    """Run a notebook for each row of a table, and return the exit status."""
    from swnb.cli.table import rows_of, run_table  # noqa: PLC0415 - as above

    assert options.params is not None  # noqa: S101 - the caller has looked
    common = [f"--space={options.space}", *(f"--ignore={path}" for path in options.ignore)]
    common += [f"-p={each}" for each in options.parameters] + [f"-r={each}" for each in options.raw]
    common += ["--mask-numbers"] * options.mask_numbers
    common += [f"--cwd={options.cwd}"] if options.cwd else []
    named = {"--record": options.record, "--replay": options.replay, "--html": options.html}
    folders = {option: path for option, path in named.items() if path}
    rows = rows_of(options.params)
    return run_table(notebook, rows, common, folders, options.junit, at_once=options.at_once)


def _problems(options: Options, exchanges: Sequence[Exchange]) -> list[str]:
    if options.replay is None:
        return []
    from swnb.cli.replaying import problems_of  # noqa: PLC0415 - as above

    return problems_of(options.replay, options.ignore, exchanges)


def _charge(exchanges: Sequence[Exchange]) -> int:
    """Return what the calls of a run came to when they were last told of, in nano-dollars."""
    latest = {
        exchange.call_id: exchange.charge_nano
        for exchange in exchanges
        if exchange.call_id and exchange.charge_nano is not None
    }
    return sum(latest.values())


def _prepare(
    stack: ExitStack, notebook: str, parameters: Mapping[str, Any], sent: Path, options: Options
) -> None:
    """Set the environment of the kernel, until the stack is closed."""
    from swnb.cli.replaying import warn  # noqa: PLC0415 - as above
    from swnb.session import environment, provenance  # noqa: PLC0415 - as above

    variables = {
        environment.RECORD: str(sent.resolve()),
        provenance.NOTEBOOK: notebook,
        provenance.PARAMETERS: json.dumps(parameters),
    }
    if options.replay:
        warn(options.replay)
        variables[environment.REPLAY] = str(options.replay.resolve())
        variables[environment.IGNORE] = json.dumps(options.ignore)
    elif options.space == "simulated":
        variables |= {**_simulated(stack), environment.SIMULATED: "1"}
    stack.enter_context(environment.set_variables(variables))


def _simulated(stack: ExitStack) -> dict[str, str]:
    from swnb.session.credentials import VARIABLES  # noqa: PLC0415 - as above
    from swnb.simulator import Space, serve  # noqa: PLC0415 - a replay needs no server

    space = Space()
    server = stack.enter_context(serve(space))
    values = {"project": space.project, "token": space.token, "host": server.host}
    return {VARIABLES[name]: value for name, value in values.items()}


def _record(
    path: Path,
    facts: Mapping[str, Any],
    exchanges: Sequence[Exchange],
    events: Sequence[tuple[int, Event]],
    *,
    masked: bool,
) -> None:
    from swnb.recordings import write_recording  # noqa: PLC0415 - as above
    from swnb.session.provenance import gather  # noqa: PLC0415 - as above

    named = {**gather(), **facts, "name": path.stem}
    write_recording(path, exchanges, named, events=events, mask=masked)


def _write_page(path: Path, execution: Execution) -> None:
    from nbconvert import HTMLExporter  # noqa: PLC0415 - an extra

    exporter: Any = HTMLExporter  # it has no types
    page, _ = exporter().from_notebook_node(execution.notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        draft.write_text(page, encoding="utf-8")


def _report(
    name: str, execution: Execution, problems: list[str], options: Options, exchanges: int
) -> None:
    from swnb.cli.executing import excerpt  # noqa: PLC0415 - as above

    failed = execution.failed
    if failed:
        click.echo(f"{name}, cell {failed.number} failed:\n", err=True)
        click.echo(f"{excerpt(failed.source)}\n\n{failed.error}", err=True)
    if execution.died:
        click.echo(f"{name}: {execution.died}", err=True)
    for problem in problems:
        click.echo(f"replay: {problem}", err=True)
    if not execution.whole and options.record:
        partial = _partial(options.record)
        click.echo(f"not every cell ran: what was sent is in {partial}", err=True)
    if execution.whole and not problems:
        done = (
            f" recorded in {options.record}"
            if options.record
            else " replayed" * bool(options.replay)
        )
        cells = counted(len(execution.cells), "cell")
        click.echo(f"{name}: {cells} ran, {counted(exchanges, 'exchange')}{done}")


def _partial(path: Path) -> Path:
    """Return where the recording of a run is written that did not come to its end."""
    return path.with_name(f"{path.name.removesuffix('.jsonl')}.partial.jsonl")


def _named(text: str, option: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark or not name.isidentifier():
        raise ConfigurationError(f"{option}: must be NAME=VALUE, with a Python name")
    return name, value


def _parameter(text: str, texts: Collection[str] = ()) -> tuple[str, Any]:
    name, value = _named(text, "-p")
    if name in texts:  # 4321 is a code there, and not a number
        return name, value
    if value in _PYTHONS:
        return name, _PYTHONS[value]
    try:
        return name, loads(value.encode())
    except ValueError:
        return name, value
