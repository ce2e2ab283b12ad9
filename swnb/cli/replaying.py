"""What is wrong with a replay: requests that are no longer valid, missed ones, and those left over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from swnb.exchange import NEVER_SENT
from swnb.recordings import RecordingFile
from swnb.transports.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from swnb.exchange import Exchange

_LISTED = 5


def warn(replay: Path) -> None:
    """Print the recorded requests that are no longer valid. Raises `RecordingError`."""
    source = Replay(RecordingFile(replay))
    invalid = [
        f"{replay.name}, {where} is no longer valid: {error}" for where, error in source.invalid()
    ]
    source.close()
    for line in _listed(invalid):
        click.echo(line, err=True)


def problems_of(replay: Path, ignore: Sequence[str], exchanges: Sequence[Exchange]) -> list[str]:
    """Return what was requested and not recorded, and what was recorded and not requested."""
    source = Replay(RecordingFile(replay), ignore=ignore)
    missed = [
        exchange.error_message or exchange.command
        for exchange in exchanges
        if exchange.outcome not in NEVER_SENT
        and source.take(exchange.command, exchange.request) is None
    ]
    left = [f"{unused.command}: recorded, but never requested" for unused in source.unused()]
    source.close()
    return [*_listed(missed), *_listed(left)]


def _listed(problems: list[str]) -> list[str]:
    more = len(problems) - _LISTED
    return problems[:_LISTED] + ([f"… and {more} more"] if more > 0 else [])
