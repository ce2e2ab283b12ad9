"""`swnb probe`: asks an account of one's own what no source tells; two short calls, with consent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from swnb.errors import ConfigurationError
from swnb.exchange import DEFAULT_LOG

if TYPE_CHECKING:
    from swnb.events.probing.pace import Pace
    from swnb.events.probing.plan import Plan
    from swnb.session.session import Session

_CALLER, _CALLED = "+15550100", "+15550101"  # of a simulated space


@click.command()
@click.option("--from", "from_", help="The caller: one of your numbers in E.164.")
@click.option("--to", help="A number that is answered: yours.")
@click.option("--context", help="A RELAY context, to be offered a call in it.")
@click.option("--inbound-to", help="Your number whose calls go to that context.")
@click.option("--public-url", help="The https URL of a tunnel to --port, for status callbacks.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port that the tunnel leads to.")
@click.option(
    "--max-price",
    default=0.05,
    show_default=True,
    help="The most a minute may cost, in US dollars.",
)
@click.option("--long", is_flag=True, help="Also cut the connection for 600 s, and wait so long.")
@click.option(
    "--out",
    default="swnb-probe",
    show_default=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where the report is written: OUT.md and OUT.json.",
)
@click.option(
    "--log", default=DEFAULT_LOG, show_default=True, help="The log in which the calls are kept."
)
@click.option("--yes", is_flag=True, help="Do not ask; for scripts.")
@click.option("--simulate", is_flag=True, help="Ask a simulated space: nothing is dialed.")
@click.option(
    "--hears",
    default="project",
    show_default=True,
    type=click.Choice(["project", "owner"]),
    help="With --simulate: which calls a listener hears of.",
)
def probe(
    *,
    from_: str | None,
    to: str | None,
    context: str | None,
    inbound_to: str | None,
    public_url: str | None,
    port: int | None,
    max_price: float,
    long: bool,
    out: Path,
    log: str,
    yes: bool,
    simulate: bool,
    hears: str,
) -> None:
    """Answer on your own account what no source tells of RELAY and of status callbacks.

    It dials at most two short calls, says before what they can cost, and ends them. The report holds no
    numbers, tokens or secret paths.
    """
    from swnb.events.probing.plan import Plan  # noqa: PLC0415 - the help needs none of it

    if simulate:
        from_, to = from_ or _CALLER, to or _CALLED
        inbound_to = inbound_to or (_CALLED if context else None)
    if not from_ or not to:
        raise click.UsageError("--from and --to are required, unless --simulate is given")
    plan = Plan(
        from_,
        to,
        context=context,
        inbound_to=inbound_to,
        public_url=public_url,
        port=port,
        price=max_price,
        long=long,
    )
    plan.check()
    if not out.absolute().parent.is_dir():
        raise ConfigurationError("probe: the folder of the report does not exist")
    _agree(plan, yes=yes, simulate=simulate)
    if simulate:
        _simulated(plan, hears, out)
    else:
        _live(plan, log, out)


def _agree(plan: Plan, *, yes: bool, simulate: bool) -> None:
    """Say what will be done, and go on only if the person types yes."""
    where = "A simulated space, nothing is dialed:" if simulate else "This dials, and costs money:"
    click.echo("\n".join([where, *plan.lines()]))
    if not yes and click.prompt("Type yes to go on", default="no", show_default=False) != "yes":
        click.echo("Nothing was dialed.")
        raise click.exceptions.Exit(1)


def _simulated(plan: Plan, hears: str, out: Path) -> None:
    from swnb.client.simulated import simulate  # noqa: PLC0415 - the help needs no client
    from swnb.events.probing.pace import SimulatedPace  # noqa: PLC0415 - as above
    from swnb.session.session import session_of  # noqa: PLC0415 - as above

    with simulate(relay_hears=hears, run="probe") as sw:
        _report(session_of(sw), plan, SimulatedPace(sw.simulated_space), out)


def _live(plan: Plan, log: str, out: Path) -> None:
    from swnb.client import Client  # noqa: PLC0415 - the help needs no client
    from swnb.events.probing.pace import RealPace  # noqa: PLC0415 - as above
    from swnb.session.session import session_of  # noqa: PLC0415 - as above

    with Client(log=log) as sw:
        _report(session_of(sw), plan, RealPace(_say), out)


def _report(session: Session, plan: Plan, pace: Pace, out: Path) -> None:
    from swnb.events.probing.probe import probe as ask  # noqa: PLC0415 - the help needs none of it

    for path in ask(session, plan, pace, _say).write(out):
        click.echo(f"written: {path}")


def _say(line: str) -> None:
    click.echo(f"probe: {line}", err=True)
