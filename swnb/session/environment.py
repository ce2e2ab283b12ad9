"""How `swnb run` reaches the clients that a notebook makes: by variables of the environment.

SWNB_REPLAY names a recording: every client of the process, from `swnb.Client()` or
`swnb.simulate()`, answers from it, all from one position, and opens no connection; SWNB_IGNORE is a
JSON list of the paths that need not match. SWNB_SIMULATED allows simulated spaces only. SWNB_RECORD
names a file to which every client appends each exchange when it ends: a recording whose header has
the facts of the first client and no count. `swnb run` makes a counted recording of it. A killed
kernel loses nothing of it.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from swnb.drafts import private
from swnb.errors import ConfigurationError
from swnb.recordings import RecordingFile, header_of, unusable
from swnb.recordings.event_lines import encode_event
from swnb.recordings.lines import encode
from swnb.transports.live import REPLAY, is_loopback
from swnb.transports.replay import Replay, redacted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from swnb.event import Event
    from swnb.exchange import Exchange, Request, Transport

__all__ = ["IGNORE", "RECORD", "REPLAY", "SIMULATED"]
IGNORE = "SWNB_IGNORE"
SIMULATED = "SWNB_SIMULATED"
RECORD = "SWNB_RECORD"
_appending = threading.Lock()


@contextmanager
def replaying(path: Path, ignore: Sequence[str]) -> Iterator[Replay]:
    """Let every client that is made in the block answer from a recording, all from one position."""
    with set_variables({REPLAY: str(path), IGNORE: json.dumps(list(ignore))}):
        shared = _shared(str(path))
        try:
            yield shared
        finally:
            _shared.cache_clear()
            shared.source.close()


@contextmanager
def recording(path: Path, *, simulated: bool) -> Iterator[None]:
    """Let every client that is made in the block append what it sends to a file.

    Only simulated spaces can be reached, unless `simulated` is False.
    """
    with set_variables({RECORD: str(path), **({SIMULATED: "1"} if simulated else {})}):
        yield


@contextmanager
def set_variables(variables: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables in this block, for this process and those that it starts."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def replay() -> Replay | None:
    """Return the transport that all clients of this process share if they replay, else None."""
    path = os.environ.get(REPLAY)
    return _shared(path) if path else None


def check_host(host: str) -> None:
    """Raise `ConfigurationError` if a simulated run would reach a live space."""
    if os.environ.get(SIMULATED) and not is_loopback(host):
        raise ConfigurationError(
            "host: this run is simulated and must not reach a live space",
            advice="Leave host= out, or allow it with `swnb run --space live`.",
        )


def pass_over(request: Request) -> None:
    """Use up the recording of a request that a run answers from its log."""
    shared = replay()
    if shared is not None:
        shared.take(request.command, redacted(request))


@cache
def _shared(path: str) -> Replay:
    return _Shared(RecordingFile(path), ignore=json.loads(os.environ.get(IGNORE) or "[]"))


class _Shared(Replay):
    @override
    def close(self) -> None:
        """Stay open, for the other clients."""


class Recorder:
    """Appends exchanges to a file."""

    def __init__(self, path: str) -> None:
        self._path = path

    def write(self, exchange: Exchange, facts: Mapping[str, Any]) -> None:
        """Append an exchange that has ended; the first writes the facts of its client.

        Raises `RecordingError` if it cannot be written: the exchange is in the log, but the
        recording would not be complete.
        """
        self._append(encode(exchange), facts)

    def write_event(self, event: Event, facts: Mapping[str, Any]) -> None:
        """Append an event, as `write` does an exchange."""
        self._append(encode_event(event), facts)

    def _append(self, line: str, facts: Mapping[str, Any]) -> None:
        try:
            with _appending, open(self._path, "a", encoding="utf-8", opener=private) as file:
                if not file.tell():
                    file.write(header_of(facts, None) + "\n")
                file.write(line + "\n")
        except OSError as error:
            raise unusable(self._path, "written", error) from None


def recorder(transport: Transport) -> Recorder | None:
    """Return what records a client, None for one that replays a recording of its own."""
    path = os.environ.get(RECORD)
    apart = transport.space == "replayed" and transport is not replay()
    return Recorder(path) if path and not apart else None
