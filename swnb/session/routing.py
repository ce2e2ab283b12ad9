"""What a client brings to its runs: facts for the log, records for `swnb run`, and the way it sends.

`route` says what carries a request: the transport, unless a run replays what it has done, from
`again`. `runs` are the named runs that are going on, the innermost last; `recorded_run` is the run of
its own log that a client replays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from swnb.recordings.source import DECLARED
from swnb.redact import declared_secret
from swnb.session import environment
from swnb.session.provenance import gather
from swnb.session.replayed_calls import ReplayedCalls
from swnb.transports.replay import Recalled, Replay, redacted

if TYPE_CHECKING:
    from swnb.exchange import Exchange, Request, Transport
    from swnb.log import Log
    from swnb.log.reading.spending import Spending
    from swnb.log.voice_logs.pages import Intake
    from swnb.runs.run import Run
    from swnb.session.operations import Operations


class Running:
    """The part of a client that runs work with."""

    project: str
    dry_run: bool
    log: Log
    again: Replay | None = None
    recorded_run: str | None = None
    runs: list[Run]
    _transport: Transport
    _operations: dict[str, Operations]
    _recorder: environment.Recorder | None
    _replayed: ReplayedCalls | None

    @property
    def facts(self) -> dict[str, Any]:
        """How, where and as whom it sends, as the log keeps it of a run."""
        project = f"{self.project[:8]}…" if self.project else None
        mode = "dry" if self.dry_run else self._transport.space
        facts: dict[str, Any] = {"mode": mode, "host": self._transport.host, "project": project}
        declared = sorted(declared_secret())  # a replay has to take out what was taken out here
        return facts | ({DECLARED: declared} if declared else {})

    @property
    def recording(self) -> str | None:
        """What it answers from, where it replays: a recording's path, or a run of a log."""
        return self._transport.source.name if isinstance(self._transport, Replay) else None

    @property
    def origin(self) -> str:
        """The kind of space that answers, or that answered when what is replayed was recorded."""
        if isinstance(self._transport, Replay):
            return str(self._transport.source.facts.get("mode"))
        return self._transport.space

    def replays(self, request: Request) -> bool:
        """Say whether a request is answered from what was recorded, here or elsewhere."""
        return self._replayed is not None or self.repeats(request)

    def repeats(self, request: Request) -> bool:
        """Say whether a request is answered from what its run has done."""
        return self.again is not None and self.again.holds(request)

    def route(self, request: Request) -> Transport:
        """Give what is to carry a request, which uses up its recording."""
        found = self.again and self.again.take(request.command, redacted(request))
        if not found:
            return self._transport
        environment.pass_over(request)
        return Recalled(found, self._transport.host)

    def number_anew(self, run: str) -> None:
        """Make control ids from the start again in a run that begins, as the same cells did before.

        Where the run replays itself, what it left open is about to be opened again as well.
        """
        if self.again is not None:
            self._operations.clear()
        for operations in self._operations.values():
            operations.begin(run)

    def known_entry(self, call_id: str, stored: Intake) -> Any:
        """Give the voice log of a call as it was read last, None where none was."""
        return (self._replayed or stored).entry(call_id)

    def unsettled(self) -> list[str]:
        """Give the ids of the calls that no voice log has said to be over."""
        if self._replayed is not None:
            return self._replayed.unsettled()
        return self.log.unsettled(self._transport.space)

    def spending(self) -> Spending:
        """Give what the run has spent, and which of its calls can still cost something."""
        return self._replayed.spending() if self._replayed is not None else self.log.spending()

    def _begin(self) -> None:
        """Take part in the log's present run, over the transport alone."""
        self.runs = []
        self._replayed = ReplayedCalls() if self._transport.space == "replayed" else None
        self._recorder = environment.recorder(self._transport)
        made_with = gather() if self.log.named_run else {}
        self.log.begin(self.log.run, **self.facts, **made_with)

    def noted(self, exchange: Exchange) -> None:
        """Write how an exchange ended, into the log and a recording."""
        if exchange.id is None:
            self.log.record(exchange)
        else:
            self.log.finish(exchange)
        if self._replayed is not None:
            self._replayed.note(exchange)
        self._append(exchange)

    def _record(self, exchange: Exchange) -> None:
        """Log an exchange that does not leave."""
        self.log.record(exchange)
        self._append(exchange)

    def _append(self, exchange: Exchange) -> None:
        if self._recorder:
            self._recorder.write(exchange, self.facts)
