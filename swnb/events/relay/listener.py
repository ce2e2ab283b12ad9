"""Listening on RELAY for as long as it is wanted: connect, hear, write, acknowledge, connect again.

What is heard is acknowledged only once it is in the log. A time without connection becomes a `gap`
in the log, said to be restored if the platform sent again what was missed.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from swnb.errors import LogError, SwnbError
from swnb.event import gap, of_listener, of_relay
from swnb.events.relay.session import RelaySession, Taken
from swnb.events.relay.wire import BROKEN, Wire
from swnb.exchange import now

if TYPE_CHECKING:
    import ssl

    from swnb.event import Event
    from swnb.events.hub import Hub
    from swnb.exchange import Space

State = Literal["connecting", "listening", "waiting", "refused", "closed"]
_PING = 30.0  # seconds between pings
_SILENCE = 75.0  # seconds without a word of the platform after which a connection counts as dead
_ANSWER = 10.0  # seconds for a request
_SHORTEST, _LONGEST = 1.0, 30.0  # seconds between attempts
_AGAIN = 1.0  # seconds until a write that failed is tried again
_LINES = 50
_ADVICE = "Check project and token, the space's host, and that the token has the voice scope."


class NotConnected(OSError):
    """Nothing was sent: there is no connection."""


class Listener:
    """One listener of a client; everything but its attributes is used on the background loop.

    `say` is called with each line that a person should see. `offered` is called with the params of
    an inbound call, and returns whether somebody waits for it.
    """

    def __init__(
        self,
        hub: Hub,
        session: RelaySession,
        *,
        address: str,
        context: ssl.SSLContext,
        space: Space,
        say: Callable[[str], None],
    ) -> None:
        self.state: State = "connecting"
        self.counts: Counter[str] = Counter()
        self.lines: deque[str] = deque(maxlen=_LINES)
        # Called with each frame's id and params; returns whether it is to be acknowledged.
        self.tap: Callable[[str, Any], bool] | None = None
        self._away = 0.0  # seconds to stay away after the next break
        self.offered: Callable[[Any], bool] = lambda _call: False
        self._hub = hub
        self._session = session
        self._address = address
        self._context = context
        self._space = space
        self._say_to = say
        self._wire: Wire | None = None
        self._lost_at: int | None = None
        self.nodes: dict[str, str] = {}  # where the calls are that this session owns
        self._tags: dict[str, asyncio.Future[tuple[str, str]]] = {}
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._settled = asyncio.Event()  # after the first answer to a greeting
        self._refusal: SwnbError | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, *, timeout: float) -> None:  # noqa: ASYNC109 - it says why, too
        """Begin to listen; return once the platform has said that it does, or raise why not."""
        self._task = asyncio.ensure_future(self._listen())
        try:
            async with asyncio.timeout(timeout):
                await self._settled.wait()
        except TimeoutError:
            last = self.lines[-1] if self.lines else "no answer"
            raise SwnbError(f"listen: not connected within {timeout:g} s: {last}") from None
        if self._refusal:
            raise self._refusal

    async def stop(self) -> None:
        """End it."""
        self.state = "closed"
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        self._drop_wire()
        with suppress(LogError):  # what was heard before is then written, too
            await self._hub.write(of_listener("closed", self._space))

    def leave(self, seconds: float) -> None:
        """Break the connection, and stay away for so long; to be called on any thread."""
        self._away = seconds
        self._hub.run(self._break)

    async def _break(self) -> None:
        if self._wire:
            self._wire.close()

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request and return its result. Raises one of `BROKEN` if none comes."""
        if self._wire is None or self.state != "listening":
            raise NotConnected(f"not connected to {self.shown} over RELAY")
        id_, text = self._session.request(method, params)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[id_] = answer
        try:
            self._wire.write(text)
            async with asyncio.timeout(_ANSWER):
                return await answer
        finally:
            self._answers.pop(id_, None)

    def expect(self, tag: str) -> asyncio.Future[tuple[str, str]]:
        """Return what will have the id and the state of the call that a dial with this tag starts."""
        self._tags[tag] = asyncio.get_running_loop().create_future()
        return self._tags[tag]

    async def told(self, call: asyncio.Future[tuple[str, str]], seconds: float) -> tuple[str, str]:
        """Return what was expected. Raises one of `BROKEN` if it does not come in time."""
        async with asyncio.timeout(seconds):
            return await call

    def forget(self, tag: str) -> None:
        """Expect nothing more of a tag."""
        self._tags.pop(tag, None)

    def _note_owned(self, event: Event, told: Any) -> None:
        """Note where a call is that this session dialed or was offered."""
        params = told.get("params") if isinstance(told, Mapping) else None
        if not isinstance(params, Mapping):
            return
        inner = params.get("call")
        node = (inner if isinstance(inner, Mapping) else params).get("node_id")
        call_id, tag = event.call_id, params.get("tag")
        expected = self._tags.get(tag) if isinstance(tag, str) else None
        if call_id is None or (expected is None and event.kind != "receive"):
            return
        self.nodes[call_id] = node if isinstance(node, str) else ""
        if expected is not None and not expected.done():
            state = event.state if event.kind == "state" else "created"
            expected.set_result((call_id, state or "created"))

    async def _listen(self) -> None:
        wait = _SHORTEST
        while True:
            outcome = await self._connection()
            if outcome == "refused":
                return
            if outcome in ("listened", "stale"):
                wait = _SHORTEST
            if outcome != "stale":
                self.state = "waiting"
                pause = wait * random.uniform(0.7, 1.3)  # noqa: S311 - so that not all come at once
                pause, self._away = max(pause, self._away), 0.0
                self._say(f"no connection to {self.shown}; next attempt in {pause:.0f} s")
                await asyncio.sleep(pause)
                wait = min(2 * wait, _LONGEST)
            self._say(f"connecting to {self.shown} again")

    @property
    def shown(self) -> str:
        """Where it listens, in words."""
        return "the simulated space" if self._address.startswith("ws://") else self._address

    async def _connection(self) -> str:
        """Hold one connection until it breaks; return how it ended."""
        self.state = "connecting"
        self._tell(of_listener("connecting", self._space, host=self.shown))
        try:
            self._wire = await Wire.open(self._address, self._context)
        except BROKEN as error:
            self._say(f"cannot connect to {self.shown}: {_reason(error)}")
            return "unreachable"
        pinging = asyncio.ensure_future(self._ping())
        try:
            self._wire.write(self._session.greet())
            return await self._hear(self._wire)
        except BROKEN:
            return "lost"
        finally:
            pinging.cancel()
            self._note_loss()
            self._drop_wire()

    def _note_loss(self) -> None:
        if self.state == "listening":
            self._lost_at = now()

    async def _hear(self, wire: Wire) -> str:
        listened = "lost"
        while (text := await wire.read(_SILENCE)) is not None:
            taken = self._session.take(text)
            for answer in taken.send:
                wire.write(answer)
            if taken.connected == "yes":
                self._welcome(taken)
                listened = "listened"
            elif taken.connected != "no":
                return self._rejected(taken)
            self._handle(taken)
        return listened

    def _handle(self, taken: Taken) -> None:
        if taken.unreadable is not None:
            self.counts["unreadable"] += 1
            self._tell(of_listener("unreadable", self._space, text=taken.unreadable))
        if taken.answer and (waiting := self._answers.get(taken.answer[0])) and not waiting.done():
            waiting.set_result(taken.answer[1])
        if taken.event:
            frame_id, params = taken.event
            event = of_relay(params, seen_at=now(), space=self._space)
            acknowledges = self.tap is None or self.tap(str(frame_id), params)
            self._keep(event, frame_id, acknowledges=acknowledges)
            self._note_owned(event, params)
            if event.kind == "receive" and not self.offered(event):
                self._pass_on(event)

    def _keep(self, event: Event, frame_id: Any, *, acknowledges: bool) -> None:
        """Write an event, and acknowledge it then; what cannot be written is tried again."""

        def written(done: asyncio.Future[bool]) -> None:
            if done.cancelled():
                return
            if isinstance(done.exception(), LogError):
                self.counts["not written"] += 1
                again = partial(self._keep, event, frame_id, acknowledges=acknowledges)
                asyncio.get_running_loop().call_later(_AGAIN, again)
                return
            self.counts["heard" if done.result() else "repeated"] += 1
            if event.kind == "unknown":
                self.counts["unknown"] += 1
            if self._wire and acknowledges:
                self._wire.write(self._session.acknowledgement(frame_id))

        self._hub.put(event).add_done_callback(written)

    def _pass_on(self, event: Event) -> None:
        """Give an inbound call back that nobody here waits for, so that another gets it."""
        params = {"node_id": self.nodes.pop(str(event.call_id), ""), "call_id": event.call_id}
        _, text = self._session.request("calling.pass", params)
        self.counts["passed on"] += 1
        if self._wire:
            self._wire.write(text)

    def _welcome(self, taken: Taken) -> None:
        self.state = "listening"
        self._tell(of_listener("listening", self._space, host=self.shown))
        lost, self._lost_at = self._lost_at, None
        if lost is not None:
            event = gap(lost, now(), self._space, restored=taken.restored)
            self.counts["gaps"] += 1
            self._tell(event)
            said = "restored" if taken.restored else "not restored: what happened may be missing"
            self._say(f"a gap of {event.params['seconds']:.1f} s, {said}")
        self._say(f"listening on {self.shown}")
        self._settled.set()

    def _rejected(self, taken: Taken) -> str:
        if taken.connected == "stale":
            self._say("the session is forgotten there; beginning a new one")
            return "stale"
        self.state = "refused"
        self._tell(of_listener("refused", self._space, reason=taken.reason))
        self._refusal = SwnbError(
            f"listen: the platform refused it: {taken.reason}", advice=_ADVICE
        )
        self._say(f"refused: {taken.reason}")
        self._settled.set()
        return "refused"

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(_PING)
            if self._wire:
                self._wire.write(self._session.request("signalwire.ping", {})[1])

    def _drop_wire(self) -> None:
        wire, self._wire = self._wire, None
        if wire:
            wire.close()
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(OSError("the connection broke"))

    def _tell(self, event: Event) -> None:
        """Keep what the listener says of itself, if the log can be written."""
        self._hub.put(event).add_done_callback(lambda done: done.cancelled() or done.exception())

    def _say(self, line: str) -> None:
        self.lines.append(line)
        if self._settled.is_set() or not line.startswith("listening"):
            self._say_to(line)


def _reason(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return text[:200]
