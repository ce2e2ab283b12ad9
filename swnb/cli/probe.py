"""`swnb probe`: what a real account tells of its events that no source does."""

from __future__ import annotations

import json
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from swnb.client.client import Client


@click.command()
@click.option("--from", "from_", required=True, help="One of your numbers, in E.164.")
@click.option("--to", required=True, help="A number of yours that answers, in E.164.")
@click.option("--public-url", help="An https URL that leads to --port here, for status callbacks.")
@click.option("--port", default=0, help="The port on 127.0.0.1 that it leads to.")
@click.option("--long", "is_long", is_flag=True, help="Also stay away from RELAY for a minute.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--simulate", is_flag=True, help="Ask a simulated space: no account, no charge.")
@click.option(
    "--report", default="swnb-probe.md", show_default=True, type=click.Path(path_type=Path),
    help="The report to write; its facts go beside it as .json.",
)  # fmt: skip
def probe(
    from_: str,
    to: str,
    public_url: str | None,
    port: int,
    report: Path,
    *,
    is_long: bool,
    yes: bool,
    simulate: bool,
) -> None:
    """Ask your own account what no source tells of its events.

    It makes two short calls to a number of yours, sends user events to them, breaks its RELAY
    connection once, and writes a report without secrets, with phone numbers masked.
    """
    from swnb.events.listening import listen  # noqa: PLC0415 - the help needs none of it
    from swnb.events.probing.probe import CALLS, MINUTES, MOST_PER_MINUTE, Plan, Probe  # noqa: PLC0415 - as above
    from swnb.session.session import session_of  # noqa: PLC0415 - as above

    with ExitStack() as stack:
        sw = stack.enter_context(_client(simulate=simulate))
        session = session_of(sw)
        most = CALLS * MINUTES * MOST_PER_MINUTE
        click.echo(
            f"It dials {to} from {from_} twice on {session.host}, once over RELAY and once over REST, "
            f"for about a minute each, at ${MOST_PER_MINUTE} a minute at most: ${most:.2f} at most."
        )
        if not yes and not click.confirm("Dial?", default=False):
            raise click.Abort
        inbox = stack.enter_context(listen(session))
        hooks = _hooks(sw, stack, public_url, port, simulate=simulate)
        away = (5.0, 60.0) if is_long else (5.0,)
        if simulate:
            away = (0.5,)
        told = Probe(session, inbox, hooks, Plan(from_, to, away)).run()
    report.write_text(told.markdown(), encoding="utf-8")
    facts = report.with_suffix(".json")
    facts.write_text(json.dumps(told.json(), indent=2, default=str) + "\n", encoding="utf-8")
    for number, answer in enumerate(told.answers, 1):
        click.echo(f"{number}. {answer.question}\n   {answer.answer}")
    click.echo(f"The report is in {report} and {facts}. Read it before you share it.")


def _client(*, simulate: bool) -> Client:
    import swnb  # noqa: PLC0415 - as above

    return swnb.simulate(log=":memory:") if simulate else swnb.Client()


def _hooks(
    sw: Client, stack: ExitStack, public_url: str | None, port: int, *, simulate: bool
) -> Any:
    if not public_url and not simulate:
        return None
    return stack.enter_context(sw.callbacks(public_url=public_url, port=port))
