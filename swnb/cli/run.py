"""`swnb run`: a notebook, headless, against a live space, a simulated one, or a recording.

The clients that the notebook makes are reached by the environment (see `client.headless`): what
they send is appended to a file, from which a recording is made, or against which a replay is
checked. Nothing of a replay reaches a space, and unless `--space live` asks for it no client reaches
any but a simulated one.
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

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from swnb.cli.executing import Execution
    from swnb.exchange import Exchange

_FILE = click.Path(path_type=Path, dir_okay=False)
_LISTED = 5
_PYTHONS = {"True": True, "False": False, "None": None}  # the text "False" would be true


@dataclass(frozen=True, slots=True)
class Asked:
    """The options of `swnb run`."""

    parameters: tuple[str, ...]
    record: Path | None
    replay: Path | None
    html: Path | None
    junit: Path | None
    space: str
    cwd: Path | None
    mask_numbers: bool
    ignore: tuple[str, ...]


@click.command()
@click.argument("notebook", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "-p",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="A parameter: JSON, True, False, None, or else text.",
)
@click.option("--record", type=_FILE, help="Write what is sent as a recording.")
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
def run(notebook: Path, **given: Any) -> None:
    """Execute NOTEBOOK, with its outputs thrown away unless --html keeps them.

    The exit status is 0 only if every cell ran and, in a replay, everything that was asked for was
    recorded and everything recorded was asked for.
    """
    from swnb.cli.executing import execute  # noqa: PLC0415 - the help needs none of it
    from swnb.recordings import read_sent  # noqa: PLC0415 - as above

    asked = Asked(**given)
    if asked.record and asked.replay:
        raise click.UsageError("--record and --replay are two different runs")
    if asked.ignore and not asked.replay:
        raise click.UsageError("--ignore is for --replay: it says what need not match")
    parameters = dict(map(_parameter, asked.parameters))
    with ExitStack() as stack:
        sent = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "sent.jsonl"
        _prepare(stack, notebook.name, parameters, sent, asked)
        execution = execute(notebook, parameters, asked.cwd or notebook.parent)
        facts, exchanges = read_sent(sent)
        problems = _check(asked.replay, asked.ignore, exchanges) if asked.replay else []
        if asked.record and execution.whole:
            _record(asked.record, facts, exchanges, masked=asked.mask_numbers)
    if asked.html:
        _write_page(asked.html, execution)
    if asked.junit:
        from swnb.cli.junit import write_junit  # noqa: PLC0415 - only where it is asked for

        write_junit(asked.junit, notebook.stem, execution, problems)
    _report(notebook.name, execution, problems, asked, len(exchanges))
    sys.exit(0 if execution.whole and not problems else 1)


def _prepare(
    stack: ExitStack, notebook: str, parameters: Mapping[str, Any], sent: Path, asked: Asked
) -> None:
    """Set the environment of the kernel, until the stack is closed."""
    from swnb.cli.executing import set_environment  # noqa: PLC0415 - as above
    from swnb.session import environment, provenance  # noqa: PLC0415 - as above

    variables = {
        environment.RECORD: str(sent.resolve()),
        provenance.NOTEBOOK: notebook,
        provenance.PARAMETERS: json.dumps(parameters),
    }
    if asked.replay:
        _warn(asked.replay)
        variables[environment.REPLAY] = str(asked.replay.resolve())
        variables[environment.IGNORE] = json.dumps(asked.ignore)
    elif asked.space == "simulated":
        variables |= {**_simulated(stack), environment.SIMULATED: "1"}
    stack.enter_context(set_environment(variables))


def _warn(replay: Path) -> None:
    """Name what the catalogue no longer takes. Raises `RecordingError` for one of no use at all."""
    from swnb.recordings import RecordingFile  # noqa: PLC0415 - as above
    from swnb.transports.replay import Replay  # noqa: PLC0415 - as above

    source = Replay(RecordingFile(replay))
    invalid = [
        f"{replay.name}, {where} is no longer valid: {error}" for where, error in source.invalid()
    ]
    source.close()
    for line in _listed(invalid):
        click.echo(line, err=True)


def _simulated(stack: ExitStack) -> dict[str, str]:
    from swnb.session.credentials import VARIABLES  # noqa: PLC0415 - as above
    from swnb.simulator import Space, serve  # noqa: PLC0415 - a replay needs no server

    space = Space()
    server = stack.enter_context(serve(space))
    values = {"project": space.project, "token": space.token, "host": server.host}
    return {VARIABLES[name]: value for name, value in values.items()}


def _check(replay: Path, ignore: Sequence[str], exchanges: Sequence[Exchange]) -> list[str]:
    """Return what was asked for and not recorded, and what was recorded and not asked for."""
    from swnb.exchange import NEVER_SENT  # noqa: PLC0415 - as above
    from swnb.recordings import RecordingFile  # noqa: PLC0415 - as above
    from swnb.transports.replay import Replay  # noqa: PLC0415 - as above

    source = Replay(RecordingFile(replay), ignore=ignore)
    missed = [
        each.error_message or each.command
        for each in exchanges
        if each.outcome not in NEVER_SENT and source.take(each.command, each.request) is None
    ]
    left = [f"{each.command}: recorded, but never asked for" for each in source.unused()]
    source.close()
    return [*_listed(missed), *_listed(left)]


def _listed(problems: list[str]) -> list[str]:
    more = len(problems) - _LISTED
    return problems[:_LISTED] + ([f"… and {more} more"] if more > 0 else [])


def _record(
    path: Path, facts: Mapping[str, Any], exchanges: Sequence[Exchange], *, masked: bool
) -> None:
    from swnb.recordings import write_recording  # noqa: PLC0415 - as above
    from swnb.session.provenance import gather  # noqa: PLC0415 - as above

    write_recording(path, exchanges, {**gather(), **facts, "name": path.stem}, mask=masked)


def _write_page(path: Path, execution: Execution) -> None:
    from nbconvert import HTMLExporter  # noqa: PLC0415 - an extra

    exporter: Any = HTMLExporter  # it says nothing of its types
    page, _ = exporter().from_notebook_node(execution.notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    with draft_of(path) as draft:
        draft.write_text(page, encoding="utf-8")


def _report(
    name: str, execution: Execution, problems: list[str], asked: Asked, exchanges: int
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
    if not execution.whole and asked.record:
        click.echo(f"{asked.record}: not written, since not every cell ran", err=True)
    if execution.whole and not problems:
        done = f" recorded in {asked.record}" if asked.record else " replayed" * bool(asked.replay)
        cells = _counted(len(execution.cells), "cell")
        click.echo(f"{name}: {cells} ran, {_counted(exchanges, 'exchange')}{done}")


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _parameter(given: str) -> tuple[str, Any]:
    name, mark, value = given.partition("=")
    if not mark or not name.isidentifier():
        raise ConfigurationError("-p: must be NAME=VALUE, with a name as Python has them")
    if value in _PYTHONS:
        return name, _PYTHONS[value]
    try:
        return name, loads(value.encode())
    except ValueError:
        return name, value
