"""What a client brings to its runs: facts for the log, records for `swnb run`, and the way it sends.

`route` says what carries a request. A run that replays what it has done takes it over, and is named
by `replayed_run`. `runs` are the named runs that are going on, the innermost last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from swnb.client import headless

if TYPE_CHECKING:
    from collections.abc import Callable

    from swnb.client.operations import Operations
    from swnb.exchange import Exchange, Request, Transport
    from swnb.log import Log
    from swnb.runs.run import Run


class Running:
    """The part of a client that runs work with."""

    project: str
    dry_run: bool
    log: Log
    _transport: Transport
    _operations: dict[str, Operations]
    _recorder: headless.Recorder | None
    route: Callable[[Request], Transport]
    replayed_run: str | None = None
    runs: list[Run]

    @property
    def facts(self) -> dict[str, str | None]:
        """How, where and as whom it sends, as the log keeps it of a run."""
        project = f"{self.project[:8]}…" if self.project else None
        mode = "dry" if self.dry_run else self._transport.space
        return {"mode": mode, "host": self._transport.host, "project": project}

    def direct(self, _request: Request) -> Transport:
        """Give what carries every request unless a run replays it: the way to the space."""
        return self._transport

    def number_anew(self, run: str) -> None:
        """Make control ids from the start again in a run that begins, as the same cells did before.

        Where the run replays itself, what it left open is about to be opened again as well.
        """
        if self.replayed_run == run:
            self._operations.clear()
        for operations in self._operations.values():
            operations.begin(run)

    def _begin(self) -> None:
        """Take part in the log's present run, over the transport alone."""
        self.route, self.runs = self.direct, []
        self._recorder = headless.recorder(self._transport)
        self.log.begin(self.log.run, **self.facts)

    def _record(self, exchange: Exchange) -> None:
        """Log an exchange that does not leave."""
        self.log.record(exchange)
        self._append(exchange)

    def _append(self, exchange: Exchange) -> None:
        if self._recorder:
            self._recorder.write(exchange, self.facts)
