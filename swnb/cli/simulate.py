"""`swnb simulate`: a simulated space for other programs, until Ctrl-C."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from swnb.errors import ConfigurationError

if TYPE_CHECKING:
    from swnb.simulator import Server


@click.command()
@click.option(
    "--port", default=8000, show_default=True, help="Port on 127.0.0.1; 0 for any free one."
)
@click.option("--seed", default=1, show_default=True, help="Seed of ids and of the API token.")
def simulate(port: int, seed: int) -> None:
    """Serve a simulated space on this machine until Ctrl-C.

    It answers over plain HTTP on loopback only; the official SDKs work against it unchanged.
    """
    from swnb.simulator import Space, run_forever  # noqa: PLC0415 - the help needs no server

    space = Space(seed)

    def ready(server: Server) -> None:
        click.echo(f"A simulated space at {server.url}; nothing in it is real. Ctrl-C ends it.\n")
        click.echo(f"export SIGNALWIRE_SPACE={server.host}")
        click.echo(f"export SIGNALWIRE_PROJECT_ID={space.project}")
        click.echo(f"export SIGNALWIRE_API_TOKEN={space.token}")
        click.echo(f"\nRELAY without TLS, on loopback: {space.relay_url}")
        with suppress(ConfigurationError):  # without the extra `relay` there is no certificate
            click.echo(f"RELAY over TLS: {space.relay_host}")
            click.echo(f"export SIGNALWIRE_RELAY_CA_FILE={space.relay_ca_file}")

    try:
        run_forever(space, port, ready=ready)
    except OSError as error:
        raise click.ClickException(f"port {port} cannot be used: {error.strerror}") from None
