"""The command line: each command of `swnb`, in a module of its own.

A module imports what it needs when its command is called: `swnb --help` loads nothing but click.
"""

from __future__ import annotations

from typing import Any

import click
from typing_extensions import override

import swnb
from swnb.cli.compare import compare
from swnb.cli.export import export
from swnb.cli.probe import probe
from swnb.cli.run import run
from swnb.cli.runs import log, runs
from swnb.cli.show import show
from swnb.cli.simulate import simulate
from swnb.cli.update import update
from swnb.errors import SwnbError


class _Group(click.Group):
    @override
    def invoke(self, ctx: click.Context) -> Any:
        """Print an error of swnb as its message, without a traceback."""
        try:
            return super().invoke(ctx)
        except SwnbError as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(swnb.__version__, prog_name="swnb")
def main() -> None:
    """Work with SignalWire's Calling API from the shell."""


for command in (simulate, run, runs, show, compare, update, log, export, probe):
    main.add_command(command)
