"""`swnb.replay`: a client that answers from a recording, or from a run of a log."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from swnb.client.client import Client
from swnb.errors import RecordingWarning
from swnb.exchange import DEFAULT_LOG
from swnb.log import Log
from swnb.recordings import RecordingFile
from swnb.redact import declare_secret
from swnb.runs.sources import is_file, opened, patterns_of
from swnb.session.credentials import secret_names
from swnb.session.provenance import gather
from swnb.session.session import session_of
from swnb.transports.replay import Replay

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from swnb.exchange import Exchange
    from swnb.recordings.source import Source
    from swnb.runs.sources import PathOrLog

_NAMED = 3


class ReplayClient(Client):
    """A `Client` whose answers were recorded: it opens no socket, and nothing costs anything."""

    _replay: Replay

    def unused(self) -> list[Exchange]:
        """Return the recorded exchanges that were never requested, in their order."""
        return self._replay.unused()

    def invalid(self) -> list[str]:
        """Return the recorded requests that are no longer valid, and why, one string for each."""
        return [f"{where}: {error}" for where, error in self._replay.invalid()]


def replay(
    recording: str | os.PathLike[str],
    *,
    log: PathOrLog | None = None,
    run: str | None = None,
    ignore: str | Sequence[str] = (),
    secret_fields: Iterable[str] = (),
) -> ReplayClient:
    """Return a client that answers from a recording, or from a run by its name.

    It opens no connection. Each client has a position of its own; a request that was not recorded,
    or that is sent more often than it was, raises `NoRecording`.

    Parameters
    ----------
    recording : str or path
        A recording's path (``*.jsonl``), or the name of a run in `log`.
    log : str, path or Log, optional
        Where a run is looked up, ``"swnb-log.sqlite"`` by default, and where the replay is logged
        as a run of its own. The replay of a file is logged in memory by default.
    run : str, optional
        The name of the replay's run.
    ignore : str or sequence of str, optional
        Paths of requests that need not match, such as ``"params.event.nonce"``; ``*`` stands for
        any part.
    secret_fields : iterable of str, optional
        Names of further secret fields, as for `Client`; those of the recorded client are known.

    Returns
    -------
    ReplayClient

    Raises
    ------
    RecordingError
        If the file cannot be used.
    LogError
        If the log has no such run.

    Warns
    -----
    RecordingWarning
        If recorded requests are no longer valid.

    Examples
    --------
    >>> sw = swnb.replay("recordings/checkout.jsonl")

    """
    declare_secret(secret_names(secret_fields))
    if is_file(recording):
        source: Source = RecordingFile(recording)
        into = log if isinstance(log, Log) else Log(log or ":memory:", run=run)
    else:
        source, into = _from_log(os.fspath(recording), DEFAULT_LOG if log is None else log, run)
    client = _client(Replay(source, ignore=patterns_of(ignore)), into)
    session_of(client).routing.recorded_run = None if is_file(recording) else os.fspath(recording)
    _warn(source, client.invalid())
    return client


def shared_client(transport: Replay) -> ReplayClient:
    """Return a client that answers from a recording that other clients answer from, too."""
    client = _client(transport, Log(":memory:"))
    _warn(transport.source, client.invalid())
    return client


def _client(transport: Replay, log: Log) -> ReplayClient:
    client = ReplayClient.from_transport(transport, log)
    client._replay = transport  # noqa: SLF001 - made here, whole
    log.begin(log.run, **gather(f"replay of {transport.source.name}"))
    return client


def _from_log(name: str, log: PathOrLog, run: str | None) -> tuple[Source, Log]:
    recorded = opened(log)
    # A second object, for a run of its own; a log in memory cannot be opened twice.
    return recorded.source(name), Log(recorded.path, run=run)


def _warn(source: Source, invalid: list[str]) -> None:
    if not invalid:
        return
    more = f"; and {len(invalid) - _NAMED} more, see invalid()" if len(invalid) > _NAMED else ""
    examples = "; ".join(invalid[:_NAMED])
    warnings.warn(
        RecordingWarning(
            f"{Path(source.name).name}: requests that are no longer valid: {examples}{more}"
        ),
        stacklevel=3,
    )
