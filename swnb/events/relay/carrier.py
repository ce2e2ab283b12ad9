"""The way to a space over RELAY: a command as a request of the session, its answer as that of REST.

RELAY's codes are those of HTTP, as text, so that outcomes and errors are the same on both ways. The one
fact that decides is the same, too: had any byte left? Nothing is ever sent twice. A dial whose
connection broke, or that was accepted without a call's name, waits for the event that names the call,
which a restored session is sent; if none comes, nobody knows the outcome.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from swnb.commands import RelayDial
from swnb.commands.models.relay import wire_params
from swnb.events.relay.wire import BROKEN, NotSent
from swnb.exchange import Request, Response, TransportFailure
from swnb.hidden import HiddenDict

if TYPE_CHECKING:
    from swnb.events.hub import Hub
    from swnb.events.relay.legs import Leg
    from swnb.events.relay.listener import Listener
    from swnb.exchange import Space

NAMED = 10.0  # seconds until the event that names a dialed call
_ELSEWHERE = "the call was neither dialed nor offered over this connection"
# JSON-RPC errors that say that a request was not carried out; others leave it open.
_NOT_DONE = (-32600, -32601, -32602, -32700)
_FAILURE = HTTPStatus.INTERNAL_SERVER_ERROR
_UNNAMED = "the dial was accepted, and no event named its call"
_FAILED = "the platform says that the dial failed, and names no call"


class Carrier:
    """Carries commands over the connection of a listener; it is a transport."""

    def __init__(self, hub: Hub, listener: Listener, space: Space, host: str) -> None:
        self.space = space
        self.host = host
        self._hub = hub
        self._listener = listener

    def send(self, request: Request) -> Response:
        """Send one request and return the answer, or raise `TransportFailure`."""
        started = time.monotonic()
        work = self._dial if request.command == RelayDial.wire else self._command
        try:
            answer, doubt = self._hub.run(work, request)
        except NotSent as error:
            raise _failure(str(error), started, arrived=False) from None
        except TimeoutError:
            raise _failure("no answer came in time", started, arrived=True) from None
        except BROKEN:
            reason = "the connection broke before an answer came"
            raise _failure(reason, started, arrived=True) from None
        return _response(answer, doubt, time.monotonic() - started)

    async def _command(self, request: Request) -> tuple[dict[str, Any], str | None]:
        call_id = str(request.call_id)
        if not self._listener.legs.owns(call_id):
            raise NotSent(_ELSEWHERE)
        address = {"node_id": self._listener.legs.node_of(call_id), "call_id": call_id}
        params = HiddenDict({**request.params, **address})
        return await self._listener.ask(request.command, params), None

    async def _dial(self, request: Request) -> tuple[dict[str, Any], str | None]:
        legs, tag = self._listener.legs, str(uuid.uuid4())
        named = legs.expect(tag)
        answer: dict[str, Any] | None = None
        may_come = True
        try:
            try:
                answer = await self._listener.ask(
                    request.command, wire_params({**request.params}, tag)
                )
            except NotSent:
                may_come = False
                raise
            except BROKEN:
                leg = await _soon(named)  # it may have arrived all the same
                if leg is None:
                    raise
                return _dialed(request, leg), None
            if not str(answer.get("code", "")).startswith("2"):
                may_come = False
                return answer, None
            leg = await _soon(named)
        finally:
            legs.give_up(tag, may_come=may_come)
        if leg is None or leg.call_id is None:
            return answer, _UNNAMED if leg is None else _FAILED
        return {**answer, **_dialed(request, leg)}, None

    def renew(self) -> None:
        """Do nothing: the listener keeps its connection."""

    def close(self) -> None:
        """Do nothing: the connection is the listener's."""


class Absent:
    """The way to a space over RELAY where nobody listens: nothing is ever sent."""

    def __init__(self, space: Space, host: str) -> None:
        self.space = space
        self.host = host

    def send(self, _request: Request) -> Response:
        """Raise `TransportFailure`."""
        reason = "this client does not listen on RELAY now"
        raise TransportFailure(reason, arrived=False, attempts=0, elapsed=0.0)

    def renew(self) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


async def _soon(named: asyncio.Future[Leg]) -> Leg | None:
    try:
        async with asyncio.timeout(NAMED):
            return await asyncio.shield(named)
    except TimeoutError:
        return None


def _dialed(request: Request, leg: Leg) -> dict[str, Any]:
    ends = {name: request.params[name] for name in ("from", "to")}
    told = {"code": "200", "direction": "outbound", **ends, "status": leg.state}
    return told if leg.call_id is None else {"id": leg.call_id, **told}


def _response(answer: Mapping[str, Any], doubt: str | None, elapsed: float) -> Response:
    error = answer.get("error")
    code = str(answer.get("code", ""))
    if code.isdecimal() and code.isascii():
        status, body = int(code), dict(answer)
    elif isinstance(error, Mapping):
        status = HTTPStatus.BAD_REQUEST if error.get("code") in _NOT_DONE else _FAILURE
        body = {"message": f"{error.get('message')} ({error.get('code')})"}
    else:
        status, body, doubt = HTTPStatus.OK, dict(answer), "the answer has no code"
    if status >= HTTPStatus.MULTIPLE_CHOICES:
        body["error"] = str(body.get("message") or "no reason given")
    return Response(int(status), {}, json.dumps(body).encode(), 1, elapsed, doubt)


def _failure(reason: str, started: float, *, arrived: bool) -> TransportFailure:
    elapsed = time.monotonic() - started
    return TransportFailure(reason, arrived=arrived, attempts=int(arrived), elapsed=elapsed)
