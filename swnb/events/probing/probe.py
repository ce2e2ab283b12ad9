"""The probe: two short calls, one over RELAY and one over REST, and what comes of them."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from swnb.commands.models.calls import UserEvent
from swnb.commands.models.dial import Dial
from swnb.commands.models.media import Play
from swnb.errors import ApiError, SwnbError, WaitTimeout
from swnb.event import Event
from swnb.events.callbacks.hooks import Callbacks, receiver_of
from swnb.events.inbox import Inbox, listener_of
from swnb.events.probing.answers import Report
from swnb.session.call import Call
from swnb.session.calls import call_from_reply
from swnb.session.session import Session

SWML = {"version": "1.0.0", "sections": {"main": ["answer", {"play": {"url": "silence:60"}}]}}
SILENCE: list[Any] = [{"type": "silence", "params": {"duration": 1}}]
STATES = ["created", "ringing", "answered", "ended"]
MOST_PER_MINUTE = 0.05  # US dollars
MINUTES = 2  # that a call lasts at most, roughly
CALLS = 2
_ID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHORT, _ANSWERS, _REPEATS = 10.0, 45.0, 60.0  # seconds to wait for


@dataclass(frozen=True, slots=True)
class Plan:
    """Whom to call from where, and how long to stay away from RELAY, in seconds."""

    from_: str
    to: str
    away: tuple[float, ...] = (5.0,)


class Probe:
    """Asks the questions over one session that listens; `hooks` are None without a public URL."""

    def __init__(self, session: Session, inbox: Inbox, hooks: Callbacks | None, plan: Plan) -> None:
        self.report = Report(session.space)
        self._session = session
        self._inbox = inbox
        self._hooks = hooks
        self._plan = plan
        self._frames: list[tuple[str, Mapping[str, Any]]] = []
        self._posts: list[tuple[float, str, dict[str, str], bytes]] = []
        self._holding = False
        self._failing: set[str] = set()

    def run(self) -> Report:
        """Make the calls, ask, end the calls, and return the report."""
        listener = listener_of(self._inbox)
        listener.tap = self._hear
        if self._hooks:
            receiver_of(self._hooks).tap = self._post
        calls: list[Call] = []
        try:
            self._owned(calls)
            self._foreign(calls)
        finally:
            listener.tap = None
            for call in calls:
                with suppress(SwnbError):
                    call.end()
            self._charges(calls)
        return self.report

    def _hear(self, frame_id: str, params: Any) -> bool:
        """Note a frame; return whether it is to be acknowledged."""
        if isinstance(params, Mapping):
            self._frames.append((frame_id, params))
        return not self._holding

    def _post(self, purpose: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """Note a callback; return the status that it gets, None for the usual one."""
        self._posts.append((time.monotonic(), purpose, dict(headers), body))
        return 500 if purpose in self._failing else None

    def _owned(self, calls: list[Call]) -> None:
        """Ask what a call tells that RELAY dialed: questions 1, 3, 4 and 7."""
        call = self._inbox.dial(
            from_=self._plan.from_, to=self._plan.to, max_price_per_minute=MOST_PER_MINUTE
        )
        calls.append(call)
        self.report.calls += 1
        if not self._is_answered(call):
            self.report[1].note(call="dialed over RELAY", told="was not answered")
            return
        taken = self._send_event(call, "dialed over RELAY")
        self.report[3].answer = "yes" if taken is None else f"no: {taken}"
        if taken is None:
            for seconds in self._plan.away:
                self._cut(call, seconds)

    def _foreign(self, calls: list[Call]) -> None:
        """Ask what a call tells that REST dialed: questions 1, 2, 5 and 6."""
        params: dict[str, Any] = {
            "from_": self._plan.from_,
            "to": self._plan.to,
            "swml": SWML,
            "max_price_per_minute": MOST_PER_MINUTE,
        }
        params |= {"status_events": STATES} if self._hooks else {}
        call = call_from_reply(self._session, self._session.send(Dial(**params)))
        calls.append(call)
        self.report.calls += 1
        if not self._is_answered(call):
            self.report[2].note(told="the call was not answered")
            return
        self._send_event(call, "dialed over REST")
        self._callbacks(call)
        kinds = Counter(str(p.get("event_type")) for _, p in self._frames if _is_of(p, call))
        self.report[2].answer = "yes" if kinds else "no"
        self.report[2].note(events=dict(kinds))
        offered = [event for event in self._inbox if event.kind == "receive"]
        if not offered:
            self.report[1].note(call="offered", told="not asked: nobody called in")

    def _is_answered(self, call: Call) -> bool:
        call_wait = getattr(call, "wait_until", None)
        if call_wait is None:
            raise TypeError("a session of the client makes calls that can be waited for")
        try:
            call_wait("answered", timeout=_ANSWERS)
        except SwnbError:
            return False
        return True

    def _send_event(self, call: Call, which: str) -> str | None:
        """Send a user event over REST and note how it comes; return why REST refused it, if it did."""
        mark = f"swnb-probe {which}"
        before = len(self._frames)
        try:
            self._session.send(UserEvent(event={"swnb": mark}), call.id)
        except ApiError as error:
            return f"HTTP {error.exchange.http_status}"
        event = self._heard(mark)
        if event is None:
            self.report[1].note(call=which, told="nothing came")
            return None
        frame = next(p for _, p in self._frames[before:] if mark in str(p))
        shape = "wrapped" if "event" in _inner(frame) else "bare"
        self.report[1].note(
            call=which,
            event_type=frame.get("event_type"),
            shape=shape,
            names=sorted(_inner(frame)),
        )
        told = f"{frame.get('event_type')}, {shape} ({which})"
        earlier = self.report[1].answer
        self.report[1].answer = told if earlier == "not answered" else f"{earlier}; {told}"
        return None

    def _heard(self, mark: str, seconds: float = _SHORT) -> Event | None:
        try:
            return self._inbox.wait_for("user_event", where={"swnb": mark}, timeout=seconds)
        except WaitTimeout:
            return None

    def _cut(self, call: Call, seconds: float) -> None:
        """Leave an event unacknowledged, stay away, and see what comes again."""
        mark, before = f"swnb-probe cut {seconds:g}", len(self._frames)
        self._holding = True
        try:
            self._session.send(UserEvent(event={"swnb": mark}), call.id)
            came = self._heard(mark) is not None
            gaps = len(self._inbox.gaps)
            listener_of(self._inbox).leave(seconds)
        finally:
            self._holding = False
        self._until(lambda: len(self._inbox.gaps) > gaps, seconds + 3 * _SHORT)
        self._until(lambda: len(self._with(mark, before)) > 1, _SHORT)
        frames = self._with(mark, before)
        restored = bool(self._inbox.gaps) and self._inbox.gaps[-1].params.get("restored") is True
        again = frames[1:]
        same_id = bool(again) and again[0][0] == frames[0][0]
        self.report[4].note(seconds=seconds, heard=came, restored=restored, again=len(again))
        said = [f"after {seconds:g} s: {'restored' if restored else 'not restored'}"]
        said.append("nothing came again")
        if again:
            said[1] = f"came again under {'the same' if same_id else 'another'} frame id"
            same = again[0][1].get("timestamp") == frames[0][1].get("timestamp")
            self.report[7].answer = "of the event" if same else "of the sending"
            self.report[7].note(
                first=frames[0][1].get("timestamp"), again=again[0][1].get("timestamp")
            )
        earlier = self.report[4].answer
        told = ", ".join(said)
        self.report[4].answer = told if earlier == "not answered" else f"{earlier}; {told}"

    def _with(self, mark: str, before: int) -> list[tuple[str, Mapping[str, Any]]]:
        return [frame for frame in self._frames[before:] if mark in str(frame[1])]

    def _until(self, true: Any, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not true() and time.monotonic() < deadline:
            time.sleep(0.02)

    def _callbacks(self, call: Call) -> None:
        """Ask how status callbacks look, and how often one comes again that failed."""
        if self._hooks is None:
            for number in (5, 6):
                self.report[number].note(told="not asked: it needs --public-url")
            return
        self._session.send(Play(play=SILENCE, control_id="probe-1"), call.id)
        self._until(lambda: any(post[1] == "play" for post in self._posts), _SHORT)
        self._pass(5.0)
        self._until(lambda: any(post[1] == "play" for post in self._posts), _SHORT)
        for purpose in ("dial", "play"):
            posts = [post for post in self._posts if post[1] == purpose]
            for _, _, headers, body in posts[:1]:
                self.report[5].note(
                    command=purpose, signed=_is_signed(headers), type=headers.get("content-type"),
                    headers=sorted(headers), body=_plain(body),
                )  # fmt: skip
        seen = self.report[5].seen
        if seen:
            shapes = {"envelope" if '"params"' in one["body"] else "flat" for one in seen}
            signed = {"signed" if one["signed"] else "not signed" for one in seen}
            self.report[
                5
            ].answer = f"{' and '.join(sorted(shapes))}, {' and '.join(sorted(signed))}"
        self._fail(call)

    def _fail(self, call: Call) -> None:
        before, self._failing = len(self._posts), {"play"}
        self._session.send(Play(play=SILENCE, control_id="probe-2"), call.id)
        self._pass(5.0)
        seconds = _REPEATS if self._session.embedded is None else 2.0
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            time.sleep(0.05)
        self._failing = set()
        bodies = Counter(post[3] for post in self._posts[before:] if post[1] == "play")
        if not bodies:
            self.report[6].note(told="no callback came")
            return
        body, count = bodies.most_common(1)[0]
        times = [post[0] for post in self._posts[before:] if post[3] == body]
        waits = [round(later - first, 1) for first, later in pairwise(times)]
        self.report[6].answer = f"{count - 1} more times within {seconds:g} s"
        self.report[6].note(attempts=count, seconds_between=waits)

    def _pass(self, seconds: float) -> None:
        """Let the space's time pass: a simulated one's does not pass by itself."""
        space = self._session.embedded
        if space is None:
            time.sleep(seconds)
            return
        until = space.now + timedelta(seconds=seconds)
        while space.now < until and space.skip(until) is not None:
            space.settle()

    def _charges(self, calls: list[Call]) -> None:
        known = []
        for call in calls:
            with suppress(SwnbError):
                call.refresh()
                known += [call.charge] if call.charge is not None else []
        self.report.charge = sum(known) if known else None


def _inner(frame: Mapping[str, Any]) -> Mapping[str, Any]:
    params = frame.get("params")
    return params if isinstance(params, Mapping) else {}


def _is_of(frame: Mapping[str, Any], call: Call) -> bool:
    return call.id in str(frame)


def _is_signed(headers: Mapping[str, str]) -> bool:
    return any("signature" in name.lower() for name in headers)


def _plain(body: bytes) -> str:
    """Return a body without ids, at most 2,000 characters of it."""
    return _ID.sub("<id>", body.decode("utf-8", "replace"))[:2_000]
