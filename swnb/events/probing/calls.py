"""The calls of a probe: user events on them, and their end, over whichever way the platform takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from swnb import commands as c
from swnb.errors import ApiError, SendError, SwnbError
from swnb.events.calls.call import HeardCall, heard_call
from swnb.events.calls.dialing import way
from swnb.events.inbox import Inbox
from swnb.events.probing.findings import Findings
from swnb.events.probing.pace import Pace
from swnb.events.probing.plan import Plan
from swnb.events.probing.watching import Frame, Frames, Posts
from swnb.session.call import CallReply
from swnb.session.calls import call_from_reply
from swnb.session.session import Session

SOON = 5.0  # seconds in which what was sent is heard, if it is heard at all


@dataclass(slots=True)
class Probing:
    """All that a part of a probe needs; `hooked` is None, or why there are no callbacks."""

    session: Session
    inbox: Inbox
    plan: Plan
    pace: Pace
    frames: Frames
    posts: Posts
    say: Callable[[str], None]
    no_callbacks: str | None
    findings: Findings = field(default_factory=Findings)

    def tell(self, call: HeardCall, mark: str) -> str:
        """Send a user event over REST; return what the platform answered, in words."""
        try:
            reply = call.user_event(event={"probe": mark})
        except ApiError as error:
            return f"rejected (HTTP {error.status})"
        return f"accepted (HTTP {reply.exchange.http_status})"

    def tell_anyhow(self, call: HeardCall, mark: str) -> bool:
        """Send a user event over REST, or else over RELAY; return whether either was accepted."""
        if self.tell(call, mark).startswith("accepted"):
            return True
        try:
            event = c.UserEvent(event={"probe": mark})
            self.session.send(event, call.id, way(self.session))
        except SendError:
            return False
        return True

    def play(self, call: HeardCall) -> CallReply:
        """Play a second of silence, by a command over REST."""
        return call.command(c.Play, {"play": [{"type": "silence", "params": {"duration": 1}}]})

    def heard(self, mark: str) -> Frame | None:
        """Return the first event that carries a mark, once it has come."""
        self.pace.until(lambda: self.frames.carrying(mark), SOON)
        return next(iter(self.frames.carrying(mark)), None)

    def dial(self, **params: Any) -> HeardCall:
        """Dial over REST."""
        reply = self.session.command(c.Dial, params)
        return heard_call(call_from_reply(self.session, reply))

    @contextmanager
    def up(self, call: HeardCall) -> Iterator[HeardCall]:
        """Hold a call, and end it whatever happens."""
        try:
            yield call
        finally:
            self._end(call)

    def _end(self, call: HeardCall) -> None:
        if call.ended:
            return
        try:
            call.end()
        except SwnbError:
            try:
                self.session.send(c.End(), call.id, way(self.session))
            except SwnbError as error:
                self.say(f"call {call.id} may still be up: {error.message}")
