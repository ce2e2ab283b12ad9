"""What carries the requests of a session: its transport, or what its own run has done before.

`Routing` decides that for each request, keeps what a replay knows of its calls, and appends what
was sent to the recording that `swnb run` asks for.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Protocol

from swnb.session import environment
from swnb.session.sending.replayed_calls import ReplayedCalls
from swnb.transports.replay import Recalled, Replay, redacted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from swnb.event import Event
    from swnb.exchange import Exchange, Request, Transport
    from swnb.log import Log
    from swnb.log.reading.spending import Spending
    from swnb.log.voice_logs.pages import Intake


class OpenRun(Protocol):
    """A named run that has begun and not ended, as the session keeps it."""

    before: tuple[str, Replay | None]

    def end(self) -> None:
        """End the run; the one before it continues."""

    def begins_again_as(self, name: str) -> bool:
        """Return whether a run that begins now under this name is this run again."""


class Routing:
    """What carries each request.

    `run_replayed` is what the present run has done before, if it replays that (`once=True`);
    `recorded_run` is the run of its own log that a whole session replays.
    """

    def __init__(self, transport: Transport, log: Log) -> None:
        self.transport = transport
        self.run_replayed: Replay | None = None
        self.recorded_run: str | None = None
        self._log = log
        self._replayed = ReplayedCalls() if transport.space == "replayed" else None
        self._recorder = environment.recorder(transport)

    @property
    def recording(self) -> str | None:
        """The recording or the run that the session answers from, None if it does not replay."""
        return self.transport.source.name if isinstance(self.transport, Replay) else None

    @property
    def origin(self) -> str:
        """The kind of space that answers, or that answered when what is replayed was recorded."""
        if isinstance(self.transport, Replay):
            return str(self.transport.source.facts.get("mode"))
        return self.transport.space

    def replays(self, request: Request) -> bool:
        """Return whether a request is answered from what was recorded, here or elsewhere."""
        return self._replayed is not None or self.repeats(request)

    def repeats(self, request: Request) -> bool:
        """Return whether a request is answered from what its run has done before."""
        return self.run_replayed is not None and self.run_replayed.holds(request)

    def carrier(self, request: Request, over: Transport | None = None) -> Transport:
        """Return what carries a request; a recording of it is used up.

        `over` is what carries it if it is sent, instead of the transport.
        """
        recorded = self.run_replayed and self.run_replayed.take(request.command, redacted(request))
        if not recorded:
            return self.transport if over is None or self._replayed is not None else over
        environment.pass_over(request)
        return Recalled(recorded, self.transport.host)

    def known_entry(self, call_id: str, stored: Intake) -> Any:
        """Return the voice log of a call as it was read last, None if none was."""
        return (self._replayed or stored).entry(call_id)

    def pending_calls(self) -> list[str]:
        """Return the ids of the calls that no voice log has said to be over."""
        if self._replayed is not None:
            return self._replayed.pending_calls()
        return self._log.pending_calls(self.transport.space)

    def spending(self) -> Spending:
        """Return what the run has spent, and which of its calls can still cost something."""
        return self._replayed.spending() if self._replayed is not None else self._log.spending()

    def pause(self, seconds: float, *, replayed: bool = False) -> float:
        """Let the space's time pass and return how much: a simulated one moves with requests.

        Between answers that are replayed as much of it passes as did then, in no time.
        """
        if self.origin != "live":
            return 1.0
        if not replayed:
            time.sleep(seconds)
        return seconds

    def note(self, exchange: Exchange) -> None:
        """Note how an exchange ended."""
        if self._replayed is not None:
            self._replayed.note(exchange)

    def append(self, exchange: Exchange, facts: Mapping[str, Any]) -> None:
        """Append an exchange that has ended to the recording, if one is being made."""
        if self._recorder:
            self._recorder.write(exchange, facts)

    def append_event(self, event: Event, facts: Mapping[str, Any]) -> None:
        """Append an event to the recording, if one is being made."""
        if self._recorder:
            self._recorder.write_event(event, facts)
