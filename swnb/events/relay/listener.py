"""Listening on RELAY for as long as it is wanted: connect, hear, write, acknowledge, connect again.

What is heard is acknowledged only once it is in the log. A time without connection becomes a `gap`
in the log, said to be restored if the platform sent again what was missed.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal

from swnb.errors import LogError, SwnbError
from swnb.event import gap, of_listener, of_relay
from swnb.events.relay.legs import Legs
from swnb.events.relay.session import RelaySession, Taken
from swnb.events.relay.wire import BROKEN, NotSent, Wire
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


class Listener:
    """One listener of a client; everything but its attributes is used on the background loop.

    `say` is called with each line that a person should see. `offered` is called with the event of an
    inbound call, and returns whether somebody waits for it. `legs` are the calls of its session.
    `late` is called with the id of a call that was dialed, and given up before it was named. `watch` is
    called with each event as it arrived; without `acknowledges` the platform is not told
    that events are kept, so that a restored session is sent them again.
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
        self.offered: Callable[[Event], bool] = lambda _event: False
        self.late: Callable[[str], None] = lambda _call_id: None
        self.legs = Legs(self._late)
        self.watch: Callable[[str, Any], None] = lambda _frame_id, _params: None
        self.acknowledges = True
        self._hub = hub
        self._session = session
        self._address = address
        self._context = context
        self._space = space
        self._say_to = say
        self._wire: Wire | None = None
        self._lost_at: int | None = None
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._settled = asyncio.Event()  # after the first answer to a greeting
        self._refusal: SwnbError | None = None
        self._task: asyncio.Task[None] | None = None
        self._may_connect = asyncio.Event()
        self._may_connect.set()

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

    async def leave(self) -> None:
        """Break the connection without a farewell, and stay away until `come_back`."""
        self._may_connect.clear()
        if self._wire:
            self._wire.abort()

    async def come_back(self) -> None:
        """Connect again."""
        self._may_connect.set()

    async def ask(self, method: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request, once, and return its result.

        Raises one of `BROKEN` if none comes: `NotSent` if no byte of the request has left.
        """
        if self._wire is None or self.state != "listening":
            raise NotSent("RELAY is not connected")
        id_, text = self._session.request(method, params)
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[id_] = answer
        try:
            self._wire.ask(text)
            async with asyncio.timeout(_ANSWER):
                return await answer
        finally:
            self._answers.pop(id_, None)

    async def _listen(self) -> None:
        wait = _SHORTEST
        while True:
            outcome = await self._connection()
            if outcome == "refused":
                return
            if outcome in ("listened", "stale"):
                wait = _SHORTEST
            if not self._may_connect.is_set():
                self.state = "waiting"
                await self._may_connect.wait()
            elif outcome != "stale":
                self.state = "waiting"
                pause = wait * random.uniform(0.7, 1.3)  # noqa: S311 - so that not all come at once
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
            self.watch(frame_id, params)
            event = of_relay(params, seen_at=now(), space=self._space)
            self._keep(event, frame_id, self.legs.hear(params))
            if event.kind == "receive" and event.call_id and not self.offered(event):
                self.pass_on(event.call_id)

    def _keep(self, event: Event, frame_id: Any, then: Callable[[], None] | None) -> None:
        """Write an event, and acknowledge it then; what cannot be written is tried again.

        `then` is done once it is written, or cannot be: whoever waits for it is not kept waiting.
        """

        def written(done: asyncio.Future[bool]) -> None:
            if done.cancelled():
                return
            if then:
                then()
            if isinstance(done.exception(), LogError):
                self.counts["not written"] += 1
                asyncio.get_running_loop().call_later(_AGAIN, self._keep, event, frame_id, None)
                return
            self.counts["heard" if done.result() else "repeated"] += 1
            if event.kind == "unknown":
                self.counts["unknown"] += 1
            if self._wire and self.acknowledges:
                self._wire.write(self._session.acknowledgement(frame_id))

        self._hub.put(event).add_done_callback(written)

    def pass_on(self, call_id: str) -> None:
        """Give an inbound call back that nobody here waits for, so that another gets it."""
        params = {"node_id": self.legs.let_go(call_id), "call_id": call_id}
        _, text = self._session.request("calling.pass", params)
        self.counts["passed on"] += 1
        if self._wire:
            self._wire.write(text)

    def _late(self, call_id: str) -> None:
        self._say(f"the dial of unknown outcome did start a call: {call_id}")
        self.late(call_id)

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
